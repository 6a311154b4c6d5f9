"""Texts of documents and notices: every datum exists and is known on every way to where the text is used."""

from collections.abc import Iterator
from dataclasses import dataclass

from procedures.expressions import is_sensitive
from procedures.expressions.problems import nearest
from procedures.findings import Finding, Place
from procedures.gate import Phase, Subject, register
from procedures.graph import Facts, granted_by, row_fact
from procedures.schema import (
    AllOf,
    BaseStep,
    Block,
    Bundle,
    Condition,
    CorrectionStep,
    Deadline,
    DecisionStep,
    Document,
    ForEachStep,
    LookupStep,
    NotifyStep,
    Row,
    ServiceStep,
    SubcaseStep,
    WaitStep,
    shape_of,
)
from procedures.schema.overlay import texts_of
from procedures.soundness.data import unsure
from procedures.texts import APPEAL_DATA, CASE_DATA, BadPlaceholder, Placeholder, placeholders

_FORMAT_TYPES = {"money": {"money_clp", "integer"}, "long_date": {"date"}}
_CASE_DATES = ("case.filed_on", "act.date")


@dataclass(frozen=True)
class _Written:
    """A text, where it stands, and the step that uses it with what is known there."""

    place: Place
    text: str
    step: BaseStep
    known: Facts
    has_act: bool


@register(Phase.DATA)
def data_of_texts_exist(subject: Subject) -> Iterator[Finding]:
    """Every placeholder of a text is well written and names a datum that exists."""
    for place, text in _texts(subject):
        wanted, findings = _asked(subject, place, text)
        yield from findings
        for placeholder in wanted:
            yield from _exists(subject, place, placeholder)


def _asked(subject: Subject, place: Place, text: str) -> tuple[list[Placeholder], list[Finding]]:
    """The data that a text asks for; or what is wrong with how it does."""
    try:
        return placeholders(text), []
    except BadPlaceholder as error:
        remedy = "Para una llave literal escriba {{ o }}."
        return [], [subject.finding(place, "bad_placeholder", str(error), remedy)]


@register(Phase.DATA)
def translated_notices_can_be_filled(subject: Subject) -> Iterator[Finding]:
    """A translated notice names only data of the original, which are sure, in formats that fit them."""
    spanish = {path: text for path, text in texts_of(subject.bundle) if path.startswith("notices.")}
    for language, words in subject.bundle.translations.items():
        for path in [path for path in spanish if path in words]:
            place: Place = ("translations", language, path)
            wanted, findings = _asked(subject, place, words[path])
            yield from findings
            own = {placeholder.path for placeholder in _asked(subject, place, spanish[path])[0]}
            for placeholder in wanted:
                judge = _fits if placeholder.path in own else _strange
                yield from judge(subject, place, placeholder)


def _strange(subject: Subject, place: Place, placeholder: Placeholder) -> Iterator[Finding]:
    yield subject.finding(
        place,
        "unknown_name",
        f"La traducción usa un dato que el texto en español no tiene: {placeholder.path}.",
        "Use entre llaves los mismos datos que el texto en español.",
    )


def _texts(subject: Subject) -> Iterator[tuple[Place, str]]:
    for number, document in enumerate(subject.bundle.documents):
        for index, block in enumerate(document.blocks):
            if block.text:
                yield ("documents", number, "blocks", index, "text"), block.text
    for number, notice in enumerate(subject.bundle.notices):
        yield ("notices", number, "subject"), notice.subject
        yield ("notices", number, "body"), notice.body


def _exists(subject: Subject, place: Place, placeholder: Placeholder) -> Iterator[Finding]:
    path, types = placeholder.path, subject.bundle.types
    known = [*types, *CASE_DATA, *(f"deadline.{step}" for step in _deadlines(subject)), *_of_law(subject.bundle)]
    if path not in known:
        near = nearest(path, known)
        question = f"; ¿quiso decir '{{{near}}}'?" if near else "."
        remedy = f"Escriba {{{near}}}." if near else "Use un dato del trámite o del caso."
        yield subject.finding(place, "unknown_datum", f"El dato '{{{path}}}' no existe{question}", remedy)
    elif path in subject.bundle.row_data or (path in types and shape_of(types[path]) in ("rows", "file")):
        yield subject.finding(
            place,
            "datum_not_text",
            f"'{{{path}}}' no se puede escribir dentro de un texto.",
            "Use un bloque «kind: answers».",
        )
    else:
        yield from _fits(subject, place, placeholder)


