"""Whole numbers, decimals and amounts of money, as Chileans write them: 12.500 and 85,5."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procedures.expressions import Pesos
from procedures.fields.base import KINDS, FieldKind, register
from procedures.schema import Field

MAX_DIGITS = 15
"""Enough for any amount, and exact in every reader of JSON."""
_WHOLE = re.compile(r"-?(\d+|\d{1,3}(\.\d{3})+)")
_DECIMAL = re.compile(r"-?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?")
_POINT = re.compile(r"-?\d+\.\d+")
_RAISED = {ord("²"): "2", ord("³"): "3"}
_NO_CENTS = re.compile(r"(?:[.,]-+|,0{1,2})$")
_AMBIGUOUS = re.compile(r"-?\d{1,3}\.\d{3}")


def whole(text: str) -> int:
    """ "12.500" or "12 500" as 12500; ValueError for anything else."""
    if not _WHOLE.fullmatch(text) or len(text) > 2 * MAX_DIGITS:
        raise ValueError(text)
    number = int(text.replace(".", ""))
    if len(str(abs(number))) > MAX_DIGITS:
        raise ValueError(text)
    return number


def decimal(text: str) -> Decimal:
    """ "85,5", "85.5" or "1.250,5" as a number. ValueError for anything else, also for "1.250", which may be either."""
    if len(text) > 2 * MAX_DIGITS or _AMBIGUOUS.fullmatch(text):
        raise ValueError(text)
    if _DECIMAL.fullmatch(text):
        return Decimal(text.replace(".", "").replace(",", "."))
    if _POINT.fullmatch(text):
        return Decimal(text)
    raise ValueError(text)


def bare(text: str, *units: str) -> str:
    """What was typed without spaces, nor a unit at its end: "85,5 m2" as "85,5" where the unit is m²."""
    digits = "".join(text.split()).replace("−", "-")
    plain_digits = digits.lower().translate(_RAISED)
    for unit in units:
        written = "".join(unit.split()).lower().translate(_RAISED)
        if written and plain_digits.endswith(written):
            return digits[: -len(written)]
    return digits


def typed_number(kind: str, text: str, label: str, unit: str = "") -> Decimal | int:
    """The number in what was typed as an answer of that type of number. ValueError, with what to write, for none."""
    known = KINDS[kind]
    assert isinstance(known, NumberKind)
    try:
        return known.read(known.bare(text, unit))
    except (ValueError, InvalidOperation):
        raise ValueError(known.unreadable % {"label": label}) from None


def grouped(number: Decimal | int) -> str:
    """12500.5 as "12.500,5"."""
    return f"{number:,}".translate(str.maketrans(",.", ".,"))


def plain(number: Decimal) -> str:
    """The number as it is stored: no exponent, no zeros at the end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class _Number(forms.CharField):
    """A number typed with points, spaces or a currency sign, within the limits of the question."""

    def __init__(self, *, kind: "NumberKind", question: Field) -> None:
        attrs = {"class": "input input-10", "inputmode": kind.keyboard}
        super().__init__(widget=forms.TextInput(attrs=attrs))
        self.kind, self.question = kind, question

    def clean(self, value: Any) -> Any:
        """The number, or None. ValidationError when it is none or out of limits."""
        text = str(super().clean(value)).strip()
        if not text:
            return None
        try:
            number = typed_number(self.kind.name, text, str(self.question.label), self.question.unit or "")
        except ValueError as error:
            raise ValidationError(str(error)) from None
        self._check_limits(number)
        return number

    def _check_limits(self, number: Decimal | int) -> None:
        low, high = self.question.min, self.question.max
        words = {"label": self.question.label}
        if low is not None and number < Decimal(low):
            raise ValidationError(_("«%(label)s» debe ser %(low)s o más") % {**words, "low": self._said(low)})
        if high is not None and number > Decimal(high):
            raise ValidationError(_("«%(label)s» debe ser %(high)s o menos") % {**words, "high": self._said(high)})
        if low is None and number < 0:
            raise ValidationError(_("«%(label)s» debe ser 0 o más") % words)

    def _said(self, limit: int | str) -> str:
        return self.kind.display(self.question, limit)


class NumberKind(FieldKind):
    """What whole numbers, decimals and money share."""

    template_name = "fields/input.html"
    keyboard: ClassVar[str] = "numeric"
    unreadable: ClassVar[Promise]

    def bare(self, text: str, unit: str) -> str:
        """What was typed without its unit, which people write after it even where the page does."""
        return bare(text, unit)

    def read(self, text: str) -> Decimal | int:
        """The number in what was typed; ValueError when there is none."""
        return whole(text)

    def control(self, field: Field) -> forms.Field:
        """A short text control with the numeric keyboard: a native one would refuse points and commas."""
        made = _Number(kind=self, question=field)
        made.unit = field.unit  # type: ignore[attr-defined]
        return made

    def shown(self, answer: Any) -> str:
        """The number with its points."""
        return grouped(int(answer))

    def display(self, field: Field, answer: Any) -> str:
        """The number with points and its unit."""
        return f"{self.shown(answer)} {field.unit}".strip()

    def _bounds(self, field: Field) -> dict[str, int]:
        low = 0 if field.min is None else int(field.min)
        return {"minimum": low} | ({} if field.max is None else {"maximum": int(field.max)})

    def json_schema(self, field: Field) -> dict[str, Any]:
        """A whole number within the limits."""
        return {"type": "integer", **self._bounds(field)}

    def sample(self, field: Field) -> Any:
        """The least number admitted, or one."""
        low = Decimal(field.min) if field.min is not None else Decimal(1)
        return int(low.to_integral_value())


