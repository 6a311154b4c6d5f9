"""Reads of this room. Lists never read `flow_class` or `flow_task`: it would compile every version listed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias

from django.db.models import Q, QuerySet

from accounts.api import agencies_where, in_force, memberships_of, roles_of
from accounts.models import Absence, AgencyCapability, Grant, Membership, Person, Role
from documents.models import Document
from jobs.api import jobs_of_case
from jobs.models import Job
from notifications.api import notifications_of
from procedures.api import BaseStep, ForEachStep, NotifyStep, bundle_of
from procedures.models import Offering, RoleBinding
from signatures.api import has_signed
from workflows import formalities, rules
from workflows.access import official_cases, own_cases
from workflows.models import Case, CaseParty, CaseTask, Deadline, Incident, OriginalRequest
from workflows.nodes.base import LATE, OPEN
from workflows.ordering import is_preceded
from workflows.representation import told_to
from workflows.reviewing import FALLEN
from workflows.separation import kept_out, separation


def holders(role: Role | None, on: date) -> QuerySet[Membership]:
    """Who is in a role on a day."""
    return Membership.objects.filter(in_force(on), role=role).select_related("person").order_by("pk")


def units_led(roles: Iterable[Role]) -> set[int]:
    """Ids of the units that somebody of these roles leads: by which they order (art. 7) and hand out its work."""
    led = Grant.objects.filter(role__in=[role.pk for role in roles], capability=AgencyCapability.ORDER)
    return set(led.values_list("role__unit", flat=True))


def away_among(people: Iterable[Person], on: date) -> set[int]:
    """Ids of those of them who are away that day."""
    away = Absence.objects.filter(person__in=list(people), starts_on__lte=on, ends_on__gte=on)
    return set(away.values_list("person", flat=True))


def cases_of_citizen(person: Person) -> QuerySet[Case]:
    """The person's cases, the latest first."""
    return own_cases(person).defer("flow_class").select_related("agency").order_by("-filed_at")


def effects(case: Case) -> Iterable[Job]:
    """Effects and timers of a case with their state, the latest first."""
    return jobs_of_case(case.pk).order_by("-pk")


def incidents_of(person: Person, on: date) -> QuerySet[Incident]:
    """Incidents of the person's procedures and of the agencies whose effects they watch over, the oldest first."""
    return incidents_among(offerings_of(person, on), person, on)


def incidents_among(offering_ids: Iterable[int], person: Person, on: date) -> QuerySet[Incident]:
    """Incidents of cases of these offerings and of the agencies whose effects the person watches over."""
    watched = Q(agency__in=agencies_where(person, AgencyCapability.OPERATE, on))
    return (
        Incident.objects.filter(Q(case__offering_id__in=offering_ids) | watched)
        .select_related("agency", "case__agency", "task", "owner", "closed_by")
        .defer("case__flow_class", "task__flow_task")
        .order_by("opened_at", "pk")
    )


def open_incidents(person: Person, on: date) -> QuerySet[Incident]:
    """Those of them that nobody closed yet."""
    return incidents_of(person, on).filter(closed_at=None)


def offerings_of(person: Person, on: date) -> QuerySet[RoleBinding, int]:
    """Ids of the offerings in which a role of the person takes part."""
    return RoleBinding.objects.filter(role__in=roles_of(person, on)).values_list("offering_id", flat=True)


# What an official may do in a case


@dataclass(frozen=True)
class CaseActions:
    """Feeds the buttons of a case; commands ask the same rules again under the case's lock."""

    tasks: Mapping[int, frozenset[rules.Action]]
    """{task: what the official may do with it}."""
    notify: tuple[str, ...]
    """Steps whose legal notification is missing."""
    retry: frozenset[int]
    """Incidents that trying again may solve."""
    keeps_out: rules.Separation | None = None
    """Why the official has no part in the case; then nothing else is theirs to do (art. 12)."""


