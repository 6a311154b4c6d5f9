"""Reads of this room. Lists never read `flow_class` or `flow_task`: it would compile every version listed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q, QuerySet

from accounts.api import roles_of
from accounts.models import Membership, Person, Role
from jobs.api import jobs_of_case
from jobs.models import Job
from procedures.models import RoleBinding
from workflows.access import open_tasks_for, own_cases
from workflows.models import Case, CaseTask, Incident


def holders(role: Role | None, on: date) -> QuerySet[Membership]:
    """Who is in a role on a day."""
    open_on = Q(ends_on=None) | Q(ends_on__gte=on)
    return Membership.objects.filter(open_on, role=role, starts_on__lte=on).select_related("person").order_by("pk")


@dataclass(frozen=True)
class Inbox:
    """The official's bandeja: what is mine, what waits for anyone of my roles, what waits for citizens."""

    mine: list[CaseTask]
    unclaimed: list[CaseTask]
    waiting: list[CaseTask]
    incidents: list[Incident]


PAGE = 50


def inbox(person: Person, on: date) -> Inbox:
    """The bandeja of a person, by legal deadline."""
    tasks = open_tasks_for(person, on).order_by(F("due_on").asc(nulls_last=True), "process__filed_at", "pk")
    user = person.user
    return Inbox(
        mine=list(tasks.filter(owner=user)[:PAGE]),
        unclaimed=list(tasks.filter(status="NEW")[:PAGE]),
        waiting=list(waiting_for_applicants(person, on)[:PAGE]),
        incidents=list(open_incidents(person, on)[:PAGE]),
    )


def waiting_for_applicants(person: Person, on: date) -> QuerySet[CaseTask]:
    """Tasks that the applicants of my procedures must do."""
    offerings = RoleBinding.objects.filter(role__in=roles_of(person, on)).values("offering_id")
    return (
        CaseTask.objects.defer("flow_task", "process__flow_class")
        .filter(for_applicant=True, status__in=["NEW", "ASSIGNED"], process__offering_id__in=offerings)
        .select_related("process")
        .order_by(F("due_on").asc(nulls_last=True), "pk")
    )


def open_incidents(person: Person, on: date) -> QuerySet[Incident]:
    """Incidents of the procedures in which the person takes part, the oldest first."""
    offerings = RoleBinding.objects.filter(role__in=roles_of(person, on)).values("offering_id")
    return (
        Incident.objects.filter(closed_at=None, case__offering_id__in=offerings)
        .select_related("case", "task")
        .defer("case__flow_class", "task__flow_task")
        .order_by("opened_at")
    )


def next_task(person: Person, on: date) -> CaseTask | None:
    """The oldest ready task of the person's roles: "Tomar la siguiente" follows order of entry (art. 7)."""
    return open_tasks_for(person, on).filter(status="NEW").order_by("process__filed_at", "pk").first()


def cases_of_citizen(person: Person) -> QuerySet[Case]:
    """The person's cases, the latest first."""
    return own_cases(person).defer("flow_class").select_related("agency").order_by("-filed_at")


def effects(case: Case) -> Iterable[Job]:
    """Effects and timers of a case with their state, the latest first."""
    return jobs_of_case(case.pk).order_by("-pk")

