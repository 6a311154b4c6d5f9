"""Values that a norm gives from a day or until a day: what ruled on filing rules the application for good (R78)."""

from datetime import date
from typing import Annotated, Self

from pydantic import StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from procedures.schema.base import Part
from procedures.schema.conditions import Condition

IsoDay = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]


class Dated(Part):
    """Un valor que rige según los datos del caso, o según su fecha."""

    when: Condition | None = None
    """Condición con la que rige. Sin ella, rige siempre dentro de sus fechas."""
    since: IsoDay | None = None
    """Primer día, AAAA-MM-DD, de las solicitudes a las que se aplica; se mira la fecha legal de presentación."""
    until: IsoDay | None = None
    """Último día, incluido, de las solicitudes a las que se aplica."""

    @model_validator(mode="after")
    def _is_told_apart(self) -> Self:
        if self.when is None and self.since is None and self.until is None:
            raise PydanticCustomError("amount_always", "Cada duración o monto necesita «when», «since» o «until».")
        if not all(_is_day(day) for day in (self.since, self.until) if day):
            raise PydanticCustomError("amount_dates", "Una de las fechas no existe en el calendario.")
        if self.since and self.until and self.until < self.since:
            raise PydanticCustomError("amount_dates", "La fecha «until» es anterior a «since».")
        return self

    def is_in_force(self, day: date) -> bool:
        """Whether it rules what is of this legal date (Ley 21.180, transitory art. 3; R78)."""
        iso = day.isoformat()
        return (self.since or iso) <= iso <= (self.until or iso)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
