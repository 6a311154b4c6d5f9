"""The first job of a signature: render the document if nobody did, and leave room for the signature."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from audit import api as audit
from documents import api as documents
from documents.models import Blob, Document
from jobs import api as jobs
from legaltime import api as legaltime
from signatures import backends, pki
from signatures.handlers.guards import State, fail, present, request_of
from signatures.models import SignatureRequest
from signatures.operations import field_name
from signatures.pdf import Place, Prepared, prepare
from signatures.queries import APPLY, PREPARE, latest_revision


@dataclass(frozen=True)
class _Preparation:
    """What the preparing job reads in its transaction."""

    request: SignatureRequest
    base: Blob | None
    """The latest revision; None when the document must be rendered first."""
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _PreparedRevision:
    """What it made: files on disk that no row names yet."""

    rendered: documents.StoredBytes | None
    pages: int
    toolchain: dict[str, str]
    base_sha256: str
    revision: documents.StoredBytes
    prepared: Prepared


class PrepareSignature:
    """Renders the document if nobody did, makes the fields, and leaves room for the signature."""

    kind = PREPARE
    queue = "pdf"
    timeout = timedelta(minutes=3)
    max_attempts = 5

    def prepare(self, job: jobs.Job) -> _Preparation | None:
        """None when the signature is already there or prepared: nothing to do twice."""
        request = request_of(job)
        if request.state in (State.SIGNED, State.PREPARED):
            return None
        return _Preparation(request, latest_revision(request.document), _fields(request))

    def call(self, prepared: _Preparation | None, key: str) -> _PreparedRevision | None:
        """Render and write the revision; takes up to a minute."""
        if prepared is None:
            return None
        rendered = stored = None
        if prepared.base is None:
            rendered = _rendered(prepared.request.document)
            stored = documents.write_bytes(rendered.data, "application/pdf")
        base = rendered.data if rendered else documents.read_blob(present(prepared.base))
        bytes_reserved = backends.backend(prepared.request.backend).bytes_reserved
        revision = prepare(
            base,
            _place(prepared.request),
            fields=prepared.fields,
            bytes_reserved=bytes_reserved,
            now=legaltime.now().replace(microsecond=0),
        )
        return _PreparedRevision(
            rendered=stored,
            pages=rendered.pages if rendered else 0,
            toolchain=rendered.toolchain if rendered else {},
            base_sha256=audit.sha256_hex(base),
            revision=documents.write_bytes(revision.data, "application/pdf"),
            prepared=revision,
        )

    def finish(self, job: jobs.Job, result: _PreparedRevision | None, now: datetime) -> dict[str, Any]:
        """Keep the revision and ask for the signature."""
        request = request_of(job)
        if result is not None and request.state not in (State.SIGNED, State.PREPARED):
            self._keep(request, result, now)
        is_last = request.pk == job.payload["last"]
        archives = is_last and request.closes_document and bool(settings.TSA_URL) and settings.TSA_REQUIRED
        jobs.enqueue(
            kind=APPLY,
            payload={**job.payload, "archives": archives},
            now=now,
            agency_id=job.agency_id,
            case_id=job.case_id,
            on_done=job.payload["then"] if is_last and not archives else "",
            on_dead=job.payload["else"],
        )
        return {"request": request.pk, "document": request.document_id}

    def gave_up(self, job: jobs.Job, now: datetime) -> None:
        """The request shows that it failed."""
        fail(job)

    def _keep(self, request: SignatureRequest, result: _PreparedRevision, now: datetime) -> None:
        if result.rendered is not None:
            rendered = documents.adopt(stored=result.rendered, now=now)
            documents.start_issuing(
                document=request.document, rendered=rendered, pages=result.pages, toolchain=result.toolchain
            )
        request.prepared_blob = documents.adopt(stored=result.revision, now=now)
        request.prepared = {
            **request.prepared,
            "base": result.base_sha256,
            "start": result.prepared.start,
            "end": result.prepared.end,
        }
        request.digest = result.prepared.digest.hex()
        request.state = State.PREPARED
        request.save(update_fields=["prepared_blob", "prepared", "digest", "state"])


def _rendered(document: Document) -> documents.RenderedPdf:
    try:
        return documents.render(documents.DocumentContent.model_validate(document.content))
    except (documents.ContentTooLarge, documents.RenderingFailed) as error:
        raise jobs.GiveUp(str(error)) from error
    except documents.RenderingStopped as error:
        raise jobs.Retry(str(error)) from error


def _fields(request: SignatureRequest) -> tuple[tuple[str, str], ...]:
    """All signature fields of the document with their labels, made when the seal certifies it."""
    total = 0 if request.closes_document else request.prepared.get("total", 0)
    labels = [_("Sello de la institución"), *(_("Firma %(place)s") % {"place": n} for n in range(1, total + 1))]
    return tuple((field_name(order), label) for order, label in enumerate(labels))


def _place(request: SignatureRequest) -> Place:
    reasons = {
        SignatureRequest.Kind.SEAL: _("Sello institucional"),
        SignatureRequest.Kind.SIMPLE: _("Firma electrónica simple, sellada por la institución"),
        SignatureRequest.Kind.ADVANCED: _("Firma electrónica avanzada"),
    }
    reason = reasons[SignatureRequest.Kind(request.kind)]
    return Place(
        field_name=request.field_name,
        certifies=request.order == 0,
        closes=request.closes_document,
        signer_name=request.signer_name,
        reason=f"{pki.NO_LEGAL_VALUE}. {reason}" if request.document.is_demonstration else reason,
    )
