"""Documents and notices as staff write them: blocks of plain text with `{dato}` placeholders."""

from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from procedures.schema.base import Id, Line, Part, Target, Text
from procedures.schema.conditions import Condition


class Numbering(Part):
    """Numeración del acto."""

    book: Id
    """Libro de numeración de la institución: uno por clase de acto y año, sin saltos."""


class Block(Part):
    """Un trozo de un documento."""

    kind: Literal["heading", "paragraph", "answers", "list"]
    """`heading` título, `paragraph` párrafo, `answers` respuestas de un paso, `list` lista (punto por línea)."""
    text: Text | None = None
    """Texto, con datos entre llaves: `{inicio.giro}`. Admite **negrita** y *cursiva*."""
    step: Target | None = None
    """Paso cuyas respuestas se muestran, en `answers`."""
    fields: tuple[Id, ...] = ()
    """Campos que se muestran, en `answers`. Sin nada: todos."""
    role: Literal["decision", "reasons", "facts", "law", "appeals"] | None = None
    """Qué parte del acto es: decisión, fundamentos, hechos, normas, recursos (Ley 19.880, art. 41)."""
    when: Condition | None = None
    """Condición para incluirlo."""

    @model_validator(mode="after")
    def _keys_fit_kind(self) -> Self:
        needed, refused = ("step", "text") if self.kind == "answers" else ("text", "step")
        if not getattr(self, needed):
            raise PydanticCustomError(
                "key_missing", "Un bloque «{kind}» necesita «{key}».", {"kind": self.kind, "key": needed}
            )
        if getattr(self, refused) or (refused == "step" and self.fields):
            raise PydanticCustomError(
                "key_of_other_type", "Un bloque «{kind}» no admite «{key}».", {"kind": self.kind, "key": refused}
            )
        return self


class Document(Part):
    """Un documento que el trámite firma o sella."""

    id: Id
    """Nombre interno del documento."""
    kind: Literal["resolution", "decree", "certificate", "report", "letter"]
    """Clase: `resolution` resolución, `decree` decreto, `certificate` certificado, `report` informe, `letter` carta."""
    title: Line
    """Título del documento."""
    numbering: Numbering | None = None
    """Numeración, si el acto lleva número."""
    public: bool = False
    """Si cualquiera puede leerlo con su código de verificación. Por omisión, no."""
    blocks: tuple[Block, ...] = Field(min_length=1, max_length=100)
    """Contenido, en orden."""
    worse_when: Condition | None = None
    """Cuándo deja a la persona peor que antes de pedirlo (Ley 19.880, art. 41). Se avisa a quien redacta y a quien
    firma; no impide firmar."""


class Action(Part):
    """Botón de un aviso."""

    label: Line
    """Texto del botón."""
    target: Literal["case", "correction"]
    """A dónde lleva: `case` la solicitud, `correction` la corrección pedida."""


class NoticeText(Part):
    """Un aviso a la persona. Informa: no es la notificación legal."""

    id: Id
    """Nombre interno del aviso."""
    subject: Line
    """Asunto."""
    body: Text
    """Texto, con datos entre llaves."""
    action: Action | None = None
    """Botón, si lo hay."""