def available_actions(case: Case, person: Person, on: date) -> CaseActions:
    """What the person may do in the case as an official on that day; nothing for whoever is not linked to it."""
    if not official_cases(person, on).filter(pk=case.pk).exists():
        return CaseActions({}, (), frozenset())
    tasks = {task.pk: rules.actions(task_facts(case, task, person, on)) for task in open_tasks(case)}
    keeps_out = kept_out(case, person, on)
    if keeps_out is not None:
        return CaseActions(tasks, (), frozenset(), keeps_out)
    incidents = Incident.objects.filter(case=case, closed_at=None).select_related("task").defer("task__flow_task")
    return CaseActions(
        tasks=tasks,
        notify=tuple(missing.step_id for missing in missing_notifications(case)),
        retry=frozenset(incident.pk for incident in incidents if can_retry(incident)),
    )


def open_tasks(case: Case) -> list[CaseTask]:
    """The steps under way, in the order in which the case reached them."""
    tasks = CaseTask.objects.defer("flow_task").filter(process=case, status__in=OPEN)
    found = list(tasks.select_related("role__unit", "unit", "owner__person").order_by("pk"))
    for task in found:
        task.process = case
    return found


def task_facts(
    case: Case, task: CaseTask, person: Person, on: date, roles: Iterable[Role] | None = None
) -> rules.TaskFacts:
    """What rules need to know about an official and a task; `roles`: theirs that day, where they were read already."""
    return rules.TaskFacts(
        kind=task.step_kind,
        status=str(task.status),
        holds_role=any(role.pk == task.role_id for role in (roles_of(person, on) if roles is None else roles)),
        is_taken=task.owner_id is not None,
        is_mine=task.owner is not None and task.owner.person_id == person.pk,
        can_return=task.step_kind == "sign" and _can_return(case, task),
        is_barred=_signed_what_is_reviewed(case, task, person),
        is_preceded=task.status == rules.WAITING and is_preceded(case, task, person, on),
        separation=separation(case, task, person, on),
    )


def _signed_what_is_reviewed(case: Case, task: CaseTask, person: Person) -> bool:
    """Nobody reviews as superior the act that they signed themselves (Ley 19.880 art. 59)."""
    if case.about_id is None or not task.step_id.startswith("law_hierarchical"):
        return False
    return has_signed(document_id=case.about_id, person=person)


def _can_return(case: Case, task: CaseTask) -> bool:
    unsigned = Document.objects.filter(pk=task.data.get("document"), state=Document.State.DRAFT)
    return getattr(bundle_of(case.version).step(task.step_id), "on_return", None) is not None and unsigned.exists()


def can_retry(incident: Incident) -> bool:
    """Whether trying again is up to staff; the incident's task must be loaded."""
    task = incident.task
    return rules.may_retry_incident(
        is_open=incident.closed_at is None,
        kind=incident.kind,
        task_is_open=task is not None and task.status in OPEN,
        task_kind=task.step_kind if task is not None else "",
    )


def membership_in(case: Case, person: Person, on: date) -> Membership | None:
    """The post by which the person is linked to the case: what the file's access log names (R40)."""
    bound = RoleBinding.objects.filter(offering_id=case.offering_id).values("role_id")
    return memberships_of(person, on).filter(role__in=bound).first()


def memberships_among(cases: Iterable[Case], person: Person, on: date) -> dict[int, Membership]:
    """{case: the post by which the person is linked to it}, as `membership_in` has it, read for all at once."""
    posts, wanted = list(memberships_of(person, on)), list(cases)
    offerings = {case.offering_id for case in wanted}
    bound = RoleBinding.objects.filter(offering__in=offerings, role__in=[post.role_id for post in posts])
    pairs = set(bound.values_list("offering_id", "role_id"))
    links = {
        offering: next(post for post in posts if (offering, post.role_id) in pairs)
        for offering in {offering for offering, _role in pairs}
    }
    return {case.pk: links[case.offering_id] for case in wanted if case.offering_id in links}


