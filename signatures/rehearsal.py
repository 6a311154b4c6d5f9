"""Signatures in a rehearsal: the request ends signed and the document in force, without a PDF or a key."""

from datetime import datetime
from typing import Any

from documents import api as documents
from documents.models import Blob
from jobs import api as jobs
from signatures.models import SignatureRequest
from signatures.queries import PREPARE

State = SignatureRequest.State


def register() -> None:
    """Tell the job table what a rehearsal does instead of rendering and signing."""
    jobs.imagine(PREPARE, imagine_signature)


def imagine_signature(job: jobs.Job, now: datetime) -> dict[str, Any]:
    """Record the signatures that the job was asked for, and tell who waits for the last one."""
    asked = [job.payload["request"], job.payload["last"]]
    SignatureRequest.objects.filter(pk__in=asked).update(state=State.SIGNED, signed_at=now, failure="")
    request = SignatureRequest.objects.select_related("document").get(pk=job.payload["last"])
    imagined = _imagined_blob(request, now)
    documents.start_issuing(document=request.document, rendered=imagined, pages=1, toolchain={})
    if request.closes_document:
        documents.put_in_force(document=request.document, blob=imagined)
    facts = {"request": request.pk, "document": request.document_id, "closed": request.closes_document}
    if job.payload["then"]:
        jobs.enqueue(
            kind=job.payload["then"],
            payload={"job": job.pk, "payload": job.payload, "result": facts},
            now=now,
            agency_id=job.agency_id,
            case_id=job.case_id,
        )
    return facts


def _imagined_blob(request: SignatureRequest, now: datetime) -> Blob:
    """Bytes that no act has, for whoever reads them in the rehearsal. Its row goes with the transaction."""
    return documents.store_blob(data=f"rehearsal-{request.pk}".encode(), media_type="application/pdf", now=now)
