"""Opening the case of a link, and going on when a subcase has ended. Two cases talk by job rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from viewflow.workflow.status import STATUS

from accounts.models import Person
from documents.api import in_spanish
from documents.models import Document
from jobs.api import GiveUp
from jobs.models import Job
from legaltime.api import local_date
from notifications.api import Said
from procedures.api import Field, bundle_of, display_value, offering_for
from procedures.models import Offering, RoleBinding
from workflows import basis, drafts, exchanges, messages, titles, uploads
from workflows.commands.desk import go_on
from workflows.commands.filing import start
from workflows.commands.locking import locked, moving
from workflows.commands.parties import told_to_be_party
from workflows.errors import CommandRefused, RoutingError
from workflows.joinders import outcome_of
from workflows.models import Case, CaseLink, CaseParty, CaseTask, Channel, Draft, Exchange
from workflows.nodes import StepActivation
from workflows.representing import has_lapsed
from workflows.runtime import Run
from workflows.scopes import data_for
from workflows.separation import able
from workflows.steps.linked import late

KEPT_OF_PARTY = (
    "kind", "person", "organisation", "representative", "mandate", "email", "postal_address", "language", "is_reserved",
)  # fmt: skip
"""What of somebody who applies together goes with them to the other case."""
LONGEST_CHAIN = 5
"""Cases that open each other: procedures that name each other would open cases for ever, each with its mail."""


def open_linked(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: open the case of a link, for the same applicants. Raises GiveUp with what prevents it."""
    assert job.case_id is not None
    with locked(job.case_id, by=None, now=now) as run:
        link = CaseLink.objects.select_related("task").get(pk=job.payload["link"])
        if link.child is not None or link.task.status == STATUS.CANCELED:  # the case ended before it was asked
            return {}
        link.task.process = run.case
        try:
            link.child = _open(run, link)
        except CommandRefused as refusal:
            raise GiveUp(str(refusal)) from None
        link.save(update_fields=["child"])
        fact = {"step": link.task.step_id, "number": link.child.number, "agency": link.child.agency.code}
        run.record("case.linked", fact)
        _tell_of_exchange(run, link, link.child)
    return {}


def _tell_of_exchange(run: Run, link: CaseLink, child: Case) -> None:
    """Copy to the interested persons what goes to another body; a referral is answered by its being received there."""
    exchange = exchanges.pending(link.task)
    if exchange is None:
        return
    exchange.due_on = child.due_on
    exchange.sought = [_("«%(title)s», solicitud N° %(number)s") % {"title": child.title, "number": child.number}]
    exchange.save(update_fields=["due_on", "sought"])
    exchanges.copy_to_everyone(run, exchange)
    if link.kind == CaseLink.Kind.REFERRAL:
        exchanges.end(run, exchange, Exchange.Result.SUCCESS)


def _open(run: Run, link: CaseLink) -> Case:
    """File the other application with this case's answers, for the same applicants. Raises CommandRefused."""
    step: Any = run.bundle.step(link.task.step_id)
    _check_chain(run.case)
    first, *others = _applicants(run)
    acting = _acting(run, first)
    offering = _offering(run, step, acting)
    draft = drafts.begin(offering=offering, by=acting, now=run.now, party=first)
    data = data_for(run.case, link.task)
    given = {name: _datum(data, path) for name, path in step.answers.items()}
    answered = {name: _with_files(run, draft, name, value) for name, value in given.items() if value is not None}
    drafts.save(draft=draft, changed=answered, removed=set(), now=run.now)
    draft.refresh_from_db()
    channel = Channel.DECLARED if acting.is_declared else Channel.LINKED  # who has no key opens it by number and code
    child = start(draft=draft, by=acting, signature=None, now=run.now, channel=channel)
    CaseParty.objects.filter(case=child, kind=CaseParty.Kind.APPLICANT).update(mandate=first.mandate)
    if others:
        _bring_in(child, others, run.now)
    return child


def _with_files(run: Run, draft: Draft, name: str, value: Any) -> Any:
    """An answer with its files, wherever they stand in it, as files of the other application too (art. 14).

    Raises CommandRefused for one that is not in the file of this case.
    """
    if isinstance(value, list):
        return [_with_files(run, draft, name, one) for one in value]
    if not isinstance(value, Mapping):
        return value
    if not {"sha256", "media_type"} <= value.keys():
        return {key: _with_files(run, draft, name, one) for key, one in value.items()}
    filed = Document.objects.filter(file=run.case.file, sha256=value["sha256"], blob__isnull=False)
    document = filed.select_related("blob").order_by("pk").first()
    if document is None or document.blob is None:
        raise CommandRefused(_("El archivo «%(name)s» no está en el expediente.") % {"name": value["name"]})
    return uploads.keep_stored(draft=draft, name=name, blob=document.blob, shown=value["name"], now=run.now)


