"""Dates, asked in three boxes: day, month and year."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from legaltime.api import now as clock_now
from procedures.fields.base import AT, FieldKind, register
from procedures.fields.relative import day_of_limit, is_relative
from procedures.schema import Field

_MONTHS = {
    "ene": 1, "feb": 2, "mar": 3, "abr": 4, "may": 5, "jun": 6,
    "jul": 7, "ago": 8, "sep": 9, "set": 9, "oct": 10, "nov": 11, "dic": 12,
    "jan": 1, "apr": 4, "aug": 8, "dec": 12,
}  # fmt: skip
_WHOLE = re.compile(
    r"(\d{1,2})(?:[\s/.-]{1,3}|\s+de\s+)(\d{1,2}|[a-z]{3,10})\.?(?:[\s/.-]{1,3}|\s+del?\s+)(\d{2,4})", re.IGNORECASE
)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
OLDEST_YEAR = 1850
LONG_AGO = date(2020, 1, 2)
LAST_HOUR, LAST_MINUTE = 23, 59


class DateParts(forms.MultiWidget):
    """Three boxes. `parts` pairs each with its label for the template."""

    template_name = "fields/date_parts.html"
    use_fieldset = True
    faulty: tuple[int, ...] = ()
    """Places of the boxes that are wrong; empty where all are, or none."""
    labels = (gettext_lazy("Día"), gettext_lazy("Mes"), gettext_lazy("Año"))

    def __init__(self, tokens: tuple[str, str, str] | None = None) -> None:
        boxes = [
            forms.TextInput(attrs={"class": f"input {size}", "inputmode": "numeric"})
            for size in ("input-2", "input-2", "input-4")
        ]
        for box, token in zip(boxes, tokens or (), strict=False):
            box.attrs["autocomplete"] = token
        super().__init__(boxes)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """What was typed in each box; a whole date in the first one goes to the three, where it is read again."""
        return _spread([str(part or "").strip() for part in super().value_from_datadict(data, files, name)])

    def decompress(self, value: Any) -> list[str]:
        """ "2026-11-21" as its three boxes."""
        if not value:
            return ["", "", ""]
        year, month, day = str(value).split("-")
        return [day.lstrip("0"), month.lstrip("0"), year]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The three boxes with their labels."""
        context = super().get_context(name, value, attrs)
        for place, (label, part) in enumerate(zip(self.labels, context["widget"]["subwidgets"], strict=True)):
            part["label"] = label
            if self.faulty and place not in self.faulty:
                part["attrs"].pop("aria-invalid", None)
        return context


class _DateField(forms.Field):
    def __init__(self, question: Field) -> None:
        bday = ("bday-day", "bday-month", "bday-year") if question.autocomplete == "bday" else None
        super().__init__(widget=DateParts(bday))
        self.question = question

    def clean(self, value: Any) -> date | None:
        """The day, or None. ValidationError saying which part is missing or wrong."""
        parts = _spread([str(part or "").strip() for part in (value or ["", "", ""])])
        if not any(parts):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        day = self._read(parts)
        self._check_limits(day)
        return day

    def _read(self, parts: list[str]) -> date:
        label = {"label": self.question.label}
        names = (_("el día"), _("el mes"), _("el año"))
        lacking = [name for name, part in zip(names, parts, strict=True) if not part]
        if lacking:
            words = _(" y ").join(lacking)
            first = self._mark(*(place for place, part in enumerate(parts) if not part))
            raise ValidationError(_("Agrega %(parts)s a «%(label)s»") % {**label, "parts": words}, code=first)
        if re.fullmatch(r"\d{1,3}", parts[2]):
            told = _("Escribe el año de «%(label)s» con sus cuatro números, por ejemplo 2026") % label
            raise ValidationError(told, code=self._mark(2))
        month = _MONTHS.get(parts[1][:3].lower(), parts[1])
        try:
            day = date(int(parts[2]), int(month), int(parts[0]))
        except (ValueError, OverflowError):
            day = None
        if day is None or day.year < OLDEST_YEAR:
            raise ValidationError(_("Revisa «%(label)s»: esa fecha no existe. Por ejemplo, 21 11 2026") % label)
        return day

    def _mark(self, *faulty: int) -> str:
        """Mark the boxes at those places as wrong; the code of an error that leads to the first."""
        self.widget.faulty = faulty
        return f"{AT}_{faulty[0]}"

    def _check_limits(self, day: date) -> None:
        low, high = self.question.min, self.question.max
        words = {"label": self.question.label}
        if low is not None and day < date.fromisoformat(str(low)):
            raise ValidationError(_("«%(label)s» debe ser el %(day)s o después") % {**words, "day": _dmy(str(low))})
        if high is not None and day > date.fromisoformat(str(high)):
            raise ValidationError(_("«%(label)s» debe ser el %(day)s o antes") % {**words, "day": _dmy(str(high))})


