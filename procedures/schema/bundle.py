"""The bundle: everything a procedure is, as one immutable value with one canonical form."""

import copy
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, Self, TypeVar

import rfc8785
from pydantic import Field as Key
from pydantic import PrivateAttr, StringConstraints

from procedures.schema.base import Id, Line, Part, Text
from procedures.schema.blocks import NONE, Blocks, build
from procedures.schema.exemption import Exemption
from procedures.schema.fees import Fee
from procedures.schema.ficha import Ficha, RoleSlot
from procedures.schema.fields import Field, Form
from procedures.schema.law import Law
from procedures.schema.linked import SubcaseStep
from procedures.schema.outside import ServiceStep
from procedures.schema.overlay import spoken
from procedures.schema.stepbase import BaseStep
from procedures.schema.steps import CorrectionStep, EndStep, ForEachStep, LookupStep, StartStep, Step, walk
from procedures.schema.tables import DecisionStep
from procedures.schema.terms import CaseTerm
from procedures.schema.texts import Document, NoticeText
from procedures.schema.waiting import WaitStep

SCHEMA_VERSION = 1
MAX_STEPS = 200

UPCASTERS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""From a schema version, the function that rewrites its data as the next version's. Version 1 is the first."""


Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Named = TypeVar("Named", Form, Document, NoticeText, RoleSlot)


class UnknownSchemaVersion(ValueError):
    """The data says a schema version that this program cannot read."""


