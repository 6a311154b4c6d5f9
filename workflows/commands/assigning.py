"""Whoever leads a unit gives its steps to people of the unit: one or several at once, each case by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.api import in_force, roles_of
from accounts.models import Membership, Person, User
from notifications.api import Said
from workflows import messages
from workflows.access import check_keeps_in, official_cases
from workflows.commands.locking import locked, task_of
from workflows.errors import CommandRefused, NotAllowed, OrderOfEntry
from workflows.incidents import settle
from workflows.models import CaseTask
from workflows.nodes import StepActivation
from workflows.queries import away_among, task_facts, units_led
from workflows.rules import HELD, SIGNING, Action, Refusal, refusal
from workflows.runtime import Run


@dataclass(frozen=True)
class Given:
    """What became of one step of several: it was given, or why not."""

    task: CaseTask
    refusal: str = ""


def assign_several(*, tasks: Iterable[CaseTask], to: Person, by: User, now: datetime, reason: str = "") -> list[Given]:
    """Give each step to the person, in order of entry. One that cannot be given stops none of the others.

    Each is one transaction with its own lock.
    """
    in_order = sorted(tasks, key=lambda task: (task.rank, task.filed_at, task.pk))
    return [_attempt(task, to, by, now, reason) for task in in_order]


def _attempt(task: CaseTask, to: Person, by: User, now: datetime, reason: str) -> Given:
    try:
        assign(task=task, to=to, by=by, now=now, reason=reason)
    except CommandRefused as refused:
        return Given(task, str(refused))
    return Given(task)


def assign(*, task: CaseTask, to: Person, by: User, now: datetime, reason: str = "") -> None:
    """Give a step of a unit that one leads to somebody of its role, also one that somebody else has.

    Older ready cases go first (art. 7) unless `reason` is an order on record (R21). Raises NotAllowed, also for who
    keeps out of the case (art. 12), TaskFinished, OrderOfEntry, or CommandRefused where the person is away or may not
    do that step.
    """
    with locked(task.process_id, by=by.person, now=now) as run:
        current = task_of(run, task.pk)
        if not _may_assign(run, current, by.person):
            raise NotAllowed(_("Los pasos de una unidad los reparte quien la dirige."))
        check_keeps_in(run.case, by.person, run.today)
        if current.owner is not None and current.owner.person_id == to.pk:
            return
        _refuse(run, current, to, reasoned=bool(reason.strip()))
        former = current.owner.person if current.owner is not None else None
        activation = StepActivation.resume(current, run)
        if current.status == HELD:
            activation.unassign()
        activation.assign(_account(to))
        order = {"reason": reason.strip()} if reason.strip() else {}
        run.record("task.assigned", {"step": current.step_id, "official": to.pk}, personal=order)
        settle(run)
        _tell(run, current, to, former)


def _tell(run: Run, task: CaseTask, to: Person, former: Person | None) -> None:
    """Tell whoever got the step, and whoever had it; nobody of what they did themselves."""

    def said(subject: str | Promise, body: str | Promise) -> Callable[[], Said]:
        words = {"number": run.case.number, "step": task.step_title, "name": to}
        return lambda: Said(str(subject) % words, str(body) % words)

    given = said(
        gettext_lazy("Te encargaron un paso: solicitud N° %(number)s"),
        gettext_lazy("Ahora el paso «%(step)s» lo tienes tú."),
    )
    taken = said(
        gettext_lazy("Un paso tuyo pasó a otra persona: solicitud N° %(number)s"),
        gettext_lazy("Ahora el paso «%(step)s» lo tiene %(name)s."),
    )
    for person, say in ((to, given), (former, taken)):
        if person is not None and person != run.by:
            messages.tell_official(run, person, say)


def _may_assign(run: Run, task: CaseTask, by: Person) -> bool:
    is_linked = official_cases(by, run.today).filter(pk=run.case.pk).exists()
    return is_linked and task.unit_id in units_led(roles_of(by, run.today))


def _account(person: Person) -> User:
    return User.objects.filter(person=person).first() or User.objects.create_for(person)


def _refuse(run: Run, task: CaseTask, to: Person, *, reasoned: bool) -> None:
    """Raise why the person cannot be given the step: what would stop them from taking it, or not being there."""
    if task.status == SIGNING:
        raise CommandRefused(_("Este paso está esperando una firma. Espera a que termine."))
    if not Membership.objects.filter(in_force(run.today), role=task.role_id, person=to).exists():
        raise CommandRefused(_("%(name)s no tiene hoy el cargo que hace este paso.") % {"name": to})
    if away_among([to], run.today):
        raise CommandRefused(_("%(name)s está ausente hoy. Elige a otra persona.") % {"name": to})
    facts = replace(task_facts(run.case, task, to, run.today), is_taken=False, is_mine=False)
    why = refusal(Action.CLAIM, facts, reasoned=reasoned)
    if why is Refusal.OUT_OF_ORDER:
        raise OrderOfEntry(_("Hay otras que van antes en este paso. Repártelas también, o escribe la razón."))
    if why is not None:
        raise CommandRefused(str(_WHY.get(why, CommandRefused.message)) % {"name": to})


_WHY = {
    Refusal.DID_ANOTHER: gettext_lazy("%(name)s hizo otro paso de esta solicitud: este lo debe hacer otra persona."),
    Refusal.NOT_WHO_DID: gettext_lazy("Este paso lo hace quien hizo el anterior, no %(name)s."),
    Refusal.ALONE: gettext_lazy(
        "%(name)s hizo otro paso de esta solicitud. Como no hay otra persona, escribe la razón."
    ),
    Refusal.ABSTAINED: gettext_lazy("%(name)s declaró un conflicto de interés en esta solicitud."),
    Refusal.PARTY: gettext_lazy("%(name)s es parte en esta solicitud, o representa a una."),
    Refusal.BARRED: gettext_lazy("%(name)s firmó el acto reclamado: el recurso lo resuelve otra persona."),
}
"""Of what stops an official from taking a step, what may stop one who is in its role."""
