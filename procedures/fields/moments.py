"""Periods, and days with their hour."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procedures.fields.base import AT, kind_of, register
from procedures.fields.dates import sample_day
from procedures.fields.parts import PartsField, PartsKind, part
from procedures.schema import Field


@register
class PeriodKind(PartsKind):
    """From a day to a day, both included. Stored as {"from", "to"}."""

    name = "period"
    title = gettext_lazy("Periodo")
    first_control = "_from_0"
    missing: ClassVar[Promise] = gettext_lazy("Completa las dos fechas de «%(label)s»")

    def parts(self, field: Field) -> list[Field]:
        """The two days, within the limits of the question."""
        limits = {"min": field.min, "max": field.max} if field.type == self.name else {}
        return [part("from", "date", _("Desde"), **limits), part("to", "date", _("Hasta"), **limits)]

    def control(self, field: Field) -> forms.Field:
        """Two dates in order."""
        made = _PeriodField([(part, kind_of(part).form_field(part)) for part in self.parts(field)])
        made.said = field.label
        return made

    def display(self, field: Field, answer: Any) -> str:
        """ "del 01/02/2026 al 15/02/2026"."""
        return _("del %(from)s al %(to)s") % self.said(field, answer)

    def sample(self, field: Field) -> dict[str, str]:
        """A month, from the first day admitted."""
        first = sample_day(field, "2026-02-01")
        return {"from": first, "to": first}


class _PeriodField(PartsField):
    said = ""

    def clean(self, value: Any) -> dict[str, Any] | None:
        """The two days. ValidationError when the second comes first."""
        read = super().clean(value)
        if read is not None and date.fromisoformat(read["to"]) < date.fromisoformat(read["from"]):
            self.widget.faulty.add("to")
            raise ValidationError(
                _("En «%(label)s», «Hasta» debe ser el mismo día o después de «Desde»") % {"label": self.said},
                code=f"{AT}_to_0",
            )
        return read


@register
class DateTimeKind(PartsKind):
    """A day with its hour, stored as "2026-11-21T15:30"."""

    name = "datetime"
    title = gettext_lazy("Fecha y hora")
    first_control = "_day_0"

    def parts(self, field: Field) -> list[Field]:
        """The day, within the limits of the question, and the hour."""
        limits = {"min": field.min, "max": field.max} if field.type == self.name else {}
        return [part("day", "date", _("Fecha"), **limits), part("hour", "time", _("Hora"))]

    def stored(self, cleaned: Any) -> str | None:
        """ "2026-11-21T15:30"."""
        return f"{cleaned['day']}T{cleaned['hour']}" if cleaned else None

    def _given(self, answer: Any, field: Field | None = None) -> list[tuple[Field, str, Any]]:
        day, _t, hour = str(answer).partition("T")
        return super()._given({"day": day, "hour": hour}, field)

    def display(self, field: Field, answer: Any) -> str:
        """ "21/11/2026, 15:30 horas"."""
        return _("%(day)s, %(hour)s horas") % {"day": self.said(field, answer)["day"], "hour": answer[-5:]}

    def json_schema(self, field: Field) -> dict[str, Any]:
        """Day and hour, without zone: the hour of the place."""
        return {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$"}

    def sample(self, field: Field) -> str:
        """A limit of the question, or a day of 2026, in the afternoon."""
        return f"{sample_day(field)}T15:30"
