"""Reads of commitments: who may adhere, and with which procedures an agency may answer."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import QuerySet

from accounts.api import agencies_where
from accounts.models import Agency, AgencyCapability, Person
from legaltime.api import local_date
from participation.models import Commitment
from participation.queries.powers import ZONE
from procedures.api import RegisterStep, bundle_of, offered_to_people, offerings_on
from procedures.models import Offering

ANSWER = "answer"
"""The value that the procedure must register, which this room reads."""


def committing_agencies(person: Person | None, now: datetime) -> QuerySet[Agency]:
    """The agencies for which the person may adhere: those whose procedures they publish."""
    if person is None:
        return Agency.objects.none()
    return agencies_where(person, AgencyCapability.PUBLISH, local_date(now, ZONE))


def answering_procedures(agency: Agency, on: date) -> list[Offering]:
    """What the agency offers that opens by itself only, and registers an answer."""
    found = offerings_on(on).filter(agency=agency).select_related("version__procedure", "agency")
    return [
        one
        for one in found
        if registers_answer(one) and offered_to_people(agency.code, one.version.procedure.code, on) is None
    ]


def registers_answer(offering: Offering) -> bool:
    """Whether its cases end by registering what was answered."""
    steps = bundle_of(offering.version).all_steps()
    return any(isinstance(step, RegisterStep) and ANSWER in step.values for step in steps)


def open_commitment(agency: Agency) -> Commitment | None:
    """The agency's promise, or None."""
    return Commitment.objects.filter(agency=agency, ended_on=None).select_related("offering__version").first()


def last_ended(agency_id: int | None) -> date | None:
    """The day on which the agency ended its latest promise; None of one that never promised."""
    if agency_id is None:
        return None
    ended = Commitment.objects.filter(agency_id=agency_id, ended_on__isnull=False).order_by("-ended_on")
    return ended.values_list("ended_on", flat=True).first()
