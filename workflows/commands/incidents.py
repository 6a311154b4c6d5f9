"""Who sees to an incident, closing it once its cause is gone, and the round that looks for cases that stand still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from viewflow.workflow.status import STATUS

from accounts.api import in_force
from accounts.models import AgencyCapability, Membership, Person, Role
from jobs.api import enqueue, retry_job
from jobs.models import Job
from legaltime.api import local_date
from procedures.models import RoleBinding
from workflows.access import check_official, may_mend
from workflows.commands.effects import EFFECT_DONE
from workflows.commands.locking import locked
from workflows.commands.reviewing import steps_to_choose
from workflows.commands.telling import tell_of_incidents
from workflows.errors import CommandRefused, NotAllowed
from workflows.incidents import cause_left, examine, settle, solved_cases, suspicious_cases
from workflows.models import Incident
from workflows.nodes import StepActivation
from workflows.runtime import Run
from workflows.separation import keeps_no_distance, kept_out

ROUND = "workflows.look_for_stalled"
"""Job kind: look for cases that stand still. Runs again and again."""
LOOK = "workflows.look_at_case"
"""Job kind: look at one case under its lock."""
TELL = "workflows.tell_of_incidents"
"""Job kind: tell of what stands still. Apart from the search, so that an error in one does not silence the other."""
EVERY = timedelta(minutes=10)
CLOSED_BY_HAND = (Incident.Kind.MAIL, Incident.Kind.BASIS)
"""The kinds that end when somebody says what was done, and not by themselves."""


def look_for_stalled(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: queue a look at cases that may stand still or whose incident may be over.

    `job.payload`: the last incident that rounds before looked at; where there are more, the next round follows at once.
    """
    today = local_date(now, settings.TIME_ZONE)
    after = job.payload.get("incident", 0)
    standing = [] if after else suspicious_cases(now, today)
    solved, last = solved_cases(now, today, after)
    found = dict.fromkeys([*standing, *solved])
    for case_id in found:
        enqueue(kind=LOOK, payload={}, now=now, case_id=case_id)
    if last:
        enqueue(kind=ROUND, payload={"incident": last}, now=now)
    return {"cases": len(found)}


