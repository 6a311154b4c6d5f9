"""Writes: notices (avisos), their e-mails, and the record of legal notifications."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.api import seal
from accounts.models import Agency, Person
from documents.models import Document, ElectronicFile
from jobs.api import enqueue
from legaltime.api import Place, Reading, letter_effective_on, local_date, platform_effective_on
from notifications.errors import (
    ActNotInForce,
    AlreadyNotified,
    BeforeTheAct,
    EvidenceMissing,
    InvalidAction,
    NotYetHappened,
)
from notifications.models import (
    SPANISH,
    Delivery,
    Notice,
    NotificationCertificate,
    NotificationRecord,
    PlatformSending,
)
from notifications.rules import deliverable_address, is_local_path, new_message_id, one_line
from notifications.saying import Say, columns

EMAIL_JOB = "notifications.email"
EFFECT_FAILED = "workflows.effect_failed"
"""Kind of the job that opens an incident on a case when its e-mail is given up."""

LEGAL = "NT"
"""How the platform calls a legal notification, against other messages."""
MOST_SUBJECT = 150
"""Characters that the platform takes as a subject."""

Medium = NotificationRecord.Medium


@transaction.atomic
def send_notice(
    *,
    person: Person,
    agency: Agency,
    file: ElectronicFile | None,
    case_ref: str,
    case_id: int | None,
    say: Say,
    language: str = "",
    action_path: str = "",
    documents: Iterable[Document] = (),
    email: str,
    now: datetime,
) -> Notice:
    """Put a notice in the person's inbox and queue its e-mail, both frozen as they are now.

    `say` words it in the active language: in that of the person (`language`, if they chose one for this alone), and in
    Spanish. Information only: it starts no clock (D8 7). Without one valid address the notice stays in the inbox and
    the delivery is "skipped". InvalidAction when `action_path` leaves this site.
    """
    if action_path and not is_local_path(action_path):
        raise InvalidAction(action_path)
    notice = Notice.objects.create(
        person=person,
        agency=agency,
        file=file,
        case_ref=case_ref,
        action_path=action_path,
        created_at=now,
        **columns(say, language or person.language or SPANISH),
    )
    notice.documents.set(documents)
    _queue_email(notice, deliverable_address(email), case_id, now)
    return notice


def tell_person(*, person: Person, agency: Agency, say: Say, action_path: str, email: str, now: datetime) -> Notice:
    """A notice that is of no case, and of no file: about powers, supports or the work of an office."""
    return send_notice(
        person=person,
        agency=agency,
        file=None,
        case_ref="",
        case_id=None,
        say=say,
        action_path=action_path,
        email=email,
        now=now,
    )


def _queue_email(notice: Notice, address: str, case_id: int | None, now: datetime) -> None:
    """The delivery of a notice and, where there is an address, the job that will send it."""
    delivery = Delivery(
        notice=notice,
        sender_name=one_line(notice.agency.name),
        message_id=new_message_id(notice.pk, parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]),
    )
    if not address:
        delivery.state, delivery.failure = Delivery.State.SKIPPED, _("No hay una dirección de correo válida.")
        delivery.save()
        return
    delivery.address_sealed = seal(address.encode(), address_context(delivery))
    delivery.save()
    job = enqueue(
        kind=EMAIL_JOB,
        payload={"delivery": delivery.pk},
        now=now,
        agency_id=notice.agency_id,
        case_id=case_id,
        on_dead=EFFECT_FAILED if case_id is not None else "",
    )
    delivery.job_id = job.pk
    delivery.save(update_fields=["job_id"])


def address_context(delivery: Delivery) -> str:
    """Where a sealed address belongs: to the delivery with this Message-ID."""
    return f"notifications_delivery.address:{delivery.message_id}"


def mark_read(*, notice: Notice, now: datetime) -> None:
    """Note when the person first opened the notice; no clock depends on it (R26)."""
    if notice.read_at is None:
        notice.read_at = now
        notice.save(update_fields=["read_at"])


@dataclass(frozen=True)
class Notified:
    """What the official states: to whom, how, when, and what proves it.

    `occurred_at`: handing over, reception at the post office, sending by the platform, or the act that shows
    knowledge. `reading`: how the days of the platform are counted (norms 1.10).
    """

    person: Person
    medium: str
    occurred_at: datetime
    evidence: str
    transaction_code: str = ""
    departure: str = ""
    """Why another medium than the one that the person gave; empty where it is that one (DS4 art. 25)."""
    reading: Reading = "B"


@dataclass(frozen=True)
class Sent:
    """What goes to the State's platform besides addressee and file (D8 art. 13), and of which step of a case."""

    case_ref: str
    subject_id: str
    occurrence: int
    procedure: str
    subject: str
    description: str
    attachments: tuple[tuple[str, str], ...] = ()
    """Title and SHA-256 of each document that goes with it."""


