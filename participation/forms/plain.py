"""What the forms of this room share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from procedures.api import Problem, problems_of


class PlainForm(forms.Form):
    """A form that sums up its errors for the top of the page."""

    use_required_attribute = False

    @property
    def summary(self) -> list[Problem]:
        """Each error with the control it is about."""
        return problems_of(self)


def number_field(label: Any, hint: Any, most: int) -> forms.IntegerField:
    """An optional question for a whole number between 0 and `most`."""
    too_much = _("Escribe un número entero entre 0 y %(limit_value)s")
    messages = {"invalid": _("Escribe un número entero, sin letras"), "max_value": too_much, "min_value": too_much}
    widget = forms.TextInput(attrs={"class": "input input-4", "inputmode": "numeric", "autocomplete": "off"})
    return forms.IntegerField(
        label=label, help_text=hint, required=False, min_value=0, max_value=most, error_messages=messages, widget=widget
    )
