"""A reference to another application of the same person, chosen among theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procedures.around import Around
from procedures.fields.base import FieldKind, register
from procedures.schema import Field


class OwnCaseField(forms.ChoiceField):
    """One of the person's applications."""

    def __init__(self, question: Field) -> None:
        super().__init__(choices=[("", "")], widget=forms.Select(attrs={"class": "select"}))
        self.question = question
        self.known: dict[str, dict[str, str]] = {}
        self.error_messages["invalid_choice"] = _("Elige una de tus solicitudes de la lista")

    def offer(self, cases: list[dict[str, str]]) -> None:
        """Offer these applications."""
        self.known = {case["code"]: case for case in cases}
        self.choices = [("", ""), *((case["code"], f"{case['label']}: {case['title']}") for case in cases)]

    def clean(self, value: Any) -> Any:
        """The application as it is stored; None without one. ValidationError when it is not the person's."""
        return self.known.get(super().clean(value))


@register
class OwnCaseKind(FieldKind):
    """Another application of the person: {"code" (its ref), "label" (N° de solicitud), "title"}."""

    name = "own_case"
    title = gettext_lazy("Otra solicitud de la persona")
    missing = gettext_lazy("Elige la solicitud en «%(label)s»")

    def control(self, field: Field) -> forms.Field:
        """A list of the person's own applications."""
        return OwnCaseField(field)

    def place(self, made: forms.Field, around: Around, given: Mapping[str, Any]) -> None:
        """The applications of whoever it is filled in for."""
        assert isinstance(made, OwnCaseField)
        cases = around.own_cases(made.question.only_procedure or "", made.question.only_open)
        made.offer(cases)
        if not cases:
            none = _("Todavía no tienes solicitudes que sirvan aquí.")
            made.help_text = none if made.required else _("No tienes solicitudes que sirvan aquí: sigue con lo demás.")
            made.widget.attrs["hidden"] = not made.required  # else the problem summary must lead somewhere

    def shown(self, answer: Any) -> str:
        """Its ref."""
        return str(answer["code"])

    def display(self, field: Field, answer: Any) -> str:
        """ "N° 2026-000123: Patente comercial"."""
        return _("N° %(number)s: %(title)s") % {"number": answer["label"], "title": answer["title"]}

    def json_schema(self, field: Field) -> dict[str, Any]:
        """Ref, number and title."""
        names = ("code", "label", "title")
        return {"type": "object", "required": list(names), "properties": {name: {"type": "string"} for name in names}}

    def sample(self, field: Field) -> dict[str, str]:
        """An application of nobody."""
        return {"code": "0000000000000000", "label": "2026-000001", "title": "Trámite de ejemplo"}
