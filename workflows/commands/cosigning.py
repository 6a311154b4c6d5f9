"""Signing together: the first asks the others, each signs from their own session, and the last signature files it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Person, SigningIntent
from notifications.api import Said, Say, send_notice
from workflows import cosigners, drafts
from workflows.commands import filing
from workflows.cosigners import Signature
from workflows.errors import AlreadyFiled, BeingSigned, CommandRefused, DraftChanged, NotAllowed
from workflows.messages import title_in
from workflows.models import Case, CoSignature, Draft


class AlreadySigned(CommandRefused):
    """The person signed it before."""

    message = gettext_lazy("Ya firmaste esta solicitud. Falta que firmen las demás personas.")


def sign_first(*, draft: Draft, by: Person, intent: SigningIntent, now: datetime) -> Case | None:
    """Whoever filled it in signs: it is filed at once, or waits until the others whom it names have signed too.

    Raises AlreadyFiled, BeingSigned, DraftChanged, cosigners.SignsTwice and what filing.start raises.
    """
    with transaction.atomic():
        current = _locked(draft)
        if current.signing_since is not None:
            raise BeingSigned
        given = drafts.complete_answers(current)
        others = cosigners.people(current, given)
        if others:
            _check_shown(current, intent)
            _invite(current, by, others, intent, now)
            return None
    return filing.start(draft=draft, by=by, signature=Signature(intent), now=now)


def _locked(draft: Draft) -> Draft:
    rows = Draft.objects.select_for_update(of=("self",))
    related = ("version", "agency", "person", "attendance__person", "mandate__grantor_person")
    current = rows.select_related(*related).get(pk=draft.pk)
    if current.filed_at is not None:
        raise AlreadyFiled
    return current


def _check_shown(draft: Draft, intent: SigningIntent) -> None:
    if intent.shown_sha256 != drafts.shown_hash(draft, drafts.complete_answers(draft)):
        raise DraftChanged


def _invite(draft: Draft, by: Person, others: list[Person], intent: SigningIntent, now: datetime) -> None:
    row = {"draft": draft, "agency_id": draft.agency_id, "invited_at": now}
    CoSignature.objects.create(**row, person=by, signed_at=now, intent=intent)
    CoSignature.objects.bulk_create(CoSignature(**row, person=person) for person in others)
    draft.signing_since = draft.changed_at = now
    draft.save(update_fields=["signing_since", "changed_at"])
    for person in others:
        _tell(draft, person, lambda: _asked(draft, by), reverse("workflows:cosign", args=[draft.ref]), now)


def _asked(draft: Draft, by: Person) -> Said:
    words = {"who": str(by), "title": title_in(draft.version)}
    body = _(
        "Te nombra entre quienes piden «%(title)s». Léela entera. Si estás de acuerdo, fírmala con tu ClaveÚnica; "
        "si no, di por qué. Se presenta solo cuando firmen todas las personas."
    )
    return Said(_("%(who)s te pide firmar una solicitud") % words, body % words, _("Ver la solicitud"))


@transaction.atomic
def sign(*, draft: Draft, by: Person, intent: SigningIntent, now: datetime) -> Case | None:
    """One of the others signs what was shown; the last signature files the application.

    Raises AlreadyFiled, NotAllowed, AlreadySigned, DraftChanged and what filing.start raises.
    """
    current = _locked(draft)
    mine = _of(current, by)
    if mine.signed_at is not None:
        raise AlreadySigned
    _check_shown(current, intent)
    mine.signed_at, mine.intent = now, intent
    mine.save(update_fields=["signed_at", "intent"])
    if current.co_signatures.filter(signed_at=None).exists():
        return None
    rows = list(current.co_signatures.select_related("person", "intent__user").order_by("pk"))
    first = next(row for row in rows if row.person_id == current.person_id)
    others = [cosigners.Cosigned(row.person, _signature(row)) for row in rows if row is not first]
    return filing.start(draft=current, by=first.person, signature=_signature(first), now=now, together=others)


def _signature(row: CoSignature) -> Signature:
    assert row.intent is not None  # everybody has signed
    return Signature(row.intent)


def _of(draft: Draft, person: Person) -> CoSignature:
    found = draft.co_signatures.filter(person=person).first() if draft.signing_since is not None else None
    if found is None:
        raise NotAllowed
    return found


@transaction.atomic
def decline(*, draft: Draft, reason: str, by: Person, now: datetime) -> None:
    """One of the others does not sign: the draft returns to whoever filled it in, with the reason; no signature stays.

    Raises AlreadyFiled, NotAllowed, AlreadySigned.
    """
    current = _locked(draft)
    if _of(current, by).signed_at is not None:
        raise AlreadySigned
    where = reverse("workflows:review", args=[current.ref])
    _tell(current, current.person, lambda: _declined(by, reason), where, now)
    _return(current, now)


def _declined(by: Person, reason: str) -> Said:
    body = _("Motivo: %(reason)s\n\nTu borrador está como lo dejaste. Cámbialo y pide las firmas de nuevo.")
    subject = _("%(who)s no firmó tu solicitud") % {"who": str(by)}
    return Said(subject, body % {"reason": reason}, _("Ver la solicitud"))


@transaction.atomic
def take_back(*, draft: Draft, by: Person, now: datetime) -> None:
    """Whoever filled it in takes it back to change it; what others signed no longer counts. Raises AlreadyFiled."""
    current = _locked(draft)
    if current.person_id != by.pk:
        raise NotAllowed
    _return(current, now)


def _return(draft: Draft, now: datetime) -> None:
    draft.co_signatures.all().delete()
    draft.signing_since, draft.changed_at = None, now
    draft.save(update_fields=["signing_since", "changed_at"])


def _tell(draft: Draft, person: Person, say: Say, path: str, now: datetime) -> None:
    send_notice(
        person=person,
        agency=draft.agency,
        file=None,
        case_ref=draft.ref,
        case_id=None,
        say=say,
        action_path=path,
        email=person.email,
        now=now,
    )
