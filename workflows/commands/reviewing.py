"""Carrying out what an appeal resolved, in the case of the act that it was about (Ley 19.880 art. 59; R66)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from viewflow.workflow.status import PROCESS

from documents.api import change_act, name_of, reopen_file
from documents.models import Document
from jobs.api import GiveUp
from jobs.models import Job
from notifications.api import Said
from workflows import appealing, deadlines, exemptions, joinders, messages
from workflows.commands.locking import locked
from workflows.errors import RoutingError
from workflows.models import Case
from workflows.reviewing import STATES, Effect, Ruling, ruling_of
from workflows.runtime import Run
from workflows.steps import law


def carry_out(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: change the act, and what it decided, as an appeal resolved. Running again changes nothing.

    The act of the appeal enters the file of the case that it changes. Where it sends the application back, that goes
    on from the step that it names. Raises GiveUp where it cannot enter that step: nothing is changed then, and
    somebody sees it.
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
        changed = list(_still_ruling(appeal.about))
        entered = joinders.bring_act(run, act, after_closing=True)
        for document in changed:
            change_act(document=document, by=entered, state=STATES[ruling.effect])
        run.record("act.reviewed", {"number": appeal.number, "act": name_of(entered), "effect": ruling.effect.value})
        if run.case.finished is not None:
            _decide_anew(run, ruling)
        messages.send(run, lambda: _told(run, ruling, entered), documents=[entered])
        messages.send_to_others(run, lambda: _told(run, ruling, entered), documents=[entered])


def _still_ruling(act: Document) -> Iterator[Document]:
    """The act, and the one by which its author changed it first, where the superior now has the last word."""
    yield act
    if act.changed_by is not None and act.changed_by.definition_id in appealing.REVIEWS:
        yield act.changed_by


def _decide_anew(run: Run, ruling: Ruling) -> None:
    """Give the case that had ended the outcome that it has now, or bring it back to where it is processed again."""
    case = run.case
    if ruling.effect is Effect.RETURNS:
        _send_back(run, ruling.back_to)
    elif ruling.effect is Effect.ANNULS:
        case.outcome = Case.Outcome.OTHER
    elif ruling.grants:
        case.outcome = Case.Outcome.APPROVED
    run.touch("outcome")


def _send_back(run: Run, step_id: str) -> None:
    """Open the case again at a step of its own procedure, with its file and its term. Raises what entering raises."""
    case = run.case
    case.status, case.finished, case.outcome = PROCESS.NEW, None, ""
    run.touch("status", "finished", "outcome")
    reopen_file(file_id=case.file_id)
    exemptions.ask_again(run)
    deadlines.run_case_term_again(run)
    run.record("case.sent_back", {"step": step_id})
    law.enter(run, step_id)


def _told(run: Run, ruling: Ruling, act: Document) -> Said:
    words = {"number": run.case.number, "act": name_of(act)}
    match ruling.effect:
        case Effect.RETURNS:
            subject = _("Tu solicitud N° %(number)s se vuelve a tramitar") % words
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
