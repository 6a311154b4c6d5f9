"""Joining a case to an older one that decides for both, and splitting them again (Ley 19.880 art. 33; D10 23; R63).

The joined case stands still: its officials' steps leave every list and their clocks stop. The term of its whole
procedure goes on, because no norm stops it, and so do the rights of its interested persons.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from viewflow.workflow.status import STATUS

from accounts.models import Person
from documents.api import Row
from documents.models import Document
from jobs.models import Job
from notifications.api import Said
from workflows import joinders, messages, ordering, receipts
from workflows.access import check_official
from workflows.commands import clocks
from workflows.commands.locking import locked, locked_pair
from workflows.errors import CommandRefused
from workflows.models import ORDINARY, Case, CaseParty, CaseTask, Deadline, DeadlineChange, Joinder
from workflows.nodes.base import OPEN, PAUSED
from workflows.rules import HELD, WAITING
from workflows.runtime import Run
from workflows.steps import law

ART_33 = "Ley N° 19.880, artículo 33"
_WORDS = {
    "case.joined": (
        gettext_lazy("Acumulación a la solicitud N° %(number)s"),
        gettext_lazy(
            "Esta solicitud se acumuló a la N° %(number)s, más antigua y ligada a ella: una sola decisión resuelve "
            "las dos."
        ),
    ),
    "case.received": (
        gettext_lazy("Acumulación de la solicitud N° %(number)s"),
        gettext_lazy(
            "A esta solicitud se acumuló la N° %(number)s, ligada a ella: una sola decisión resuelve las dos."
        ),
    ),
    "case.split": (
        gettext_lazy("Desacumulación de la solicitud N° %(number)s"),
        gettext_lazy(
            "Esta solicitud ya no está acumulada a la N° %(number)s: sigue por separado, desde el paso en que estaba."
        ),
    ),
    "case.gave_back": (
        gettext_lazy("Desacumulación de la solicitud N° %(number)s"),
        gettext_lazy("La solicitud N° %(number)s ya no está acumulada a esta: cada una se resuelve por separado."),
    ),
}
"""By the event that records it: the subject, and what happened to the case."""
_ORDERED = gettext_lazy("%(resolution)s. Motivo: %(reason)s. Contra esto no procede recurso (Ley 19.880, art. 33).")


@dataclass(frozen=True)
class Order:
    """By which resolution, and why."""

    resolution: str
    reason: str


def join(*, case: Case, number: str, order: Order, by: Person, now: datetime) -> Joinder:
    """Join a case to an older one of the agency that is bound up with it, whose decision will be for both.

    Of the same procedure, or of another one that lets cases be joined too. `number` is the older one's N° de solicitud.
    Raises NotAllowed, CommandRefused.
    """
    older = _older(case, number)
    with locked_pair(case.pk, older.pk, by=by, now=now) as (run, principal):
        _check_officials(by, run, principal)
        _check_joinable(run, principal)
        made = Joinder.objects.create(
            case=run.case,
            principal=principal.case,
            agency_id=run.case.agency_id,
            resolution=order.resolution,
            reason=order.reason,
            ordered_by=by,
            ordered_at=now,
        )
        run.case.joined_to, principal.case.is_principal = principal.case, True
        run.touch("joined_to")
        principal.touch("is_principal")
        _pause(run, order)
        _save_and_name(run, principal)
        _leave_word(run, principal, order, "case.joined")
        _leave_word(principal, run, order, "case.received")
        return made


def split(*, case: Case, order: Order, by: Person, now: datetime) -> None:
    """Split a case from the older one: it goes on where it stood (art. 33). Raises NotAllowed, CommandRefused."""
    older_id = Case.objects.values_list("joined_to", flat=True).get(pk=case.pk)
    if older_id is None:
        raise CommandRefused(_("Esta solicitud no está acumulada a otra."))
    with locked_pair(case.pk, older_id, by=by, now=now) as (run, principal):
        _check_officials(by, run, principal)
        if run.case.joined_to_id != principal.case.pk or run.case.finished or principal.case.finished:
            raise CommandRefused
        _check_unsigned(principal)
        if joinders.deciding_act(run.case) is not None:
            text = _("El acto de la solicitud N° %(number)s ya resolvió las dos: ya no se pueden desacumular.")
            raise CommandRefused(text % {"number": principal.case.number})
        _wake(run, Joinder.End.SPLIT, order.reason)
        principal.case.is_principal = joinders.joined_to(principal.case).exclude(pk=run.case.pk).exists()
        principal.touch("is_principal")
        _save_and_name(run, principal)
        _leave_word(run, principal, order, "case.split")
        _leave_word(principal, run, order, "case.gave_back")


def principal_ended(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: end a joined case with the act of the older one, or let it go on where nobody decided. Idempotent.

    A withdrawal affects only who withdraws (art. 42), and what the others asked is still due an answer (art. 14): so is
    what no act in force names.
    """
    assert job.case_id is not None
    with locked(job.case_id, by=None, now=now) as run:
        older = run.case.joined_to
        if run.case.finished is not None or older is None or older.finished is None:
            return {}
        if older.outcome in joinders.DECISIONS and joinders.deciding_act(run.case) is not None:
            _end_joinder(run, Joinder.End.DECIDED)
            law.enter(run, joinders.BLOCK)
            return {}
        _wake(run, Joinder.End.RETURNED, "")
        run.record("case.returned", {"number": older.number})
        _tell(run, lambda: _returned(run, older.number))
    return {}