def tell_of_what_stands_still(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: tell who watches over each agency of its incidents."""
    return {"told": tell_of_incidents(now)}


def look_at_case(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: open an incident for what stands still in the case, and close those whose cause is gone."""
    assert job.case_id is not None
    with locked(job.case_id, by=None, now=now) as run:
        examine(run)
    return {}


def look_where_nobody_was(role: Role, now: datetime) -> None:
    """Somebody was given a role: queue a look at the cases that had nobody in it, so that their incident closes."""
    waiting = Incident.objects.filter(kind=Incident.Kind.NO_RESPONSIBLE, closed_at=None, task__role=role)
    for case_id in waiting.order_by("case_id").values_list("case_id", flat=True).distinct():
        enqueue(kind=LOOK, payload={}, now=now, case_id=case_id)


def take(*, incident: Incident, by: Person, now: datetime) -> None:
    """Become the one who sees to it. Raises NotAllowed, or CommandRefused when it is closed or they keep out (art. 12).

    Who watches over the agency may still try again what failed in such a case: that decides nothing.
    """
    with _mending(incident, by, now) as (run, current):
        if kept_out(run.case, by, run.today) is not None:
            text = _(
                "Te abstuviste o estás impedido en esta solicitud, así que no te puedes hacer cargo (Ley 19.880, "
                "art. 12). Encárgalo a otra persona."
            )
            raise CommandRefused(text)
        current.owner = by
        current.save(update_fields=["owner"])
        run.record("incident.taken", {"kind": current.kind, "step": current.step_id})


def assign(*, incident: Incident, to: Person, by: Person, now: datetime) -> None:
    """Have somebody else see to it.

    Raises NotAllowed, or CommandRefused for whoever may not mend the case or keeps out of it (art. 12).
    """
    with _mending(incident, by, now) as (run, current):
        if kept_out(run.case, to, run.today) is not None:
            text = _("%(who)s no puede intervenir en esta solicitud (Ley 19.880, art. 12). Elige a otra persona.")
            raise CommandRefused(text % {"who": to})
        if not menders(current, now).filter(pk=to.pk).exists():
            raise CommandRefused(_("Esa persona no trabaja hoy en este trámite. Elige a otra."))
        current.owner = to
        current.save(update_fields=["owner"])
        run.record("incident.assigned", {"kind": current.kind, "step": current.step_id, "to": to.pk})


def free_step(*, incident: Incident, by: Person, now: datetime) -> None:
    """Put back the step of somebody who left the role, for others to take. Raises NotAllowed, CommandRefused."""
    with _mending(incident, by, now) as (run, current):
        task = current.task
        if task is None or task.status != STATUS.ASSIGNED or not cause_left(run, current):
            raise CommandRefused
        StepActivation.resume(task, run).unassign()
        run.record("task.released", {"step": task.step_id})
        settle(run)


def choose_step(*, incident: Incident, step_id: str, reason: str, by: Person, now: datetime) -> None:
    """Say from which step of its own version a case goes back, where an appeal named one that this version lacks.

    What was resolved is then carried out; the incident closes once it is. Raises NotAllowed, CommandRefused.
    """
    with _mending(incident, by, now) as (run, current):
        steps = steps_to_choose(current)
        if not steps:
            raise CommandRefused(_("En este incidente no hay que elegir un paso. Inténtalo de nuevo."))
        check_official(run.case, by, run.today)
        if step_id not in steps:
            raise CommandRefused(_("Elige desde qué paso se vuelve a tramitar la solicitud."))
        if not reason.strip():
            raise CommandRefused(_("Escribe por qué ese paso es el que corresponde a lo que se resolvió."))
        assert current.job_id is not None, "what was resolved is carried out by a job"
        run.record("case.step_chosen", {"step": step_id}, personal={"reason": reason.strip()[:500]})
        retry_job(job_id=current.job_id, now=now, on_done=EFFECT_DONE, adding={"back_to": step_id})


def close(*, incident: Incident, resolution: str, by: Person, now: datetime) -> None:
    """Close it by hand, saying what was done. The engine refuses while the case is stuck, whatever the words say.

    An e-mail that did not leave holds no case, so telling the person otherwise is enough; what fell under a case is
    for an official to judge, and for nobody who keeps out of the case (art. 12). Raises NotAllowed or CommandRefused
    with what is still missing.
    """
    with _mending(incident, by, now) as (run, current):
        if current.kind == Incident.Kind.BASIS and kept_out(run.case, by, run.today) is not None:
            text = _(
                "Te abstuviste o estás impedido en esta solicitud, así que no puedes decir qué se hizo en ella (Ley "
                "19.880, art. 12). Encárgalo a otra persona."
            )
            raise CommandRefused(text)
        if not resolution.strip():
            raise CommandRefused(_("Escribe qué se hizo para resolverlo."))
        left = "" if current.kind in CLOSED_BY_HAND else cause_left(run, current)
        if left:
            raise CommandRefused(_("Todavía no se puede cerrar. %(why)s") % {"why": left})
        current.closed_at, current.closed_by, current.resolution = now, by, resolution.strip()[:500]
        current.save(update_fields=["closed_at", "closed_by", "resolution"])
        fact = {"kind": current.kind, "step": current.step_id}
        run.record("incident.closed", fact, personal={"resolution": current.resolution})


def menders(incident: Incident, now: datetime) -> QuerySet[Person]:
    """Officials of the case's procedure, and those who watch over the agency's effects, in office today.

    Without those who keep out of the case (art. 12).
    """
    today = local_date(now, incident.agency.time_zone)
    bound = RoleBinding.objects.filter(offering_id=incident.case.offering_id).values("role_id")
    watches = Q(role__grants__capability=AgencyCapability.OPERATE, role__unit__agency=incident.agency_id)
    posts = Membership.objects.filter(in_force(today), Q(role__in=bound) | watches)
    free = keeps_no_distance(incident.case_id, "pk", today)
    return Person.objects.filter(*free, pk__in=posts.values("person_id")).order_by("family_names", "given_names")


@contextmanager
def _mending(incident: Incident, by: Person, now: datetime) -> Iterator[tuple[Run, Incident]]:
    """The incident as it is now, under its case's lock, for somebody who may mend it."""
    with locked(incident.case_id, by=by, now=now) as run:
        if not may_mend(by, run.case, run.today):
            raise NotAllowed
        current = Incident.objects.select_related("task__owner", "task__role", "agency").get(pk=incident.pk)
        if current.closed_at is not None:
            raise CommandRefused(_("Este incidente ya está cerrado."))
        current.case = run.case
        yield run, current
