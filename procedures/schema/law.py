"""The legal blocks of Ley 19.880 that a procedure switches on. The engine brings their steps, texts and articles."""

from typing import Literal

from pydantic import Field

from procedures.schema.base import Id, Line, Part, Positive
from procedures.schema.ficha import Unit
from procedures.schema.terms import AmountWhen


class LawAct(Part):
    """Cómo son los actos que estos bloques dictan."""

    kind: Literal["resolution", "decree"]
    """Clase de acto: `resolution` resolución, `decree` decreto."""
    book: Id
    """Libro de numeración."""


class SuspensionCause(Part):
    """Una causa por la que una norma permite suspender los plazos del caso."""

    id: Id
    """Nombre interno de la causa."""
    title: Line
    """La causa en palabras: «Consulta a otro órgano»."""
    source: Line
    """Norma que lo permite."""


class Appeals(Part):
    """Recursos contra los actos que terminan el caso (Ley 19.880, arts. 59 a 62)."""

    reposition: bool = True
    """Si procede reposición ante quien dictó el acto (art. 59)."""
    hierarchical: Id | None = None
    """Cargo superior que resuelve el recurso jerárquico. Sin él no procede: la ley no lo da contra actos de
    alcaldes, ministros ni jefes superiores de servicios descentralizados (art. 59)."""
    barred: Line | None = None
    """Por qué no procede el jerárquico, con su norma, si no procede."""
    amount: Positive = 5
    """Días hábiles para presentarlos."""
    decide_in: Positive = 30
    """Días hábiles para resolverlos."""
    source: Line = "Ley N° 19.880, artículo 59"
    """Norma de esos plazos."""
    amounts: tuple[AmountWhen, ...] = Field(default=(), max_length=10)
    """Otras duraciones del plazo para presentarlos, según los datos o según cuándo se presentó la solicitud (no el
    recurso); vale la primera que se cumple."""
    decide_in_amounts: tuple[AmountWhen, ...] = Field(default=(), max_length=10)
    """Otras duraciones del plazo para resolverlos, del mismo modo."""


class SilenceBlock(Part):
    """Silencio administrativo (Ley 19.880, arts. 64 a 66). Su efecto está en `ficha.silence`."""

    superior: Id
    """Cargo superior que recibe copia de la denuncia."""
    complaint: bool = True
    """Si la persona debe denunciar el incumplimiento antes de pedir el certificado. En el silencio negativo puede no
    pedirse (art. 65)."""
    certificate_in: Positive = 2
    """Días hábiles en que debe salir el certificado desde que se pide. La ley solo dice «sin más trámite»; sin otro
    número, los de las providencias de mero trámite (art. 24). Si no sale, lo ve quien dirige."""


class Opposition(Part):
    """Oposición de un tercero a quien la decisión puede afectar."""

    title: Line
    """Cómo se llama en pantalla: «Oponerme a que se entregue la información»."""
    amount: Positive
    """Cuánto tiempo tiene el tercero."""
    unit: Unit
    """Unidad."""
    source: Line
    """Norma."""
    amounts: tuple[AmountWhen, ...] = Field(default=(), max_length=10)
    """Otras duraciones, según los datos o según cuándo se presentó la solicitud; vale la primera que se cumple."""


class Formality(Part):
    """Un trámite posterior a la firma, sin el cual el acto no está totalmente tramitado."""

    id: Id
    """Nombre interno."""
    kind: Literal["registry", "review", "publication", "transparency"]
    """Clase: `registry` registro, `review` toma de razón, `publication` publicación o `transparency` transparencia
    activa."""
    title: Line
    """Nombre en pantalla."""
    role: Id
    """Cargo que lo hace y deja constancia."""
    source: Line
    """Norma que lo exige."""
    documents: tuple[Id, ...] = Field(min_length=1, max_length=40)
    """Documentos que lo necesitan."""
    before_effect: bool = True
    """Si el acto no se puede notificar antes. No, en la transparencia activa, que viene después."""


class Law(Part):
    """Bloques de la Ley 19.880 que este trámite usa. Cada uno trae sus pasos, textos, plazos y artículo."""

    version: Literal["ley-19880-1", "ley-19880-2"]
    """Versión de los textos y pasos de estos bloques."""
    officer: Id
    """Cargo que examina y redacta los actos de estos bloques."""
    signers: tuple[Id, ...] = Field(min_length=1, max_length=6)
    """Cargos que los firman, en orden."""
    act: LawAct
    """Clase y libro de esos actos."""
    withdrawal: bool = False
    """Desistimiento de la persona (art. 42)."""
    waiver: bool = False
    """Renuncia al derecho (art. 42), si la ley no la prohíbe."""
    abandonment: bool = False
    """Abandono del procedimiento (arts. 43 y 44)."""
    impossibility: bool = False
    """Imposibilidad material de continuar (art. 40)."""
    extension: bool = False
    """Ampliación de plazos (art. 26)."""
    urgency: bool = False
    """Tramitación de urgencia (art. 63)."""
    suspensions: tuple[SuspensionCause, ...] = Field(default=(), max_length=10)
    """Causas por las que se pueden suspender los plazos. Sin ninguna, no se suspenden."""
    joinder: bool = False
    """Acumulación de solicitudes y desacumulación (art. 33). La acumulada termina con el acto de la más antigua, sin
    sus propios pasos."""
    own_motion: bool = False
    """Inicio de oficio (arts. 28 y 29)."""
    clarification: bool = False
    """Aclaración y rectificación de los actos (art. 62)."""
    appeals: Appeals | None = None
    """Recursos (arts. 59 y siguientes)."""
    silence: SilenceBlock | None = None
    """Silencio administrativo (arts. 64 a 66)."""
    opposition: Opposition | None = None
    """Oposición de terceros."""
    formalities: tuple[Formality, ...] = Field(default=(), max_length=10)
    """Tramitación posterior a la firma (arts. 45, 48 y 51)."""

    @property
    def slots(self) -> tuple[str, ...]:
        """The roles that the blocks name."""
        superior = self.silence.superior if self.silence else None
        upper = self.appeals.hierarchical if self.appeals else None
        formal = (one.role for one in self.formalities)
        return (self.officer, *self.signers, *(slot for slot in (superior, upper) if slot), *formal)
