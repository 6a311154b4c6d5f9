"""The second job of a signature: have the prepared revision signed, validate what came back, and keep it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from audit import api as audit
from documents import api as documents
from jobs import api as jobs
from legaltime import api as legaltime
from signatures import backends, pki, rules, trust
from signatures.errors import (
    CertificateNotTrusted,
    CertificateNotValid,
    CertificateRevoked,
    DocumentChanged,
    NoSigningKey,
    RevocationUnknown,
    TimestampUnavailable,
)
from signatures.handlers.archive import issue
from signatures.handlers.guards import ATTEMPTS, State, fail, present, request_of, validated
from signatures.models import SignatureRequest
from signatures.pdf import Prepared, digest_of, fill
from signatures.queries import APPLY, ARCHIVE, PREPARE, expected_signatures, latest_revision


@dataclass(frozen=True)
class _Waiting:
    """What the signing job reads in its transaction."""

    request: SignatureRequest
    expected: tuple[rules.Expected, ...]
    """The signatures already on the document."""


@dataclass(frozen=True)
class _SignedRevision:
    """The signed revision on disk, and what proves it."""

    digest: str
    revision: documents.StoredBytes
    signed: backends.Signed
    signed_at: datetime
    found: rules.FoundSignature
    """The signature as a reader finds it in the file."""


class ApplySignature:
    """Has the prepared revision signed, validates what came back, and keeps it."""

    kind = APPLY
    queue = "sign"
    timeout = timedelta(minutes=1)
    max_attempts = ATTEMPTS

    def prepare(self, job: jobs.Job) -> _Waiting | None:
        """None when the signature is already there."""
        request = request_of(job)
        return None if request.state == State.SIGNED else _Waiting(request, expected_signatures(request.document))

    def call(self, prepared: _Waiting | None, key: str) -> _SignedRevision | None:
        """Ask the backend for the signature of the stored digest."""
        if prepared is None:
            return None
        request, now = prepared.request, legaltime.now()
        revision = _stored_revision(request)
        signed = _signed(request, revision.digest, key, now)
        data = fill(revision, signed.cms)
        fingerprint = audit.sha256_hex(signed.certificate.public_bytes(Encoding.DER))
        own = rules.Expected(request.field_name, request.digest, fingerprint)
        found = validated(data, (*prepared.expected, own), now)
        stored = documents.write_bytes(data, "application/pdf")
        return _SignedRevision(request.digest, stored, signed, now, found[-1])

    def finish(self, job: jobs.Job, result: _SignedRevision | None, now: datetime) -> dict[str, Any]:
        """Keep the signature; close the document, or go on with the next one that was asked for."""
        request = request_of(job)
        if result is not None and request.state != State.SIGNED:
            self._keep(request, result, now)
            if request.closes_document and not job.payload.get("archives"):
                issue(request.document, present(request.signed_blob), [result.found], job=job, now=now)
        if request.pk != job.payload["last"]:
            _go_on(job, PREPARE, {"request": job.payload["last"]}, now=now)
        elif job.payload.get("archives"):
            _go_on(job, ARCHIVE, {"order": 0}, on_done=job.payload["then"], now=now)
        return {"request": request.pk, "document": request.document_id, "closed": request.closes_document}

    def gave_up(self, job: jobs.Job, now: datetime) -> None:
        """The request shows that it failed."""
        fail(job)

    def _keep(self, request: SignatureRequest, result: _SignedRevision, now: datetime) -> None:
        latest = latest_revision(request.document)
        if latest is None or latest.sha256 != request.prepared["base"] or result.digest != request.digest:
            raise jobs.Retry(str(DocumentChanged()))
        certificate, found = result.signed.certificate, result.found
        request.signed_blob = documents.adopt(stored=result.revision, now=now)
        request.state = State.SIGNED
        request.failure = ""
        request.signed_at = result.signed_at
        request.has_timestamp = bool(found.stamped_at)
        request.stamped_at = datetime.fromisoformat(found.stamped_at) if found.stamped_at else None
        request.stamped_by = found.stamped_by[:200]
        request.level = found.level
        request.revocation = result.signed.revocation
        request.chain = list(found.chain)
        request.certificate_sha256 = audit.sha256_hex(certificate.public_bytes(Encoding.DER))
        request.certificate_subject = pki.common_name(certificate.subject)[:300]
        request.provider = pki.common_name(certificate.issuer)[:200]
        request.is_demonstration = trust.is_demonstration(certificate)
        request.save()


def _go_on(job: jobs.Job, kind: str, changes: dict[str, Any], *, on_done: str = "", now: datetime) -> None:
    """The next job for the same document."""
    jobs.enqueue(
        kind=kind,
        payload={**job.payload, **changes},
        now=now,
        agency_id=job.agency_id,
        case_id=job.case_id,
        on_done=on_done,
        on_dead=job.payload["else"],
    )


def _stored_revision(request: SignatureRequest) -> Prepared:
    """The prepared revision as stored; its digest is counted again, so that nothing else gets signed."""
    data = documents.read_blob(present(request.prepared_blob))
    start, end = request.prepared["start"], request.prepared["end"]
    digest = digest_of(data, start, end)
    if digest.hex() != request.digest:
        raise jobs.GiveUp(str(DocumentChanged()))
    return Prepared(data, digest, start, end)


def _signed(request: SignatureRequest, digest: bytes, key: str, now: datetime) -> backends.Signed:
    """The backend's answer. What only a person can mend blocks the job until it is resumed; who is down is awaited."""
    try:
        return backends.backend(request.backend).sign(request, digest, key=key, now=now)
    except (NoSigningKey, CertificateNotValid, CertificateRevoked, CertificateNotTrusted) as error:
        raise jobs.Blocked(str(error)) from error
    except (RevocationUnknown, TimestampUnavailable) as error:
        raise jobs.Retry(str(error)) from error