def recent_waits(offering: Offering, now: datetime) -> rules.WaitingTime | None:
    """How long the agency took lately to end cases of the procedure, whatever their version."""
    waits = Q(finished=None, filed_at__lte=now) | Q(finished__gte=now - RECENT, finished__lte=now)
    cases = Case.objects.filter(waits, agency=offering.agency, version__procedure=offering.version.procedure)
    spans = list(cases.exclude(outcome=Case.Outcome.WITHDRAWN).values_list("filed_at", "finished"))
    ended = [(start, end) for start, end in spans if end is not None]
    return rules.waiting_time(
        [(end - start).days for start, end in ended],
        [(end - start).days for start, end in ended if end >= now - LATEST],
        [((now - start).days, ((end or now) - start).days) for start, end in spans],
    )


RECENT, LATEST = timedelta(days=180), timedelta(days=rules.LATEST_DAYS)
"""What counts as lately, and as just now."""


# Blocks that repeat


def running_block(case: Case, step_id: str) -> CaseTask | None:
    """The row of a block that repeats, while a branch of it waits for somebody; None when it does not run.

    A block around it may have been left without it: then what it keeps open are late reports alone.
    """
    opened = CaseTask.objects.filter(process=case, step_id=step_id).exclude(flow_task_type="JOIN")
    split = opened.order_by("-pk").first()
    if split is None or not split.data.get("branches"):
        return None
    branch = f"{split.token}/{split.pk}_"
    waiting = CaseTask.objects.defer("flow_task").filter(process=case, status__in=OPEN)
    return split if any(str(one.token).startswith(branch) and LATE not in one.data for one in waiting) else None


def addable(case: Case, person: Person, on: date) -> list[ForEachStep]:
    """The blocks that run and to which a role of the person may add a row now."""
    blocks = [step for step in bundle_of(case.version).all_steps() if isinstance(step, ForEachStep) and step.added_by]
    if not blocks:
        return []
    bound = RoleBinding.objects.filter(offering_id=case.offering_id, role__in=roles_of(person, on))
    slots = set(bound.values_list("slot", flat=True))
    return [block for block in blocks if block.added_by in slots and running_block(case, block.id) is not None]


# Legal notifications

Notifiable: TypeAlias = CaseTask | OriginalRequest
"""What a legal notification may be about."""


@dataclass(frozen=True)
class MissingNotification:
    """A step that happened and whose notice or act is not legally notified to everybody yet (art. 45)."""

    step_id: str
    title: str
    occurrence: int
    document: Document | None
    """The act that is notified, where the step notifies one."""
    clocks: tuple[Deadline, ...]
    """The clocks that wait for it."""
    people: tuple[Person, ...]
    """To whom it is still due: interested persons, or who represents them; of clocks of their own, whose still wait."""


def missing_notifications(case: Case) -> list[MissingNotification]:
    """Notifications that clocks wait for, and those of acts that a notify step announced (art. 45).

    An act is due to each interested person: telling one of them leaves it due to the others.
    """
    waiting: dict[str, list[Deadline]] = {}
    for clock in case.deadlines.filter(state=Deadline.State.WAITING, trigger__startswith="notified(").order_by("pk"):
        waiting.setdefault(clock.trigger[len("notified(") : -1], []).append(clock)
    steps = dict.fromkeys([*waiting, *_steps_that_announce_acts(case)])
    parties = _to_tell(case) if steps else []
    found = []
    for task in [task for task in (notifiable(case, step_id) for step_id in steps) if task is not None]:
        clocks = tuple(waiting.get(task.step_id, ()))
        people = _still_due(case, parties, task, clocks)
        act = notified_act(case, task) if clocks or people else None
        if act is not None and (formalities.pending(act) or act.state in FALLEN):
            continue
        if clocks or people:
            found.append(MissingNotification(task.step_id, task.step_title, task.occurrence, act, clocks, people))
    return found


