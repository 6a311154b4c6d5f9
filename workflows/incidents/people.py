"""Whether somebody may do an open step: is in its role, there, and not kept out of it; or applied, for theirs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from viewflow.workflow.status import STATUS

from accounts.api import BACK_SOON, in_force
from accounts.models import Absence, Membership, Person
from procedures.api import Separated, TamperedVersion, bundle_of
from procedures.models import ProcedureVersion
from workflows.models import CaseParty, CaseTask, OutsideSystem
from workflows.queries import task_facts
from workflows.representing import lapsed
from workflows.rules import Action, Refusal, Separation, refusal
from workflows.separation import able

REVIEW = "law_hierarchical"
"""Ids of the steps that review an act begin with this: who signed the act may not do them (art. 59)."""


def why_nobody_can(task: CaseTask, on: date) -> str:
    """Why nobody can do an open step, in words for staff that name nobody; "" when somebody can."""
    if task.for_applicant and task.status in (STATUS.NEW, STATUS.ASSIGNED):
        text = _("«%(step)s» espera a una persona interesada, y la solicitud no tiene ninguna que pueda responder.")
        return "" if _answerers(task.process_id, on).exists() else text % {"step": task.step_title}
    if task.role_id is None or not (task.status in (STATUS.NEW, STATUS.ASSIGNED) or _is_bare_wait(task)):
        return ""
    words = {"step": task.step_title, "role": task.role}
    posts = Membership.objects.filter(in_force(on), role=task.role_id).select_related("person").order_by("pk")
    people = list(dict.fromkeys(post.person for post in posts))
    if task.owner is not None:
        if task.owner.person not in people:
            return _("Quien tiene «%(step)s» ya no está en el cargo «%(role)s».") % words
        people = [task.owner.person]
    if not people:
        return _("Nadie está hoy en el cargo «%(role)s», que debe hacer «%(step)s».") % words
    reasons = []
    for person in people:
        reason = _hindrance(task, person, on)
        if not reason:
            return ""
        reasons.append(reason)
    words["why"] = "; ".join(dict.fromkeys(reasons))
    if task.owner is not None:
        return _("Quien tiene «%(step)s» no puede hacerlo: %(why)s.") % words
    return _("Nadie del cargo «%(role)s» puede hacer «%(step)s»: %(why)s.") % words


def _hindrance(task: CaseTask, person: Person, on: date) -> str:
    """What keeps somebody of the role from doing the step, or from being there soon; "" when nothing does."""
    away = Absence.objects.filter(person=person, starts_on__lte=on, ends_on__gte=on + BACK_SOON).first()
    if away is not None:
        return _("está ausente hasta el %(day)s") % {"day": date_format(away.ends_on, "SHORT_DATE_FORMAT")}
    facts = task_facts(task.process, task, person, on)
    if task.status == STATUS.SCHEDULED:
        keeps_out = {Separation.ABSTAINED: Refusal.ABSTAINED, Separation.PARTY: Refusal.PARTY}
        why = keeps_out.get(facts.separation)
    else:
        why = refusal(Action.CLAIM, replace(facts, is_taken=False, is_mine=False), reasoned=True)
    return "" if why is None else str(_WHY.get(why, ""))


def _answerers(case: Any, on: date) -> QuerySet[CaseParty]:
    """Who may answer a step of the applicant, as `access.correctable_by` has it: no organisation without a power."""
    applied = CaseParty.objects.filter(kind=CaseParty.Kind.APPLICANT, case=OuterRef("case"))
    others = ~Q(kind=CaseParty.Kind.INFORMER) & ~Exists(applied)
    there = Q(person__isnull=False) | ~lapsed(on)
    return CaseParty.objects.filter(there, Q(kind=CaseParty.Kind.APPLICANT) | others, case=case, left_at=None)


_WHY = {
    Refusal.ABSTAINED: gettext_lazy("se abstuvo o está recusada"),
    Refusal.PARTY: gettext_lazy("es parte en la solicitud o representa a una"),
    Refusal.DID_ANOTHER: gettext_lazy("hizo otro paso y este lo debe hacer otra persona"),
    Refusal.NOT_WHO_DID: gettext_lazy("este paso lo hace quien hizo el anterior"),
    Refusal.BARRED: gettext_lazy("firmó el acto que se reclama"),
}
"""In the third person, of somebody who is not named."""


def _is_bare_wait(task: CaseTask) -> bool:
    """Whether only an official ends the wait: it has no day, and no system of another institution may report."""
    if task.status != STATUS.SCHEDULED or task.step_kind != "wait" or task.due_on is not None:
        return False
    code = f"{task.process.version.procedure.code}.{task.step_id}"
    systems = OutsideSystem.objects.filter(agency=task.agency_id, keys__ends_at=None, keys__isnull=False).distinct()
    return not any(code in system.may_report for system in systems)


def without_people(tasks: QuerySet[CaseTask], on: date) -> Iterator[CaseTask]:
    """The open steps of officials, and of applicants, that nobody may do, by case."""
    there = able(on, OuterRef(OuterRef("process"))).filter(role=OuterRef("role"))
    nobody = Q(status=STATUS.NEW) & ~Exists(there)
    gone = Q(status=STATUS.ASSIGNED, owner__isnull=False) & ~Exists(there.filter(person__user=OuterRef("owner")))
    unwatched = Q(status=STATUS.SCHEDULED, step_kind="wait", due_on=None) & ~Exists(there)
    reviews = Q(status=STATUS.NEW, step_id__startswith=REVIEW, process__about__isnull=False)
    officials = Q(nobody | gone | unwatched | reviews | _apart(tasks, on), role__isnull=False)
    asked = Q(
        ~Exists(_answerers(OuterRef("process"), on)), for_applicant=True, status__in=[STATUS.NEW, STATUS.ASSIGNED]
    )
    found = tasks.filter(officials | asked)
    found = found.defer("flow_task", "process__flow_class").order_by("process_id", "pk")
    for task in found.select_related("role__unit", "owner__person", "process__version__procedure").iterator():
        with suppress(TamperedVersion):  # of a version that nobody can read the case fails elsewhere, and alone
            if why_nobody_can(task, on):
                yield task


def _apart(tasks: QuerySet[CaseTask], on: date) -> Q:
    """Steps that ask for another person than who did others, whose people have all done something in the case."""
    waiting = tasks.filter(status=STATUS.NEW, role__isnull=False).order_by()
    names: dict[int, set[str]] = {}
    for version_id, step_id in waiting.values_list("process__version", "step_id").distinct():
        names.setdefault(version_id, set()).add(step_id)
    separated = Q(pk__in=[])
    for version in ProcedureVersion.objects.filter(pk__in=names):
        with suppress(TamperedVersion):
            steps = [bundle_of(version).step(step_id) for step_id in sorted(names[version.pk])]
            ids = [step.id for step in steps if isinstance(step, Separated) and (step.same_as or step.not_same_as)]
            separated |= Q(process__version=version, step_id__in=ids)
    done = CaseTask.objects.filter(process=OuterRef(OuterRef("process")), finished_by=OuterRef("person"))
    others = able(on, OuterRef(OuterRef("process"))).filter(~Exists(done), role=OuterRef("role"))
    return Q(~Exists(others), status=STATUS.NEW) & separated
