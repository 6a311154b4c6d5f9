"""Posts that end: what whoever held one had taken goes back to the list of the post, and what nobody can do is told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from viewflow.workflow.status import STATUS

from accounts.api import PostRefused, close_role, end_posts
from accounts.models import Membership, Person, Role
from jobs.api import enqueue
from procedures.models import RoleBinding
from workflows.commands.incidents import LOOK
from workflows.commands.locking import locked, task_of
from workflows.errors import CommandRefused
from workflows.models import CaseTask
from workflows.nodes import StepActivation

OPEN = (STATUS.NEW, STATUS.ASSIGNED, STATUS.STARTED, STATUS.SCHEDULED)


def open_steps(roles: Collection[Role]) -> QuerySet[CaseTask]:
    """The steps that wait for those posts, taken or not."""
    return CaseTask.objects.filter(role__in=roles, status__in=OPEN).select_related("process").defer("flow_task")


def held_steps(person: Person, roles: Collection[Role]) -> QuerySet[CaseTask]:
    """Those of them that the person took."""
    return open_steps(roles).filter(owner__person=person)


def offered_with(role: Role, on: date) -> list[str]:
    """The names of the procedures, offered that day or later, whose steps come to the post."""
    lasting = Q(offering__effective_to=None) | Q(offering__effective_to__gte=on)
    found = RoleBinding.objects.filter(lasting, role=role).values_list("offering__version__title", flat=True)
    return sorted(set(found))


def end(*, posts: Collection[Membership], ends_on: date, by: Person, today: date, now: datetime) -> int:
    """End posts of one person; what they had taken goes back to each post's list where the post is over already.

    How many steps went back. Those of a post that ends today or later are told by an incident the day after it.
    Raises PostRefused.
    """
    posts = list(posts)
    end_posts(posts=posts, ends_on=ends_on, by=by, today=today, now=now)
    over = [post for post in posts if post.ends_on is not None and post.ends_on < today]
    back = 0
    for post in over:
        still = Membership.objects.filter(person=post.person, role=post.role, starts_on__lte=today)
        if not still.filter(Q(ends_on=None) | Q(ends_on__gte=today)).exists():
            back += sum(_give_back(task, by, now) for task in held_steps(post.person, [post.role]))
    _look({post.role for post in over}, now)
    return back


def close(*, role: Role, by: Person, today: date, now: datetime) -> None:
    """Close a post that no procedure on offer uses. Raises PostRefused."""
    titles = offered_with(role, today)
    if titles:
        text = _("Sus pasos llegan a este cargo en: %(titles)s. Publica antes una versión con otro cargo.")
        raise PostRefused(text % {"titles": "; ".join(titles)})
    close_role(role=role, by=by, today=today, now=now)
    _look({role}, now)


def _give_back(task: CaseTask, by: Person, now: datetime) -> bool:
    """Put a step back where colleagues see it; False where it moved on meanwhile, or is being signed."""
    try:
        with locked(task.process_id, by=by, now=now) as run:
            current = task_of(run, task.pk)
            if current.status != STATUS.ASSIGNED or current.owner_id != task.owner_id:
                return False
            StepActivation.resume(current, run).unassign()
            run.record("task.released", {"step": current.step_id})
    except CommandRefused:
        return False
    return True


def _look(roles: Collection[Role], now: datetime) -> None:
    """Queue a look at each case that waits for those posts: what nobody can do opens its incident at once."""
    for case_id in open_steps(roles).order_by("process_id").values_list("process_id", flat=True).distinct():
        enqueue(kind=LOOK, payload={}, now=now, case_id=case_id)