class Bundle(Part):
    """Un trámite completo: ficha, formularios, pasos, textos, documentos, plazos y cargos."""

    schema_version: Literal[1]
    """Versión de este esquema: 1."""
    code: Id
    """Código del trámite, único en su institución; no cambia nunca."""
    title: Line
    """Nombre del trámite."""
    summary: Text
    """Qué se obtiene con él, en una o dos frases."""
    rules_version: Literal["cel-1"]
    """Versión del lenguaje de condiciones: `cel-1`."""
    ficha: Ficha
    """Información para la persona y para el catálogo."""
    term: CaseTerm
    """Plazo legal para decidir. No hay valor por omisión."""
    fees: tuple[Fee, ...] = Key(default=(), max_length=20)
    """Lo que se cobra, con la norma que lo permite. Sin ninguno, el trámite es gratuito (Ley 19.880, art. 6)."""
    law: Law | None = None
    """Bloques de la Ley 19.880 que el trámite usa."""
    exemption: Exemption | None = None
    """Si con él se pide una excepción a los medios electrónicos, qué respuestas dicen lo que se pide."""
    roles: tuple[RoleSlot, ...] = Key(default=(), max_length=30)
    """Cargos que intervienen."""
    forms: tuple[Form, ...] = Key(min_length=1, max_length=60)
    """Formularios de los pasos."""
    steps: tuple[Step, ...] = Key(min_length=2, max_length=MAX_STEPS)
    """Pasos, en orden de lectura."""
    documents: tuple[Document, ...] = Key(default=(), max_length=40)
    """Documentos que se firman o sellan."""
    notices: tuple[NoticeText, ...] = Key(default=(), max_length=40)
    """Avisos a la persona."""
    _row: Field | None = PrivateAttr(default=None)
    translations: dict[Language, dict[str, Text]] = Key(default_factory=dict)
    """Textos en otras lenguas: de cada código de lengua (`en`, `arn`), el texto de cada ruta por sus ids, como
    `forms.solicitud.pages.quien.fields.nombre.label`. Lo que falta se lee en español."""

    @cached_property
    def steps_by_id(self) -> dict[str, BaseStep]:
        """Every step by its id, those in branches included; of a repeated id, the first."""
        found: dict[str, BaseStep] = {}
        for step in self.all_steps():
            found.setdefault(step.id, step)
        return found

    def all_steps(self) -> Iterator[BaseStep]:
        """Every step in reading order, those in branches right after their block."""
        return walk(self.steps)

    def step(self, step_id: str) -> BaseStep:
        """The step with that id, the law's own included; KeyError when there is none."""
        found = self.steps_by_id.get(step_id)
        return found if found is not None else self.blocks.steps_by_id[step_id]

    def has_step(self, step_id: str) -> bool:
        """Whether there is a step with that id, the law's own included."""
        return step_id in self.steps_by_id or step_id in self.blocks.steps_by_id

    @cached_property
    def blocks(self) -> Blocks:
        """What the legal blocks that it switches on bring."""
        if self.law is None:
            return NONE
        return build(self.law, self.ficha.silence.effect, self.ficha.silence.source, self.steps)

    def every_step(self) -> Iterator[BaseStep]:
        """The procedure's steps and then those of its legal blocks."""
        yield from self.all_steps()
        yield from self.blocks.steps

    def term_from(self, start_id: str) -> CaseTerm:
        """The term of a case that begins at a start: the procedure's own, or that of an appeal."""
        return (self.blocks.terms or {}).get(start_id, self.term)

    @property
    def start(self) -> StartStep:
        """The one start of a checked bundle."""
        return next(step for step in self.steps if isinstance(step, StartStep))

    @property
    def ends(self) -> tuple[EndStep, ...]:
        """The ends, in reading order."""
        return tuple(step for step in self.steps if isinstance(step, EndStep))

    def form(self, form_id: str) -> Form:
        """The form with that id; KeyError when there is none."""
        return _by_id((*self.forms, *self.blocks.forms), form_id)

    def document(self, document_id: str) -> Document:
        """The document with that id; KeyError when there is none."""
        return _by_id((*self.documents, *self.blocks.documents), document_id)

    def notice(self, notice_id: str) -> NoticeText:
        """The notice with that id; KeyError when there is none."""
        return _by_id((*self.notices, *self.blocks.notices), notice_id)

    def role(self, role_id: str) -> RoleSlot:
        """The role slot with that id; KeyError when there is none."""
        return _by_id(self.roles, role_id)

    def form_of(self, step_id: str) -> Form | None:
        """The form filled at a step: a correction fills the form of the step it amends; None when it has none."""
        step = self.step(step_id)
        if isinstance(step, CorrectionStep):
            return self.form_of(step.amends)
        form_id = getattr(step, "form", None)
        return self.form(form_id) if form_id else None

    def fields_of(self, step_id: str) -> tuple[Field, ...]:
        """The fields of the form filled at a step; none when it has no form."""
        form = self.form_of(step_id)
        return form.fields if form else ()

    def field(self, path: str) -> Field:
        """The field at `step.field`; KeyError when there is none."""
        step_id, _, field_id = path.partition(".")
        if self._row is not None and step_id == self._row.id:
            return next((inner for inner in self._row.fields if inner.id == field_id), None) or _none_at(path)
        form = self.form_of(step_id)
        if form is None:
            raise KeyError(path)
        return form.field(field_id)

    def in_row(self, group: Field) -> "Bundle":
        """The bundle as rules inside a row of a group read it: what the same row was answered is `group.question` too.

        Of a sensitive group every question is. To read rules only, never to store, digest or show.
        """
        known = self._in_rows.get(id(group.fields))
        if known is None:
            inner = [one.model_copy(update={"sensitive": group.sensitive}) for one in group.fields]
            known = copy.copy(self)
            known._row = Field.model_construct(id=group.id, type="group", label=group.label, fields=tuple(inner))
            own = {f"{group.id}.{one.id}": one.datum_type for one in inner if one.is_question}
            known.__dict__.update(types=self.types | own, written_rules={}, _in_rows={}, row_of=group)
            self._in_rows[id(group.fields)] = known  # which holds the group: no other one ever has its key
        return known

    @cached_property
    def _in_rows(self) -> dict[int, "Bundle"]:
        return {}

    @cached_property
    def types(self) -> dict[str, str]:
        """Type of every datum that rules and texts may name: answers, and what lookups bring."""
        types: dict[str, str] = {}
        for step in self.every_step():
            types.update(_types_of_step(self, step))
        return types

    def spoken(self, language: str, page_language: str) -> "Bundle":
        """The bundle with its texts in a language as far as it has them, marked where a page of another shows them."""
        key = (language, page_language)
        if language == page_language == "es":
            return self
        if key not in self._spoken:
            made = spoken(self, self.translations.get(language, {}), language, page_language)
            steps = {own.title: said.title for own, said in zip(self.all_steps(), made.all_steps(), strict=True)}
            named = {title: said for title, said in steps.items() if said != title}
            made.__dict__["blocks"] = self.blocks.spoken(language, page_language, named)
            self._spoken[key] = made
        return self._spoken[key]

    @cached_property
    def for_applicant(self) -> "Bundle":
        """The bundle with its steps called as those who apply read them. To show, never to store or digest."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        values["steps"] = tuple(step.for_applicant() for step in self.steps)
        made = Bundle.model_construct(_fields_set=set(self.model_fields_set), **values)
        made._lang = self._lang
        made.__dict__["blocks"] = self.blocks.for_applicant
        return made

    @cached_property
    def _spoken(self) -> dict[tuple[str, str], "Bundle"]:
        return {}

    @cached_property
    def uses_indicators(self) -> bool:
        """Whether some question depends on the value of UF or UTM on a day."""
        fields = [field for form in self.forms for field in form.fields]
        fields += [inner for field in fields for inner in field.fields]
        return any(field.type in ("money_uf", "money_utm") or "indicator." in (field.formula or "") for field in fields)

    @cached_property
    def written_rules(self) -> dict[Any, str]:
        """Conditions already written as CEL, by condition; `procedures.expressions` fills it."""
        return {}

    @cached_property
    def loops(self) -> dict[str, ForEachStep]:
        """From each step inside a `for_each`, that block."""
        blocks = (step for step in self.all_steps() if isinstance(step, ForEachStep))
        return {inner.id: block for block in blocks for inner in walk(block.steps)}

    @cached_property
    def row_data(self) -> dict[str, ForEachStep]:
        """The data that are those of one row, known only inside its block; by path."""
        blocks = (step for step in self.all_steps() if isinstance(step, ForEachStep))
        return {f"{block.id}.{field.id}": block for block in blocks for field in _row_fields(self, block)}

    def canonical(self) -> bytes:
        """RFC 8785 bytes. Defaults are left out, so that a new optional key changes no digest."""
        return canonical_bytes(self.model_dump(mode="json", exclude_defaults=True))

    def sha256(self) -> str:
        """Hexadecimal SHA-256 of the canonical bytes."""
        return self._sha256

    @cached_property
    def _sha256(self) -> str:
        return hashlib.sha256(self.canonical()).hexdigest()

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy that works everything out anew: what followed from the old values may not hold for the new."""
        copied = super().model_copy(update=update, deep=deep)
        for name in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[name]
        return copied