def _fits(subject: Subject, place: Place, placeholder: Placeholder) -> Iterator[Finding]:
    """A format writes only what it is for: any other could not be written when the text is filled."""
    path, wanted = placeholder.path, _FORMAT_TYPES.get(placeholder.format)
    if wanted is not None and _type_of(subject.bundle, path) not in wanted:
        yield subject.finding(
            place,
            "format_of_other_type",
            f"El formato «{placeholder.format}» no sirve para '{{{path}}}'.",
            f"Escriba {{{path}}}.",
        )


def _type_of(bundle: Bundle, path: str) -> str:
    """The type of a question; of what the case knows, `date` or "text"; what is charged is written in words."""
    if path in bundle.types:
        return bundle.types[path]
    return "date" if path in _CASE_DATES or path.startswith("deadline.") else "text"


def _of_law(bundle: Bundle) -> Iterator[str]:
    """What the procedure charges, and how long an act may be appealed, as they rule in each case (R78)."""
    yield from (f"fee.{fee.id}" for fee in bundle.fees)
    if bundle.law is not None and bundle.law.appeals is not None:
        yield from APPEAL_DATA


def _deadlines(subject: Subject) -> dict[str, Deadline]:
    return {
        placed.step.id: deadline for placed in subject.steps if (deadline := getattr(placed.step, "deadline", None))
    }


@register(Phase.NAMES)
def steps_leave_their_names_to_texts(subject: Subject) -> Iterator[Finding]:
    """No step is named like what texts call the fees or the legal terms of the same procedure: `{fee.…}`, `{law.…}`."""
    named = {path.partition(".")[0]: path for path in _of_law(subject.bundle)}
    for placed in subject.steps:
        path = named.get(placed.step.id)
        if path is not None:
            yield subject.finding(
                (*placed.place, "id"),
                "id_of_texts",
                f"El id '{placed.step.id}' se confunde en los textos con datos como '{{{path}}}'.",
                "Cámbielo por otro id.",
            )


@register(Phase.MEANING)
def texts_use_what_is_known(subject: Subject) -> Iterator[Finding]:
    """A document or notice uses only data that every way to it has, or a block with a condition that asks for them."""
    for written in _uses(subject):
        for placeholder in placeholders(written.text):
            yield from _known(subject, written, placeholder.path)


def _uses(subject: Subject) -> Iterator[_Written]:
    for placed in subject.steps:
        step, facts = placed.step, subject.graph.facts[placed.step.id]
        document_id, notice_id = getattr(step, "document", None), getattr(step, "notice", None)
        if document_id:
            yield from _blocks(subject, subject.bundle.document(document_id), step, facts)
        if notice_id:
            notice = subject.bundle.notice(notice_id)
            place: Place = ("notices", subject.bundle.notices.index(notice))
            has_act = isinstance(step, NotifyStep) and bool(step.act or step.attach)
            yield _Written((*place, "subject"), notice.subject, step, facts, has_act)
            yield _Written((*place, "body"), notice.body, step, facts, has_act)


def _blocks(subject: Subject, document: Document, step: BaseStep, facts: Facts) -> Iterator[_Written]:
    number = subject.bundle.documents.index(document)
    for index, block in enumerate(document.blocks):
        if block.text:
            place: Place = ("documents", number, "blocks", index, "text")
            known = facts | granted_by(block.when)
            yield _Written(place, block.text, step, known, has_act=document.numbering is not None)


def _known(subject: Subject, written: _Written, path: str) -> Iterator[Finding]:
    step_id = path.partition(".")[0]
    if path.startswith("act.") and not written.has_act:
        yield subject.finding(
            written.place,
            "no_act",
            f"'{{{path}}}' no existe aquí: no hay un acto con número.",
            "Declare «numbering» en el documento, o «act» en el aviso.",
        )
    elif step_id == "deadline":
        yield from _deadline_known(subject, written, path)
    elif path in subject.bundle.types and not _is_sure(subject, path, written.known):
        yield subject.finding(
            written.place,
            "datum_not_sure",
            f"'{{{path}}}' puede faltar en '{written.step.id}': no se responde en todos los caminos o es opcional.",
            f"Ponga el texto en un bloque con when: {{all: [{{field: {path}, op: filled}}]}}, o pida siempre el dato.",
        )
    elif path in subject.bundle.types and is_sensitive(subject.bundle, path):
        yield subject.finding(
            written.place,
            "sensitive_in_text",
            f"'{{{path}}}' es un dato sensible y no puede ir en este texto.",
            "Quítelo: los avisos y documentos se leen fuera del expediente.",
        )


