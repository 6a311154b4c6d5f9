"""Writes: ask for signatures, keep the evidence of a person's simple signature."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import api as accounts
from accounts.models import Person, SigningIntent
from audit import api as audit
from documents.models import Document
from jobs import api as jobs
from signatures.errors import AlreadySigned, EarlierSignatureMissing, SignatureUnderWay, WrongSignatureKind
from signatures.models import EvidenceRecord, SignatureRequest
from signatures.queries import PREPARE

SEAL_FIELD = "Sello"
Kind, State = SignatureRequest.Kind, SignatureRequest.State


@transaction.atomic
def seal_document(
    *, document: Document, case_id: int | None, on_done: str, on_dead: str, now: datetime
) -> SignatureRequest:
    """Render the document, put the institution's seal on it and close it, by jobs.

    `on_done` gets {"request", "document", "closed"}. Raises WrongSignatureKind for an act that needs a person's
    signature (R64), SignatureUnderWay, AlreadySigned.
    """
    if document.required_signature in (Kind.SIMPLE, Kind.ADVANCED):
        raise WrongSignatureKind
    request = _request(document, order=0, kind=Kind.SEAL, closes=True, now=now, signer_name=document.agency.name)
    _enqueue(request, last=request, case_id=case_id, on_done=on_done, on_dead=on_dead, now=now)
    return request


@transaction.atomic
def sign_document(
    *,
    document: Document,
    signer: Person,
    signer_post: str,
    kind: str,
    position: int,
    total: int,
    intent: SigningIntent,
    case_id: int | None,
    on_done: str,
    on_dead: str,
    now: datetime,
) -> SignatureRequest:
    """Put a person's signature on the document, by jobs; the last one (position = total) closes the document.

    The first one has it rendered and sealed before. A failed one may be asked for again.
    Raises WrongSignatureKind (R64), SignatureUnderWay, AlreadySigned and EarlierSignatureMissing.
    """
    if Kind(kind) == Kind.SIMPLE and document.required_signature == Kind.ADVANCED:
        raise WrongSignatureKind
    _check_order(document, position)
    seal = None
    if position == 1:
        seal = _request(document, order=0, kind=Kind.SEAL, closes=False, now=now, signer_name=document.agency.name)
    request = _request(
        document,
        order=position,
        kind=Kind(kind),
        closes=position == total,
        now=now,
        signer=signer,
        signer_name=signer.full_name,
        signer_post=signer_post,
        intent=intent,
    )
    first = seal if seal is not None and seal.state != State.SIGNED else request
    _set_total(document, total)
    _enqueue(first, last=request, case_id=case_id, on_done=on_done, on_dead=on_dead, now=now)
    return request


@transaction.atomic
def record_evidence(
    *,
    subject: str,
    intent: SigningIntent,
    facts: Mapping[str, Any],
    now: datetime,
    document: Document | None = None,
    document_sha256: str = "",
    presentation_sha256: str = "",
) -> EvidenceRecord:
    """Keep, as canonical bytes, what a person's simple signature rests on (Ley 19.799 art. 2 f).

    It binds what was shown (a document or a presentation record, by digest), who said so (the provider's token, by
    digest) and how the will was expressed. `facts` holds text, whole numbers, booleans and lists of them.
    """
    body = {
        "version": 1,
        "kind": "firma electrónica simple, Ley 19.799 art. 2 f",
        "subject": subject,
        "signed": {
            "document_sha256": document_sha256,
            "presentation_sha256": presentation_sha256,
            "shown_sha256": intent.shown_sha256,
        },
        "identity": _identity(intent),
        "intent": _will(intent),
        "facts": dict(facts),
        "recorded_at": now.isoformat(),
    }
    canonical = audit.canonical_bytes(body)
    return EvidenceRecord.objects.create(
        document=document,
        subject=subject,
        intent=intent,
        canonical=canonical,
        sha256=audit.sha256_hex(canonical),
        created_at=now,
    )


def _identity(intent: SigningIntent) -> dict[str, Any]:
    """Who the provider said it was. The RUN stays masked: the token, kept sealed, proves the rest."""
    sign_in = intent.sign_in
    run = accounts.run_of(intent.user.person)
    person = {"person": f"person:{intent.user.person_id}", "run_masked": accounts.mask_run(run) if run else ""}
    if sign_in is None:
        return person
    return {
        **person,
        "issuer": sign_in.issuer,
        "auth_time": sign_in.auth_time.isoformat(),
        "id_token_sha256": sign_in.id_token_sha256,
        "sign_in": sign_in.pk,
    }


def _will(intent: SigningIntent) -> dict[str, Any]:
    """What the person meant to do, and when."""
    return {
        "nonce": intent.nonce,
        "purpose": intent.purpose,
        "created_at": intent.created_at.isoformat(),
        "facts": intent.facts,
    }


def _check_order(document: Document, position: int) -> None:
    """Each earlier place must be signed; the seal (place 0) may come with the first signature."""
    signed = set(document.signature_requests.filter(state=State.SIGNED).values_list("order", flat=True))
    if position > 1 and not set(range(position)) <= signed:
        raise EarlierSignatureMissing


def _request(document: Document, *, order: int, kind: str, closes: bool, now: datetime, **who: Any) -> SignatureRequest:
    """The request of this place: new, or asked again after a failure. A seal that is already there stays."""
    existing = document.signature_requests.select_for_update().filter(order=order).first()
    if existing is not None and existing.state == State.SIGNED:
        if order == 0 and not closes:
            return existing
        raise AlreadySigned
    if existing is not None and existing.state != State.FAILED:
        raise SignatureUnderWay
    values = {
        "kind": kind,
        "field_name": field_name(order),
        "closes_document": closes,
        "backend": "software",
        "state": State.REQUESTED,
        "failure": "",
        "failed_job": None,
        "created_at": now,
        **who,
    }
    request, _ = SignatureRequest.objects.update_or_create(document=document, order=order, defaults=values)
    return request


def field_name(order: int) -> str:
    """The PDF field of a place: "Sello", "Firma1", "Firma2"."""
    return f"Firma{order}" if order else SEAL_FIELD


def _set_total(document: Document, total: int) -> None:
    """All fields are made with the seal, so it must know how many signatures will come."""
    document.signature_requests.filter(order=0, state=State.REQUESTED).update(prepared={"total": total})


def _enqueue(
    request: SignatureRequest, *, last: SignatureRequest, case_id: int | None, on_done: str, on_dead: str, now: datetime
) -> None:
    document = request.document
    jobs.enqueue(
        kind=PREPARE,
        payload={"request": request.pk, "last": last.pk, "document": document.pk, "then": on_done, "else": on_dead},
        now=now,
        agency_id=document.agency_id,
        case_id=case_id,
        on_dead=on_dead,
    )
