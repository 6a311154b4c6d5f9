"""Where cases stand, read for many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from procedures.api import bundle_of
from procedures.models import Offering
from workflows.deadlines import STILL_OPEN
from workflows.models import Case, CaseTask, Deadline, Incident, SubmissionValue
from workflows.nodes.base import OPEN
from workflows.versions.fitting import Fit, Standing, Values

AT_ONCE = 200
"""Cases read together."""


@dataclass(frozen=True)
class Verdict:
    """A case and what keeps it from going over; nothing when it can."""

    case: Case
    problems: list[str]


def cases_of(offering: Offering) -> QuerySet[Case]:
    """The cases that run in what an agency offers, the oldest first. Reads no flow class."""
    running = Case.objects.filter(offering=offering, finished=None)
    return running.defer("flow_class").select_related("agency").order_by("filed_at", "pk")


def verdicts(cases: Iterable[Case], source: Offering, target: Offering) -> Iterator[Verdict]:
    """What would become of each case, in the order given."""
    fit = Fit(bundle_of(source.version), bundle_of(target.version))
    waiting = list(cases)
    for first in range(0, len(waiting), AT_ONCE):
        chunk = waiting[first : first + AT_ONCE]
        found = standings(chunk)
        for case in chunk:
            yield Verdict(case, _joined(case) or fit.problems(found[case.pk]))


def _joined(case: Case) -> list[str]:
    if case.joined_to_id is None:
        return []
    return [_("Está acumulada a otra solicitud: desacumúlala primero, o espera a que se resuelva.")]


def standings(cases: Sequence[Case]) -> dict[int, Standing]:
    """{case: where it stands}, in four queries."""
    ids = [case.pk for case in cases]
    tasks = CaseTask.objects.filter(process__in=ids).exclude(status="CANCELED")
    path: dict[int, set[str]] = defaultdict(set)
    waiting: dict[int, dict[str, str]] = defaultdict(dict)
    for case_id, step_id, status in tasks.values_list("process", "step_id", "status"):
        path[case_id].add(step_id)
        if status in OPEN:
            waiting[case_id][step_id] = str(status)
    stuck: dict[int, set[str]] = defaultdict(set)
    for case_id, step_id in _incidents(ids).values_list("case", "task__step_id"):
        stuck[case_id].add(step_id)
        path[case_id].add(step_id)
    filed, clocks = _filed(cases), _clock_targets(ids)
    return {
        pk: Standing(
            path=frozenset(path[pk]),
            open_steps=waiting[pk],
            stuck=frozenset(stuck[pk] - waiting[pk].keys()),
            answers=filed[pk],
            clock_targets=frozenset(clocks[pk]),
        )
        for pk in ids
    }


def live_tasks(case: Case) -> list[CaseTask]:
    """The tasks that commands will still read through the flow: those that wait, and those where the case got stuck."""
    stuck = list(_incidents([case.pk]).values_list("task", flat=True))
    waiting = CaseTask.objects.filter(process=case, status__in=OPEN)
    return list((waiting | CaseTask.objects.filter(process=case, pk__in=stuck)).order_by("pk"))


def _incidents(ids: Sequence[int]) -> QuerySet[Incident]:
    return Incident.objects.filter(case__in=ids, closed_at=None, task__isnull=False)


def _filed(cases: Sequence[Case]) -> dict[int, dict[str, Values]]:
    """{case: {step: {question: answer}}}; what stands sealed is there without its value."""
    found: dict[int, dict[str, Any]] = {case.pk: {} for case in cases}
    data = {case.pk: case.data for case in cases}
    rows = SubmissionValue.objects.filter(submission__case__in=found.keys())
    step = Coalesce("submission__amends__step_id", "submission__step_id")
    for case_id, step_id, name in rows.values_list("submission__case", step, "field_id").distinct():
        known = data[case_id].get(step_id, {})
        found[case_id].setdefault(step_id, {})[name] = known.get(name)
    return found


def _clock_targets(ids: Sequence[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    clocks = Deadline.objects.filter(case__in=ids, state__in=STILL_OPEN).exclude(kind=Deadline.Kind.ORIGINAL)
    for case_id, on_expire, trigger in clocks.values_list("case", "on_expire", "trigger"):
        awaited = trigger[len("notified(") : -1] if trigger.startswith("notified(") else ""
        found[case_id] |= {name for name in (on_expire, awaited) if name}
    return found
