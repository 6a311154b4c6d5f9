"""Time limits as a procedure declares them: length, source, trigger, and what may change them (arts. 23 to 27)."""

import re
from typing import Annotated

from pydantic import Field, StringConstraints

from procedures.schema.base import Id, Line, Part, Positive
from procedures.schema.dated import Dated
from procedures.schema.ficha import Unit

_NOTIFIED = re.compile(r"^notified\(([a-z][a-z0-9_]*)\)$")


class AmountWhen(Dated):
    """Otra duración del plazo, según los datos del caso, o según cuándo se presentó la solicitud: la norma que cambia
    un plazo rige desde una fecha y los casos anteriores conservan el suyo."""

    amount: Positive
    """Cantidad, en la misma unidad del plazo."""
    source: Line
    """Norma que da esta duración."""


class Extension(Part):
    """Ampliación que permite la ley propia del trámite. Sin ella rige la general: hasta la mitad (art. 26)."""

    most: Annotated[int, Field(strict=True, ge=0, le=1000)]
    """Cuánto se puede agregar a lo más, en la unidad del plazo; 0 si una norma prohíbe ampliarlo."""
    source: Line
    """Norma de la que sale esa ampliación o esa prohibición."""


class TermRules(Part):
    """Lo que puede cambiar la duración de un plazo."""

    amounts: tuple[AmountWhen, ...] = Field(default=(), max_length=10)
    """Duraciones que dependen de los datos o de la fecha de presentación; vale la primera que se cumple al empezar el
    plazo."""
    extension: Extension | None = None
    """Ampliación según ley propia. Sin ella, hasta la mitad y antes de que venza (Ley 19.880, art. 26)."""
    halved_by_urgency: bool = True
    """Si la tramitación de urgencia lo reduce a la mitad. No, en los plazos para presentar solicitudes y recursos
    (Ley 19.880, art. 63)."""


class Deadline(TermRules):
    """Plazo de un paso."""

    amount: Annotated[int, Field(strict=True, ge=0, le=1000)]
    """Cantidad."""
    unit: Unit
    """Unidad: `business_days` hábiles, `calendar_days` corridos, `months` meses, `hours` horas."""
    source: Line
    """Norma o acuerdo de que sale el plazo."""
    trigger: Annotated[str, StringConstraints(pattern=r"^(entered|filed|notified\([a-z][a-z0-9_]*\))$")]
    """Desde cuándo corre: `entered` (el caso llegó al paso), `filed` (se presentó la solicitud) o
    `notified(paso)` (se notificó legalmente lo que ese paso avisa)."""
    warn_before: Positive | None = None
    """Cuántas unidades antes de vencer se avisa al responsable."""
    on_expire: Id | None = None
    """Paso al que pasa el caso si el plazo vence. Sin él, el paso queda atrasado y sigue abierto."""

    @property
    def notified_step(self) -> str | None:
        """The step whose legal notification starts the clock, if one does."""
        found = _NOTIFIED.match(self.trigger)
        return found.group(1) if found else None


class CaseTerm(TermRules):
    """Plazo legal para decidir el caso entero."""

    amount: Positive
    """Cantidad."""
    unit: Unit
    """Unidad: `business_days` hábiles, `calendar_days` corridos, `months` meses, `hours` horas."""
    source: Line
    """Norma de la que sale el plazo."""
