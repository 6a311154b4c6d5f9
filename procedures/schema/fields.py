"""Questions of a form."""

from typing import Annotated, Literal, Self

from pydantic import Field as Key
from pydantic import StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from procedures.schema.base import Id, Line, Part, Text
from procedures.schema.conditions import Condition

FieldType = Literal[
    "text",
    "textarea",
    "integer",
    "decimal",
    "money_clp",
    "date",
    "email",
    "phone",
    "run",
    "rut",
    "yes_no",
    "choice",
    "choices",
    "commune",
    "declaration",
    "file",
    "group",
    "info",
]
FactType = Literal[
    "text",
    "textarea",
    "integer",
    "decimal",
    "money_clp",
    "date",
    "email",
    "phone",
    "run",
    "rut",
    "yes_no",
    "commune",
]
"""Types that a registered fact may hold: plain values, with nothing to look up elsewhere."""
Art30 = Literal["names", "medium", "facts", "petition", "sensitive_authorisation"]
Bound = (
    Annotated[int, Key(strict=True)] | Annotated[str, StringConstraints(pattern=r"^-?\d+(\.\d+)?$|^\d{4}-\d\d-\d\d$")]
)

KEYS_BY_TYPE: dict[str, frozenset[str]] = {
    "text": frozenset({"max_length", "autocomplete", "prefill"}),
    "textarea": frozenset({"max_length", "rows"}),
    "integer": frozenset({"min", "max", "unit"}),
    "decimal": frozenset({"min", "max", "unit"}),
    "money_clp": frozenset({"min", "max"}),
    "date": frozenset({"min", "max", "autocomplete"}),
    "email": frozenset({"autocomplete", "prefill"}),
    "phone": frozenset({"autocomplete", "prefill"}),
    "run": frozenset({"prefill"}),
    "rut": frozenset({"prefill"}),
    "yes_no": frozenset(),
    "choice": frozenset({"options"}),
    "choices": frozenset({"options"}),
    "commune": frozenset(),
    "declaration": frozenset(),
    "file": frozenset({"accept", "max_mb", "notarised", "held_by_state"}),
    "group": frozenset({"fields", "min_rows", "max_rows", "row_title"}),
    "info": frozenset({"text"}),
}
"""Keys that only some types admit; every other key of a field is for all types."""
_SPECIAL = frozenset().union(*KEYS_BY_TYPE.values())
_NEEDED = {"choice": "options", "choices": "options", "group": "fields", "info": "text"}


class Option(Part):
    """Una respuesta que se puede elegir."""

    id: Id
    """Nombre interno de la opción; no cambia después de publicar."""
    label: Line
    """Texto de la opción en pantalla."""
    hint: Line | None = None
    """Ayuda debajo de la opción."""


class Purpose(Part):
    """Para qué se pide un dato personal y qué norma lo permite (Ley 19.628)."""

    purpose: Line
    """Finalidad del dato."""
    basis: Line
    """Norma o base de licitud que permite tratarlo."""


class Notarised(Part):
    """Autorización para exigir una firma ante notario (Ley 19.880, art. 13)."""

    law: Line
    """Norma legal que exige la firma ante notario."""


class HeldByState(Part):
    """Documento que ya tiene un órgano del Estado (Ley 19.880, art. 17 letra d)."""

    body: Line
    """Órgano que lo tiene."""
    reason: Line
    """Norma o motivo por el que aun así se pide a la persona."""


