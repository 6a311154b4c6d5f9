"""Carrying out what an appeal resolved, in the case of the act that it was about (Ley 19.880 art. 59; R66)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from viewflow.workflow.status import PROCESS

from documents.api import change_act, changes_of, name_of, reopen_file
from documents.models import Document
from jobs.api import GiveUp
from jobs.models import Job
from notifications.api import Said, Say
from procedures.api import DraftStep, TaskStep
from workflows import deadlines, exemptions, joinders, messages, reviewing
from workflows.commands.locking import locked
from workflows.errors import RoutingError
from workflows.models import Case, Incident
from workflows.reviewing import FALLEN, STATES, Effect, Ruling, ruling_of
from workflows.runtime import Run
from workflows.steps import law, leftovers, path


def carry_out(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: change the act, and what it decided, as an appeal resolved. Running again changes nothing.

    The act of the appeal enters the file of the case that it changes. Where it sends the application back, that goes
    on from the step that it names. Where another appeal had already set the act aside, nothing is left to change: those
    who see to the case are told. Raises GiveUp where it cannot enter that step: nothing is changed then, and somebody
    sees it.
    """
    try:
        _carry_out(job, now)
    except RoutingError as failure:
        raise GiveUp(failure.detail) from None
    return {}


def _carry_out(job: Job, now: datetime) -> None:
    assert job.case_id is not None
    with locked(job.case_id, by=None, now=now) as run:
        appeal = Case.objects.defer("flow_class").select_related("about").get(pk=job.payload["appeal"])
        ruling, act = ruling_of(appeal.data, job.payload["study"]), Document.objects.get(pk=job.payload["act"])
        assert ruling is not None, "only what changes an act is carried out"
        assert appeal.about is not None, "an appeal is about an act"
        if Document.objects.filter(file=run.case.file_id, sha256=act.sha256).exists():
            return
        is_moot, had_fallen = reviewing.is_moot(appeal, ruling, run.case), appeal.about.state in FALLEN
        entered = joinders.bring_act(run, act, after_closing=True)
        if is_moot:
            run.record("act.not_reviewed", {"number": appeal.number, "act": name_of(entered)})
            _tell_officials(run, lambda: _moot(run, appeal))
            return
        _change(appeal.about, ruling, entered)
        run.record("act.reviewed", {"number": appeal.number, "act": name_of(entered), "effect": ruling.effect.value})
        _decide_anew(run, appeal, ruling, had_fallen=had_fallen)
        messages.send(run, lambda: _told(run, ruling, entered), documents=[entered])
        messages.send_to_others(run, lambda: _told(run, ruling, entered), documents=[entered])


def _change(act: Document, ruling: Ruling, by: Document) -> None:
    """Mark what `by` changes: what now stands in place of the act, or the act with all that changed it before."""
    changed = [act, *changes_of(act)]
    if ruling.effect is Effect.MODIFIES:
        change_act(document=changed[-1], by=by, state=STATES[ruling.effect])
        return
    for document in changed:
        change_act(document=document, by=by, state=STATES[ruling.effect])


def _decide_anew(run: Run, appeal: Case, ruling: Ruling, *, had_fallen: bool) -> None:
    """Give the case the outcome that it has now, or bring it back to where it is processed again.

    `had_fallen`: the same appeal had set the act aside already, and the superior now has the last word. A case that is
    open for another reason goes on as it was, and those who see to it are told.
    """
    case, is_open = run.case, run.case.finished is None
    if ruling.effect is Effect.RETURNS:
        _send_back(run, ruling.back_to)
    elif is_open and (had_fallen or (ruling.effect is Effect.ANNULS and _decided(run, appeal))):
        _end(run, ruling)
    elif is_open:
        _tell_officials(run, lambda: _changed_meanwhile(run, appeal))
    elif ruling.effect is Effect.ANNULS:
        exemptions.fell(run, again=False)
        case.outcome = Case.Outcome.OTHER
    elif ruling.grants:
        case.outcome = Case.Outcome.APPROVED
    run.touch("outcome")