def _to_tell(case: Case) -> list[CaseParty]:
    present = case.parties.filter(left_at=None).select_related("person", "representative")
    return list(present.prefetch_related("past_representations"))


def _still_due(
    case: Case, parties: Iterable[CaseParty], task: Notifiable, clocks: Iterable[Deadline]
) -> tuple[Person, ...]:
    """Each interested person, or who represents them, whom nobody notified of a step. Who informs is owed no act.

    Whoever was told themselves, or through who represented them then, needs not be told again through another.
    """
    records = notifications_of(case.file).filter(subject_id=task.step_id, occurrence=task.occurrence)
    told = list(records)
    own = {clock.party_id for clock in clocks if clock.party_id}
    due = [one for one in parties if one.kind != CaseParty.Kind.INFORMER and (not own or one.pk in own)]
    left = [one for one in due if not told_to(one, told)]
    people = (one.representative or one.person for one in sorted(left, key=lambda one: one.pk))
    return tuple(dict.fromkeys(person for person in people if person is not None))


def _steps_that_announce_acts(case: Case) -> list[str]:
    bundle = bundle_of(case.version)
    happened = (
        CaseTask.objects.filter(process=case, step_kind="notify").order_by("pk").values_list("step_id", flat=True)
    )
    return [step_id for step_id in dict.fromkeys(happened) if _announces(bundle.step(step_id))]


def _announces(step: BaseStep) -> bool:
    return isinstance(step, NotifyStep) and step.act is not None


def notifiable(case: Case, step_id: str) -> Notifiable | None:
    """What is notified under this name: the latest time that the case was in a step, or a request for an original."""
    if not step_id.startswith(OriginalRequest.PREFIX):
        return last_task(case, step_id)
    pk = step_id.removeprefix(OriginalRequest.PREFIX)
    return case.original_requests.select_related("order").filter(pk=pk).first() if pk.isdecimal() else None


def last_task(case: Case, step_id: str) -> CaseTask | None:
    """The latest time that the case was in a step, finished or not."""
    tasks = CaseTask.objects.defer("flow_task").filter(process=case, step_id=step_id).exclude(status="CANCELED")
    return tasks.order_by("-pk").first()


def notified_act(case: Case, task: Notifiable) -> Document | None:
    """The act that a step notifies: its own, or the one of the signature or seal that it announces."""
    if isinstance(task, OriginalRequest):
        return task.order
    step = bundle_of(case.version).step(task.step_id)
    source = last_task(case, step.act) if isinstance(step, NotifyStep) and step.act else task
    document_id = source.data.get("document") if source else None
    return Document.objects.filter(pk=document_id).first() if document_id else None


@dataclass(frozen=True)
class WaitingCorrection:
    """A correction that the applicant may answer."""

    task: CaseTask
    is_late: bool
    """Whether its time is over and an official is deciding what follows."""


def correction_to_answer(case: Case) -> WaitingCorrection | None:
    """The correction that the applicant may answer: an open one, or one that expired while nobody has decided yet."""
    corrections = CaseTask.objects.filter(process=case, step_kind="correction").defer("flow_task")
    corrections = corrections.select_related("process__version", "process__offering__agency").order_by("-pk")
    waiting = corrections.filter(status__in=["NEW", "ASSIGNED"]).first()
    if waiting is not None:
        return WaitingCorrection(waiting, is_late=False)
    expired = case.deadlines.filter(state=Deadline.State.EXPIRED, task__step_kind="correction").order_by("-pk").first()
    if expired is None or not case.task_set.filter(step_id=expired.on_expire, status__in=["NEW", "ASSIGNED"]).exists():
        return None
    late = corrections.filter(pk=expired.task_id).first()
    return WaitingCorrection(late, is_late=True) if late else None
