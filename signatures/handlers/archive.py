"""The closing job of a document, and the one that renews its proof before the last time stamp expires (PAdES B-LTA)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from documents import api as documents
from documents.models import Blob, Document
from jobs import api as jobs
from legaltime import api as legaltime
from signatures import timestamps
from signatures.errors import CertificateNotTrusted, CertificateRevoked, RevocationUnknown, TimestampUnavailable
from signatures.handlers.guards import PATIENCE, State, present, validated
from signatures.models import IssuedRevision, SignatureRequest
from signatures.queries import ARCHIVE, expected_signatures, latest_revision
from signatures.rules import LEVELS, Expected, FoundSignature, highest_level, lowest_level, renewal_date


@dataclass(frozen=True)
class _Signed:
    """What the job reads in its transaction: the latest revision, and the signatures on it."""

    revision: Blob
    expected: tuple[Expected, ...]


@dataclass(frozen=True)
class _ArchivedRevision:
    """The revision with its proof, on disk, and what a reader finds in it."""

    base_sha256: str
    revision: documents.StoredBytes
    found: list[FoundSignature]


class ArchiveDocument:
    """Puts behind the signatures what proves them and a time stamp over it all. Payload: document, order, request."""

    kind = ARCHIVE
    queue = "sign"
    timeout = timedelta(minutes=2)
    max_attempts = PATIENCE

    def prepare(self, job: jobs.Job) -> _Signed | None:
        """None when that revision is already there, or when this installation uses no authority of time any more."""
        document = _document_of(job)
        if not settings.TSA_URL or _is_done(document, job):
            return None
        return _Signed(present(latest_revision(document)), expected_signatures(document))

    def call(self, prepared: _Signed | None, key: str) -> _ArchivedRevision | None:
        """Gather the proof and the stamp; an authority that is down is awaited."""
        if prepared is None:
            return None
        data, found = _archived(prepared)
        if lowest_level(item.level for item in found if not item.is_timestamp) != LEVELS[-1]:
            timestamps.forget_authority()  # its certificate may have changed since it was last asked
            data, found = _archived(prepared)
        return _ArchivedRevision(prepared.revision.sha256, documents.write_bytes(data, "application/pdf"), found)

    def finish(self, job: jobs.Job, result: _ArchivedRevision | None, now: datetime) -> dict[str, Any]:
        """Issue the revision; the first one puts the document in force."""
        document = _document_of(job)
        if not _is_done(document, job):
            self._keep(document, result, job, now)
        return {"request": job.payload["request"], "document": document.pk, "closed": True}

    def gave_up(self, job: jobs.Job, now: datetime) -> None:
        """The requests show why the document did not close."""
        failure = _("No se pudo cerrar el documento con sello de tiempo (trabajo %(job)s).") % {"job": job.pk}
        requests = SignatureRequest.objects.filter(pk=job.payload["request"])
        requests.update(failure=failure, failed_job=job.pk)

    def _keep(self, document: Document, result: _ArchivedRevision | None, job: jobs.Job, now: datetime) -> None:
        latest = present(latest_revision(document))
        if result is None:
            if job.payload["order"] == 0:
                issue(document, latest, [], job=job, now=now)
            return
        if latest.sha256 != result.base_sha256:
            raise jobs.Retry(_("El documento tiene una revisión más nueva."))
        issue(document, documents.adopt(stored=result.revision, now=now), result.found, job=job, now=now)


def _archived(prepared: _Signed) -> tuple[bytes, list[FoundSignature]]:
    try:
        data = timestamps.archive(documents.read_blob(prepared.revision))
    except (RevocationUnknown, TimestampUnavailable) as error:
        raise jobs.Retry(str(error)) from error
    except (CertificateRevoked, CertificateNotTrusted) as error:
        raise jobs.Blocked(str(error)) from error
    return data, validated(data, prepared.expected, legaltime.now())


def issue(
    document: Document, blob: Blob, found: Sequence[FoundSignature], *, job: jobs.Job, now: datetime
) -> IssuedRevision:
    """Record the bytes as issued, put them in force or in the place of the ones before, and plan their renewal."""
    order = IssuedRevision.objects.filter(document=document).count()
    stamp = next((item for item in reversed(found) if item.is_timestamp), None)
    signed = document.signature_requests.filter(state=State.SIGNED)
    levels = {item.field: item.level for item in found if not item.is_timestamp}
    for request in signed:
        request.level = highest_level([request.level, levels.get(request.field_name, request.level)])
        request.failure, request.failed_job = "", None
        request.save(update_fields=["level", "failure", "failed_job"])
    revision = IssuedRevision.objects.create(
        document=document,
        order=order,
        blob=blob,
        level=lowest_level(signed.values_list("level", flat=True)),
        archived_at=datetime.fromisoformat(stamp.stamped_at) if stamp else None,
        archived_by=stamp.stamped_by[:200] if stamp else "",
        expires_at=datetime.fromisoformat(stamp.expires_at) if stamp else None,
        created_at=now,
    )
    keep = documents.renew_bytes if order else documents.put_in_force
    keep(document=document, blob=blob)
    _plan_renewal(revision, job, now)
    return revision


def _plan_renewal(revision: IssuedRevision, job: jobs.Job, now: datetime) -> None:
    """The next stamp comes before this one expires; at once where there is none yet and an authority may come back."""
    if not settings.TSA_URL:
        return
    jobs.enqueue(
        kind=ARCHIVE,
        payload={
            "document": revision.document_id,
            "order": revision.order + 1,
            "request": job.payload["request"],
        },
        now=now,
        run_at=renewal_date(revision.archived_at, revision.expires_at) or now,
        agency_id=job.agency_id,
        case_id=job.case_id,
        dedup_key=f"{ARCHIVE}:{revision.document_id}:{revision.order + 1}",
    )


def _document_of(job: jobs.Job) -> Document:
    return Document.objects.select_related("agency", "rendered", "blob").get(pk=job.payload["document"])


def _is_done(document: Document, job: jobs.Job) -> bool:
    return IssuedRevision.objects.filter(document=document, order__gte=job.payload["order"]).exists()
