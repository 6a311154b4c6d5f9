"""Questions of a form."""

from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field as Key
from pydantic import StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from procedures.schema.base import Id, Line, Part, Text
from procedures.schema.conditions import Condition
from procedures.schema.kinds import FACETS, KEYS_BY_TYPE, ROW_TYPES, SPECIAL_KEYS, FieldType, ResultType
from procedures.schema.logic import Exit, Rule, Skip

SumPath = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$", max_length=81)]
Art30 = Literal["names", "medium", "facts", "petition", "sensitive_authorisation"]
_BOUND = r"^-?\d+(\.\d+)?$|^\d{4}-\d\d-\d\d$|^\d\d:\d\d$"
Bound = Annotated[int, Key(strict=True)] | Annotated[str, StringConstraints(pattern=_BOUND)]
RELATIVE = r"^today( [+-] [1-9]\d{0,2} (days|months|years))?$"
Limit = Bound | Annotated[str, StringConstraints(pattern=RELATIVE)]


class Option(Part):
    """Una respuesta que se puede elegir."""

    id: Id
    """Nombre interno de la opción; no cambia después de publicar."""
    label: Line
    """Texto de la opción en pantalla."""
    hint: Line | None = None
    """Ayuda debajo de la opción."""
    only_when: Condition | None = None
    """Condición para ofrecer la opción. Sin ella, se ofrece siempre."""
    group: Line | None = None
    """En `linked`, la lista de arriba a la que pertenece la opción: «Región de Ñuble»."""


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


