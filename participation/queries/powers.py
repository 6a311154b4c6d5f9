"""Who may moderate, review and plan."""

from __future__ import annotations

from datetime import datetime

from accounts.api import agencies_where, has_capability, in_force, memberships_of
from accounts.models import Agency, AgencyCapability, Grant, Membership, Person
from legaltime.api import local_date
from participation.models import Subject

ZONE = "America/Santiago"


def may_moderate(person: Person | None, now: datetime) -> bool:
    """Whether the person moderates proposals, reviews and merges."""
    if person is None:
        return False
    return agencies_where(person, AgencyCapability.MODERATE, local_date(now, ZONE)).exists()


def works_at(person: Person, agency: Agency | None, now: datetime) -> bool:
    """Whether the person holds a post in the institution: what is asked of it concerns them (Ley 19.880 art. 12)."""
    if agency is None:
        return False
    return memberships_of(person, local_date(now, ZONE)).filter(role__unit__agency=agency).exists()


def others_moderate(agency: Agency, now: datetime) -> bool:
    """Whether somebody moderates who holds no post in that institution."""
    held = Membership.objects.filter(in_force(local_date(now, ZONE)))
    staff = held.filter(role__unit__agency=agency).values("person_id")
    return held.filter(role__grants__capability=AgencyCapability.MODERATE).exclude(person_id__in=staff).exists()


def must_abstain(person: Person, agency: Agency | None, now: datetime) -> bool:
    """Whether the person leaves to others what hides a request from view: it is asked of their own institution.

    Where nobody else moderates on this site they do not abstain; then a second person of the institution decides.
    """
    return agency is not None and works_at(person, agency, now) and others_moderate(agency, now)


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