def _bring_in(child: Case, others: Iterable[CaseParty], now: datetime) -> None:
    """Who applied together, and whoever acts for them, are applicants of the other case as well (R18)."""
    with locked(child.pk, by=None, now=now) as run:
        for one in others:
            made = CaseParty.objects.create(
                case=run.case,
                agency_id=run.case.agency_id,
                joined_at=now,
                **{name: getattr(one, name) for name in KEPT_OF_PARTY},
            )
            run.record("party.added", {"party": in_spanish(made.get_kind_display)()})
            messages.tell(run, made, lambda: told_to_be_party(run))


def _check_chain(case: Case) -> None:
    """Raises CommandRefused at the end of the longest chain of cases that opened each other."""
    length, opened = 1, case.pk
    while length < LONGEST_CHAIN:
        above = CaseLink.objects.filter(child=opened).values_list("parent", flat=True).first()
        if above is None:
            return
        length, opened = length + 1, above
    text = _(
        "Esta solicitud es la N° %(length)s de una cadena en que cada una abrió la siguiente, y no se abre otra. "
        "Corrige el trámite: se llama a sí mismo, o a otro que lo llama."
    )
    raise CommandRefused(text % {"length": length})


def _offering(run: Run, step: Any, applicant: Person) -> Offering:
    """What the applicant would be offered by that agency today: its pilot too, if that invites this person."""
    agency = step.agency or run.agency.code
    offering = offering_for(agency, step.procedure, run.today, person_id=applicant.pk)
    if offering is None:
        text = _("La institución «%(agency)s» no ofrece hoy el trámite «%(procedure)s».")
        raise CommandRefused(text % {"agency": agency, "procedure": step.procedure})
    return offering


def _applicants(run: Run) -> list[CaseParty]:
    """Who applied and did not leave, with who acts for them; at least one. Raises CommandRefused."""
    parties = run.case.parties.filter(kind=CaseParty.Kind.APPLICANT, left_at=None).order_by("pk")
    found = list(parties.select_related("person", "organisation", "representative", "mandate"))
    if not found:
        raise CommandRefused(_("Este caso no tiene una persona solicitante a cuyo nombre abrir el otro."))
    return found


def _acting(run: Run, party: CaseParty) -> Person:
    """Whoever files for an applicant: who represents them, while they do (art. 22). Raises CommandRefused."""
    acting = party.representative
    if party.person is not None and (acting is None or has_lapsed(party, run.today)):
        acting = party.person
    if acting is None:
        raise CommandRefused(_("Este caso no tiene una persona solicitante a cuyo nombre abrir el otro."))
    return acting


def _datum(data: Mapping[str, Any], path: str) -> Any:
    step, _dot, name = path.partition(".")
    return (data.get(step) or {}).get(name)


