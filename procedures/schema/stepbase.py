"""What every kind of step has: an id, a title, ways out, and steps nested in it."""

from typing import Literal, Self

from pydantic import Field

from procedures.schema.base import Id, Line, Part
from procedures.schema.conditions import Condition, Next, Route, routes_of

Key = str | int


class BaseStep(Part):
    """What all steps have."""

    id: Id
    """Nombre interno del paso, único en el trámite; no cambia después de publicar."""
    kind: str
    """Clase de paso."""
    title: Line
    """Nombre del paso en pantalla."""
    applicant_title: Line | None = None
    """Cómo lee el paso quien solicita: «Revisión de tu local». Sin él lee `title`."""

    def for_applicant(self) -> Self:
        """The step, and those inside it, called as those who apply read them. To show, never to store."""
        return self.model_copy(update={"title": self.applicant_title or self.title})

    @property
    def routes(self) -> tuple[Route, ...]:
        """The ways out by `next`, in order; none for an end."""
        return ()

    @property
    def side_targets(self) -> tuple[str, ...]:
        """Where the case may go without finishing the step: an expired deadline, an act sent back."""
        return ()

    @property
    def inner(self) -> tuple[tuple["BaseStep", ...], ...]:
        """The lists of steps nested in this one, each a branch that ends in `join`."""
        return ()

    def inner_place(self, branch: int) -> tuple[Key, ...]:
        """The keys at which a nested list stands below the step."""
        return ("branches", branch)


class Separated(Part):
    """Who among the people of a role may do a step of an official."""

    same_as: Id | None = None
    """La hace la misma persona que hizo este paso."""
    not_same_as: tuple[Id, ...] = ()
    """La hace otra persona que las que hicieron estos pasos: «que revise alguien distinto»."""
    if_alone: Literal["subrogate", "exception"] | None = None
    """Con `not_same_as`, qué pasa en una oficina donde nadie más ocupa el cargo: `subrogate` espera a que se nombre
    subrogante; `exception` puede hacerla la misma persona, con una razón que queda en el historial."""


class RoleWhen(Part):
    """Un cargo distinto cuando se cumple una condición: «si el local es de alimentos, lo ve Salud»."""

    when: Condition
    """Condición sobre lo ya respondido."""
    role: Id
    """Cargo responsable si se cumple."""


class Assigned(Part):
    """To whom among those who may a step of an official goes."""

    assign: Literal["queue", "cyclic"] = "queue"
    """A quién llega: `queue` queda en la bandeja del cargo y la toma quien puede; `cyclic` se entrega por turno a quien
    tiene menos pasos tomados y no está ausente. Con `same_as`, `cyclic` la entrega directo a quien hizo ese paso."""
    role_when: tuple[RoleWhen, ...] = Field(default=(), max_length=10)
    """Cargos según reglas, en orden: el primero cuya condición se cumple, en lugar de `role`."""


class Onward(BaseStep):
    """A step after which the case goes on."""

    next: Next
    """Paso al que sigue, o lista de salidas con condición que termina en `otherwise`."""

    @property
    def routes(self) -> tuple[Route, ...]:
        """The ways out by `next`, in order."""
        return routes_of(self.next)
