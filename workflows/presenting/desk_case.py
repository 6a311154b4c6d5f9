"""A case as officials see it: header, steps under way, incidents, and one tab at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Person
from jobs.models import Job
from legaltime.api import Place, add_business_days
from legaltime.api import now as legal_now
from notifications.api import notices_of_file
from signatures.api import is_renewal
from workflows import deadlines, formalities, queries
from workflows.access import official_cases, own_cases
from workflows.commands.effects import effect_name
from workflows.media import unreached_by_platform
from workflows.models import Case, CaseParty, CaseTask, Channel, Deadline, EntryOrder
from workflows.ordering import order_of
from workflows.presenting import answers, bases, desk_file, exchanges, history, law, originals, pressing
from workflows.presenting.afterwards import messages_of
from workflows.presenting.clocks import explained
from workflows.presenting.course import course_context
from workflows.presenting.endings import endings
from workflows.presenting.incidents import stops
from workflows.presenting.language import document_name, on_page, step_at_desk
from workflows.presenting.measures import measures_of
from workflows.presenting.pressed import Pressing
from workflows.presenting.waits import MACHINE_WAITS, waiting_in_words
from workflows.presenting.words import DayCounter, Due, amount_in_words, moment, names
from workflows.queries import CaseActions
from workflows.rounds import is_overtaken
from workflows.rules import HELD, SIGNING, WAITING, Action, Separation
from workflows.steps import leftovers

SECTIONS = {
    "solicitud": gettext_lazy("Solicitud"),
    "recorrido": gettext_lazy("Recorrido"),
    "expediente": gettext_lazy("Expediente"),
    "mensajes": gettext_lazy("Mensajes"),
    "instituciones": gettext_lazy("Otras instituciones"),
    "plazos": gettext_lazy("Plazos"),
    "envios": gettext_lazy("Envíos"),
    "historial": gettext_lazy("Historial"),
}
OPEN_LABELS = {
    "task": gettext_lazy("Resolver"),
    "draft": gettext_lazy("Redactar"),
    "sign": gettext_lazy("Leer y firmar"),
    "wait": gettext_lazy("Registrar que ocurrió"),
    "verify": gettext_lazy("Verificar lo declarado"),
}


@dataclass(frozen=True)
class StepView:
    """A step under way, and what this official may do with it."""

    pk: int
    title: str
    holder: str
    due: Due
    url: str = ""
    open_label: str = ""
    can_claim: bool = False
    needs_order: bool = False
    """Whether others go before, so that taking it needs a reason."""
    order: EntryOrder | None = None
    """The order that puts it before older ones."""
    is_alone: bool = False
    """Whether this official did a step that another should follow, and nobody else is in the role."""
    can_release: bool = False
    is_late: bool = False
    """Whether the case went on without it: a report that is only archived (art. 38)."""
    is_overtaken: bool = False
    """Whether the same step was asked again since, so that a later round stands."""


def case_context(case: Case, person: Person, today: date, section: str) -> dict[str, Any]:
    """The whole page."""
    section = section if section in SECTIONS else "solicitud"
    actions = queries.available_actions(case, person, today)
    counts = {"expediente": case.file.last_seq, "mensajes": case.messages.count()}
    return {
        "institution": case.agency,
        **header(case, person, today, actions),
        "measures": measures_of(case, person, legal_now(), "desk") if actions.keeps_out is None else [],
        "reviews": law.links(case, "workflows:desk_case", official_cases(person, today)),
        "parties": law.parties(case),
        "pending_formalities": formalities.open_of(case),
        "own_formalities": set() if actions.keeps_out else {item.pk for item in formalities.own(case, person, today)},
        "section": section,
        "tabs": [
            {
                "title": title,
                "url": f"{case_url(case)}?ver={name}",
                "current": name == section,
                "count": counts.get(name),
            }
            for name, title in SECTIONS.items()
        ],
        section: CONTENTS[section](case, today),
    }


def barred_context(case: Case, person: Person) -> dict[str, Any]:
    """What an official reads at the desk of a case of their own: nothing of it but the steps to put back (art. 12)."""
    held = [task for task in queries.open_tasks(case) if task.owner is not None and task.owner.person_id == person.pk]
    return {
        "institution": case.agency,
        "case": case,
        "held": [task for task in held if task.status == HELD],
        "is_own": own_cases(person).filter(pk=case.pk).exists(),
    }


def header(case: Case, person: Person, today: date, actions: CaseActions) -> dict[str, Any]:
    """What stands on top of a case whatever its tab."""
    counter = DayCounter(today)
    applicants = case.parties.filter(kind=CaseParty.Kind.APPLICANT, left_at=None)
    keeps_out, steps = actions.keeps_out, queries.open_tasks(case)
    return {
        "case": case,
        "applicants": names(applicants.select_related("person", "organisation", "representative").order_by("pk"))
        or _nobody_applied(case),
        "state": state_in_words(case),
        "term": None if case.finished else _term(case, counter),
        "steps": [step_view(case, task, person, counter, actions) for task in steps],
        "incidents": list(stops(case, actions)),
        "missing": list(_missing(case, counter)) if actions.notify else [],
        "originals": originals.pending(case, counter) if keeps_out is None else [],
        "pressing": list(_pressing(case, steps, person, counter)) if keeps_out is None else [],
        "linked": list(linked_cases(case, lambda task: step_at_desk(task, case.version))),
        "may_abstain": not case.finished and keeps_out is None,
        "keeps_out": keeps_out if not case.finished else None,
        "adding": [
            {"title": block.title, "url": reverse("workflows:desk_add_row", args=[case.ref, block.id])}
            for block in (queries.addable(case, person, today) if keeps_out is None else [])
        ],
    }


def _pressing(case: Case, steps: list[CaseTask], person: Person, counter: DayCounter) -> Iterator[Pressing]:
    yield from pressing.for_official(case, counter)
    yield from bases.of_steps(case, steps, person, counter)


def _nobody_applied(case: Case) -> str:
    """Of a case that the institution opened: that it did, and what sums it up."""
    return " · ".join(filter(None, [_("De oficio"), case.summary])) if case.channel == Channel.OWN_MOTION else "—"


def _term(case: Case, counter: DayCounter) -> Due:
    """The last day to decide, or since when that time does not run; that it is decided, where it goes on after that."""
    if deadlines.is_decided(case):
        return Due(_("ya se resolvió"))
    stopped = case.deadlines.filter(kind=Deadline.Kind.TERM, state=Deadline.State.SUSPENDED).first()
    if stopped is None:
        return counter.due(case.due_on, case.agency)
    return Due(deadlines.in_words(stopped), kind="warning")


def state_in_words(case: Case) -> str:
    """Where the case stands: under way, or how it ended."""
    if case.finished is None and case.joined_to is not None:
        return _("Acumulada a la N° %(number)s, que decide por las dos") % {"number": case.joined_to.number}
    if deadlines.is_decided(case):
        return _("Resuelta: falta cumplir la decisión")
    if case.finished is None:
        return _("En trámite, con urgencia") if case.is_urgent else _("En trámite")
    ended = moment(case.finished, case.agency)
    return _("Terminada el %(at)s: %(outcome)s") % {"at": ended, "outcome": endings([case], at_desk=True)[case.pk]}


def step_view(case: Case, task: CaseTask, person: Person, counter: DayCounter, actions: CaseActions) -> StepView:
    """One step under way."""
    possible = actions.tasks.get(task.pk, frozenset())
    is_mine = task.owner is not None and task.owner.person_id == person.pk
    facts = queries.task_facts(case, task, person, counter.today)
    may_record = task.step_kind == "wait" and facts.holds_role and task.pk in actions.tasks
    return StepView(
        pk=task.pk,
        title=step_at_desk(task, case.version),
        holder=_holder(task, is_mine),
        due=counter.due(task.due_on, case.agency),
        url=step_url(case, task) if task.role_id else "",
        open_label=str(OPEN_LABELS.get(task.step_kind, "")) if is_mine or may_record else "",
        can_claim=Action.CLAIM in possible,
        needs_order=facts.is_preceded,
        order=order_of(case, task, counter.today),
        is_alone=facts.separation == Separation.ALONE,
        can_release=Action.RELEASE in possible,
        is_late=leftovers.is_late(task),
        is_overtaken=is_overtaken(task),
    )


def _holder(task: CaseTask, is_mine: bool) -> str:
    if task.for_applicant:
        return _("Espera a la persona solicitante")
    if task.step_kind in MACHINE_WAITS:
        return waiting_in_words(task)
    where = task.unit.name if task.unit else ""
    if task.status == WAITING:
        return _("Nadie lo ha tomado · %(unit)s") % {"unit": where}
    if task.status == SIGNING:
        return _("Se está estampando la firma de %(name)s") % {"name": task.owner}
    assert task.status == HELD, task.status
    return _("Lo tienes tú") if is_mine else _("Lo tiene %(name)s · %(unit)s") % {"name": task.owner, "unit": where}


def linked_cases(case: Case, called: Callable[[CaseTask], str]) -> Iterator[dict[str, Any]]:
    """The cases that this one opened; `called` names a step for whoever looks."""
    for link in case.links.select_related("child__agency", "task").defer("child__flow_class", "task__flow_task"):
        child = link.child
        yield {
            "kind": link.get_kind_display(),
            "step": called(link.task),
            "number": child.number if child else "",
            "agency": child.agency.name if child else "",
            "ref": child.ref if child else "",
            "state": state_in_words(child) if child else _("Se está abriendo"),
        }


NOTIFY_WITHIN = 5
"""Business days in which an act is notified (Ley 19.880 art. 45, R25)."""


def _missing(case: Case, counter: DayCounter) -> Iterator[dict[str, Any]]:
    place = Place(commune=case.agency.commune, zone=case.agency.time_zone)
    missing = queries.missing_notifications(case)
    other_ways = unreached_by_platform(case) if missing else {}
    for item in missing:
        due = Due()
        if item.document is not None and item.document.issued_on is not None:
            complete_on = formalities.complete_on(item.document)
            due = counter.due(add_business_days(complete_on, NOTIFY_WITHIN, place), case.agency)
        waiting = _("El plazo no ha empezado: falta notificar.")
        text = waiting if item.clocks else _("Falta notificar este acto a la persona (Ley 19.880, art. 45).")
        other_way = other_ways.get((item.step_id, item.occurrence), "")
        yield {
            "title": document_name(item.document, on_page(case.version)) if item.document else item.title,
            "text": f"{other_way} {text}".strip(),
            "due": due,
            "url": reverse("workflows:desk_notify", args=[case.ref, item.step_id]),
        }


def case_url(case: Case) -> str:
    """Address of the case on the desk."""
    return reverse("workflows:desk_case", args=[case.ref])


def step_url(case: Case, task: CaseTask) -> str:
    """Address of one step on the desk."""
    return reverse("workflows:desk_step", args=[case.ref, task.pk])


# Tabs


def _answers(case: Case, today: date) -> dict[str, Any]:
    return {"filed": answers.filed(case)}


def _clocks(case: Case, today: date) -> dict[str, Any]:
    counter = DayCounter(today)
    clocks = case.deadlines.select_related("task", "party__person", "party__organisation")
    clocks = (
        clocks.defer("task__flow_task")
        .prefetch_related("changes__decided_by", "changes__asked_by", "changes__outage")
        .order_by("pk")
    )
    return {"clocks": [_clock(case, clock, counter) for clock in clocks]}


def _clock(case: Case, clock: Deadline, counter: DayCounter) -> dict[str, Any]:
    is_running = clock.state == Deadline.State.RUNNING
    return {
        "pk": clock.pk,
        "title": deadlines.title_of(clock),
        "binds": _("Obliga a la persona solicitante") if clock.binds_applicant else _("Obliga a la institución"),
        "length": amount_in_words(clock.amount, clock.unit),
        "state": deadlines.in_words(clock),
        "kind": {"waiting": "warning", "expired": "error", "met": "success"}.get(clock.state, "active"),
        "starts_on": clock.starts_on,
        "due_on": clock.due_on,
        "due": counter.due(clock.due_on, case.agency) if is_running else Due(),
        "source": clock.legal_source,
        **explained(clock),
    }


ATTENTION = (Job.State.BLOCKED, Job.State.DEAD, Job.State.UNKNOWN)


JOB_NAMES = {
    "notifications.email": gettext_lazy("Enviar un correo"),
    "signatures.prepare": gettext_lazy("Hacer el PDF y prepararlo para el sello o la firma"),
    "signatures.apply": gettext_lazy("Estampar el sello o la firma"),
    "signatures.archive": gettext_lazy("Cerrar el documento con sello de tiempo, o renovarlo"),
}


def _effects(case: Case, today: date) -> dict[str, Any]:
    jobs = list(queries.effects(case))
    titles = dict(case.file.documents.values_list("pk", "title"))
    clocks_by_id = case.deadlines.select_related("task", "party").defer("task__flow_task").in_bulk()
    return {
        "effects": [
            _effect(job, titles) for job in jobs if not job.kind.startswith("workflows.") and not is_renewal(job)
        ],
        "timers": [
            (deadlines.title_of(clocks_by_id[job.payload["deadline"]]), job.run_at)
            for job in jobs
            if job.kind == deadlines.TIMER and job.run_at
        ],
        "stuck": [_effect(job, titles) for job in jobs if job.kind.startswith("workflows.") and job.state in ATTENTION],
        "notices": [_notice(notice) for notice in notices_of_file(case.file)],
    }


def _effect(job: Job, titles: Mapping[int, str]) -> dict[str, Any]:
    return {
        "name": JOB_NAMES.get(job.kind, effect_name(job)),
        "document": titles.get(job.payload.get("document", 0), ""),
        "state": job.get_state_display(),
        "kind": "error" if job.state in ATTENTION else "success" if job.state == Job.State.DONE else "active",
        "attempts": job.attempts,
        "error": "" if job.state == Job.State.DONE else job.last_error,
        "asked_at": job.created_at,
        "ended_at": job.finished_at,
    }


def _notice(notice: Any) -> dict[str, Any]:
    return {
        "subject": notice.subject,
        "person": str(notice.person),
        "created_at": notice.created_at,
        "read_at": notice.read_at,
        "deliveries": [
            {"state": delivery.get_state_display(), "failure": delivery.failure} for delivery in notice.deliveries.all()
        ],
    }


def _history(case: Case, today: date) -> dict[str, Any]:
    return {"happenings": history.history(case)}


def _messages(case: Case, today: date) -> dict[str, Any]:
    return {"correspondence": messages_of(case, "workflows:desk_document")}


CONTENTS: dict[str, Callable[[Case, date], dict[str, Any]]] = {
    "solicitud": _answers,
    "recorrido": lambda case, _today: course_context(case),
    "expediente": desk_file.file_context,
    "mensajes": _messages,
    "instituciones": lambda case, _today: {"lines": exchanges.of_case(case, "workflows:desk_document")},
    "plazos": _clocks,
    "envios": _effects,
    "historial": _history,
}
