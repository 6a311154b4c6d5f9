"""Until when the certificate of silence that a person asked for has to be given (Ley 19.880 arts. 24 and 64 to 66)."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from django.db.models import QuerySet

from legaltime.api import Place, add_business_days, effective_filing, local_date
from procedures.api import bundle_of
from workflows.models import Case, CaseTask
from workflows.nodes.base import OPEN
from workflows.steps import law


class Asked(NamedTuple):
    """A certificate that somebody asked for and nobody has signed."""

    at: datetime
    due_on: date
    """By the reading of docs/decisions/0011: the law says only that it is given without further steps."""
    task: CaseTask
    """What is being done for it now: writing it, or signing it."""


def asked(case: Case) -> Asked | None:
    """The certificate of silence that the case waits for; None where it waits for none."""
    task = waiting().filter(process=case).defer("flow_task").order_by("pk").last()
    begun = case.task_set.filter(step_id=law.SILENCE).defer("flow_task").order_by("pk").last()
    rules = bundle_of(case.version).law
    if task is None or begun is None or rules is None or rules.silence is None:
        return None
    place = Place(commune=case.agency.commune, zone=case.agency.time_zone)
    received = local_date(effective_filing(begun.created, place), place.zone)
    return Asked(begun.created, add_business_days(received, rules.silence.certificate_in, place), task)


def waiting() -> QuerySet[CaseTask]:
    """The steps in which a certificate of silence is written or signed now."""
    return CaseTask.objects.filter(step_id__startswith=law.SILENCE, status__in=OPEN)
