"""Steps that are handed out: to whom in the role it is the turn, by load and absence."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Count, Max, Q, QuerySet

from accounts.api import in_force
from accounts.models import Absence, Person, Role, User
from workflows.models import CaseTask
from workflows.rules import HELD, SIGNING, WAITING, Separation
from workflows.separation import separation

if TYPE_CHECKING:
    from workflows.nodes.work import HumanActivation


def hand_out(activation: HumanActivation) -> None:
    """Give a task that nobody has to whose turn it is; it stays in the queue where nobody may take it today.

    The role's row is locked, so that two cases that arrive at once do not both count before either is given.
    """
    run, task = activation.run, activation.task
    if task.status != WAITING or task.role_id is None:
        return
    Role.objects.select_for_update(no_key=True).get(pk=task.role_id)
    person = whose_turn(task, run.today)
    if person is None:
        return
    activation.assign(User.objects.get(person=person))
    run.record("task.handed_out", {"step": task.step_id, "official": person.pk})


def whose_turn(task: CaseTask, on: date) -> Person | None:
    """Of those in the role who are there that day and may do it: with fewest steps in hand, then longest without."""
    given = CaseTask.objects.filter(role=task.role_id, owner__isnull=False).values("owner__person")
    counted = given.annotate(load=Count("pk", filter=Q(status__in=[HELD, SIGNING])), latest=Max("assigned"))
    loads = {row["owner__person"]: (row["load"], row["latest"]) for row in counted}

    def place(person: Person) -> tuple[int, bool, datetime | int, int]:
        load, latest = loads.get(person.pk, (0, None))
        return load, latest is not None, latest or 0, person.pk

    there = sorted(_there(task, on), key=place)
    return next((one for one in there if separation(task.process, task, one, on) is Separation.FREE), None)


def _there(task: CaseTask, on: date) -> QuerySet[Person]:
    """Who is in the role that day, not away, and has an account."""
    away = Absence.objects.filter(starts_on__lte=on, ends_on__gte=on).values("person")
    held = Person.objects.filter(in_force(on, through="memberships__"), memberships__role=task.role_id)
    return held.filter(user__isnull=False).exclude(pk__in=away).distinct()