def _decided(run: Run, appeal: Case) -> bool:
    """Whether the act was the decision: what an open case still has to do rests on it."""
    assert appeal.about is not None, "an appeal is about an act"
    return joinders.answers(run.bundle, appeal.about.definition_id)


def _outcome(run: Run, end_id: str) -> str:
    end: Any = run.bundle.step(end_id)
    return str(end.outcome)


def _end(run: Run, ruling: Ruling) -> None:
    """End a case that is open: the appeal left nothing to decide in it. Raises CommandRefused while it signs."""
    case, former = run.case, run.case.task_set.filter(step_kind="end").order_by("pk").last()
    law.stop_others(run)
    leftovers.close_incidents(run, "")
    if ruling.effect is Effect.ANNULS or former is None:
        exemptions.fell(run, again=False)
        outcome = Case.Outcome.OTHER
    else:
        outcome = Case.Outcome.APPROVED if ruling.grants else Case.Outcome(_outcome(run, former.step_id))
    case.status, case.finished, case.outcome = PROCESS.DONE, run.now, outcome
    run.touch("status", "finished", "outcome")
    path.end(run)


def _send_back(run: Run, step_id: str) -> None:
    """Open the case again at a step of its own procedure, with its file and its term. Raises what entering raises."""
    case = run.case
    if step_id not in {step.id for step in run.bundle.steps if isinstance(step, TaskStep | DraftStep)}:
        text = _(
            "La solicitud sigue con una versión del trámite que no tiene el paso «%(step)s». No cambió nada: quien "
            "publica el trámite tiene que revisarlo."
        )
        raise RoutingError(Incident.Kind.NO_BRANCH, step_id, text % {"step": step_id})
    if case.finished is None:
        law.stop_others(run)
        leftovers.close_incidents(run, "")
    case.status, case.finished, case.outcome, case.joined_to = PROCESS.NEW, None, "", None
    run.touch("status", "finished", "outcome", "joined_to")
    reopen_file(file_id=case.file_id)
    exemptions.fell(run, again=True)
    deadlines.run_case_term_again(run)
    run.record("case.sent_back", {"step": step_id})
    law.enter(run, step_id)


def _tell_officials(run: Run, say: Say) -> None:
    for person in messages.attending(run):
        messages.tell_official(run, person, say)


def _moot(run: Run, appeal: Case) -> Said:
    words = {"number": run.case.number, "appeal": appeal.number}
    subject = _("Un recurso resuelto ya no pudo cambiar el acto: solicitud N° %(number)s") % words
    body = _(
        "El recurso N° %(appeal)s se resolvió cuando el acto ya no regía por otro recurso, y no cambió nada. Su "
        "resolución está en el expediente. Revisa si hay que dictar otro acto que decida por todas las personas "
        "interesadas."
    )
    return Said(subject, body % words)


def _changed_meanwhile(run: Run, appeal: Case) -> Said:
    words = {"number": run.case.number, "appeal": appeal.number}
    subject = _("Un recurso cambió un acto de la solicitud N° %(number)s, que sigue abierta") % words
    body = _(
        "Lo que resolvió el recurso N° %(appeal)s está en el expediente. Tenlo en cuenta en lo que falta por hacer."
    )
    return Said(subject, body % words)


def _told(run: Run, ruling: Ruling, act: Document) -> Said:
    words = {"number": run.case.number, "act": name_of(act)}
    match ruling.effect:
        case Effect.RETURNS:
            subject = _("La solicitud N° %(number)s se vuelve a tramitar") % words
            body = _(
                "Se acogió un recurso y la decisión quedó sin efecto: %(act)s. Se decidirá de nuevo con otro acto."
            )
        case Effect.ANNULS:
            subject = _("Quedó sin efecto lo que se decidió en la solicitud N° %(number)s") % words
            body = _("Se acogió un recurso contra esa decisión: %(act)s. El acto va adjunto.")
        case _changes:
            subject = _("Cambió lo que se decidió en la solicitud N° %(number)s") % words
            body = _("Se acogió un recurso contra esa decisión: %(act)s. El acto va adjunto y dice cómo queda.")
    return Said(subject, body % words)