def interim_act(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: what the older case ordered on the way enters the file of the joined one, whose persons are told.

    Idempotent; nothing where it was split meanwhile or has ended.
    """
    assert job.case_id is not None
    with locked(job.case_id, by=None, now=now) as run:
        act, older = Document.objects.get(pk=job.payload["document"]), run.case.joined_to
        if run.case.finished is not None or older is None or older.file_id != act.file_id:
            return {}
        if Document.objects.filter(file=run.case.file, sha256=act.sha256, number=act.number).exists():
            return {}
        copy = joinders.bring_act(run, act)
        run.record("case.ordered_with", {"number": older.number, "act": joinders.name_of(act)})
        _tell(run, lambda: _ordered(run, older.number, act), documents=[copy])
    return {}


def _ordered(run: Run, number: str, act: Document) -> Said:
    words = {"number": number, "own": run.case.number, "act": joinders.name_of(act)}
    return Said(
        _("Se dictó un acto que también toca a tu solicitud N° %(own)s") % words,
        _(
            "%(act)s, en la solicitud N° %(number)s, a la que está acumulada la tuya. Tienes una copia en tus "
            "documentos. No decide todavía lo que pediste (Ley 19.880, art. 33)."
        )
        % words,
    )


def joined_ended(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: a joined case ended by itself, so the act of the older one names it no more."""
    assert job.case_id is not None
    with locked(job.case_id, by=None, now=now) as run:
        if run.case.finished is None and not _is_signing(run):
            joinders.name_in_drafts(run)
    return {}


def _older(case: Case, number: str) -> Case:
    """The case that a number names, read without a lock: the command looks again. Raises CommandRefused."""
    of_agency = Case.objects.filter(agency=case.agency_id, number=number.strip())
    found: Case | None = of_agency.defer("flow_class").first()
    if found is None or found.pk == case.pk:
        raise CommandRefused(
            _("No hay otra solicitud N° %(number)s de esta institución. Revisa el número.") % {"number": number.strip()}
        )
    return found


def _check_officials(by: Person, *runs: Run) -> None:
    for run in runs:
        check_official(run.case, by, run.today)


def _check_joinable(run: Run, principal: Run) -> None:
    case, older = run.case, principal.case
    if not (run.bundle.law and run.bundle.law.joinder and run.bundle.has_step(joinders.BLOCK)):
        raise CommandRefused(_("Este trámite no permite acumular solicitudes."))
    if not (principal.bundle.law and principal.bundle.law.joinder):
        text = _("El trámite de la solicitud N° %(number)s no permite acumular solicitudes.")
        raise CommandRefused(text % {"number": older.number})
    if case.finished or older.finished:
        raise CommandRefused(_("Una de las dos solicitudes ya terminó: no se pueden acumular."))
    if (older.filed_at, older.pk) > (case.filed_at, case.pk):
        raise CommandRefused(
            _("Solo se acumula a una solicitud más antigua (Ley 19.880, art. 33). Hazlo desde la otra.")
        )
    if case.joined_to_id or case.is_principal:
        raise CommandRefused(_("Esta solicitud ya está acumulada, o tiene otras acumuladas. Desacumula primero."))
    if older.joined_to_id is not None:
        text = _("La N° %(number)s está acumulada a otra. Acumula a la N° %(other)s.")
        raise CommandRefused(text % {"number": older.number, "other": joinders.principal_of(older).number})
    if _appeal(run) != _appeal(principal):
        raise CommandRefused(_("Los recursos se acumulan solo si son del mismo tipo y contra el mismo acto."))
    _check_unsigned(principal)
    _check_still(run)


def _appeal(run: Run) -> tuple[object, ...]:
    """Against which act the case goes and by which remedy; nothing where it is no appeal."""
    if run.case.about_id is None:
        return ()
    begun = CaseTask.objects.filter(process=run.case, flow_task_type="START").values_list("step_id", flat=True)[0]
    return run.case.about_id, begun, run.case.data.get(begun, {}).get("recurso")


def _check_unsigned(run: Run) -> None:
    """Raises CommandRefused while a signature is being put on an act of the case: its decision comes first."""
    if _is_signing(run):
        text = _("La decisión de la solicitud N° %(number)s ya se está firmando: ya no se cambia qué resuelve.")
        raise CommandRefused(text % {"number": run.case.number})


def _is_signing(run: Run) -> bool:
    numbered = Document.objects.filter(file=run.case.file_id, issued_on__isnull=False).exclude(definition_id="")
    return numbered.filter(state__in=[Document.State.DRAFT, Document.State.ISSUING]).exists()


def _check_still(run: Run) -> None:
    """Raises CommandRefused where a step of the case waits for the person, for a signature or for something outside."""
    waiting = CaseTask.objects.filter(process=run.case, status__in=OPEN).exclude(flow_task_type="JOIN")
    for task in waiting.order_by("pk"):
        if task.step_id.startswith(joinders.OWN_ENDINGS):
            raise CommandRefused(_("Antes de acumular, termina «%(step)s».") % {"step": task.step_title})
        if task.for_applicant or task.status not in (WAITING, HELD):
            text = _("El paso «%(step)s» espera a la persona, una firma o algo de fuera. Acumula cuando termine.")
            raise CommandRefused(text % {"step": task.step_title})
    _check_unsigned(run)


def _pause(run: Run, order: Order) -> None:
    """Take the steps of officials out of every list, and stop their clocks."""
    waiting = CaseTask.objects.filter(process=run.case, status__in=(WAITING, HELD)).defer("flow_task")
    for task in waiting.order_by("pk"):
        for clock in task.deadlines.filter(state=Deadline.State.RUNNING).order_by("pk"):
            clocks.stop(run, clock, reason=f"{order.resolution}. {order.reason}", source=ART_33)
        task.data, task.status = {**task.data, joinders.PAUSED_AS: task.status}, PAUSED
        task.save(update_fields=["data", "status"])
        run.record("task.paused", {"step": task.step_id, "occurrence": task.occurrence})


def _wake(run: Run, end: str, reason: str) -> None:
    """Open the paused steps as they were, for whoever had them, and let their clocks run."""
    _end_joinder(run, end)
    run.case.joined_to = None
    run.touch("joined_to")
    paused = CaseTask.objects.filter(process=run.case, status=PAUSED).select_related("role").order_by("pk")
    for task in paused.defer("flow_task"):
        task.process, task.rank = run.case, ORDINARY
        task.status = task.data.pop(joinders.PAUSED_AS)
        if task.status == STATUS.NEW:
            ordering.place(run, task)
        task.save(update_fields=["data", "status", "rank"])
        run.record("task.resumed", {"step": task.step_id, "occurrence": task.occurrence})
        for clock in task.deadlines.filter(state=Deadline.State.SUSPENDED).select_related("task").order_by("pk"):
            if _stopped_by_joining(clock):
                clocks.run_again(run, clock, reason=reason, source=ART_33)


def _stopped_by_joining(clock: Deadline) -> bool:
    """Whether the joinder stopped it; another cause that did so before still holds."""
    last = clock.changes.filter(kind=DeadlineChange.Kind.SUSPENSION).order_by("pk").last()
    return last is not None and last.legal_source == ART_33


def _end_joinder(run: Run, end: str) -> None:
    run.case.joinders.filter(ended_at=None).update(end=end, ended_at=run.now)


def _save_and_name(run: Run, principal: Run) -> None:
    """Write which case is joined to which before the drafts of the older one say it."""
    Case.objects.filter(pk=run.case.pk).update(joined_to=run.case.joined_to)
    joinders.name_in_drafts(principal)


def _leave_word(run: Run, other: Run, order: Order, kind: str) -> None:
    """Record the order in one of both cases, put it into its file and tell its interested persons (R63)."""
    number = other.case.number
    run.record(kind, {"number": number}, personal={"reason": f"{order.resolution}. {order.reason}"})
    rows = (
        Row(label=_("N° de solicitud"), value=run.case.number),
        Row(label=_("La otra solicitud"), value=f"N° {number}"),
        Row(label=_("Expediente de la otra"), value=other.case.file.iuie),
        Row(label=_("Resolución"), value=order.resolution),
        Row(label=_("Motivo"), value=order.reason),
    )
    say = partial(_said, kind, number, order)
    receipts.file_order(run, title=lambda: say().subject, text=lambda: say().body, rows=rows)
    _tell(run, say)


def _tell(run: Run, say: Callable[[], Said], documents: Sequence[Document] = ()) -> None:
    """Each interested person; who only informed is none of them, and reads no act of another case (art. 21)."""
    parties = run.case.parties.filter(left_at=None).exclude(kind=CaseParty.Kind.INFORMER)
    for party in parties.select_related("person", "representative").order_by("pk"):
        messages.tell(run, party, say, documents=documents)


def _said(kind: str, number: str, order: Order) -> Said:
    """What an order did to a case, as its file and its interested persons are told; `number` is the other case's."""
    words = {"number": number, "resolution": order.resolution, "reason": order.reason}
    subject, done = _WORDS[kind]
    return Said(str(subject) % words, f"{done} {_ORDERED}" % words)


def _returned(run: Run, number: str) -> Said:
    words = {"number": number, "own": run.case.number}
    return Said(
        _("Tu solicitud N° %(own)s sigue por separado") % words,
        _("La solicitud N° %(number)s, a la que estaba acumulada la tuya, terminó sin decidirla. La tuya sigue.")
        % words,
    )
