"""The acts of a case: composed from the bundle's blocks, edited for this case, numbered, signed or sealed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Person, Role
from documents.api import (
    DocumentContent,
    Heading,
    Letterhead,
    ListBlock,
    Paragraph,
    Row,
    Signer,
    Table,
    create_document,
    freeze_content,
    give_number,
    in_spanish,
)
from documents.models import Document
from procedures.api import Block, SignStep, TextError, communes, display_value, evaluate, fill
from procedures.api import Document as DocumentSpec
from signatures.api import seal_document, sign_document
from workflows import joinders
from workflows.answers import answers_of
from workflows.errors import CommandRefused, RoutingError
from workflows.models import Incident
from workflows.nodes.base import StepActivation
from workflows.queries import holders
from workflows.runtime import Run
from workflows.texts import CaseData
from workflows.withholding import NOT_TOLD

_LATER = re.compile(r"\{(act\.[^{}]*)\}")
"""Data that exist only once the act is numbered: they stay as placeholders until then."""
_DATUM = re.compile(r"\{[^{}]*\}")
SAMPLE = {"act.number": "1", "act.date": "01/01/2026"}

NUMBER_LABELS = {
    "resolution": _("Resolución N°"),
    "decree": _("Decreto N°"),
    "certificate": _("Certificado N°"),
    "report": _("Informe N°"),
    "letter": _("Oficio N°"),
}


def prepare_draft(run: Run, definition_id: str) -> Document:
    """The open draft of an act, composed from the template when there is none yet."""
    found = open_draft(run, definition_id)
    if found is not None:
        return found
    spec = run.bundle.document(definition_id)
    document = create_document(
        file=run.case.file,
        kind=spec.kind,
        title=spec.title,
        content=compose(run, spec),
        definition_id=spec.id,
        required_signature=required_signature(run, spec.id),
        is_public=spec.public,
        now=run.now,
    )
    run.record("act.drafted", {"document": document.definition_id})
    return document


def open_draft(run: Run, definition_id: str) -> Document | None:
    """The act of that kind which is not signed yet, if any."""
    pending = [Document.State.DRAFT, Document.State.ISSUING]
    drafts = Document.objects.filter(file=run.case.file, definition_id=definition_id, state__in=pending)
    return drafts.order_by("-pk").first()


def required_signature(run: Run, definition_id: str) -> str:
    """ "advanced" or "simple" where officials sign the document, else "seal" (R64)."""
    return next((step.level for step in sign_steps(run) if step.document == definition_id), "seal")


def sign_steps(run: Run) -> Iterator[SignStep]:
    """The sign steps of the bundle."""
    return (step for step in run.bundle.every_step() if isinstance(step, SignStep))


@in_spanish
def compose(run: Run, spec: DocumentSpec) -> DocumentContent:
    """The document as the template gives it for this case. Raises RoutingError when a datum is missing."""
    data = CaseData(run)
    try:
        blocks = tuple(_block(run, block, data) for block in spec.blocks if _applies(run, block))
    except (TextError, KeyError) as error:
        detail = _("El documento «%(document)s» no se pudo componer: %(error)s")
        raise RoutingError(Incident.Kind.RULE, spec.id, detail % {"document": spec.title, "error": error}) from error
    content = DocumentContent(
        title=spec.title,
        letterhead=letterhead(run),
        number_label=NUMBER_LABELS[spec.kind] if spec.numbering else "",
        blocks=blocks,
    )
    if not run.case.is_principal or not joinders.answers(run.bundle, spec.id):
        return content
    return joinders.naming_joined(content, joinders.decided_with(run.case))


def letterhead(run: Run) -> Letterhead:
    """The agency's letterhead, with the offering's own line where it has one."""
    lines = (run.case.offering.letterhead, run.agency.address)
    return Letterhead(agency=run.agency.name, lines=tuple(line for line in lines if line), emblem=run.agency.emblem)


def _applies(run: Run, block: Block) -> bool:
    return block.when is None or evaluate(block.when, run.case.data, run.bundle)


def _block(run: Run, block: Block, data: CaseData) -> Heading | Paragraph | Table | ListBlock:
    role = block.role or ""
    if block.kind == "answers":
        rows = answer_rows(run, str(block.step), block.fields, data.kept(str(block.step)))
        return Table(rows=tuple(rows), role=role)
    text = fill(_LATER.sub(r"{{\1}}", block.text or ""), data)
    if block.kind == "heading":
        return Heading(text=text, role=role)
    if block.kind == "list":
        return ListBlock(items=tuple(line.strip() for line in text.splitlines() if line.strip()), role=role)
    return Paragraph(text=text, role=role)


def answer_rows(run: Run, step_id: str, only: tuple[str, ...] = (), kept: Collection[str] = ()) -> Iterator[Row]:
    """Questions and answers of a step in words, in the form's order; the medium of notification always (art. 30).

    `kept`: the questions whose answer is not told, because it says who somebody with reserved identity is.
    """
    answers, form = answers_of(run.case, step_id), run.bundle.form_of(step_id)
    if form is None:
        return
    for field in form.fields:
        is_told = field.id in answers or (field.art30 == "medium" and form.is_always_asked(field))
        if is_told and (not only or field.id in only):
            value = str(NOT_TOLD) if field.id in kept else display_value(field, answers.get(field.id))
            yield Row(label=field.label, value=value)


@in_spanish
def number_act(run: Run, document: Document) -> None:
    """Give the act its number and date from the agency's book, and write them where the text names them."""
    spec = run.bundle.document(document.definition_id)
    if spec.numbering is not None:
        give_number(agency=run.agency, kind=spec.numbering.book, document=document, now=run.now)
    else:
        document.issued_on = run.today
        document.save(update_fields=["issued_on"])
    content = _dated(run, DocumentContent.model_validate(document.content), document)
    freeze_content(document=document, content=content, now=run.now)
    run.record("act.numbered", {"document": document.definition_id, "number": document.number})


