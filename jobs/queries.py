"""Reads on the job table."""

from datetime import datetime, timedelta

from django.db.models import Count, Min, QuerySet

from jobs.models import Job
from jobs.registry import QUEUES


def jobs_of_case(case_id: int) -> QuerySet[Job]:
    """The jobs of one case, oldest first."""
    return Job.objects.filter(case_id=case_id).order_by("id")


def due(now: datetime) -> QuerySet[Job]:
    """Rows that a dispatcher must look at: due timers, ended back-offs, lost messages, ended leases."""
    return Job.objects.filter(queue__in=QUEUES, run_at__lte=now)


def oldest_due_age(now: datetime) -> timedelta:
    """How long the oldest due job has been waiting; zero when nothing is due. The signal to alert on."""
    oldest = due(now).aggregate(oldest=Min("run_at"))["oldest"]
    return now - oldest if oldest else timedelta(0)


def counts_by_state() -> dict[str, int]:
    """How many jobs there are in each state."""
    return dict(Job.objects.values_list("state").annotate(Count("id")).order_by("state"))
