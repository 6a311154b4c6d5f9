"""Advice on the words that people read and on what they are asked for. It never keeps a procedure from publishing."""

import re
from collections.abc import Iterator

from procedures.findings import Finding, Place
from procedures.gate import Phase, Subject, register
from procedures.plain import examine, sensitive_words, state_holder, step_words
from procedures.schema import FOLLOWED_KINDS, Field, Form, StartStep
from procedures.soundness.law import fields_with_place, questions_with_place

_OF_THE_PERSON = {"run": "person.run", "email": "person.email", "phone": "person.phone"}
"""Types of what whoever signed in need not type, and the datum that fills them."""
_OTHERS = re.compile("hijo|hija|cónyuge|conviviente|representante|familiar|testigo|otra persona|vecino")
_PERSONAL = {"text", "run", "email", "phone", "address", "date", "group"}


@register(Phase.NAMES)
def texts_are_plain(subject: Subject) -> Iterator[Finding]:
    """Check 20: what a person reads is easy, in short sentences, without the words of offices."""
    for place, text in _read_by_people(subject):
        for advice in examine(text):
            yield subject.finding(place, advice.code, advice.message, advice.remedy, "suggestion")


def _read_by_people(subject: Subject) -> Iterator[tuple[Place, str]]:
    bundle = subject.bundle
    yield ("summary",), bundle.summary
    for key in ("audience", "cost", "response"):
        yield ("ficha", key), getattr(bundle.ficha, key)
    yield from ((("ficha", "requirements", n), line) for n, line in enumerate(bundle.ficha.requirements))
    for number, form in enumerate(bundle.forms):
        for index, page in enumerate(form.pages):
            yield ("forms", number, "pages", index, "help"), page.help or ""
    for place, field, _form in fields_with_place(subject):
        yield from (((*place, key), getattr(field, key)) for key in ("label", "hint", "text"))
    for number, notice in enumerate(bundle.notices):
        yield ("notices", number, "body"), notice.body
    for placed in subject.steps:
        yield (*placed.place, "applicant_title"), placed.step.applicant_title or ""


@register(Phase.NAMES)
def steps_have_plain_names(subject: Subject) -> Iterator[Finding]:
    """Check 20: advice on a step that whoever applies follows by a name with words of offices, and by no other."""
    for placed in subject.steps:
        step = placed.step
        is_read = step.kind in FOLLOWED_KINDS and not isinstance(step, StartStep) and step.applicant_title is None
        for written, plain in step_words(step.title) if is_read else ():
            message = f"Quien solicita lee «{step.title}» mientras espera, y «{written}» es lenguaje de oficina."
            remedy = f"En «Cómo lo lee quien solicita», di qué pasa con su solicitud, por ejemplo con «{plain}»."
            yield subject.finding((*placed.place, "title"), "office_name", message, remedy, "suggestion")


@register(Phase.NAMES)
def nothing_is_asked_twice(subject: Subject) -> Iterator[Finding]:
    """Check 23, R58: advice when the person is asked twice for the same, or for what signing in already told."""
    for number, form in enumerate(_of_applicants(subject)):
        seen: dict[str, str] = {}
        for place, field, own in fields_with_place(subject):
            if own.id != form.id or not field.is_question:
                continue
            label = " ".join(field.label.lower().strip(" ¿?:.").split())
            if label and label in seen:
                message = f"«{field.label}» se pregunta dos veces en el mismo formulario."
                yield subject.finding(place, "asked_twice", message, "Deja una sola, o di en qué se distinguen.",
                                      "suggestion")  # fmt: skip
            seen[label] = field.id
            if not number and subject.bundle.ficha.channels != ("own_motion",):
                yield from _known(subject, place, field)


def _known(subject: Subject, place: Place, field: Field) -> Iterator[Finding]:
    datum = _OF_THE_PERSON.get(field.type)
    if datum is None or field.prefill or _is_of_another(field):
        return
    filled = {other.prefill for other in subject.bundle.fields_of(subject.bundle.start.id)}
    if datum not in filled:
        message = f"«{field.label}» ya se sabe cuando la persona entra con su clave."
        yield subject.finding(place, "already_known", message, "Elige en «Se llena con» el dato de quien entró.",
                              "suggestion")  # fmt: skip


def _of_applicants(subject: Subject) -> list[Form]:
    """The forms that applicants fill in, the application first."""
    wanted = [placed.step.form for placed in subject.steps if isinstance(placed.step, StartStep)]
    return [form for form in subject.bundle.forms if form.id in wanted]


@register(Phase.NAMES)
def attachments_are_needed(subject: Subject) -> Iterator[Finding]:
    """R58: advice on a file that asks for a document which the State already has."""
    for place, field, _beside in questions_with_place(subject):
        held = state_holder(f"{field.label} {field.hint}") if field.type == "file" else None
        if held is not None and field.held_by_state is None:
            document, holder = held
            message = f"«{field.label}» pide un documento que ya tiene {holder}: {document.lower()}."
            remedy = "Pídelo a ese servicio, o escribe en «Más ajustes» por qué se pide igual (Ley 19.880, art. 17 d)."
            yield subject.finding(place, "state_has_it", message, remedy, "suggestion")


@register(Phase.NAMES)
def sensitive_data_are_declared(subject: Subject) -> Iterator[Finding]:
    """Advice on a question whose words tell of sensitive data and that is not declared so (Ley 19.628, art. 2 g)."""
    for place, field, _form in fields_with_place(subject):
        found = sensitive_words(field.label) if field.is_question and not field.sensitive else []
        if found and field.art30 is None and field.type not in ("declaration", "consent"):
            message = f"«{field.label}» parece pedir un dato sensible: {', '.join(found).lower()}."
            remedy = "Si lo es, márcalo como sensible y di para qué se pide. Si no hace falta, no lo pidas."
            yield subject.finding(place, "sensitive_words", message, remedy, "suggestion")


@register(Phase.NAMES)
def data_of_others_have_a_purpose(subject: Subject) -> Iterator[Finding]:
    """Advice on data of somebody who is not applying, asked without purpose and norm (Ley 19.628, art. 4)."""
    for place, field, _form in fields_with_place(subject):
        if field.type in _PERSONAL and field.personal is None and field.art30 is None and _is_of_another(field):
            message = f"«{field.label}» es un dato de otra persona y no dice para qué se pide ni qué norma lo permite."
            yield subject.finding(place, "personal_without_purpose", message, "Escríbelo en «Más ajustes».",
                                  "suggestion")  # fmt: skip


def _is_of_another(field: Field) -> bool:
    return _OTHERS.search(f"{field.label} {field.row_title}".lower()) is not None
