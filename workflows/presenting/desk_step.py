"""The page on which an official answers a step, beside the answers under review."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Person
from procedures.api import Bundle, CorrectionStep, PageForm, Route, bundle_of, describe
from workflows import queries
from workflows.commands.desk import Answered, InvalidAnswers, form_of
from workflows.models import Case, CaseTask
from workflows.presenting import answers, desk_case, history, remarks
from workflows.presenting.language import step_at_desk
from workflows.presenting.words import DayCounter, moment
from workflows.rules import HELD
from workflows.steps import leftovers

NOTHING_WAITS = gettext_lazy("No hay solicitudes por tomar en tus pasos.")
RELEASED = gettext_lazy("Soltaste el paso. Ahora lo ve todo tu grupo.")
RETRIED = gettext_lazy("Se está intentando de nuevo.")
OK, CONFLICT, UNPROCESSABLE = 200, 409, 422


@dataclass(frozen=True)
class Way:
    """One way out of the step: when the case takes it, and what happens then."""

    when: str
    then: str


@dataclass
class Typed:
    """What was posted, to be shown again; nothing on the first visit."""

    answered: Answered | None = None
    refusal: Exception | None = None

    def form_for(self, case: Case, task: CaseTask) -> PageForm | None:
        """The step's form with what was typed, and its errors where the command found them."""
        if isinstance(self.refusal, InvalidAnswers):
            return self.refusal.form
        data = self.answered.data if self.answered else None
        return form_of(case, task, data, self.answered.files if self.answered else None)


def task_context(
    case: Case,
    task: CaseTask,
    person: Person,
    today: date,
    answered: Answered | None = None,
    refusal: Exception | None = None,
) -> dict[str, Any]:
    """The page of a task: to be answered by who holds it, to be read by everyone else."""
    bundle = bundle_of(case.version)
    is_mine = holds(task, person)
    form = plain_heading(Typed(answered, refusal).form_for(case, task)) if is_mine else None
    typed = answered.observations if answered else {}
    observing = answers.Observing(observed_step(bundle, task.step_id), typed) if is_mine else answers.NOTHING
    return {
        **step_context(case, task, person, today, refusal),
        "form": form,
        "errors": summary_of(form, refusal),
        "status": status_of(form, refusal),
        "choose_again": bool(refusal and answered and answered.files),
        "filed": answers.filed(case, observing),
        "expired": remarks.expired_facts(task),
        "general_remark": observing.box(observing.step_id, ""),
        "ways": list(ways(bundle, task.step_id)),
        "help": getattr(bundle.step(task.step_id), "help", None),
    }


def step_context(case: Case, task: CaseTask, person: Person, today: date, refusal: Exception | None) -> dict[str, Any]:
    """What the pages of all steps share: the case's header, the step, and who has it."""
    actions = queries.available_actions(case, person, today)
    counter = DayCounter(today)
    is_open = task.pk in actions.tasks
    return {
        "institution": case.agency,
        **desk_case.header(case, person, today, actions),
        "task": task,
        "called": (called := step_at_desk(task, case.version)),
        "called_plain": strip_tags(called),
        "step": desk_case.step_view(case, task, person, counter, actions) if is_open else None,
        "is_mine": holds(task, person),
        "finished": "" if is_open else finished_in_words(task),
        "refusal": None if isinstance(refusal, InvalidAnswers) else refusal,
        "case_url": desk_case.case_url(case),
    }


def holds(task: CaseTask, person: Person) -> bool:
    """Whether the person has the step in hand, to be resolved."""
    return task.status == HELD and task.owner is not None and task.owner.person_id == person.pk


def finished_in_words(task: CaseTask) -> str:
    """Who finished a step and when."""
    when = moment(task.finished, task.process.agency)
    if leftovers.DROPPED in task.data:
        why = history.DROPPED_WHY.get(task.data[leftovers.DROPPED], "")
        return _("Este paso se cerró el %(when)s sin resultado: %(why)s.") % {"when": when, "why": why}
    if task.status == "CANCELED":
        return _("Este paso se cerró el %(when)s porque venció su plazo.") % {"when": when}
    return _("%(who)s resolvió este paso el %(when)s.") % {"who": task.finished_by or _("La plataforma"), "when": when}


def answered(case: Case, task: CaseTask, data: Any, files: Any) -> Answered:
    """What was posted. Only boxes of questions that the correction may ask again count as remarks."""
    bundle = bundle_of(case.version)
    step_id = observed_step(bundle, task.step_id)
    known = {"", *(spec.id for spec in bundle.fields_of(step_id))} if step_id else set()
    remarks = {name: data.get(answers.OBSERVE + name, "").replace("\r\n", "\n") for name in known}
    return Answered(data=data, files=files, observations=remarks)


def observed_step(bundle: Bundle, step_id: str) -> str:
    """The step whose answers an official may send back for correction from here; "" when none can."""
    corrections = (step for step in bundle.all_steps() if isinstance(step, CorrectionStep))
    return next((step.amends for step in corrections if step.requested_by == step_id), "")


def plain_heading(form: PageForm | None) -> PageForm | None:
    """The same form with its labels below the page's own heading."""
    for box in form.boxes if form else ():
        if box.bound is not None:
            box.bound.field.is_heading = False  # type: ignore[attr-defined]
    return form


def summary_of(form: PageForm | None, refusal: Exception | None) -> list[Any]:
    """The error summary: the form's own problems."""
    return list(form.problems) if form is not None and isinstance(refusal, InvalidAnswers) else []


def status_of(form: PageForm | None, refusal: Exception | None) -> int:
    """422 for answers to mend, 409 for a refusal; asking one more answer is no error."""
    if refusal is None:
        return OK
    if not isinstance(refusal, InvalidAnswers):
        return CONFLICT
    return UNPROCESSABLE if form is not None and form.problems else OK


def ways(bundle: Bundle, step_id: str) -> Iterator[Way]:
    """What happens after the step, alternative by alternative, in words."""
    routes = bundle.step(step_id).routes
    for route in routes:
        yield Way(_when(route, bundle, alone=len(routes) == 1), then(bundle, route.target))


def _when(route: Route, bundle: Bundle, *, alone: bool) -> str:
    if alone:
        return ""
    if route.label:
        return route.label
    return _("Si %(condition)s") % {"condition": describe(route.condition, bundle)} if route.condition else _("Si no")


def then(bundle: Bundle, target: str) -> str:
    """What reaching a step means, for who sends the case there."""
    if target == "join":
        return _("espera a los demás informes y sigue")
    step = bundle.step(target)
    texts = {
        "correction": _("se pide a la persona que corrija («%(title)s»)"),
        "draft": _("se redacta el documento («%(title)s»)"),
        "sign": _("pasa a firma («%(title)s»)"),
        "notify": _("se avisa a la persona («%(title)s»)"),
        "end": _("termina la solicitud («%(title)s»)"),
        "parallel": _("se piden al mismo tiempo («%(title)s»)"),
    }
    return texts.get(step.kind, _("sigue «%(title)s»")) % {"title": step.title}


def what_came_next(case: Case) -> str:
    """Said after a step was finished: where the case is now."""
    current = queries.open_tasks(Case.objects.defer("flow_class").get(pk=case.pk))
    if not current:
        return _("Listo. La solicitud terminó.")
    called = ", ".join(strip_tags(step_at_desk(task, case.version)) for task in current)
    return _("Listo. Ahora: %(steps)s.") % {"steps": called}
