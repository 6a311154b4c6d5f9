"""What every type of question says about itself, and the registry that holds them."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procedures.around import Around
from procedures.expressions import Pesos
from procedures.schema import Field

AT = "at"
"""Begins the code of an error about one control of several; what follows its question in the id of that control
follows it."""
Answer = Any
"""An answer as it is stored: JSON; None when there is none."""


class FieldKind:
    """A type of question: its control, its stored value, its words and its JSON Schema.

    The messages are for the person: each says what to do.
    """

    name: ClassVar[str]
    title: ClassVar[Promise]
    template_name: ClassVar[str] = "fields/input.html"
    missing: ClassVar[Promise] = gettext_lazy("Completa «%(label)s»")
    first_control: ClassVar[str] = ""
    """What `first_of` gives where all questions of the type have the same."""

    def control(self, field: Field) -> forms.Field:
        """The Django field that reads and checks what the person typed."""
        raise NotImplementedError

    def form_field(self, field: Field) -> forms.Field:
        """The control with the label, hint and messages of the question."""
        made = self.control(field)
        made.label, made.help_text, made.required = field.label, field.hint, field.required
        made.template_name, made.lang = self.template_name, field.lang  # type: ignore[attr-defined]
        made.error_messages["required"] = self.missing % {"label": field.label}
        made.widget.is_required = False
        return made

    def tell(self, made: forms.Field, pesos: Pesos) -> None:
        """Add to a control what depends on the day, given the value of each indicator in pesos."""

    def place(self, made: forms.Field, around: Around, given: Mapping[str, Any]) -> None:
        """Tell a control who asks, and what the same step was answered so far."""

    def look(self, made: forms.Field) -> str:
        """What of its control follows other answers, besides what the schema says: another look is another question."""
        return ""

    def lacking(self, made: forms.Field, answer: Answer) -> str:
        """What the person must still do about a good answer before going on; empty when nothing."""
        return ""

    def lacking_at(self, made: forms.Field, answer: Answer) -> str:
        """What follows the question's id in the id of the control where that is done; empty for its first one."""
        return ""

    def first_of(self, field: Field) -> str:
        """What follows the question's id in the id of its first control, where an error link leads."""
        return self.first_control

    def shown(self, answer: Answer) -> Any:
        """A stored answer as its control shows it."""
        return answer

    def as_data(self, name: str, answer: Answer) -> dict[str, list[str]]:
        """A stored answer as a browser would send it."""
        return {name: [str(self.shown(answer))]}

    def stored(self, cleaned: Any) -> Answer:
        """What the control read, as it is stored; None when nothing was answered."""
        return cleaned if cleaned not in (None, "") else None

    def display(self, field: Field, answer: Answer) -> str:
        """The answer in words."""
        return str(answer)

    def json_schema(self, field: Field) -> dict[str, Any]:
        """JSON Schema of the stored answer."""
        return {"type": "string"}

    def sample(self, field: Field) -> Answer:
        """A stored answer that passes, for previews and trials."""
        raise NotImplementedError

    def sample_at(self, field: Field, place: int) -> Answer:
        """The same for a row, counted from 1; other than those of other rows, where the type often identifies them."""
        return self.sample(field)


KINDS: dict[str, FieldKind] = {}
"""Every type of question, by its name in the schema."""


def register(kind: type[FieldKind]) -> type[FieldKind]:
    """Add a type of question to the registry; ValueError when the name is taken."""
    if kind.name in KINDS:
        raise ValueError(kind.name)
    KINDS[kind.name] = kind()
    return kind


def kind_of(field: Field) -> FieldKind:
    """The type of a question."""
    return KINDS[field.type]


def display_value(field: Field, answer: Answer) -> str:
    """The answer in words; «No informado» when there is none, as nobody gave it.

    Whoever names no medium is notified at the digital domicile that everybody has (DS 4, art. 18).
    """
    if answer is None and field.type == "computed":
        return _("Sin calcular")
    if answer is None or answer == "" or answer == []:
        return _("Domicilio digital único (Casilla Única)") if field.art30 == "medium" else _("No informado")
    return kind_of(field).display(field, answer)


def json_schema(field: Field) -> dict[str, Any]:
    """JSON Schema of a question's stored answer, with its label as title."""
    return {"title": field.label, **kind_of(field).json_schema(field)}