@register
class IntegerKind(NumberKind):
    """A whole number."""

    name = "integer"
    title = gettext_lazy("Número entero")
    unreadable = gettext_lazy("Escribe «%(label)s» con números y sin decimales, por ejemplo 120")


@register
class MoneyKind(NumberKind):
    """An amount in Chilean pesos, which have no cents."""

    name = "money_clp"
    title = gettext_lazy("Monto en pesos")
    unreadable = gettext_lazy("Escribe «%(label)s» en pesos y sin centavos, por ejemplo 12.500")

    def bare(self, text: str, unit: str) -> str:
        """What was typed without the sign of pesos, its name, or the dash with which cheques end: "$ 1.500.-"."""
        return _NO_CENTS.sub("", bare(text, "pesos", "clp").removeprefix("$"))

    def control(self, field: Field) -> forms.Field:
        """The same control with the sign of pesos before it."""
        made = super().control(field)
        made.currency = True  # type: ignore[attr-defined]
        return made

    def display(self, field: Field, answer: Any) -> str:
        """ "$ 12.500"."""
        return f"$ {grouped(int(answer))}"


@register
class DecimalKind(NumberKind):
    """A number with decimals, stored as text so that it stays exact."""

    name = "decimal"
    title = gettext_lazy("Número con decimales")
    keyboard = "decimal"
    unreadable = gettext_lazy("Escribe «%(label)s» con coma para los decimales y sin puntos, por ejemplo 1250,5")

    def read(self, text: str) -> Decimal:
        """The number in what was typed; ValueError when there is none."""
        return decimal(text)

    def shown(self, answer: Any) -> str:
        """The number with a comma and no points, which would be ambiguous when typed back."""
        return plain(Decimal(answer)).replace(".", ",")

    def display(self, field: Field, answer: Any) -> str:
        """The number with points, comma and its unit."""
        return f"{grouped(Decimal(answer))} {field.unit}".strip()

    def stored(self, cleaned: Any) -> str | None:
        """ "85.5"."""
        return None if cleaned is None else plain(cleaned)

    def json_schema(self, field: Field) -> dict[str, Any]:
        """A string with the number; JSON numbers would lose digits."""
        return {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}

    def sample(self, field: Field) -> str:
        """The least number admitted, or one and a half."""
        return plain(Decimal(field.min)) if field.min is not None else "1.5"


@register
class PercentageKind(DecimalKind):
    """A percentage from 0 to 100, unless the question says otherwise."""

    name = "percentage"
    title = gettext_lazy("Porcentaje")
    unreadable = gettext_lazy("Escribe «%(label)s» con números, por ejemplo 12,5")

    def bare(self, text: str, unit: str) -> str:
        """What was typed without its sign."""
        return bare(text, "%", "por ciento")

    def control(self, field: Field) -> forms.Field:
        """The control of a decimal, with its sign, up to 100."""
        top = field if field.max is not None else field.model_copy(update={"max": 100})
        made = _Number(kind=self, question=top)
        made.unit = "%"  # type: ignore[attr-defined]
        return made

    def display(self, field: Field, answer: Any) -> str:
        """ "12,5 %"."""
        return f"{grouped(Decimal(answer))} %"


class _IndexedKind(DecimalKind):
    """An amount in a unit whose value in pesos changes; the page tells what it is worth."""

    unit: ClassVar[str]
    unreadable = gettext_lazy("Escribe «%(label)s» con números y coma para los decimales, por ejemplo 25,5")

    def bare(self, text: str, unit: str) -> str:
        """What was typed without its unit. The sign of pesos stays, and is refused: it would be another amount."""
        return bare(text, self.unit)

    def control(self, field: Field) -> forms.Field:
        """The control of a decimal, with its unit."""
        made = _Number(kind=self, question=field)
        made.unit = self.unit  # type: ignore[attr-defined]
        return made

    def tell(self, made: forms.Field, pesos: Pesos) -> None:
        """What the unit is worth, added to the hint."""
        if (worth := pesos.get(self.unit.lower())) is not None:
            words = _("1 %(unit)s = $ %(pesos)s") % {"unit": self.unit, "pesos": grouped(worth)}
            made.help_text = f"{str(made.help_text).rstrip('.')}. {words}" if made.help_text else words

    def display(self, field: Field, answer: Any) -> str:
        """ "25,5 UF"."""
        return f"{grouped(Decimal(answer))} {self.unit}"


@register
class UfKind(_IndexedKind):
    """An amount in UF."""

    name = "money_uf"
    title = gettext_lazy("Monto en UF")
    unit = "UF"


@register
class UtmKind(_IndexedKind):
    """An amount in UTM."""

    name = "money_utm"
    title = gettext_lazy("Monto en UTM")
    unit = "UTM"
