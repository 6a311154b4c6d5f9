"""What a procedure charges, by which norm and from when. Nothing is charged that no law allows (Ley 19.880, art. 6)."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from procedures.schema.base import Id, Line, Part
from procedures.schema.dated import Dated


def _as_text(value: Any) -> Any:
    """A whole number of the YAML as text, as the canonical form has no floats; a decimal comma as a point."""
    if isinstance(value, str):
        return value.replace(",", ".")
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Money = Annotated[
    str, BeforeValidator(_as_text), StringConstraints(pattern=r"^(0|[1-9]\d{0,9})(\.\d{1,4})?$", max_length=15)
]


class FeeWhen(Dated):
    """Otro monto del cobro, según las respuestas de la solicitud o según la fecha: la norma que lo cambia rige desde
    un día."""

    amount: Money
    """Monto, en la misma unidad del cobro."""
    source: Line
    """Norma que da este monto."""


class Fee(Part):
    """Un cobro del trámite. Solo se cobra lo que una ley permite (Ley 19.880, art. 6)."""

    id: Id
    """Nombre interno del cobro. En los textos su monto se escribe `{fee.nombre}`."""
    title: Line
    """Qué se cobra: «Derechos por ocupar la vía pública»."""
    amount: Money
    """Monto, sin puntos de miles: `12500`, `0.5`; 0 si no se cobra."""
    unit: Literal["clp", "utm", "uf"]
    """Unidad: `clp` pesos, sin decimales, `utm` UTM, `uf` UF."""
    per: Line | None = None
    """Por qué se multiplica: «metro cuadrado y día»."""
    source: Line
    """Norma que permite cobrarlo y fija el monto."""
    ruled_by: Literal["filed", "paid"] = "filed"
    """Qué fecha decide el monto: `filed` la legal de presentación, `paid` la del día en que se paga."""
    amounts: tuple[FeeWhen, ...] = Field(default=(), max_length=20)
    """Montos que dependen de los datos o de la fecha; vale el primero que se cumple."""

    @model_validator(mode="after")
    def _pesos_are_whole(self) -> Self:
        if self.unit == "clp" and any("." in one for one in (self.amount, *(way.amount for way in self.amounts))):
            raise PydanticCustomError("pesos_whole", "Los pesos van sin puntos ni decimales: 12500.")
        return self
