"""What a form says of a question besides its words."""

from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField

register = template.Library()


@register.filter
def may_be_left(field: BoundField) -> bool:
    """Whether «(opcional)» stands beside the question: it may be left blank, and whoever leaves it answers nothing.

    It stands not where another one is filled in instead (`is_alternative`), nor at a list that already says something:
    «Todos los trámites».
    """
    asked: Any = field.field
    return not (asked.required or getattr(asked, "is_alternative", False) or _says_something(asked))


def _says_something(asked: Any) -> bool:
    """Whether a list of options has one with words chosen from the beginning."""
    if not isinstance(asked, forms.ChoiceField) or isinstance(asked, forms.MultipleChoiceField):
        return False
    choices: Any = asked.choices
    options = [(str(value or ""), str(label)) for value, label in choices if not isinstance(label, (list, tuple))]
    chosen = [label for value, label in options if not value]
    if not chosen and not isinstance(asked.widget, forms.RadioSelect):
        chosen = [label for _value, label in options[:1]]
    return any(char.isalpha() for label in chosen for char in label)
