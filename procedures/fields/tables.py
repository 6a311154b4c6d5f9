"""Tables of amounts."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procedures.fields.base import kind_of, register
from procedures.fields.parts import PartsKind, part
from procedures.schema import Field


@register
class AmountsKind(PartsKind):
    """A table with one amount in pesos for each row, and their total. Stored as {row: pesos}."""

    name = "amounts"
    title = gettext_lazy("Tabla de montos")
    missing: ClassVar[Promise] = gettext_lazy("Completa al menos un monto en «%(label)s»")

    def parts(self, field: Field) -> list[Field]:
        """An amount for each row; a blank one is none."""
        limits = {"min": field.min, "max": field.max} if field.type == self.name else {}
        return [
            part(row.id, "money_clp", row.label, required=False, hint=row.hint or "", **limits) for row in field.options
        ]

    def control(self, field: Field) -> forms.Field:
        """The amounts, one below the other."""
        made = super().control(field)
        made.widget.template_name = "fields/amounts.html"
        return made

    def shown(self, answer: Any) -> dict[str, Any]:
        """Each amount with its points."""
        return {row: kind_of(_PESOS).shown(amount) for row, amount in (answer or {}).items()}

    def as_data(self, name: str, answer: Any) -> dict[str, list[str]]:
        """One entry for each row."""
        return {f"{name}_{row}": [str(shown)] for row, shown in self.shown(answer).items()}

    def display(self, field: Field, answer: Any) -> str:
        """One line for each amount, and the total."""
        lines = [f"{row.label}: {self._pesos(answer[row.id])}" for row in field.options if row.id in answer]
        return "\n".join([*lines, _("Total: %(total)s") % {"total": self._pesos(sum(answer.values()))}])

    def _pesos(self, amount: int) -> str:
        return kind_of(_PESOS).display(_PESOS, amount)

    def first_of(self, field: Field) -> str:
        """The first row, where an error link leads."""
        return f"_{field.options[0].id}"


_PESOS = Field(id="pesos", type="money_clp", label="pesos")