def _spread(parts: list[str]) -> list[str]:
    """Day, month and year, also where the first box has the whole date: "21/11/2026", "21 de noviembre de 2026"."""
    if parts[1] or parts[2]:
        return parts
    if iso := _ISO.fullmatch(parts[0]):
        return [iso[3], iso[2], iso[1]]
    found = _WHOLE.fullmatch(parts[0])
    return [found[1], found[2], found[3]] if found else parts


def _dmy(iso: str) -> str:
    return f"{date.fromisoformat(iso):%d/%m/%Y}"


@register
class DateKind(FieldKind):
    """A day, stored as "2026-11-21"."""

    name = "date"
    title = gettext_lazy("Fecha")
    template_name = "fields/set.html"
    first_control = "_0"

    def control(self, field: Field) -> forms.Field:
        """Three boxes; with `autocomplete: bday` the browser may fill them."""
        return _DateField(field)

    def as_data(self, name: str, answer: Any) -> dict[str, list[str]]:
        """One entry for each box."""
        return {f"{name}_{place}": [part] for place, part in enumerate(DateParts().decompress(answer))}

    def stored(self, cleaned: Any) -> str | None:
        """ "2026-11-21"."""
        return cleaned.isoformat() if cleaned else None

    def display(self, field: Field, answer: Any) -> str:
        """ "21/11/2026" (R77)."""
        return _dmy(answer)

    def json_schema(self, field: Field) -> dict[str, Any]:
        """A string with the date format."""
        return {"type": "string", "format": "date"}

    def sample(self, field: Field) -> str:
        """A limit of the question, or a day of 2026."""
        return sample_day(field)


def with_days(field: Field, today: Callable[[], date]) -> Field:
    """The question with the limits that it has for who answers today."""
    relative = {name: limit for name in ("min", "max") if is_relative(limit := getattr(field, name))}
    if not relative:
        return field
    day = today()
    return field.model_copy(update={name: day_of_limit(limit, day).isoformat() for name, limit in relative.items()})


def sample_day(field: Field, otherwise: str = "2026-11-21") -> str:
    """A limit of a question about days, or another day. One that may only be past is past for a rehearsal too."""
    if field.min is None and is_relative(field.max):
        return day_of_limit(field.max, LONG_AGO).isoformat()
    limit = field.min or field.max
    return day_of_limit(limit, clock_now().date()).isoformat() if is_relative(limit) else str(limit or otherwise)


_CLOCK = re.compile(r"(\d{1,2})[:.h]?(\d{2})?(?::\d{2})?(?:h|hs|hrs|horas)?\.?(?:([ap])\.?m\.?)?")
_NOON = 12


class _TimeField(forms.CharField):
    def __init__(self, question: Field) -> None:
        super().__init__(widget=forms.TextInput(attrs={"class": "input input-4", "inputmode": "text"}))
        self.question = question

    def clean(self, value: Any) -> str:
        """ "15:30". ValidationError when it is no hour, or out of limits."""
        text: str = super().clean(value).lower().strip()
        if not text:
            return ""
        hour, minute = _clock(text)
        words = {"label": self.question.label}
        if hour > LAST_HOUR or minute > LAST_MINUTE:
            raise ValidationError(_("Escribe «%(label)s» con hora y minutos, por ejemplo 15:30") % words)
        clock = f"{hour:02}:{minute:02}"
        low, high = self.question.min, self.question.max
        if low is not None and clock < str(low):
            raise ValidationError(_("«%(label)s» debe ser a las %(hour)s o después") % {**words, "hour": low})
        if high is not None and clock > str(high):
            raise ValidationError(_("«%(label)s» debe ser a las %(hour)s o antes") % {**words, "hour": high})
        return clock


def _clock(text: str) -> tuple[int, int]:
    """Hour and minutes of "15:30", "1530", "15", "15h30", "15:30 hrs" or "3:30 pm"; an hour past the last for none."""
    found = _CLOCK.fullmatch("".join(text.split()))
    if found is None:
        return LAST_HOUR + 1, 0
    hour, half = int(found[1]), found[3]
    if half == "p" and hour < _NOON:
        hour += _NOON
    elif half == "a" and hour == _NOON:
        hour = 0
    return hour, int(found[2] or 0)


@register
class TimeKind(FieldKind):
    """An hour of the day, stored as "15:30"."""

    name = "time"
    title = gettext_lazy("Hora")

    def control(self, field: Field) -> forms.Field:
        """A short control that accepts 15:30, 15.30, 1530, 15 and 3:30 pm."""
        return _TimeField(field)

    def display(self, field: Field, answer: Any) -> str:
        """ "15:30 horas"."""
        return _("%(hour)s horas") % {"hour": answer}

    def json_schema(self, field: Field) -> dict[str, Any]:
        """Hour and minutes."""
        return {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$"}

    def sample(self, field: Field) -> str:
        """A limit of the question, or the afternoon."""
        return str(field.min or field.max or "15:30")
