"""How a question, a document and a notice will look, drawn by what production draws them with, on sample answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.datastructures import MultiValueDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from pydantic import ValidationError

from designer import tree
from designer.models import ProcedureDraft
from designer.queries import readable
from designer.tree import Data
from documents.api import (
    DocumentContent,
    Heading,
    Letterhead,
    ListBlock,
    Paragraph,
    Row,
    Signer,
    Table,
)
from procedures.api import (
    Block,
    Bundle,
    Document,
    Field,
    PageForm,
    TextError,
    build_form,
    display_value,
    fee_in_words,
    fill,
    kind_of,
    partial_bundle,
    partial_law,
)

_STEP = "vista"


def question_form(question: Data, *, with_error: bool) -> PageForm | None:
    """The production form of one question, empty or as if it had been sent empty; None while it is not complete."""
    plain = {key: value for key, value in question.items() if key != "visible_when"}
    try:
        field = Field.model_validate(plain)
    except ValidationError:
        return None
    page = {"id": "pagina", "title": _STEP, "fields": [plain]}
    start = {"id": _STEP, "kind": "start", "title": _STEP, "form": _STEP, "statement": _STEP, "next": _STEP}
    bundle = partial_bundle({"forms": [{"id": _STEP, "title": _STEP, "pages": [page]}], "steps": [start]})
    data = MultiValueDict({"_visto": [field.id]}) if with_error else None
    return build_form(bundle=bundle, step_id=_STEP, page=1, answers={}, data=data, label_as_heading=False)


def document_content(draft: ProcedureDraft, document_id: str, now: datetime) -> DocumentContent | None:
    """The document with sample answers and every block, each with the condition that it has; None if unreadable."""
    bundle = readable(draft.content)
    spec = next((document for document in bundle.documents if document.id == document_id), None)
    if spec is None:
        return None
    values = sample_values(draft, bundle, now)
    return DocumentContent(
        title=spec.title,
        letterhead=Letterhead(agency=draft.agency.name, lines=(draft.agency.address,), emblem=draft.agency.emblem),
        number_label=_("N°") if spec.numbering else "",
        number="123" if spec.numbering else "",
        date_text=date_format(now, "DATE_FORMAT"),
        blocks=tuple(_block(block, values, bundle) for block in spec.blocks),
        signers=tuple(_signers(draft, spec)),
        notice_lines=(_("Borrador con datos de ejemplo. No es un documento."),),
        created_at=now,
    )


def notice_texts(draft: ProcedureDraft, notice: Data, now: datetime) -> dict[str, str]:
    """The subject and text of a notice with sample data."""
    values = sample_values(draft, readable(draft.content), now)
    action = notice.get("action") or {}
    return {
        "sender": draft.agency.name,
        "subject": _filled(str(notice.get("subject", "")), values),
        "body": _filled(str(notice.get("body", "")), values),
        "action": str(action.get("label", "")),
    }


def sample_values(draft: ProcedureDraft, bundle: Bundle, now: datetime) -> dict[str, str]:
    """A value for every datum that a text may take."""
    day = date_format(now, "SHORT_DATE_FORMAT")
    values = {
        "case.number": "2026-000123",
        "case.filed_on": day,
        "case.title": bundle.title,
        "agency.name": draft.agency.name,
        "applicant.name": "Ana María Pérez Soto",
        "applicant.run": "41.111.111-3",
        "act.number": "123",
        "act.date": day,
    }
    values |= {f"fee.{fee.id}": fee_in_words(fee, fee.amount) for fee in bundle.fees}
    law = partial_law(draft.content)
    if law is not None and (appeals := law.appeals) is not None:
        values["law.appeal_term"] = _("%(n)s días hábiles") % {"n": appeals.amount}
        values["law.appeal_source"] = appeals.source
    for step in bundle.all_steps():
        values[f"deadline.{step.id}"] = day
        for field in _fields(bundle, step):
            if field.is_question and field.type not in ("file", "group"):
                values[f"{step.id}.{field.id}"] = _sample(field)
    return {**{path: _("dato") for path in bundle.types}, **values}


def _fields(bundle: Bundle, step: Any) -> tuple[Field, ...]:
    known = {form.id for form in bundle.forms}
    return bundle.fields_of(step.id) if getattr(step, "form", None) in known else ()


def _sample(field: Field) -> str:
    if field.prefill == "person.full_name":
        return "Ana María Pérez Soto"
    return display_value(field, kind_of(field).sample(field))


def _filled(text: str, values: dict[str, str]) -> str:
    try:
        return fill(text, values)
    except TextError:
        return text


def _block(block: Block, values: dict[str, str], bundle: Bundle) -> Heading | Paragraph | Table | ListBlock:
    role = block.role or ""
    if block.kind == "answers":
        return Table(rows=tuple(_rows(block, values, bundle)), role=role)
    text = _filled(block.text or "", values)
    if block.kind == "heading":
        return Heading(text=text, role=role)
    if block.kind == "list":
        return ListBlock(items=tuple(line.strip() for line in text.splitlines() if line.strip()), role=role)
    return Paragraph(text=text, role=role)


def _rows(block: Block, values: dict[str, str], bundle: Bundle) -> Iterator[Row]:
    step = bundle.steps_by_id.get(str(block.step))
    for field in _fields(bundle, step) if step else ():
        if field.is_question and (not block.fields or field.id in block.fields):
            yield Row(label=field.label, value=values.get(f"{block.step}.{field.id}", _("(archivo o grupo)")))


def _signers(draft: ProcedureDraft, spec: Document) -> Iterator[Signer]:
    titles = {slot["id"]: str(slot.get("title", slot["id"])) for slot in draft.content.get("roles") or ()}
    for _at, step in tree.all_steps(draft.content):
        if step["kind"] == "sign" and step.get("document") == spec.id:
            yield from (Signer(name=_("Nombre de quien firma"), post=titles.get(s, s)) for s in step.get("signers", ()))
            return
