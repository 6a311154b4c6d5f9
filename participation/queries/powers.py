"""Who may moderate, review and plan."""

from __future__ import annotations

from datetime import datetime

from accounts.api import agencies_where, has_capability
from accounts.models import Agency, AgencyCapability, Grant, Person
from legaltime.api import local_date
from participation.models import Subject

ZONE = "America/Santiago"


def may_moderate(person: Person | None, now: datetime) -> bool:
    """Whether the person moderates proposals, reviews and merges."""
    if person is None:
        return False
    return agencies_where(person, AgencyCapability.MODERATE, local_date(now, ZONE)).exists()


def may_plan(person: Person | None, subject: Subject, now: datetime) -> bool:
    """Whether the person designs procedures of the agency that must answer: they move its roadmap."""
    if person is None or subject.agency is None:
        return False
    return has_capability(person, subject.agency, AgencyCapability.DESIGN, local_date(now, subject.agency.time_zone))


def voice_of(subject: Subject) -> Agency | None:
    """In whose name supporters are told: the agency that must answer, else one that moderates."""
    if subject.agency is not None:
        return subject.agency
    moderating = Grant.objects.filter(capability=AgencyCapability.MODERATE).order_by("role__unit__agency__pk")
    found = moderating.select_related("role__unit__agency").first()
    return found.role.unit.agency if found else None