@transaction.atomic
def record_notification(
    *,
    file: ElectronicFile,
    agency: Agency,
    case_ref: str,
    subject_id: str,
    occurrence: int,
    document: Document | None,
    notified: Notified,
    by: Person,
    place: Place,
    now: datetime,
) -> NotificationRecord:
    """Record by hand that somebody was legally notified (Ley 19.880 arts. 45 to 47, DS4 art. 27); append-only.

    The effective date follows from the moment and the medium. The caller holds the case's lock.
    Raises a NotificationRefused: NotYetHappened, BeforeTheAct, ActNotInForce, EvidenceMissing, AlreadyNotified.
    """
    _check_moment(file, document, notified.occurred_at, place, now)
    _check_evidence(notified)
    effective_on, reading = _effect(notified, place)
    record = NotificationRecord(
        file=file,
        agency=agency,
        case_ref=case_ref,
        subject_id=subject_id,
        occurrence=occurrence,
        document=document,
        effective_on=effective_on,
        recorded_by=by,
        recorded_at=now,
        reading=reading,
        **_stated(notified),
    )
    return _insert(record)


@transaction.atomic
def record_sending(
    *,
    file: ElectronicFile,
    agency: Agency,
    sent: Sent,
    notified: Notified,
    answer: str,
    record: NotificationRecord | None,
    by: Person,
    now: datetime,
) -> PlatformSending:
    """Keep what was sent by the platform and its answer; without a record nobody was notified (D8 arts. 13 and 15).

    The caller holds the case's lock. Raises NotYetHappened and EvidenceMissing.
    """
    if notified.occurred_at > now:
        raise NotYetHappened
    _check_evidence(notified)
    return PlatformSending.objects.create(
        file=file,
        agency=agency,
        case_ref=sent.case_ref,
        subject_id=sent.subject_id,
        occurrence=sent.occurrence,
        person=notified.person,
        data=platform_data(file, agency, sent),
        answer=PlatformSending.Answer(answer),
        transaction_code=notified.transaction_code.strip(),
        sent_at=notified.occurred_at,
        record=record,
        recorded_by=by,
        recorded_at=now,
    )


def platform_data(file: ElectronicFile, agency: Agency, sent: Sent) -> dict[str, Any]:
    """Six of the seven data of D8 art. 13, by name; the seventh, the RUN of the addressee, stays in accounts."""
    return {
        "body": agency.body_code or agency.code,
        "file": file.iuie,
        "procedure": sent.procedure,
        "type": LEGAL,
        "subject": sent.subject[:MOST_SUBJECT],
        "description": sent.description,
        "attachments": [{"title": title, "sha256": sha256} for title, sha256 in sent.attachments],
    }


def attach_certificate(*, record: NotificationRecord, document: Document) -> NotificationCertificate:
    """Say which document of the file certifies a notification. The caller holds the case's lock."""
    return NotificationCertificate.objects.create(record=record, document=document)


def _check_moment(
    file: ElectronicFile, document: Document | None, occurred_at: datetime, place: Place, now: datetime
) -> None:
    """Refuse a moment in the future, or before what is notified existed."""
    if occurred_at > now:
        raise NotYetHappened
    if document is None:
        existed_on = local_date(file.opened_at, place.zone)
    elif document.state != Document.State.IN_FORCE:
        raise ActNotInForce(document.title)
    else:
        existed_on = document.issued_on or local_date(document.created_at, place.zone)
    if local_date(occurred_at, place.zone) < existed_on:
        raise BeforeTheAct(existed_on)


def _stated(notified: Notified) -> dict[str, Any]:
    return {
        "person": notified.person,
        "medium": Medium(notified.medium),
        "occurred_at": notified.occurred_at,
        "evidence": notified.evidence.strip(),
        "transaction_code": notified.transaction_code.strip(),
        "departure": notified.departure.strip()[:300],
    }


def _check_evidence(notified: Notified) -> None:
    """In the office the official's own word is the evidence (R32); the other media need theirs."""
    needed = {
        Medium.LETTER: _("el número de seguimiento de la carta o el timbre de Correos"),
        Medium.PLATFORM: _("el código de transacción de la Plataforma de Notificaciones"),
        Medium.TACIT: _("la actuación de la persona que muestra que conoce el acto"),
    }
    medium, evidence = Medium(notified.medium), notified.evidence.strip()
    given = notified.transaction_code.strip() or evidence if medium == Medium.PLATFORM else evidence
    if medium in needed and not given:
        raise EvidenceMissing(needed[medium])


def _effect(notified: Notified, place: Place) -> tuple[date, str]:
    """The day on which the notification takes effect, and the name of the rule that says so."""
    occurred_on = local_date(notified.occurred_at, place.zone)
    match Medium(notified.medium):
        case Medium.LETTER:
            return letter_effective_on(occurred_on, place), "letter_third_day"
        case Medium.PLATFORM:
            return platform_effective_on(occurred_on, place, notified.reading), f"ddu_{notified.reading}"
        case Medium.OFFICE | Medium.TACIT as medium:
            return occurred_on, medium.value


def _insert(record: NotificationRecord) -> NotificationRecord:
    try:
        with transaction.atomic():
            record.save(force_insert=True)
    except IntegrityError as error:
        raise AlreadyNotified from error
    return record
