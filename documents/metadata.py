"""Metadata of the State's guide for files (MGDEE) and documents (MGDDE), produced without asking anybody (R54).

Keys are the guide's codes. Where the guide contradicts itself, this follows its controlled lists: custody is 4 in
list L4, a case that is born in this service is "2 Digital" in list L2, and instants are ISO 8601 in UTC.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from documents.language import in_spanish
from documents.models import Document, ElectronicFile

Metadata = dict[str, Any]

FILE_MANDATORY = (
    "MGDEE1_1", "MGDEE1_5", "MGDEE2_2", "MGDEE3_1", "MGDEE3_2", "MGDEE4_1", "MGDEE4_2", "MGDEE51_1", "MGDEE51_3",
    "MGDEE51_4", "MGDEE52_1", "MGDEE52_2", "MGDEE53_1", "MGDEE53_2", "MGDEE6_1", "MGDEE6_4", "MGDEE7_1", "MGDEE8_1",
)  # fmt: skip
DOCUMENT_MANDATORY = (
    "MGDDE1_1", "MGDDE1_6", "MGDDE3_2", "MGDDE4_1", "MGDDE4_2", "MGDDE5_3", "MGDDE61_1", "MGDDE61_3", "MGDDE7_1",
    "MGDDE7_4", "MGDDE8_3", "MGDDE10",
)  # fmt: skip

PHYSICAL, DIGITAL = 1, 2
AUTHOR_BODY, CUSTODY = 1, 4
RESPONSIBLE, OFFICIAL = 1, 4
YES, NO = 1, 2
ADVANCED, SIMPLE = 1, 2
_ACCESS = {
    ElectronicFile.Access.PUBLIC: 1,
    ElectronicFile.Access.RESERVED: 4,
    ElectronicFile.Access.SECRET: 3,
}
"""List L7 of the guide: 1 público, 2 restringido, 3 secreto, 4 reservado."""
_DOCUMENT_TYPE = {
    Document.Kind.APPLICATION: 40,
    Document.Kind.RECEIPT: 8,
    Document.Kind.ATTACHMENT: 3,
    Document.Kind.RESOLUTION: 36,
    Document.Kind.DECREE: 15,
    Document.Kind.CERTIFICATE: 8,
    Document.Kind.REPORT: 22,
    Document.Kind.LETTER: 30,
    Document.Kind.NOTIFICATION: 29,
    Document.Kind.EVIDENCE: 12,
    Document.Kind.REFERENCE: 3,
}
"""List L1 of the guide."""


@dataclass(frozen=True)
class Actor:
    """A person related to a file: codes of lists L5 and L6, and the RUN or, without one, the name."""

    relation: int
    kind: int
    run: str = ""
    name: str = ""


@dataclass(frozen=True)
class SignatureFact:
    """What fields 39 to 43 of a document say about one signature."""

    advanced: bool
    provider: str
    signer: str
    run: str = ""


@dataclass
class _Sources:
    signatures: Callable[[Document], Sequence[SignatureFact]] = field(default=lambda document: ())


_sources = _Sources()


def set_signature_source(source: Callable[[Document], Sequence[SignatureFact]]) -> None:
    """`signatures` tells here how to find what signed a document."""
    _sources.signatures = source


def file_metadata(file: ElectronicFile, *, actors: Iterable[Actor] = ()) -> Metadata:
    """The 18 mandatory fields of a file and the conditional ones that apply.

    `actors` adds to the body itself, which answers for the file. Field 9 stays empty until the file is closed.
    """
    body = _body(file)
    people = (Actor(RESPONSIBLE, OFFICIAL, name=file.agency.name), *actors)
    return {
        "MGDEE1_1": file.iuie,
        "MGDEE1_4": "cerrado" if file.closed_at else "en tramitación",
        "MGDEE1_5": file.title,
        "MGDEE2_2": file.subject,
        "MGDEE3_1": _instant(file.opened_at),
        "MGDEE3_2": _instant(file.closed_at),
        "MGDEE4_1": DIGITAL,
        "MGDEE4_2": f"{settings.PUBLIC_URL}/expediente/{file.agency.code}/{file.iuie}",
        "MGDEE51_1": body["code"],
        "MGDEE51_2": body["name"],
        "MGDEE51_3": [CUSTODY],
        "MGDEE51_4": [body["code"]],
        "MGDEE51_5": [body["name"]],
        "MGDEE52_1": [actor.relation for actor in people],
        "MGDEE52_2": [actor.kind for actor in people],
        "MGDEE52_3": [actor.run for actor in people],
        "MGDEE52_4": [actor.name for actor in people],
        **_items(file),
        "MGDEE6_1": _ACCESS[ElectronicFile.Access(file.access_level)],
        "MGDEE6_4": YES if file.holds_personal_data else NO,
        "MGDEE7_1": file.procedure_code,
        "MGDEE7_2": file.title,
        "MGDEE8_1": 1,
    }


@in_spanish
def document_metadata(document: Document) -> Metadata:
    """The 12 mandatory fields of a document and the conditional ones that apply."""
    file, body = document.file, _body(document.file)
    item, physical = getattr(document, "item", None), getattr(document, "physical", None)
    return {
        "MGDDE1_1": document_identifier(document),
        "MGDDE1_3": document.number,
        "MGDDE1_4": document.get_state_display(),
        "MGDDE1_6": document.title,
        "MGDDE2_1": 0 if document.blob is None else -(-document.blob.size // 1024),
        "MGDDE2_2": document.pages,
        "MGDDE2_3": "" if document.blob is None else document.blob.media_type.partition("/")[2],
        "MGDDE3_2": f"{document.get_kind_display()}; {file.procedure_code}",
        "MGDDE3_3": document.content.get("language", ""),
        "MGDDE4_1": _instant(document.created_at),
        "MGDDE4_2": _instant(item.entered_at if item else document.created_at),
        "MGDDE5_1": _DOCUMENT_TYPE[Document.Kind(document.kind)],
        "MGDDE5_3": DIGITAL if physical is None else PHYSICAL,
        **({} if physical is None else {"MGDDE5_5": physical.place}),
        "MGDDE61_1": [body["code"]],
        "MGDDE61_2": [body["name"]],
        "MGDDE61_3": [AUTHOR_BODY],
        "MGDDE7_1": 1 if document.is_public else _ACCESS[ElectronicFile.Access(file.access_level)],
        "MGDDE7_4": YES if file.holds_personal_data and not document.is_public else NO,
        **_signatures(document),
        "MGDDE9_1": file.procedure_code,
        "MGDDE9_2": file.title,
        "MGDDE10": 1,
    }


def document_identifier(document: Document) -> str:
    """Identifier of a document inside the body: the file's and its place there, or its row before it entered."""
    item = getattr(document, "item", None)
    place = f"{item.seq:03d}" if item else f"B{document.pk}"
    return f"{document.file.iuie.replace('EXP-', 'DOCU-', 1)}-{place}"