class Field(Part):
    """Una pregunta, o un texto informativo, de una página de formulario."""

    id: Id
    """Nombre interno de la pregunta, único en su formulario; no cambia después de publicar."""
    type: FieldType
    """Tipo de respuesta."""
    label: Annotated[str, StringConstraints(max_length=600)] = ""
    """Pregunta como la lee la persona. En `declaration`, lo que se declara."""
    hint: Annotated[str, StringConstraints(max_length=1000)] = ""
    """Ayuda debajo de la pregunta."""
    required: bool = True
    """Si se debe responder para seguir. Por omisión, sí."""
    options: tuple[Option, ...] = Key(default=(), max_length=400)
    """Opciones de `choice` (una) y `choices` (varias)."""
    min: Bound | None = None
    """Valor mínimo de un número, un monto o una fecha (AAAA-MM-DD)."""
    max: Bound | None = None
    """Valor máximo de un número, un monto o una fecha (AAAA-MM-DD)."""
    max_length: Annotated[int, Key(strict=True, ge=1, le=20_000)] | None = None
    """Largo máximo de un texto, en caracteres."""
    unit: Annotated[str, StringConstraints(max_length=20)] = ""
    """Unidad escrita junto al número: «m²»."""
    rows: Annotated[int, Key(strict=True, ge=2, le=30)] = 5
    """Alto de un `textarea`, en líneas."""
    visible_when: Condition | None = None
    """Condición para mostrar la pregunta. Si no se cumple, la respuesta no existe."""
    sensitive: bool = False
    """Si es un dato sensible: se guarda cifrado y no aparece en listas, avisos ni registros."""
    personal: Purpose | None = None
    """Finalidad y norma del dato personal; obligatoria si es sensible."""
    autocomplete: Annotated[str, StringConstraints(pattern=r"^[a-z0-9 -]{1,40}$")] | None = None
    """Ayuda de autocompletado del navegador (WCAG 1.3.5): `street-address`, `organization`…"""
    prefill: Literal["person.full_name", "person.run", "person.email", "person.phone"] | None = None
    """Dato de la persona que inició sesión con que se llena la respuesta."""
    art30: Art30 | None = None
    """Qué contenido legal de la solicitud pide (Ley 19.880, art. 30): `names` nombre de quien solicita, `medium` medio
    de notificación, `facts` hechos y razones, `petition` lo que se pide, `sensitive_authorisation` si autoriza
    que otros órganos remitan sus datos sensibles."""
    accept: tuple[Literal["pdf", "jpg", "png"], ...] = ()
    """Formatos que admite un archivo. Sin nada: pdf, jpg y png."""
    max_mb: Annotated[int, Key(strict=True, ge=1, le=50)] = 10
    """Tamaño máximo de un archivo, en megabytes."""
    fields: tuple["Field", ...] = Key(default=(), max_length=20)
    """Preguntas de cada fila de un `group`."""
    min_rows: Annotated[int, Key(strict=True, ge=0, le=50)] = 1
    """Filas que un `group` debe tener al menos."""
    max_rows: Annotated[int, Key(strict=True, ge=1, le=50)] = 10
    """Filas que un `group` puede tener a lo más."""
    row_title: Annotated[str, StringConstraints(max_length=80)] = ""
    """Nombre de cada fila de un `group`: «Socio»."""
    notarised: Notarised | None = None
    """Si el archivo debe venir firmado ante notario, la ley que lo exige."""
    held_by_state: HeldByState | None = None
    """Si el documento ya lo tiene el Estado, quién y por qué se pide igual."""
    text: Annotated[str, StringConstraints(max_length=5000)] = ""
    """Texto de un `info`."""

    @model_validator(mode="after")
    def _keys_fit_type(self) -> Self:
        for key in sorted((self.model_fields_set & _SPECIAL) - KEYS_BY_TYPE[self.type]):
            raise PydanticCustomError(
                "key_of_other_type", "Un campo de tipo «{type}» no admite «{key}».", {"type": self.type, "key": key}
            )
        needed = _NEEDED.get(self.type, "label")
        if not getattr(self, needed) or not (self.label or self.type == "info"):
            raise PydanticCustomError(
                "key_missing", "Un campo de tipo «{type}» necesita «{key}».", {"type": self.type, "key": needed}
            )
        return self

    @model_validator(mode="after")
    def _rows_are_plain(self) -> Self:
        for inner in self.fields:
            if inner.type in ("group", "file") or inner.visible_when or inner.sensitive:
                raise PydanticCustomError(
                    "row_too_rich",
                    "Una fila no admite grupos, archivos, condiciones ni datos sensibles («{id}»).",
                    {"id": inner.id},
                )
        return self

    @property
    def is_question(self) -> bool:
        """Whether it takes an answer (an `info` only speaks)."""
        return self.type != "info"


class Page(Part):
    """Una página del formulario: pocas preguntas de un mismo asunto."""

    id: Id
    """Nombre interno de la página, único en su formulario."""
    title: Line
    """Título de la página."""
    help: Text | None = None
    """Explicación al comienzo de la página."""
    fields: tuple[Field, ...] = Key(min_length=1, max_length=30)
    """Preguntas de la página, en orden."""


class Form(Part):
    """Un formulario en páginas."""

    id: Id
    """Nombre interno del formulario."""
    title: Line
    """Título del formulario."""
    pages: tuple[Page, ...] = Key(min_length=1, max_length=30)
    """Páginas, en orden."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """All fields of all pages, in order (rows of groups not opened)."""
        return tuple(field for page in self.pages for field in page.fields)

    def field(self, field_id: str) -> Field:
        """The field with that id; KeyError when there is none."""
        for field in self.fields:
            if field.id == field_id:
                return field
        raise KeyError(field_id)
