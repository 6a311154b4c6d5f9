"""Carrying out what an appeal resolved, in the case of the act that it was about (Ley 19.880 art. 59; R66)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from viewflow.workflow.status import PROCESS

from documents.api import change_act, changes_of, name_of, reopen_file, same_act
from documents.models import Document
from jobs.api import GiveUp, enqueue
from jobs.models import Job
from notifications.api import Said, Say
from procedures.api import Bundle, DraftStep, TaskStep, bundle_of
from workflows import basis, deadlines, exemptions, joinders, messages, reviewing
from workflows.appealing import REVIEWS
from workflows.commands.locking import locked
from workflows.errors import RoutingError
from workflows.incidents import open_incident
from workflows.joinders import PAUSED_AS
from workflows.models import Case, CaseParty, CaseTask, Incident
from workflows.reviewing import FALLEN, STATES, Effect, Ruling, ruling_of
from workflows.runtime import Run
from workflows.steps import law, leftovers, path

GIVEN = (Case.Outcome.APPROVED, Case.Outcome.ISSUED)
"""The outcomes that give what was asked."""


def carry_out(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: change the act, and what it decided, as an appeal resolved. Running again changes nothing.

    The act of the appeal enters the file of the case that it changes, and by a job of its own that of each case which
    the same act decided (art. 33). Where it sends the application back, that goes on from the step that it names, or
    from the one that an official chose for it. Where another appeal had already set the act aside, nothing is left to
    change: those who see to the case are told. Raises GiveUp where it cannot enter that step: nothing is changed then,
    and somebody sees it.
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
        about = same_act(appeal.about).select_related("changed_by").filter(file=run.case.file_id).first()
        if about is None or same_act(act).filter(file=run.case.file_id).exists():
            return
        is_own = run.case.pk == appeal.original_id
        ruling = _as_here(run, ruling, job.payload.get("back_to", ""), is_own=is_own)
        is_moot, had_fallen = reviewing.is_moot(appeal, about, ruling, run.case), about.state in FALLEN
        entered = joinders.bring_act(run, act, after_closing=True)
        if is_own and appeal.finished is not None:
            for one in (appeal, *_decided_with(appeal)):
                reviewing.resume(one, run.today)
        if is_moot:
            run.record("act.not_reviewed", {"number": appeal.number, "act": name_of(entered)})
            _tell_officials(run, lambda: _moot(run, appeal))
            return
        _change(about, ruling, entered)
        done = {"number": appeal.number, "act": name_of(entered), "effect": ruling.effect.value}
        run.record("act.reviewed", {**done, "grants": ruling.grants})
        _decide_anew(run, about, appeal, ruling, had_fallen=had_fallen, is_own=is_own)
        basis.act_changed(run, about, entered, ruling, appeal)
        if run.case.original_id is None:  # those of an appeal are told in the case that it was about
            messages.send(run, lambda: _told(run, ruling, entered), documents=[entered])
            messages.send_to_others(run, lambda: _told(run, ruling, entered), documents=[entered])
        if is_own:
            _pass_on(run, appeal.about, job)


def _decided_with(appeal: Case) -> list[Case]:
    """The appeals joined to it which its act decided too, ended already or right after (art. 33)."""
    return [one for one in joinders.nested_in(appeal) if joinders.deciding_act(one) is not None]


def _as_here(run: Run, ruling: Ruling, chosen: str, *, is_own: bool) -> Ruling:
    """What was resolved, as it is carried out in this case.

    The step that an official chose goes before the one that the act names. Only whoever appealed obtains by it what
    they applied for; a case that was decided with theirs goes on from where it stood when it was joined (art. 33).
    """
    if not is_own:
        ruling = replace(ruling, grants=False, back_to=_stood_at(run) or ruling.back_to)
    return replace(ruling, back_to=chosen) if chosen and ruling.effect is Effect.RETURNS else ruling


def _stood_at(run: Run) -> str:
    """The latest step of an official in which a joined case stood when it was joined; "" of any other."""
    paused = CaseTask.objects.filter(process=run.case, data__has_key=PAUSED_AS).order_by("-pk")
    steps = steps_to_return_to(run.bundle)
    return next((step_id for step_id in paused.values_list("step_id", flat=True) if step_id in steps), "")


def _pass_on(run: Run, about: Document, job: Job) -> None:
    """Have it reach each other case that the same act decided: its file shows the change too (art. 33)."""
    files = same_act(about).exclude(file=run.case.file_id).values("file")
    for pk in Case.objects.filter(file__in=files).order_by("pk").values_list("pk", flat=True):
        enqueue(
            kind=job.kind,
            payload={name: job.payload[name] for name in ("appeal", "study", "act")},
            now=run.now,
            agency_id=run.case.agency_id,
            case_id=pk,
            on_dead="workflows.effect_failed",
        )


def _change(act: Document, ruling: Ruling, by: Document) -> None:
    """Mark what `by` changes: what now stands in place of the act, or the act with all that changed it before."""
    changed = [act, *changes_of(act)]
    if ruling.effect is Effect.MODIFIES:
        change_act(document=changed[-1], by=by, state=STATES[ruling.effect])
        return
    for document in changed:
        change_act(document=document, by=by, state=STATES[ruling.effect])
    if ruling.effect is Effect.ANNULS and act.definition_id in REVIEWS:
        for former in Document.objects.filter(file=act.file_id, changed_by=act):
            change_act(document=former, by=act, state=Document.State.IN_FORCE)  # as if nothing had changed it


def _decide_anew(run: Run, about: Document, appeal: Case, ruling: Ruling, *, had_fallen: bool, is_own: bool) -> None:
    """Give the case the outcome that it has now, or bring it back to where it is processed again.

    `had_fallen`: the same appeal had set the act aside already, and the superior now has the last word. A case that is
    open for another reason goes on as it was, and those who see to it are told; so are those of a case that was decided
    with the one of whoever appealed, for the act says nothing of what it leaves to that one.
    """
    case, is_open = run.case, run.case.finished is None
    if case.original_id is not None:
        return  # the appeal that the act resolved: its own outcome is what was answered to it then
    if ruling.effect is Effect.RETURNS and (is_own or had_fallen or not is_open):
        _send_back(run, ruling.back_to)
    elif is_open and (had_fallen or (ruling.effect is Effect.ANNULS and _decided(run, about))):
        _end(run, ruling)
    elif is_open:
        _tell_officials(run, lambda: _changed_meanwhile(run, appeal))
    elif ruling.effect is Effect.ANNULS and about.definition_id in REVIEWS:
        case.outcome = _first_outcome(run)
    elif ruling.effect is Effect.ANNULS:
        exemptions.fell(run, again=False)
        case.outcome = Case.Outcome.OTHER
    elif ruling.grants:
        case.outcome = Case.Outcome.APPROVED
    elif _takes_away(run, appeal, ruling):
        case.outcome = Case.Outcome.REJECTED
    elif not is_own:
        _look_at_it(run, appeal)
    run.touch("outcome")


def _takes_away(run: Run, appeal: Case, ruling: Ruling) -> bool:
    """Whether what was given to whoever applied is theirs no more, because somebody else appealed against it."""
    if run.case.outcome not in GIVEN or ruling.effect is not Effect.REPLACES or run.case.pk != appeal.original_id:
        return False
    applied = run.case.parties.filter(kind=CaseParty.Kind.APPLICANT)
    theirs = appeal.parties.filter(kind=CaseParty.Kind.APPLICANT)
    is_same = Q(person__in=theirs.exclude(person=None).values("person"))
    is_same |= Q(organisation__in=theirs.exclude(organisation=None).values("organisation"))
    return not applied.filter(is_same).exists()


def _first_outcome(run: Run) -> str:
    """How the case ended by its own act, which stands again: what an appeal had put in its place fell."""
    former = run.case.task_set.filter(step_kind="end").order_by("pk").last()
    return Case.Outcome.OTHER if former is None else _outcome(run, former.step_id)


def _decided(run: Run, about: Document) -> bool:
    """Whether the act was the decision: what an open case still has to do rests on it."""
    return joinders.answers(run.bundle, about.definition_id)


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
    if step_id not in steps_to_return_to(run.bundle):
        text = _(
            "La solicitud sigue con una versión del trámite que no tiene el paso «%(step)s». No cambió nada todavía: "
            "elige en el incidente desde qué paso se vuelve a tramitar."
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


def steps_to_return_to(bundle: Bundle) -> dict[str, str]:
    """{step: its title} of those from which an application may be processed again, outside of any branch."""
    return {step.id: step.title for step in bundle.steps if isinstance(step, TaskStep | DraftStep)}


def steps_to_choose(incident: Incident) -> dict[str, str]:
    """{step: its title} among which an official chooses where the application goes back; none where none has to.

    The act of the appeal names a step of the version in which the appeal was filed; the case may be in another one.
    """
    failed = Job.objects.filter(pk=incident.job_id or 0, kind=reviewing.CARRY_OUT, state=Job.State.DEAD).first()
    if failed is None or incident.closed_at is not None:
        return {}
    appeal = Case.objects.defer("flow_class").get(pk=failed.payload["appeal"])
    ruling = ruling_of(appeal.data, failed.payload["study"])
    steps = steps_to_return_to(bundle_of(incident.case.version))
    is_missing = ruling is not None and failed.payload.get("back_to", ruling.back_to) not in steps
    return steps if is_missing and ruling is not None and ruling.effect is Effect.RETURNS else {}


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


def _look_at_it(run: Run, appeal: Case) -> None:
    """The act says how it leaves whoever appealed; an official says how it leaves this case, decided with theirs."""
    text = _(
        "El recurso N° %(appeal)s, de otra solicitud que se resolvió junto con esta, cambió el acto que resolvió las "
        "dos. El nuevo está en el expediente: revisa cómo queda lo que se decidió aquí, y si hay que dictar otro."
    )
    open_incident(run, kind=Incident.Kind.BASIS, detail=text % {"appeal": appeal.number})


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