def types_of(bundle: Bundle) -> dict[str, str]:
    """Type of every datum that rules and texts may name, by `step.field`."""
    return dict(bundle.types)


def canonical_bytes(value: Any) -> bytes:
    """RFC 8785 bytes of JSON data (the schema admits no floats)."""
    return rfc8785.dumps(value)


def upcast(data: dict[str, Any]) -> dict[str, Any]:
    """The same bundle as data of the present schema version. Raises UnknownSchemaVersion."""
    version = data.get("schema_version")
    while version != SCHEMA_VERSION:
        if not isinstance(version, int) or version not in UPCASTERS:
            raise UnknownSchemaVersion(f"No se conoce la versión de esquema «{version}».")
        data = UPCASTERS[version](data)
        version = data["schema_version"]
    return data


def bundle_from_canonical(raw: bytes) -> Bundle:
    """The bundle of stored canonical bytes, of any schema version. Raises UnknownSchemaVersion."""
    return Bundle.model_validate(upcast(json.loads(raw)))


def _by_id(items: tuple[Named, ...], wanted: str) -> Named:
    for item in items:
        if item.id == wanted:
            return item
    raise KeyError(wanted)


def _none_at(path: str) -> Field:
    raise KeyError(path)


def _types_of_step(bundle: Bundle, step: BaseStep) -> dict[str, str]:
    if isinstance(step, CorrectionStep):
        return {}
    if isinstance(step, LookupStep):
        brought = {f"{step.id}.{name}": str(kind) for name, kind in step.values.items()}
        return {f"{step.id}.found": "yes_no", **brought}
    if isinstance(step, DecisionStep):
        return {f"{step.id}.{name}": str(kind) for name, kind in step.values.items()}
    if isinstance(step, ServiceStep):
        read = {name: value for name, value in step.values.items() if not value.sensitive}
        return {f"{step.id}.ok": "yes_no"} | {f"{step.id}.{name}": str(value.type) for name, value in read.items()}
    if isinstance(step, SubcaseStep):
        back = {f"{step.id}.{name}": str(result.type) for name, result in step.results.items()}
        return {f"{step.id}.outcome": "text"} | back
    if isinstance(step, ForEachStep):
        return _types_of_rows(bundle, step)
    own = {f"{step.id}.happened": "yes_no", f"{step.id}.on": "date"} if isinstance(step, WaitStep) else {}
    known = {form.id for form in (*bundle.forms, *bundle.blocks.forms)}
    if getattr(step, "form", None) not in known:
        return own
    return own | {f"{step.id}.{field.id}": field.datum_type for field in bundle.fields_of(step.id) if field.is_question}


def _types_of_rows(bundle: Bundle, step: ForEachStep) -> dict[str, str]:
    own = {f"{step.id}.{field.id}": field.datum_type for field in _row_fields(bundle, step) if field.is_question}
    return {**own, f"{step.id}.rows": "group", f"{step.id}.count": "integer", f"{step.id}.summary": "textarea"}


def _row_fields(bundle: Bundle, step: ForEachStep) -> tuple[Field, ...]:
    source, _, name = step.over.partition(".")
    known = {form.id for form in bundle.forms}
    listing = bundle.steps_by_id.get(source)
    if getattr(listing, "form", None) not in known:
        return ()
    return next((field.fields for field in bundle.fields_of(source) if field.id == name), ())
