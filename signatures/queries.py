"""Reads: signatures of a document, and what a code or a file proves."""

from collections import defaultdict
from collections.abc import Collection

from accounts.api import run_of
from accounts.models import Person
from documents.api import SignatureFact
from documents.models import Blob, Document
from jobs.api import Job
from signatures.models import IssuedRevision, SignatureRequest
from signatures.rules import Expected

State = SignatureRequest.State
PREPARE, APPLY, ARCHIVE = "signatures.prepare", "signatures.apply", "signatures.archive"
"""Kinds of job."""


def signatures_of(document: Document) -> list[SignatureRequest]:
    """The signatures on a document, in order; those on a copy of an act in another file are the original's."""
    signed = original_of(document).signature_requests.filter(state=State.SIGNED)
    return list(signed.select_related("signer", "signed_blob").order_by("order"))


def original_of(document: Document) -> Document:
    """The document that was signed: of a copy of an act, which has its bytes and no code of its own, the original."""
    return document.copy_of or document


def expected_signatures(document: Document) -> tuple[Expected, ...]:
    """What a reader of the document's latest revision must find."""
    return tuple(Expected(item.field_name, item.digest, item.certificate_sha256) for item in signatures_of(document))


def document_of_revision(sha256: str) -> Document | None:
    """The document that was once issued with these bytes, before its proof was renewed."""
    revisions = IssuedRevision.objects.select_related("document__agency", "document__file", "document__blob")
    revision = revisions.filter(blob__sha256=sha256).order_by("pk").first()
    return revision.document if revision else None


def latest_revision(document: Document) -> Blob | None:
    """The PDF with all signatures so far, and the proof behind them; None when it was not rendered yet."""
    issued = document.revisions.select_related("blob").order_by("order").last()
    if issued is not None:
        return issued.blob
    signed = signatures_of(document)
    return signed[-1].signed_blob if signed else document.rendered


def failure_of(document: Document) -> str:
    """Why the signature of a document failed, in words; "" when none did."""
    failed = document.signature_requests.filter(state=State.FAILED).order_by("order").first()
    if failed is None:
        return ""
    job = Job.objects.filter(pk=failed.failed_job or 0).first()
    reason = job.last_error.partition(": ")[2] if job else ""
    return reason or failed.failure


def waiting_for(document: Document) -> str:
    """What the signing or closing of a document waits for after a failed attempt, in words; "" when nothing failed."""
    unfinished = Job.objects.filter(kind__in=(PREPARE, APPLY, ARCHIVE), payload__document=document.pk)
    job = unfinished.filter(state__in=(Job.State.READY, Job.State.BLOCKED)).exclude(last_error="").last()
    return job.last_error.partition(": ")[2] if job else ""


def is_renewal(job: Job) -> bool:
    """Whether a job renews the proof of a document that is in force already: nobody waits for it."""
    return job.kind == ARCHIVE and job.payload.get("order", 0) > 0


def signature_facts(document: Document) -> list[SignatureFact]:
    """What the metadata of a document say of its signatures (R65). A demonstration is never advanced."""
    return [
        SignatureFact(
            advanced=item.kind == SignatureRequest.Kind.ADVANCED and not item.is_demonstration,
            provider=item.provider,
            signer=", ".join(part for part in (item.signer_name, item.signer_post) if part),
            run=run_of(item.signer) if item.signer else "",
        )
        for item in signatures_of(document)
    ]


def has_signed(*, document_id: int, person: Person) -> bool:
    """Whether the person's signature stands on the document, or on the act that it is a copy of."""
    original = original_of(Document.objects.get(pk=document_id))
    return original.signature_requests.filter(signer=person, state=State.SIGNED).exists()


def who_signed(document_ids: Collection[int]) -> dict[int, set[int]]:
    """{document: ids of whose signature stands on it}, as `has_signed` has it; two reads."""
    signed_as = Document.objects.filter(pk__in=document_ids).values_list("pk", "copy_of")
    originals = {pk: copied or pk for pk, copied in signed_as}
    signed: dict[int, set[int]] = defaultdict(set)
    requests = SignatureRequest.objects.filter(
        document__in=set(originals.values()), state=State.SIGNED, signer__isnull=False
    )
    for document, signer in requests.values_list("document_id", "signer_id"):
        signed[document].add(signer)
    return {copy: signed[original] for copy, original in originals.items()}
