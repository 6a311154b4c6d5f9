"""Steps at which the case waits for a day or for something that happens outside."""

from typing import Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from procedures.schema.base import DataPath, Id, Line, Positive
from procedures.schema.ficha import Validity
from procedures.schema.stepbase import Onward


class WaitStep(Onward):
    """Espera de una fecha, o de algo que ocurre fuera y que una persona funcionaria registra; lo que llegue primero.
    Da `paso.happened` (si ocurrió) y `paso.on` (qué día)."""

    kind: Literal["wait"]
    """`wait`"""
    until: DataPath | None = None
    """Fecha en que el caso sigue: `paso.campo` de tipo fecha."""
    after: Validity | None = None
    """Tiempo que se espera desde que el caso llega al paso, en vez de `until`."""
    event: Line | None = None
    """Lo que se espera, en palabras: «la toma de razón de la Contraloría»."""
    role: Id | None = None
    """Cargo que registra que ocurrió."""
    form: Id | None = None
    """Formulario que además llena al registrarlo, si hace falta."""
    days_before: Positive | None = None
    """Con `until`: cuántos días corridos antes de esa fecha sigue el caso."""

    @model_validator(mode="after")
    def _waits_for_something(self) -> Self:
        problem = self._problem()
        if problem:
            raise PydanticCustomError("wait_shape", problem)
        return self

    def _problem(self) -> str:
        if self.until and self.after:
            return "Un paso «wait» lleva «until» o «after», no los dos."
        if not (self.until or self.after or self.event):
            return "Un paso «wait» necesita «until», «after» o «event»."
        if (self.event is None) != (self.role is None):
            return "«event» y «role» van juntos: qué se espera y quién registra que ocurrió."
        if self.form and not self.event:
            return "«form» se llena al registrar un «event»."
        if self.days_before and not self.until:
            return "«days_before» solo sirve con «until»."
        return ""