def subcase_ended(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: bring back what the other case decided, and go on. Idempotent."""
    moving(lambda failure: _ended(job, now, failure))
    return {}


def _ended(job: Job, now: datetime, failure: RoutingError | None) -> None:
    assert job.case_id is not None
    with locked(job.case_id, by=None, now=now) as run:
        link = CaseLink.objects.select_related("child").get(pk=job.payload["link"])
        task = CaseTask.objects.get(pk=link.task_id)
        child = link.child
        if child is None or child.finished is None or task.status != STATUS.SCHEDULED:
            if task.status == STATUS.DONE and child is not None and child.task_set.filter(step_kind="end").count() > 1:
                basis.decided_again(run, link)
            return
        step: Any = run.bundle.step(task.step_id)
        found = _results(step, child)
        run.project(task.step_id, {"outcome": outcome_of(child), **found}, task)
        _keep_answer(run, task, _said(step, child, found))
        run.record("subcase.ended", {"step": task.step_id, "occurrence": task.occurrence, "outcome": child.outcome})
        activation = StepActivation.resume(task, run)
        activation.finish()
        go_on(run, activation, failure)


def child_late(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: tell the officials of a case, once, that one which it opened is late in its own time.

    Whoever derived or asked answers to the person for it, and only they would notice (Ley 19.880 arts. 7, 14 and 27).
    """
    assert job.case_id is not None
    with locked(job.case_id, by=None, now=now) as run:
        link = _late_link(run, job.payload["link"])
        if link is None:  # decided meanwhile, or given more time
            return {"told": 0}
        people = _officials(run)
        for person in people:
            messages.tell_official(run, person, partial(_late, run, link))
    return {"told": len(people)}


def _late_link(run: Run, link_id: int) -> CaseLink | None:
    """The link while its case is late, on the day it is where that one is decided: on an island it is another one."""
    link = CaseLink.objects.select_related("child__agency").defer("child__flow_class").get(pk=link_id)
    assert link.child is not None
    today = local_date(run.now, link.child.agency.time_zone)
    return late(run.case, today).filter(pk=link_id).first()


def _officials(run: Run) -> list[Person]:
    """Who sees to the case, of those who still may; else everybody who may."""
    bound = RoleBinding.objects.filter(offering=run.case.offering_id).values("role")
    may = set(able(run.today, run.case.pk).filter(role__in=bound).values_list("person", flat=True))
    seeing = [person for person in messages.attending(run) if person.pk in may]
    return seeing or list(Person.objects.filter(pk__in=may).order_by("pk"))


def _late(run: Run, link: CaseLink) -> Said:
    words = {"number": run.case.number, **words_of_delay(link)}
    subject = _("%(agency)s no resolvió a tiempo: solicitud N° %(number)s") % words
    return Said(subject, told_of_delay(link) % words)


def not_awaited(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: tell a case that whoever opened it does not wait for its result any more. Idempotent.

    It is an application of its own, and ends only with an act of its own body: the officials decide what is left to
    do, and whoever applied may withdraw it (Ley 19.880 arts. 8, 14 and 42).
    """
    assert job.case_id is not None
    with locked(job.case_id, by=None, now=now) as run:
        link = CaseLink.objects.select_related("parent__agency").defer("parent__flow_class").get(pk=job.payload["link"])
        if run.case.finished is not None:
            return {}
        run.record("case.not_awaited", {"number": link.parent.number})
        for person in _officials(run):
            messages.tell_official(run, person, lambda: _goes_on_alone(run, link, told_to_go_on(link)))
        messages.send(run, lambda: _goes_on_alone(run, link, told_applicant(link)))
    return {}


def _goes_on_alone(run: Run, link: CaseLink, told: str) -> Said:
    words = {"number": run.case.number, "parent": link.parent.number}
    return Said(_("Ya nadie espera su resultado: solicitud N° %(number)s") % words, told)


def unawaited(case: Case) -> CaseLink | None:
    """By what an open case was opened that goes on, or ended, without waiting for its result."""
    links = CaseLink.objects.filter(child=case, kind=CaseLink.Kind.SUBCASE, task__status=STATUS.CANCELED)
    return links.select_related("parent__agency").defer("parent__flow_class").first()


def told_to_go_on(link: CaseLink) -> str:
    """What it means to the officials of the case that nobody waits for."""
    text = _(
        "La pidió %(agency)s para su solicitud N° %(parent)s, que ya no la espera. Sigue siendo una solicitud de la "
        "persona y su plazo corre: pregúntale si la quiere todavía. Termina con un acto, también si se desiste o si "
        "ya no tiene objeto (Ley 19.880, arts. 14, 40 y 42)."
    )
    return text % {"agency": link.parent.agency.name, "parent": link.parent.number}


def told_applicant(link: CaseLink) -> str:
    """The same to whoever applied."""
    text = _(
        "Se abrió para tu solicitud N° %(parent)s en %(agency)s, que ya no la espera. Sigue por su cuenta y se "
        "resuelve. Si ya no la quieres, puedes retirarla donde el trámite lo permite, o escribirlo."
    )
    return text % {"agency": link.parent.agency.name, "parent": link.parent.number}


def words_of_delay(link: CaseLink) -> dict[str, str]:
    """Whose linked case is late, which it is and since when; no data of the person."""
    assert link.child is not None
    due = date_format(link.child.due_on, "DATE_FORMAT") if link.child.due_on else ""
    return {"agency": link.child.agency.name, "title": link.child.title, "child": link.child.number, "due": due}


def told_of_delay(link: CaseLink) -> str:
    """What it means, with gaps for `words_of_delay`."""
    if link.kind == CaseLink.Kind.REFERRAL:
        return _(
            "Se le derivó (Ley 19.880, art. 14) y es su solicitud N° %(child)s, «%(title)s». Debía resolverla a más "
            "tardar el %(due)s y no lo ha hecho. Pregúntale en qué está: la persona la dejó aquí."
        )
    return _(
        "Su solicitud N° %(child)s, «%(title)s», debía estar resuelta a más tardar el %(due)s y no lo está. Esta "
        "espera su resultado: pregúntale en qué está. El plazo de esta sigue corriendo."
    )


def _keep_answer(run: Run, task: CaseTask, said: Iterable[tuple[str, str]]) -> None:
    """What another body decided, as a document of this file too (DS 10 of 2023, art. 24; R57)."""
    exchange = exchanges.pending(task)
    if exchange is not None:
        exchanges.end(run, exchange, Exchange.Result.SUCCESS, exchanges.keep(run, exchange, said))


def _said(step: Any, child: Case, found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """How the other case ended and what it found, in the words of its own procedure."""
    bundle = bundle_of(child.version)
    end = titles.end_of(child, titles.ends_of([child])[child.pk])
    how = titles.for_official(end, bundle, "es") if end is not None else str(child.get_outcome_display())
    yield _("Cómo terminó la solicitud N° %(number)s") % {"number": child.number}, how
    for name, value in found.items():
        result = step.results[name]
        try:
            field = bundle.field(result.path)
        except KeyError:
            field = Field(id=name, type=result.type, label=name)
        yield field.label, display_value(field, value)


def _results(step: Any, child: Case) -> dict[str, Any]:
    found = {}
    for name, result in step.results.items():
        source, _dot, field = result.path.partition(".")
        found[name] = child.data.get(source, {}).get(field)
    return found
