"""The two jobs of a signature: prepare a revision that lacks only the signature, then put the signature in.

What the second needs is stored by the first, so any process can go on after a crash between them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils.translation import gettext as _

from audit import api as audit
from documents import api as documents
from documents.models import Blob, Document
from jobs import api as jobs
from legaltime import api as legaltime
from signatures import backends, pki, rules, trust
from signatures.analysis import Unreadable, read_signatures
from signatures.errors import CertificateNotValid, DocumentChanged, NoSigningKey, SignatureNotSound
from signatures.models import SignatureRequest
from signatures.operations import APPLY, PREPARE, field_name
from signatures.pdf import Place, Prepared, digest_of, fill, prepare
from signatures.queries import expected_signatures, latest_revision

State = SignatureRequest.State


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
        request = _request_of(job)
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
        base = rendered.data if rendered else documents.read_blob(_present(prepared.base))
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
        request = _request_of(job)
        if result is not None and request.state not in (State.SIGNED, State.PREPARED):
            self._keep(request, result, now)
        last = request.pk == job.payload["last"]
        jobs.enqueue(
            kind=APPLY,
            payload=job.payload,
            now=now,
            agency_id=job.agency_id,
            case_id=job.case_id,
            on_done=job.payload["then"] if last else "",
            on_dead=job.payload["else"],
        )
        return {"request": request.pk, "document": request.document_id}

    def gave_up(self, job: jobs.Job, now: datetime) -> None:
        """The request shows that it failed."""
        _fail(job)

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
    certificate: x509.Certificate
    signed_at: datetime
    stamped: bool


class ApplySignature:
    """Has the prepared revision signed, validates what came back, and keeps it."""

    kind = APPLY
    queue = "sign"
    timeout = timedelta(minutes=1)
    max_attempts = 8

    def prepare(self, job: jobs.Job) -> _Waiting | None:
        """None when the signature is already there."""
        request = _request_of(job)
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
        stamped = _validated(data, (*prepared.expected, own))
        stored = documents.write_bytes(data, "application/pdf")
        return _SignedRevision(request.digest, stored, signed.certificate, now, stamped)

    def finish(self, job: jobs.Job, result: _SignedRevision | None, now: datetime) -> dict[str, Any]:
        """Keep the signature; close the document, or go on with the next one that was asked for."""
        request = _request_of(job)
        if result is not None and request.state != State.SIGNED:
            self._keep(request, result, now)
        if request.pk != job.payload["last"]:
            payload = {**job.payload, "request": job.payload["last"]}
            jobs.enqueue(
                kind=PREPARE,
                payload=payload,
                now=now,
                agency_id=job.agency_id,
                case_id=job.case_id,
                on_dead=job.payload["else"],
            )
        return {"request": request.pk, "document": request.document_id, "closed": request.closes_document}

    def gave_up(self, job: jobs.Job, now: datetime) -> None:
        """The request shows that it failed."""
        _fail(job)

    def _keep(self, request: SignatureRequest, result: _SignedRevision, now: datetime) -> None:
        latest = latest_revision(request.document)
        if latest is None or latest.sha256 != request.prepared["base"] or result.digest != request.digest:
            raise jobs.Retry(str(DocumentChanged()))
        certificate = result.certificate
        request.signed_blob = documents.adopt(stored=result.revision, now=now)
        request.state = State.SIGNED
        request.failure = ""
        request.signed_at = result.signed_at
        request.has_timestamp = result.stamped
        request.level = "B-T" if result.stamped else "B-B"
        request.certificate_sha256 = audit.sha256_hex(certificate.public_bytes(Encoding.DER))
        request.certificate_subject = pki.common_name(certificate.subject)[:300]
        request.provider = pki.common_name(certificate.issuer)[:200]
        request.is_demonstration = trust.is_demonstration(certificate)
        request.save()
        if request.closes_document:
            documents.put_in_force(document=request.document, blob=request.signed_blob)


def register() -> None:
    """Tell the job table which kinds this room attends."""
    jobs.register_external(PrepareSignature())
    jobs.register_external(ApplySignature())


def _request_of(job: jobs.Job) -> SignatureRequest:
    requests = SignatureRequest.objects.select_related("document__agency", "signer", "prepared_blob", "signed_blob")
    return requests.get(pk=job.payload["request"])


def _fail(job: jobs.Job) -> None:
    """The seal fails with the signature that waited for it: both may be asked for again."""
    pending = SignatureRequest.objects.filter(pk__in=[job.payload["request"], job.payload["last"]])
    failure = _("No se pudo firmar (trabajo %(job)s).") % {"job": job.pk}
    pending.exclude(state=State.SIGNED).update(state=State.FAILED, failure=failure, failed_job=job.pk)


def _present(blob: Blob | None) -> Blob:
    if blob is None:
        raise jobs.GiveUp(str(DocumentChanged()))
    return blob


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


def _stored_revision(request: SignatureRequest) -> Prepared:
    """The prepared revision as stored; its digest is counted again, so that nothing else gets signed."""
    data = documents.read_blob(_present(request.prepared_blob))
    start, end = request.prepared["start"], request.prepared["end"]
    digest = digest_of(data, start, end)
    if digest.hex() != request.digest:
        raise jobs.GiveUp(str(DocumentChanged()))
    return Prepared(data, digest, start, end)


def _signed(request: SignatureRequest, digest: bytes, key: str, now: datetime) -> backends.Signed:
    """The backend's answer. What only a person can mend blocks the job until it is resumed."""
    try:
        return backends.backend(request.backend).sign(request, digest, key=key, now=now)
    except (NoSigningKey, CertificateNotValid) as error:
        raise jobs.Blocked(str(error)) from error


def _validated(data: bytes, expected: tuple[rules.Expected, ...]) -> bool:
    """Accept only a revision whose signatures all hold; says whether the last one carries a time stamp."""
    try:
        found = read_signatures(data, trust.roots(), trust.demo_root())
    except Unreadable as error:
        raise jobs.Retry(str(SignatureNotSound())) from error
    if not rules.signatures_hold(found, expected):
        raise jobs.Retry(str(SignatureNotSound()))
    return bool(found[-1].stamped_at)
