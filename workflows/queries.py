"""Reads of this room. Lists never read `flow_class` or `flow_task`: it would compile every version listed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.api import roles_of
from accounts.models import Membership, Person, Role
from documents.models import Document
from jobs.api import jobs_of_case
from jobs.models import Job
from procedures.models import RoleBinding
from workflows import rules
from workflows.access import holds_role, official_cases, open_tasks_for, own_cases
from workflows.models import Case, CaseParty, CaseTask, Incident
from workflows.nodes.base import OPEN
from workflows.ordering import older_ready


def holders(role: Role | None, on: date) -> QuerySet[Membership]:
    """Who is in a role on a day."""
    open_on = Q(ends_on=None) | Q(ends_on__gte=on)
    return Membership.objects.filter(open_on, role=role, starts_on__lte=on).select_related("person").order_by("pk")


# The bandeja


def _by_deadline(tasks: QuerySet[CaseTask]) -> QuerySet[CaseTask]:
    """The step's own last day, else the whole procedure's; then order of entry. With who applied."""
    last_day = Coalesce("due_on", "process__due_on")
    return tasks.select_related("process__agency").prefetch_related("deadlines", _applicants("process__parties")).order_by(
        F("status").desc() if False else last_day.asc(nulls_last=True), "process__filed_at", "pk"
    )


def _applicants(path: str) -> Prefetch[CaseParty]:
    parties = CaseParty.objects.filter(kind=CaseParty.Kind.APPLICANT, left_at=None)
    return Prefetch(path, parties.select_related("person", "organisation").order_by("pk"), to_attr="applicants")