def _dated(run: Run, content: DocumentContent, document: Document) -> DocumentContent:
    date_text = date_format(run.today, "DATE_FORMAT")
    seat = communes().get(run.agency.commune)
    return content.model_copy(
        update={
            "number": document.number,
            "date_text": f"{seat.name}, {date_text}" if seat else date_text,
            "blocks": tuple(_with_text(block, lambda text: dated_text(text, document)) for block in content.blocks),
        }
    )


@in_spanish
def dated_text(text: str, document: Document) -> str:
    """The text with the act's number and date where it names them; as it is until the act has them.

    Only these marks are filled: by now the text holds people's own words, braces included.
    """
    if document.issued_on is None:
        return text
    values = {"act.number": document.number, "act.date": date_format(document.issued_on, "SHORT_DATE_FORMAT")}

    def write(found: re.Match[str]) -> str:
        try:
            return fill(found.group(), values)
        except TextError:
            return found.group()

    return _LATER.sub(write, text)


def _with_text(block: Any, change: Any) -> Any:
    if isinstance(block, Heading | Paragraph):
        return block.model_copy(update={"text": change(block.text)})
    if isinstance(block, ListBlock):
        return block.model_copy(update={"items": tuple(change(item) for item in block.items)})
    return block


def with_edited_texts(content: DocumentContent, texts: Mapping[int, str]) -> DocumentContent:
    """The content with the texts that an official rewrote, {place of the block: text}.

    Raises CommandRefused when a new text names a datum between braces: data are already placed.
    """
    blocks = list(content.blocks)
    for place, text in texts.items():
        if 0 <= place < len(blocks) and text.strip() != editable_text(blocks[place]):
            _check_braces(text, editable_text(blocks[place]) or "")
            blocks[place] = _rewritten(blocks[place], text)
    return content.model_copy(update={"blocks": tuple(blocks)})


def editable_text(block: Any) -> str | None:
    """The text of a block that an official may rewrite; None for a table of answers."""
    if isinstance(block, ListBlock):
        return "\n".join(block.items)
    return None if isinstance(block, Table) else str(block.text)


def _rewritten(block: Any, text: str) -> Any:
    if isinstance(block, ListBlock):
        return block.model_copy(update={"items": tuple(line.strip() for line in text.splitlines() if line.strip())})
    return block if isinstance(block, Table) else block.model_copy(update={"text": text.strip()})


def _check_braces(text: str, before: str) -> None:
    """Number and date come later; what stood there already may be a person's own words."""
    for mark in set(_DATUM.findall(text)) - set(_DATUM.findall(before)):
        try:
            fill(mark, SAMPLE)
        except TextError as error:
            raise CommandRefused(_("%(error)s Escribe el dato mismo, sin llaves.") % {"error": error}) from error


def begin_signature_step(activation: StepActivation, definition_id: str, position: int) -> None:
    """Link the task of one signature with the act it signs."""
    document = prepare_draft(activation.run, definition_id)
    activation.task.data = {"document": document.pk, "position": position}
    activation.task.save(update_fields=["data"])


def name_signers(run: Run, document: Document, step: SignStep, first: Signer) -> None:
    """Print who signs: the one who is signing now, and the present holder of each later role."""
    later = [_expected_signer(run, slot, place) for place, slot in enumerate(step.signers, start=1) if place > 1]
    content = DocumentContent.model_validate(document.content)
    signed_by = content.model_copy(update={"signers": (first, *later)})
    freeze_content(document=document, content=signed_by, now=run.now)


def _expected_signer(run: Run, slot: str, place: int) -> Signer:
    role: Role | None = run.role(slot)
    members = list(holders(role, run.today)) if role else []
    title = run.bundle.role(slot).title
    if len(members) != 1:
        return Signer(name=title, field=f"Firma{place}")
    return Signer(name=members[0].person.full_name, post=members[0].post, field=f"Firma{place}")


def ask_signature(
    run: Run, document: Document, step: SignStep, *, signer: Person, post: str, position: int, intent: Any
) -> int:
    """Queue one official's signature; returns the id of the request. The job reports to the case."""
    request = sign_document(
        document=document,
        signer=signer,
        signer_post=post,
        kind=step.level,
        position=position,
        total=len(step.signers),
        intent=intent,
        case_id=run.case.pk,
        on_done="workflows.signature_done",
        on_dead="workflows.signature_failed",
        now=run.now,
    )
    return int(request.pk)


def issue_sealed(activation: StepActivation, definition_id: str) -> None:
    """Number a document and queue the institution's seal on it; the step waits for the job."""
    run = activation.run
    document = prepare_draft(run, definition_id)
    number_act(run, document)
    seal_document(
        document=document,
        case_id=run.case.pk,
        on_done="workflows.seal_done",
        on_dead="workflows.seal_failed",
        now=run.now,
    )
    activation.task.data = {"document": document.pk}
    activation.task.save(update_fields=["data"])
