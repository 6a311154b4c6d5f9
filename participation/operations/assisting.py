"""Supports that an official writes down for whoever is at the counter or calls: same person, same limit, same tally.

The official never supports in their own name this way, and sees of the person's supports only what is done here.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Agency, Person
from audit.api import append_to_stream
from notifications.api import Said, tell_person
from participation.errors import (
    AlreadySupports,
    AttendanceOver,
    NoSlotLeft,
    NotAllowed,
    NothingToWithdraw,
    NotIdentified,
    PersonHasNoSlot,
    TooMany,
)
from participation.models import Assisted, Door, Subject, Support
from participation.models.supports import DEMONSTRATION, OFFICE
from participation.operations import supporting
from participation.operations.addresses import proved_address
from participation.operations.subjects import stored
from participation.queries.subjects import support_of
from signatures.api import Limit, TooManyAttempts, count_attempt
from workflows.models import Attendance, Channel

STREAM = "assisted"
"""Chain of what officials wrote down: by whom and when, never of whom nor of what."""
GIVEN_BY = Limit("participation.assisted.give", 30, 60)
"""Supports that one official may write down in an hour."""
TAKEN_BY = Limit("participation.assisted.withdraw", 15, 60)
"""Supports that one official may take back in an hour."""
OF_PERSON = Limit("participation.assisted.person", 20, 24 * 60)
"""Tries in a day, by any official, on what one person supports."""
DOORS = {Channel.COUNTER: Door.COUNTER, Channel.PHONE: Door.PHONE}
What = Assisted.What


def provider_of_office(agency: Agency) -> str:
    """The name under which an office is counted that looked at the document, or asked the questions, itself."""
    return DEMONSTRATION if settings.DEMO else f"{OFFICE}{agency.code}"[:60]


def give(*, attendance: Attendance, subject: Subject, kind: str, by: Person, now: datetime) -> Assisted:
    """Write down a support of the person attended, who is told in their inbox and takes it back when they want.

    Raises NotAllowed, AttendanceOver, NotIdentified, AlreadySupports, PersonHasNoSlot, SubjectClosed, KindNotOffered
    and TooMany.
    """
    _check(attendance, by)
    _count(GIVEN_BY, attendance, now)
    person = attendance.person
    given = supporting.Given(provider=provider_of_office(attendance.agency), door=DOORS[Channel(attendance.channel)])
    with transaction.atomic():
        wanted = stored(subject=subject, now=now)
        try:
            is_new = supporting.support(subject=wanted, kind=kind, by=person, given=given, now=now)
        except NoSlotLeft as refusal:
            raise PersonHasNoSlot from refusal
        held = support_of(person, wanted)
        if not is_new or held is None:
            raise AlreadySupports
        return _written(held, attendance, What.GIVEN, now)


def withdraw(*, attendance: Attendance, subject: Subject, by: Person, now: datetime) -> Assisted:
    """Take back a support of the person attended, wherever it was given.

    Raises NotAllowed, AttendanceOver, NotIdentified, NothingToWithdraw and TooMany.
    """
    _check(attendance, by)
    _count(TAKEN_BY, attendance, now)
    with transaction.atomic():
        held = support_of(attendance.person, subject) if subject.pk else None
        if held is None or not supporting.withdraw(subject=subject, by=attendance.person, now=now):
            raise NothingToWithdraw
        return _written(held, attendance, What.WITHDRAWN, now)


def _check(attendance: Attendance, by: Person) -> None:
    if attendance.official_id != by.pk or attendance.person_id == by.pk:
        raise NotAllowed
    if attendance.ended_at is not None:
        raise AttendanceOver
    if not attendance.is_identified:
        raise NotIdentified


def _count(limit: Limit, attendance: Attendance, now: datetime) -> None:
    """A refused try counts as well: nobody finds out by trying what somebody supports."""
    for one, who in ((limit, attendance.official_id), (OF_PERSON, attendance.person_id)):
        try:
            count_attempt(one, f"person:{who}", now)
        except TooManyAttempts as refusal:
            raise TooMany(one.minutes // 60) from refusal


def _written(support: Support, attendance: Attendance, what: str, now: datetime) -> Assisted:
    """Keep who did it, tell the person, and add it to the chain."""
    row = Assisted.objects.create(
        support=support, attendance=attendance, official_id=attendance.official_id, what=what, at=now
    )
    _tell(row, support.subject, now)
    body = {"assisted": row.pk, "door": DOORS[Channel(attendance.channel)], "agency": attendance.agency.code}
    actor = f"person:{attendance.official_id}"
    append_to_stream(stream=STREAM, kind=f"support.{what}", actor=actor, at=now, body=body)
    return row


def _told(row: Assisted, subject: Subject) -> Said:
    attendance = row.attendance
    names = {"title": subject.title, "official": str(attendance.official), "agency": attendance.agency.name}
    if row.what == What.GIVEN:
        title = _("Registraron tu apoyo: %(title)s")
        body = _(
            "%(official)s, de %(agency)s, registró tu apoyo a «%(title)s» porque se lo pediste. Si no fuiste tú, o "
            "cambias de opinión, retíralo en «Mis apoyos» y avisa a la institución."
        )
    else:
        title = _("Retiraron tu apoyo: %(title)s")
        body = _(
            "%(official)s, de %(agency)s, retiró tu apoyo a «%(title)s» porque se lo pediste. Si no fuiste tú, dalo "
            "otra vez y avisa a la institución."
        )
    return Said(title % names, body % names, _("Ver mis apoyos"))


def _tell(row: Assisted, subject: Subject, now: datetime) -> None:
    """Leave it in the person's inbox, in case it was not them who asked."""
    attendance = row.attendance
    tell_person(
        person=attendance.person,
        agency=attendance.agency,
        say=lambda: _told(row, subject),
        action_path=reverse("participation:mine"),
        email=proved_address(attendance.person),
        now=now,
    )
