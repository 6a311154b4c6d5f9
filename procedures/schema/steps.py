"""Kinds of step. Workflows registers one node for each kind of `STEP_KINDS`, by the same name."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self, get_args

from pydantic import Discriminator, Field

from procedures.schema.base import DataPath, Id, Line, Part, Positive, Text
from procedures.schema.ficha import Validity
from procedures.schema.kinds import FactType
from procedures.schema.linked import ReferralStep, SubcaseStep
from procedures.schema.outside import ServiceStep
from procedures.schema.stepbase import Assigned, BaseStep, Key, Onward, Separated
from procedures.schema.tables import DecisionStep
from procedures.schema.terms import Deadline
from procedures.schema.waiting import WaitStep

Join = Literal["all", "any", "n", "all_required"]
Leftover = Literal["cancel", "accept"]


class CoApplicants(Part):
    """Personas que solicitan junto con quien llena el formulario. Cada una recibe un aviso y firma con su propia
    clave; la solicitud se presenta cuando firmaron todas."""

    group: Id
    """Grupo del formulario con una fila por persona."""
    run: Id
    """Pregunta del grupo con su RUN, de tipo `run`."""
    names: Id
    """Pregunta del grupo con su nombre completo, de tipo `text`."""


class StartStep(Onward):
    """Comienzo: la persona llena, revisa y firma la solicitud."""

    kind: Literal["start"]
    """`start`"""
    form: Id
    """Formulario de la solicitud."""
    statement: Text
    """Lo que la persona declara y acepta al presentar."""
    summary_field: Id | None = None
    """Campo cuya respuesta resume la solicitud en las listas."""
    declared_identity: Line | None = None
    """Norma que permite presentar sin entrar con ClaveÚnica, con la identidad que la persona declara (Ley 20.285,
    art. 12). Sin ella hay que entrar."""
    solemn_power: Line | None = None
    """Norma por la que quien actúa por otra persona necesita un poder en escritura pública o con firma electrónica
    avanzada (Ley 19.880, art. 22). Sin ella basta un poder simple."""
    co_applicants: CoApplicants | None = None
    """Quiénes más solicitan y deben firmar."""


class TaskStep(Separated, Assigned, Onward):
    """Tarea de una persona funcionaria, que llena un formulario."""

    kind: Literal["task"]
    """`task`"""
    role: Id
    """Cargo responsable, de `roles`."""
    form: Id
    """Formulario que llena."""
    deadline: Deadline | None = None
    """Plazo de la tarea."""
    help: Text | None = None
    """Instrucciones para quien la hace."""

    @property
    def side_targets(self) -> tuple[str, ...]:
        """Where an expired deadline leads."""
        return _expiry(self.deadline)


class CorrectionStep(Onward):
    """Corrección que se pide a la persona solicitante (Ley 19.880, art. 31). Al entrar se envía el aviso."""

    kind: Literal["correction"]
    """`correction`"""
    amends: Id
    """Paso cuyas respuestas se corrigen; lo corregido reemplaza a lo presentado para las reglas y documentos."""
    requested_by: Id
    """Tarea en que se pidió la corrección."""
    notice: Id
    """Aviso que pide corregir y advierte del desistimiento."""
    max_rounds: Positive
    """Cuántas veces se puede pedir corrección a lo más."""
    deadline: Deadline
    """Plazo para corregir."""

    @property
    def side_targets(self) -> tuple[str, ...]:
        """Where an expired deadline leads."""
        return _expiry(self.deadline)


class ParallelStep(Onward):
    """Ramas que avanzan al mismo tiempo y se reúnen antes de seguir."""

    kind: Literal["parallel"]
    """`parallel`"""
    join: Join
    """Cuándo se sigue: `all` cuando terminan todas las ramas; `any` con la primera; `n` con la cantidad de `n`;
    `all_required` cuando terminan las de `required`, y a las demás solo se las espera hasta que vence su plazo
    (Ley 19.880, art. 38); a una rama sin plazo no se la espera."""
    n: Positive | None = None
    """Cuántas ramas deben terminar, si `join` es `n`."""
    required: tuple[Id, ...] = ()
    """Primeros pasos de las ramas que deben terminar, si `join` es `all_required`."""
    leftover: Leftover = "cancel"
    """Qué pasa con lo que quedó abierto: `cancel` se cierra y el historial dice por qué; `accept` la tarea sigue
    abierta como informe tardío, que se archiva en el expediente y no mueve el caso."""
    branches: tuple[Annotated[tuple["Step", ...], Field(min_length=1)], ...] = Field(min_length=2, max_length=10)
    """Listas de pasos, una por rama. Cada rama termina en `join`."""

    def for_applicant(self) -> Self:
        """The block with the steps of its branches called as those who apply read them."""
        branches = tuple(tuple(step.for_applicant() for step in branch) for branch in self.branches)
        return super().for_applicant().model_copy(update={"branches": branches})

    @property
    def inner(self) -> tuple[tuple[BaseStep, ...], ...]:
        """The branches."""
        return self.branches


class ForEachStep(Onward):
    """Repite sus pasos por cada fila de un grupo que se repite, todas al mismo tiempo. Da `paso.rows` (la lista de
    filas con lo que se respondió en cada una), `paso.count` (cuántas) y `paso.summary` (en palabras, para los textos).
    Dentro de sus pasos, `paso.pregunta` es la respuesta de la propia fila."""

    kind: Literal["for_each"]
    """`for_each`"""
    over: DataPath
    """Grupo cuyas filas se recorren, `paso.campo`: de la solicitud, o uno que llenó una persona funcionaria."""
    join: Literal["all", "any", "n"]
    """Cuándo se sigue: `all` cuando terminan todas las filas; `any` con la primera; `n` con la cantidad de `n`."""
    n: Positive | None = None
    """Cuántas filas deben terminar, si `join` es `n`."""
    leftover: Leftover = "cancel"
    """Qué pasa con las filas que quedaron abiertas: `cancel` o `accept`, como en `parallel`."""
    added_by: Id | None = None
    """Cargo que puede agregar filas mientras el bloque corre."""
    form: Id | None = None
    """Formulario con que se agrega una fila; tiene las mismas preguntas que el grupo."""
    steps: tuple["Step", ...] = Field(min_length=1, max_length=20)
    """Pasos que se hacen por cada fila. El último termina en `join`."""

    def for_applicant(self) -> Self:
        """The block with the steps of a row called as those who apply read them."""
        steps = tuple(step.for_applicant() for step in self.steps)
        return super().for_applicant().model_copy(update={"steps": steps})

    @property
    def inner(self) -> tuple[tuple[BaseStep, ...], ...]:
        """The steps of a row, drawn once."""
        return (self.steps,)

    def inner_place(self, branch: int) -> tuple[Key, ...]:
        """The key of the steps of a row."""
        return ("steps",)


class DraftStep(Separated, Assigned, Onward):
    """Redacción del acto de este caso por una persona funcionaria, antes de la firma."""

    kind: Literal["draft"]
    """`draft`"""
    role: Id
    """Cargo que redacta."""
    document: Id
    """Documento que se redacta."""
    form: Id | None = None
    """Formulario que además llena, si hace falta."""


class SignStep(Onward):
    """Firma electrónica de un documento por una o más personas, en orden (Ley 19.799)."""

    kind: Literal["sign"]
    """`sign`"""
    document: Id
    """Documento que se firma."""
    signers: tuple[Id, ...] = Field(min_length=1, max_length=6)
    """Cargos que firman, en orden."""
    level: Literal["advanced", "simple"]
    """Clase de firma: `advanced` (avanzada) o `simple`."""
    deadline: Deadline | None = None
    """Plazo para firmar."""
    on_return: Id | None = None
    """Paso al que vuelve si quien debe firmar devuelve el documento."""

    @property
    def side_targets(self) -> tuple[str, ...]:
        """Where an expired deadline or an act sent back leads."""
        return _expiry(self.deadline) + ((self.on_return,) if self.on_return else ())


class SealStep(Onward):
    """Sello electrónico de la institución sobre un documento, sin intervención de una persona."""

    kind: Literal["seal"]
    """`seal`"""
    document: Id
    """Documento que se sella."""


class LookupStep(Onward):
    """Consulta de un hecho registrado por este u otro trámite. Da `paso.found` y `paso.<dato>`."""

    kind: Literal["lookup"]
    """`lookup`"""
    fact: Id
    """Hecho que se busca."""
    key: DataPath
    """Dato por el que se busca, `paso.campo`."""
    values: dict[Id, FactType] = Field(default_factory=dict)
    """Datos que trae el hecho y el tipo de cada uno."""


class RegisterStep(Onward):
    """Registro de un hecho que otros trámites pueden consultar."""

    kind: Literal["register"]
    """`register`"""
    fact: Id
    """Hecho que se registra."""
    key: DataPath
    """Dato por el que se encontrará, `paso.campo`."""
    values: dict[Id, DataPath] = Field(default_factory=dict)
    """Datos que se guardan con el hecho."""
    valid: Validity | None = None
    """Cuánto tiempo vale. Sin plazo vale hasta que otro registro lo reemplace."""


class NotifyStep(Onward):
    """Aviso a la persona solicitante, con documentos si corresponde."""

    kind: Literal["notify"]
    """`notify`"""
    notice: Id
    """Aviso que se envía."""
    attach: tuple[Id, ...] = ()
    """Documentos que se adjuntan."""
    act: Id | None = None
    """Paso de firma o sello cuyo acto se debe notificar legalmente (Ley 19.880, art. 45)."""


class EndStep(BaseStep):
    """Término del caso. Todo camino pasa antes por un documento firmado o sellado (Ley 19.880, arts. 14 y 40)."""

    kind: Literal["end"]
    """`end`"""
    outcome: Literal["approved", "rejected", "withdrawn", "issued", "other"]
    """Resultado: `approved` aprobado, `rejected` rechazado, `withdrawn` desistido, `issued` emitido, `other` otro."""


Step = Annotated[
    StartStep
    | TaskStep
    | CorrectionStep
    | ParallelStep
    | ForEachStep
    | DraftStep
    | SignStep
    | SealStep
    | LookupStep
    | RegisterStep
    | NotifyStep
    | DecisionStep
    | WaitStep
    | ServiceStep
    | SubcaseStep
    | ReferralStep
    | EndStep,
    Discriminator("kind"),
]
ParallelStep.model_rebuild()
ForEachStep.model_rebuild()

STEP_KINDS: dict[str, type[BaseStep]] = {
    get_args(step.model_fields["kind"].annotation)[0]: step for step in get_args(get_args(Step)[0])
}
"""Schema facet of each kind of step, by its name in the YAML."""
HUMAN_KINDS = frozenset({"start", "task", "correction", "draft", "sign"})
"""Kinds that wait for a person."""
HOLDING_KINDS = HUMAN_KINDS | {"wait", "service", "subcase"}
"""Kinds at which the transaction that moves the case ends: something else must happen before it goes on."""
ACT_KINDS = frozenset({"sign", "seal"})
"""Kinds that issue an act."""
FOLLOWED_KINDS = HOLDING_KINDS | ACT_KINDS
"""Kinds that whoever applies follows on the page of their application."""


def _expiry(deadline: Deadline | None) -> tuple[str, ...]:
    return (deadline.on_expire,) if deadline and deadline.on_expire else ()


def walk(steps: tuple[BaseStep, ...]) -> Iterator[BaseStep]:
    """Every step in reading order, those of parallel branches right after their block."""
    for step in steps:
        yield step
        for branch in step.inner:
            yield from walk(branch)
