"""Whether somebody may do an open step: is in its role, there, and not kept out of it; or applied, for theirs.

What the answer rests on is read for many steps at once: how many statements it takes does not grow with them.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import islice

from django.db import DatabaseError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from viewflow.workflow.status import STATUS

from accounts.api import away_until, in_force
from accounts.models import Mandate, Membership
from procedures.api import Bundle, TamperedVersion, bundle_of
from procedures.models import ProcedureVersion
from signatures.api import who_signed
from workflows.models import CaseParty, CaseTask, Incident, OutsideSystem, Recusal
from workflows.representing import lapsed
from workflows.rules import Action, Refusal, Separation, TaskFacts, refusal
from workflows.separation import able, decided_together, separated, stands

REVIEW = "law_hierarchical"
"""Ids of the steps that review an act begin with this: who signed the act may not do them (art. 59)."""
BATCH = 500
"""Steps whose surroundings are read at once."""
ASKED = (STATUS.NEW, STATUS.ASSIGNED)
Kind = Incident.Kind
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Standing:
    """An open step that nobody can do, and why, in words for staff that name nobody."""

    task: CaseTask
    kind: Incident.Kind
    """STALLED where the step itself cannot be read, else NO_RESPONSIBLE."""
    why: str


def standing(tasks: Sequence[CaseTask], on: date) -> Iterator[Standing]:
    """Those of the open steps that nobody can do. One that cannot be looked at is told and holds up no other."""
    around = _Around(tasks, on)
    for task in tasks:
        try:
            kind, why = around.judge(task)
        except DatabaseError:
            raise
        except Exception as error:
            logger.error("An open step could not be looked at (%s)", type(error).__name__)
            kind, why = Kind.STALLED, _UNREADABLE % {"step": task.step_title}
        if why:
            yield Standing(task, kind, why)


def why_nobody_can(task: CaseTask, on: date, kind: Incident.Kind = Kind.NO_RESPONSIBLE) -> str:
    """Why nobody can do an open step, as an incident of that kind has it; "" when somebody can."""
    return next((found.why for found in standing([task], on) if found.kind == kind), "")


class _Around:
    """What decides about some open steps, read at once."""

    def __init__(self, tasks: Sequence[CaseTask], on: date) -> None:
        cases = {task.process_id for task in tasks}
        self.on = on
        self.bundles = _bundles({task.process.version_id for task in tasks})
        self.holders = _holders({task.role_id for task in tasks if task.role_id is not None}, on)
        self.away = away_until({one for people in self.holders.values() for one in people}, on)
        self.recused = set(Recusal.objects.filter(case__in=cases).values_list("case_id", "person_id"))
        self.interested = _interested(cases, on)
        asked = {task.process_id for task in tasks if task.for_applicant}
        self.answered = set(_answerers(on).filter(case__in=asked).values_list("case_id", flat=True)) if asked else set()
        self.doers = self._last_doers(tasks)
        reviewed = {task.process.about_id for task in tasks if task.step_id.startswith(REVIEW)} - {None}
        self.signed = who_signed({about for about in reviewed if about is not None}) if reviewed else {}
        self.reported = _reported(tasks) if any(task.status == STATUS.SCHEDULED for task in tasks) else set()

    def judge(self, task: CaseTask) -> tuple[Incident.Kind, str]:
        """Of which kind its incident is, and why nobody can do it; "" when somebody can."""
        words: dict[str, object] = {"step": task.step_title, "role": task.role}
        _code, bundle = self.bundles[task.process.version_id]
        if task.status in ASKED and bundle is not None and not bundle.has_step(task.step_id):
            return Kind.STALLED, _UNREADABLE % words
        return Kind.NO_RESPONSIBLE, self._why(task, words)

    def _why(self, task: CaseTask, words: dict[str, object]) -> str:
        if task.for_applicant and task.status in ASKED:
            text = _("«%(step)s» espera a una persona interesada, y la solicitud no tiene ninguna que pueda responder.")
            return "" if task.process_id in self.answered else text % words
        if task.role_id is None or not (task.status in ASKED or self._is_bare_wait(task)):
            return ""
        people = self.holders.get(task.role_id, [])
        if task.owner is not None:
            if task.owner.person_id not in people:
                return _("Quien tiene «%(step)s» ya no está en el cargo «%(role)s».") % words
            people = [task.owner.person_id]
        if not people:
            return _("Nadie está hoy en el cargo «%(role)s», que debe hacer «%(step)s».") % words
        reasons = []
        for person in people:
            reason = self._hindrance(task, person)
            if not reason:
                return ""
            reasons.append(reason)
        words["why"] = "; ".join(dict.fromkeys(reasons))
        if task.owner is not None:
            return _("Quien tiene «%(step)s» no puede hacerlo: %(why)s.") % words
        return _("Nadie del cargo «%(role)s» puede hacer «%(step)s»: %(why)s.") % words

    def _hindrance(self, task: CaseTask, person: int) -> str:
        """What keeps somebody of the role from doing the step, or from being there soon; "" when nothing does."""
        if person in self.away:
            day = date_format(self.away[person], "SHORT_DATE_FORMAT")
            return _("está ausente hasta el %(day)s") % {"day": day}
        if task.status == STATUS.SCHEDULED:
            keeps_out = {Separation.ABSTAINED: Refusal.ABSTAINED, Separation.PARTY: Refusal.PARTY}
            why = keeps_out.get(self._kept_out(task.process_id, person, Separation.FREE))
        else:
            why = refusal(Action.CLAIM, self._facts(task, person), reasoned=True)
        return "" if why is None else str(_WHY.get(why, ""))

    def _facts(self, task: CaseTask, person: int) -> TaskFacts:
        """As `queries.task_facts` has them, of somebody of the role who asks to take the step."""
        is_review = task.process.about_id is not None and task.step_id.startswith(REVIEW)
        return TaskFacts(
            kind=task.step_kind,
            status=str(task.status),
            holds_role=True,
            is_taken=False,
            is_mine=False,
            is_barred=is_review and person in self.signed.get(task.process.about_id or 0, ()),
            separation=self._separation(task, person),
        )

    def _separation(self, task: CaseTask, person: int) -> Separation:
        _code, bundle = self.bundles[task.process.version_id]
        step = separated(bundle, task.step_id) if bundle is not None else None
        stand = Separation.FREE
        if step is not None:
            names = [step.same_as] if step.same_as else step.not_same_as
            doers = {self.doers.get((task.process_id, name)) for name in names}
            stand = stands(step, person, doers, set(self._able(task)) - {person})
        return self._kept_out(task.process_id, person, stand)

    def _kept_out(self, case: int, person: int, otherwise: Separation) -> Separation:
        """As `separation.kept_out` has it."""
        if (case, person) in self.recused:
            return Separation.ABSTAINED
        return Separation.PARTY if (case, person) in self.interested else otherwise

    def _able(self, task: CaseTask) -> Iterator[int]:
        """As `separation.able` has it."""
        for person in self.holders.get(task.role_id or 0, []):
            there = person not in self.away
            if there and self._kept_out(task.process_id, person, Separation.FREE) is Separation.FREE:
                yield person

    def _is_bare_wait(self, task: CaseTask) -> bool:
        """Whether only an official ends the wait: it has no day, and no system of another institution may report."""
        if task.status != STATUS.SCHEDULED or task.step_kind != "wait" or task.due_on is not None:
            return False
        code, _bundle = self.bundles[task.process.version_id]
        return (task.agency_id, f"{code}.{task.step_id}") not in self.reported

    def _last_doers(self, tasks: Iterable[CaseTask]) -> dict[tuple[int, str], int]:
        """{(case, step): who finished it last}, of the steps that some of these name."""
        wanted: dict[int, set[str]] = defaultdict(set)
        for task in tasks:
            _code, bundle = self.bundles[task.process.version_id]
            step = separated(bundle, task.step_id) if bundle is not None and bundle.has_step(task.step_id) else None
            if step is not None:
                wanted[task.process_id].update([step.same_as] if step.same_as else step.not_same_as)
        if not wanted:
            return {}
        names = {name for found in wanted.values() for name in found}
        done = CaseTask.objects.filter(
            process__in=wanted, step_id__in=names, status=STATUS.DONE, finished_by__isnull=False
        )
        rows = done.order_by("finished", "pk").values_list("process_id", "step_id", "finished_by_id")
        return {(case, step_id): person for case, step_id, person in rows}


def _interested(cases: Collection[int], on: date) -> set[tuple[int, int]]:
    """(case, person) of who has an interest of their own in each, as `separation.interests` has it."""
    near = decided_together(cases)
    parties: dict[int, list[CaseParty]] = defaultdict(list)
    every = CaseParty.objects.filter(case__in=set().union(*near.values()), left_at=None)
    for party in every.exclude(kind=CaseParty.Kind.INFORMER):
        parties[party.case_id].append(party)
    governing: dict[int, set[int]] = defaultdict(set)
    organisations = {party.organisation_id for found in parties.values() for party in found} - {None}
    mandates = Mandate.objects.filter(
        in_force(on), grantor_organisation__in=organisations, governs=True, revoked_at=None
    )
    for organisation, person in mandates.values_list("grantor_organisation", "representative"):
        governing[organisation].add(person)
    return {
        (case, person)
        for case, around in near.items()
        for party in (one for there in around for one in parties[there])
        for person in (party.person_id, party.representative_id, *governing[party.organisation_id or 0])
        if person is not None
    }


def _bundles(versions: Collection[int]) -> dict[int, tuple[str, Bundle | None]]:
    """{version: (code of its procedure, its bundle)}; None for what nobody can read."""
    found: dict[int, tuple[str, Bundle | None]] = {}
    for version in ProcedureVersion.objects.filter(pk__in=versions).select_related("procedure"):
        found[version.pk] = version.procedure.code, None
        with suppress(TamperedVersion):  # the case fails elsewhere, and alone
            found[version.pk] = version.procedure.code, bundle_of(version)
    return found


def _holders(roles: Collection[int], on: date) -> dict[int, list[int]]:
    """{role: who holds it that day, each once}."""
    found: dict[int, dict[int, None]] = defaultdict(dict)
    posts = Membership.objects.filter(in_force(on), role__in=roles).order_by("pk")
    for role, person in posts.values_list("role_id", "person_id"):
        found[role][person] = None
    return {role: list(people) for role, people in found.items()}


def _reported(tasks: Iterable[CaseTask]) -> set[tuple[int, str]]:
    """(agency, "procedure.step") of what the systems of other institutions may report."""
    agencies = {task.agency_id for task in tasks}
    systems = OutsideSystem.objects.filter(agency__in=agencies, keys__ends_at=None, keys__isnull=False).distinct()
    return {(system.agency_id, code) for system in systems for code in system.may_report}


def _answerers(on: date) -> QuerySet[CaseParty]:
    """Who may answer a step of the applicant, as `access.correctable_by` has it: no organisation without a power."""
    applied = CaseParty.objects.filter(kind=CaseParty.Kind.APPLICANT, case=OuterRef("case"))
    others = ~Q(kind=CaseParty.Kind.INFORMER) & ~Exists(applied)
    there = Q(person__isnull=False) | ~lapsed(on)
    return CaseParty.objects.filter(there, Q(kind=CaseParty.Kind.APPLICANT) | others, left_at=None)


_WHY = {
    Refusal.ABSTAINED: gettext_lazy("se abstuvo o está recusada"),
    Refusal.PARTY: gettext_lazy("es parte en la solicitud o representa a una"),
    Refusal.DID_ANOTHER: gettext_lazy("hizo otro paso y este lo debe hacer otra persona"),
    Refusal.NOT_WHO_DID: gettext_lazy("este paso lo hace quien hizo el anterior"),
    Refusal.BARRED: gettext_lazy("firmó el acto que se reclama"),
}
"""In the third person, of somebody who is not named."""
_UNREADABLE = gettext_lazy(
    "«%(step)s» no está en la versión del trámite con que empezó la solicitud: nadie puede hacerlo."
)


def without_people(tasks: QuerySet[CaseTask], on: date) -> Iterator[CaseTask]:
    """The open steps of officials, and of applicants, that nobody may do, by case."""
    there = able(on, OuterRef(OuterRef("process"))).filter(role=OuterRef("role"))
    nobody = Q(status=STATUS.NEW) & ~Exists(there)
    gone = Q(status=STATUS.ASSIGNED, owner__isnull=False) & ~Exists(there.filter(person__user=OuterRef("owner")))
    unwatched = Q(status=STATUS.SCHEDULED, step_kind="wait", due_on=None) & ~Exists(there)
    reviews = Q(status=STATUS.NEW, step_id__startswith=REVIEW, process__about__isnull=False)
    apart, unreadable = _by_step(tasks, on)
    officials = Q(nobody | gone | unwatched | reviews | apart, role__isnull=False)
    asked = Q(~Exists(_answerers(on).filter(case=OuterRef("process"))), for_applicant=True, status__in=ASKED)
    found = tasks.filter(officials | asked | unreadable)
    found = found.defer("flow_task", "process__flow_class").order_by("process_id", "pk")
    rows = found.select_related("role__unit", "owner", "process").iterator(chunk_size=BATCH)
    while batch := list(islice(rows, BATCH)):
        yield from (one.task for one in standing(batch, on))


def _by_step(tasks: QuerySet[CaseTask], on: date) -> tuple[Q, Q]:
    """Steps that others must do than who did some, whose people have all done something; and those of no version.

    Where one person may do both with a reason, or a step belongs to whoever did another, somebody always can who is
    there at all.
    """
    waiting = tasks.filter(status__in=ASKED).order_by()
    names: dict[int, set[str]] = {}
    for version_id, step_id in waiting.values_list("process__version", "step_id").distinct():
        names.setdefault(version_id, set()).add(step_id)
    apart = unreadable = Q(pk__in=[])
    for version, (_code, bundle) in _bundles(names).items():
        if bundle is None:
            continue
        known = {step_id for step_id in names[version] if bundle.has_step(step_id)}
        if lost := names[version] - known:
            unreadable |= Q(process__version=version, step_id__in=sorted(lost), status__in=ASKED)
        if ids := [step_id for step_id in sorted(known) if _asks_for_another(bundle, step_id)]:
            apart |= Q(process__version=version, step_id__in=ids)
    done = CaseTask.objects.filter(process=OuterRef(OuterRef("process")), finished_by=OuterRef("person"))
    others = able(on, OuterRef(OuterRef("process"))).filter(~Exists(done), role=OuterRef("role"))
    return Q(~Exists(others), status=STATUS.NEW) & apart, unreadable


def _asks_for_another(bundle: Bundle, step_id: str) -> bool:
    step = separated(bundle, step_id)
    return step is not None and not step.same_as and step.if_alone != "exception"
