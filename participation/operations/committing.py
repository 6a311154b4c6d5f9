"""Adhering to the commitment to answer, and the institution's own figures of what is asked of it."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from accounts.api import has_capability
from accounts.models import Agency, AgencyCapability, Person
from jobs.api import enqueue
from legaltime.api import local_date
from participation.errors import NotAllowed, NotAnAnswer
from participation.models import Commitment, Subject
from participation.operations.counting import OPEN_CASE
from participation.queries.answers import unanswerable
from participation.queries.powers import may_plan
from participation.queries.promises import answering_procedures
from procedures.models import Offering


@transaction.atomic
def adhere(
    *, agency: Agency, act: str, adhered_on: date, offering: Offering, floor: int | None, by: Person, now: datetime
) -> Commitment:
    """The agency promises to answer, from now on and what already waits. An earlier promise ends with the new one.

    Raises NotAllowed, and NotAnAnswer for a procedure that opens by an application or registers no answer.
    """
    today = local_date(now, agency.time_zone)
    if not has_capability(by, agency, AgencyCapability.PUBLISH, today):
        raise NotAllowed
    if offering not in answering_procedures(agency, today):
        raise NotAnAnswer
    Commitment.objects.filter(agency=agency, ended_on=None).update(ended_on=today)
    commitment = Commitment.objects.create(
        agency=agency, act=act, adhered_on=adhered_on, offering=offering, floor=floor or None
    )
    for subject in unanswerable().filter(agency=agency, closed_at=None):
        round = subject.answers.aggregate(latest=Max("round", default=1))["latest"]
        enqueue(kind=OPEN_CASE, payload={"subject": subject.pk, "round": round}, now=now, agency_id=agency.pk)
    return commitment


@transaction.atomic
def end_commitment(*, commitment: Commitment, by: Person, now: datetime) -> None:
    """The agency promises nothing from today; what it was asked already it still owes. Raises NotAllowed."""
    today = local_date(now, commitment.agency.time_zone)
    if not has_capability(by, commitment.agency, AgencyCapability.PUBLISH, today):
        raise NotAllowed
    Commitment.objects.filter(pk=commitment.pk, ended_on=None).update(ended_on=today)


@transaction.atomic
def state_volume(*, subject: Subject, users_a_year: int, source: str, by: Person, now: datetime) -> None:
    """Publish the institution's own figure, with where it comes from. A frozen threshold stays. Raises NotAllowed."""
    if not may_plan(by, subject, now):
        raise NotAllowed
    Subject.objects.filter(pk=subject.pk).update(users_a_year=users_a_year, users_source=source[:200])