def missing(metadata: Mapping[str, Any], mandatory: Iterable[str], *, is_open: bool = False) -> list[str]:
    """Codes of mandatory fields without a value. An open file has no date of closing (field 9), nor maybe any item."""
    forgiven = {"MGDEE3_2", "MGDEE53_1", "MGDEE53_2"} if is_open else set()
    return [code for code in mandatory if code not in forgiven and metadata.get(code) in (None, "", [])]


def _body(file: ElectronicFile) -> dict[str, str]:
    """The body's code in the State's code manager; its own short code where it has none yet."""
    return {"code": file.agency.body_code or file.agency.code, "name": file.agency.name}


def _items(file: ElectronicFile) -> Metadata:
    items = list(file.items.select_related("document__file", "document__item"))
    return {
        "MGDEE53_1": [document_identifier(item.document) for item in items],
        "MGDEE53_2": [_instant(item.entered_at) for item in items],
    }


def _signatures(document: Document) -> Metadata:
    facts = _sources.signatures(document)
    return {
        "MGDDE8_1": [ADVANCED if fact.advanced else SIMPLE for fact in facts],
        "MGDDE8_2": [fact.provider for fact in facts],
        "MGDDE8_3": YES if any(fact.advanced for fact in facts) else NO,
        "MGDDE84_1": [fact.signer for fact in facts],
        "MGDDE84_2": [fact.run for fact in facts],
    }


def _instant(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