def _is_sure(subject: Subject, path: str, known: Facts) -> bool:
    step_id, _, name = path.partition(".")
    if path in known or f"{step_id}.*" in known:
        return True
    if step_id not in known:
        return False
    form = subject.bundle.form_of(step_id)
    if form is None or name not in {field.id for field in form.fields}:
        return _is_surely_brought(subject.bundle.step(step_id), name)
    field = form.field(name)
    page = form.pages[form.page_of(field.id)]
    conditions = (field.visible_when, page.visible_when)
    is_required = field.required and field.required_when is None and field.type != "computed"
    return is_required and all(_holds(condition, known) for condition in conditions) and not form.has_skip_over(field)


def _is_surely_brought(step: BaseStep, name: str) -> bool:
    """Whether a finished step always gives a value that nobody answers: a linked case may end without its result."""
    if isinstance(step, LookupStep):
        return name == "found"
    if isinstance(step, SubcaseStep):
        return name == "outcome"
    if isinstance(step, ForEachStep):
        return name in ("rows", "count", "summary")
    return isinstance(step, DecisionStep | ServiceStep | WaitStep)


def _holds(condition: Condition | None, known: Facts) -> bool:
    """Whether a condition surely holds: there is none, or its every comparison is known to hold."""
    if condition is None:
        return True
    if not isinstance(condition, AllOf):
        return False
    return all(isinstance(row, Row) and row_fact(row) in known for row in condition.all)


def _deadline_known(subject: Subject, written: _Written, path: str) -> Iterator[Finding]:
    step_id = path.partition(".")[2]
    deadline = _deadlines(subject)[step_id]
    if deadline.notified_step:
        yield subject.finding(
            written.place,
            "deadline_not_running",
            f"'{{{path}}}' no se conoce todavía: ese plazo corre desde la notificación.",
            "Escriba el plazo con palabras: «5 días hábiles desde que se te notifique».",
        )
    elif deadline.trigger == "entered" and step_id not in written.known | {written.step.id}:
        yield subject.finding(
            written.place,
            "deadline_not_running",
            f"'{{{path}}}' no se conoce: el caso puede no haber llegado a '{step_id}'.",
            "Quítelo, o use el texto después de ese paso.",
        )


@register(Phase.MEANING)
def blocks_use_what_is_known(subject: Subject) -> Iterator[Finding]:
    """Conditions and answer tables of a document look at steps that every way to it has finished."""
    for placed in subject.steps:
        document_id = getattr(placed.step, "document", None)
        if document_id is None:
            continue
        document = subject.bundle.document(document_id)
        place: Place = ("documents", subject.bundle.documents.index(document))
        known = subject.graph.facts[placed.step.id]
        if document.worse_when is not None:
            yield from unsure(subject, (*place, "worse_when"), document.worse_when, known)
        for index, block in enumerate(document.blocks):
            here: Place = (*place, "blocks", index)
            if block.when is not None:
                yield from unsure(subject, (*here, "when"), block.when, known)
            yield from _answers_known(subject, here, block, known | granted_by(block.when))


def _answers_known(subject: Subject, place: Place, block: Block, known: Facts) -> Iterator[Finding]:
    if block.step is None or block.step in known or any(fact.startswith(f"{block.step}.") for fact in known):
        return
    yield subject.finding(
        (*place, "step"),
        "answers_not_sure",
        f"Las respuestas de '{block.step}' pueden faltar en este documento.",
        f"Ponga al bloque una condición con un campo de '{block.step}' y op: filled.",
    )


@register(Phase.DATA)
def answer_tables_exist(subject: Subject) -> Iterator[Finding]:
    """An answer table names a step with answers, and fields of its form."""
    types = subject.bundle.types
    for number, document in enumerate(subject.bundle.documents):
        for index, block in enumerate(document.blocks):
            if block.step is None:
                continue
            place: Place = ("documents", number, "blocks", index)
            if isinstance(subject.bundle.steps_by_id.get(block.step), CorrectionStep) or not any(
                path.startswith(f"{block.step}.") for path in types
            ):
                yield subject.finding(
                    (*place, "step"),
                    "unknown_step",
                    f"El paso '{block.step}' no existe o no tiene respuestas.",
                    "Escriba el id de un paso con formulario.",
                )
                continue
            for name in block.fields:
                if f"{block.step}.{name}" not in types:
                    near = nearest(
                        name, [path.partition(".")[2] for path in types if path.startswith(f"{block.step}.")]
                    )
                    question = f"; ¿quiso decir '{near}'?" if near else "."
                    yield subject.finding(
                        (*place, "fields"),
                        "unknown_field",
                        f"El campo '{block.step}.{name}' no existe{question}",
                        f"Escriba '{near}'." if near else "Quítelo.",
                    )