class FileTemplate(Part):
    """Archivo que la persona descarga, llena y adjunta. Se guarda en la institución y se nombra por su huella."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[^/\\\x00-\x1f]+$")]
    """Nombre con que se descarga: `formulario.pdf`."""
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    """Huella SHA-256 del archivo, que da `procedures template` o la página de diseño."""


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
    """Opciones de `choice` (una), `choices` (varias), `linked` (una, en dos listas) y `ranking` (todas, en orden);
    filas de `amounts`."""
    list_code: Id | None = None
    """En `listed`, el código de la lista de la institución de la que se elige. Cada solicitud usa la versión que regía
    cuando empezó."""
    only_procedure: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)] | None = None
    """En `own_case`, el código del trámite del que debe ser la solicitud."""
    only_open: bool = False
    """En `own_case`, si solo sirven las solicitudes que aún no terminan."""
    under: Id | None = None
    """En `listed`, la pregunta anterior que dice de qué parte de la lista se elige: la región, y después la comuna."""
    min: Limit | None = None
    """Valor mínimo de un número, un monto, una fecha (AAAA-MM-DD) o una hora (HH:MM). De una fecha, también contado
    desde el día en que la persona responde: `today`, `today + 15 days`, `today - 18 years`, en días corridos, meses
    (`months`) o años."""
    max: Limit | None = None
    """Valor máximo, escrito como el mínimo."""
    max_length: Annotated[int, Key(strict=True, ge=1, le=20_000)] | None = None
    """Largo máximo de un texto, en caracteres."""
    unit: Annotated[str, StringConstraints(max_length=20)] = ""
    """Unidad escrita junto al número: «m²»."""
    rows: Annotated[int, Key(strict=True, ge=2, le=30)] = 5
    """Alto de un `textarea`, en líneas."""
    visible_when: Condition | None = None
    """Condición para mostrar la pregunta. Si no se cumple, la respuesta no existe. En la fila de un `group`, lo que
    se respondió antes en la misma fila se escribe `grupo.campo`: `socios.extranjero`."""
    required_when: Condition | None = None
    """Condición con que la respuesta es obligatoria; si no se cumple, es opcional."""
    default: Annotated[bool, Key(strict=True)] | Annotated[int, Key(strict=True)] | Line | None = None
    """Respuesta que viene puesta y la persona puede cambiar. Nunca en una declaración."""
    sensitive: bool = False
    """Si es un dato sensible: se guarda cifrado y no aparece en listas, avisos ni registros. En un `group` se pone en
    el grupo entero: sus filas se cifran juntas."""
    personal: Purpose | None = None
    """Finalidad y norma del dato personal; obligatoria si es sensible."""
    autocomplete: Annotated[str, StringConstraints(pattern=r"^[a-z0-9 -]{1,40}$")] | None = None
    """Ayuda de autocompletado del navegador (WCAG 1.3.5): `street-address`, `organization`…"""
    prefill: Literal["person.full_name", "person.run", "person.email", "person.phone"] | None = None
    """Dato de la persona que inició sesión con que se llena la respuesta."""
    verified: bool = False
    """Si la persona debe comprobar el correo con un código que se le envía, antes de seguir."""
    reuse: Id | None = None
    """Nombre del dato (`domicilio`), igual en todos los trámites que lo piden: se ofrece lo que la misma persona
    respondió en una solicitud anterior."""
    art30: Art30 | None = None
    """Qué contenido legal de la solicitud pide (Ley 19.880, art. 30): `names` nombre de quien solicita, `medium` medio
    de notificación, `facts` hechos y razones, `petition` lo que se pide, `sensitive_authorisation` si autoriza
    que otros órganos remitan sus datos sensibles."""
    accept: tuple[Literal["pdf", "jpg", "png"], ...] = ()
    """Formatos que admite un archivo. Sin nada: pdf, jpg y png."""
    max_mb: Annotated[int, Key(strict=True, ge=1, le=200)] = 10
    """Tamaño máximo de un archivo, en megabytes."""
    min_files: Annotated[int, Key(strict=True, ge=1, le=20)] = 1
    """Archivos que se deben adjuntar al menos, cuando la pregunta admite varios."""
    max_files: Annotated[int, Key(strict=True, ge=1, le=20)] = 1
    """Archivos que admite la pregunta. Con más de uno, la respuesta es una lista."""
    camera: bool = False
    """Si en un teléfono se ofrece además tomar la foto en el momento."""
    drawn: bool = False
    """Si se ofrece además dibujar la firma con el dedo o el ratón, o escribir el nombre, que vale lo mismo. Es una
    imagen: no es una firma electrónica."""
    identity: bool = False
    """Si es un documento de identidad: el original queda cerrado y quien lo revisa descarga una copia marcada con el
    trámite para el que se entregó."""
    template: FileTemplate | None = None
    """Formulario que se descarga, se llena y se adjunta aquí."""
    fields: tuple["Field", ...] = Key(default=(), max_length=20)
    """Preguntas de cada fila de un `group`, también archivos: con condiciones y cálculos, sobre la misma fila o lo
    respondido antes."""
    min_rows: Annotated[int, Key(strict=True, ge=0, le=50)] = 1
    """Filas que un `group` debe tener al menos."""
    max_rows: Annotated[int, Key(strict=True, ge=1, le=50)] = 10
    """Filas que un `group` puede tener a lo más."""
    row_title: Annotated[str, StringConstraints(max_length=80)] = ""
    """Nombre de cada fila de un `group`: «Socio»."""
    unique: tuple[Id, ...] = Key(default=(), max_length=5)
    """Preguntas de un `group` que, juntas, no se repiten entre filas: `[run]`."""
    totals: tuple[Id, ...] = Key(default=(), max_length=5)
    """Preguntas numéricas de un `group`, o cálculos de su fila, cuyo total se muestra."""
    formula: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = None
    """Expresión CEL de un `computed`: `inicio.largo * inicio.ancho`. Con `indicator.uf` e `indicator.utm`, el valor en
    pesos del día. En la fila de un `group`, con las preguntas de la misma fila: `socios.sueldo * socios.meses`."""
    sum_of: (
        Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$", max_length=81)] | None
    ) = None
    """Lo que suma un `computed`, en vez de una fórmula: `socios.porcentaje` (una pregunta de un `group`) o
    `presupuesto` (una tabla `amounts`)."""
    result: ResultType = "decimal"
    """Tipo de lo que da un `computed`."""
    notarised: Notarised | None = None
    """Si el archivo debe venir firmado ante notario, la ley que lo exige."""
    held_by_state: HeldByState | None = None
    """Si el documento ya lo tiene el Estado, quién y por qué se pide igual."""
    text: Annotated[str, StringConstraints(max_length=5000)] = ""
    """Texto de un `info`, de una `section`, o lo que debe saber quien da un `consent`."""

    @model_validator(mode="after")
    def _keys_fit_type(self) -> Self:
        for key in sorted((self.model_fields_set & SPECIAL_KEYS) - KEYS_BY_TYPE[self.type]):
            raise PydanticCustomError(
                "key_of_other_type", "Un campo de tipo «{type}» no admite «{key}».", {"type": self.type, "key": key}
            )
        needed = FACETS[self.type].needs
        if not getattr(self, needed) or not (self.label or self.type == "info"):
            raise PydanticCustomError(
                "key_missing", "Un campo de tipo «{type}» necesita «{key}».", {"type": self.type, "key": needed}
            )
        if self.type == "computed" and (self.formula is None) == (self.sum_of is None):
            raise PydanticCustomError(
                "one_source", "Un campo «computed» lleva «formula» o «sum_of», y solo una («{id}»).", {"id": self.id}
            )
        return self

    @model_validator(mode="after")
    def _rows_are_plain(self) -> Self:
        for inner in self.fields:
            if inner.type == "group":
                raise PydanticCustomError(
                    "group_in_group", "El grupo «{id}» está dentro de otro grupo.", {"id": inner.id}
                )
            if inner.sensitive:
                raise PydanticCustomError(
                    "sensitive_in_row",
                    "«{id}» es un dato sensible dentro del grupo «{group}», y las filas se cifran juntas.",
                    {"id": inner.id, "group": self.id},
                )
            if inner.type not in ROW_TYPES or inner.verified:
                raise PydanticCustomError(
                    "row_too_rich",
                    "Una fila no admite una pregunta de tipo «{type}», ni comprobar un correo («{id}»).",
                    {"id": inner.id, "type": inner.type},
                )
            if inner.sum_of is not None:
                raise PydanticCustomError(
                    "sum_in_row", "En una fila, el cálculo «{id}» lleva «formula», no «sum_of».", {"id": inner.id}
                )
        return self

    @property
    def is_question(self) -> bool:
        """Whether it takes an answer (an `info` and a `section` only speak)."""
        return FACETS[self.type].shape != "none"

    @property
    def datum_type(self) -> str:
        """The type of its answer for rules and texts: of a `computed`, that of its result."""
        return self.result if self.type == "computed" else self.type

    @property
    def is_conditional(self) -> bool:
        """Whether other answers decide if it is asked, has to be answered, or what may be chosen."""
        has_rule = self.visible_when is not None or self.required_when is not None
        return has_rule or any(option.only_when is not None for option in self.options)

    @cached_property
    def rows_follow_rules(self) -> bool:
        """Whether the rows of a `group` ask one thing or another, or work something out."""
        return any(inner.is_conditional or inner.type == "computed" for inner in self.fields)


class Page(Part):
    """Una página del formulario: pocas preguntas de un mismo asunto."""

    id: Id
    """Nombre interno de la página, único en su formulario."""
    title: Line
    """Título de la página."""
    help: Text | None = None
    """Explicación al comienzo de la página."""
    visible_when: Condition | None = None
    """Condición para preguntar la página. Si no se cumple, sus respuestas no existen."""
    skip: tuple[Skip, ...] = Key(default=(), max_length=10)
    """Saltos a páginas posteriores; vale el primero que se cumple."""
    exits: tuple[Exit, ...] = Key(default=(), max_length=10)
    """Salidas: quien cumple la condición de una no puede seguir."""
    fields: tuple[Field, ...] = Key(min_length=1, max_length=60)
    """Preguntas de la página, en orden."""


class Form(Part):
    """Un formulario en páginas."""

    id: Id
    """Nombre interno del formulario."""
    title: Line
    """Título del formulario."""
    pages: tuple[Page, ...] = Key(min_length=1, max_length=120)
    """Páginas, en orden."""
    rules: tuple[Rule, ...] = Key(default=(), max_length=40)
    """Reglas entre respuestas."""

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """All fields of all pages, in order (rows of groups not opened)."""
        return tuple(field for page in self.pages for field in page.fields)

    @cached_property
    def _by_id(self) -> dict[str, Field]:
        return {field.id: field for field in reversed(self.fields)}

    def field(self, field_id: str) -> Field:
        """The field with that id; KeyError when there is none."""
        return self._by_id[field_id]

    def page_of(self, field_id: str) -> int:
        """Place of the page of a question, counted from 0; KeyError when there is none."""
        return self._places[field_id]

    @cached_property
    def _places(self) -> dict[str, int]:
        numbered = reversed(list(enumerate(self.pages)))
        return {field.id: place for place, page in numbered for field in page.fields}

    def is_always_asked(self, field: Field) -> bool:
        """Whether every person is asked the question, on whatever way through the form."""
        page = self.pages[self.page_of(field.id)]
        return field.visible_when is None and page.visible_when is None and not self.has_skip_over(field)

    def has_skip_over(self, field: Field) -> bool:
        """Whether some way through the form jumps over the page of a question."""
        place = self.page_of(field.id)
        after = {page.id for page in self.pages[place + 1 :]}
        return any(skip.goto in after for page in self.pages[:place] for skip in page.skip)

    def is_always_answered(self, field: Field) -> bool:
        """Whether every person answers the question."""
        return field.required and field.required_when is None and self.is_always_asked(field)
