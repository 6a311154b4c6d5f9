"""A paper for a correction, brought once that was answered or decided: it is kept (R2, R6).

Where it was decided, somebody says what follows; where nothing is, it is one more document of the file (art. 17 g).

The person handed it over, in time perhaps: that the office typed it late takes nothing from them (Ley 19.880 arts. 17
g, 18 and 30; DS 4 art. 8).
"""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from viewflow.workflow.status import STATUS

from accounts.models import Person
from documents.api import Row, in_spanish
from documents.models import Document
from legaltime.api import effective_filing, local_date
from notifications.api import Said, Say
from workflows import appealing, messages, papers, receipts
from workflows.access import check_official, filed_by
from workflows.commands import paper_answers
from workflows.commands.counter import counter_post
from workflows.commands.locking import locked
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import Attendance, Case, CaseTask, OverlookedPaper
from workflows.papers import OnPaper
from workflows.queries import correction_to_answer, holders
from workflows.runtime import Run
from workflows.withholding import parties_of

Outcome = OverlookedPaper.Outcome
"""What an official may say is done with one."""


class AlreadyKept(CommandRefused):
    """The same scan was kept before."""

    message = gettext_lazy("Ese papel ya está en el expediente de esta solicitud.")


class AlreadyAnswered(CommandRefused):
    """Somebody was faster."""

    message = gettext_lazy("Ya quedó registrado qué se hace con ese papel. Actualiza la página.")


class NotOpenAnyMore(CommandRefused):
    """What is decided already cannot be decided with it."""

    message = gettext_lazy(
        "La solicitud ya terminó: el papel no se puede considerar al resolver. Elige cómo se corrige lo resuelto, o "
        "por qué no cambia."
    )


def decided(*, attendance: Attendance, case: Case) -> CaseTask:
    """The latest correction of the case, which was answered or decided, so that a paper for it is only kept.

    Raises what `paper_answers.check` does, and NothingToCorrect where none was asked or one waits.
    """
    paper_answers.check(attendance, case)
    corrections = CaseTask.objects.filter(process=case, step_kind="correction").defer("flow_task")
    asked: CaseTask | None = corrections.order_by("-pk").first()
    if asked is None or (case.finished is None and correction_to_answer(case) is not None):
        raise paper_answers.NothingToCorrect
    return asked


def is_open_to_papers(case: Case, task: CaseTask) -> bool:
    """Whether the correction was answered and nothing is decided since, so that a paper is added as any other.

    Whoever decides has to consider it (Ley 19.880 arts. 10 and 17 g).
    """
    if case.finished is not None or task.finished is None or task.status != STATUS.DONE:
        return False
    answered = case.submissions.filter(step_id=task.step_id, occurrence=task.occurrence).exists()
    acts = Document.objects.filter(file=case.file, state=Document.State.IN_FORCE, kind__in=appealing.ACTS)
    return answered and not acts.exclude(definition_id="").filter(created_at__gte=task.finished).exists()


def keep(*, attendance: Attendance, case: Case, paper: OnPaper, by: Person, on: date, now: datetime) -> OverlookedPaper:
    """Put the paper into the file as received at its hour, also of a case that has ended, and tell both sides.

    `on`: the day at the office. Raises NotAllowed, what `decided` does, papers.NotReceivedThen, FileInfected and
    AlreadyKept.
    """
    post = counter_post(by, on)
    if attendance.official_id != by.pk or post is None or attendance.agency_id != case.agency_id:
        raise NotAllowed
    with locked(case.pk, by=by, now=now) as run:
        task = decided(attendance=attendance, case=run.case)
        papers.check(run, task, paper)
        if run.case.overlooked_papers.filter(document__blob__sha256=paper.blob.sha256).exists():
            raise AlreadyKept
        return _kept(run, attendance, task, paper)


def _kept(run: Run, attendance: Attendance, task: CaseTask, paper: OnPaper) -> OverlookedPaper:
    person, received_at = attendance.person, paper.received_at
    effective_at = effective_filing(received_at, run.place)
    is_added = is_open_to_papers(run.case, task)
    ended = run.now if is_added else task.finished or run.case.finished or run.now
    certified = _certified_added if is_added else _certified
    made = OverlookedPaper.objects.create(
        case=run.case,
        agency=run.agency,
        attendance=attendance,
        task=task,
        document=papers.file_scan(run, paper, after_closing=True),
        receipt=papers.give_receipt(
            run, person, received_at=received_at, effective_at=effective_at, told=certified, after_closing=True
        ),
        received_at=received_at,
        effective_at=effective_at,
        is_in_time=received_at <= ended and papers.is_in_time(run, task, person, effective_at),
        entered_at=run.now,
        outcome=Outcome.ADDED if is_added else Outcome.WAITING,
    )
    day = local_date(received_at, run.place.zone).isoformat()
    run.record(_event(made), {"step": task.step_id, "on": day})
    papers.tie_to_exemption(run, person)
    _tell_people(run, made, lambda: _told(run, made), made.receipt)
    path = "" if is_added else reverse("workflows:desk_measure", args=[run.case.ref, "papel-sin-considerar"])
    for official in _officials(run):
        messages.tell_official(run, official, lambda: _to_answer(run, made), path)
    return made


def _event(made: OverlookedPaper) -> str:
    if made.outcome == Outcome.ADDED:
        return "counter.paper_added"
    return "counter.overlooked_in_time" if made.is_in_time else "counter.overlooked"


def _tell_people(run: Run, made: OverlookedPaper, say: Say, document: Document) -> None:
    """Whoever applied, and whoever brought the paper where that is another interested person."""
    messages.send(run, say, documents=[document])
    person = made.attendance.person
    if not filed_by(run.case, person):
        for party in parties_of(run.case, person).order_by("pk")[:1]:
            messages.tell(run, party, say, documents=[document])


def _certified() -> str:
    return _(
        "Se certifica que se recibió el papel que trae la respuesta a una corrección pedida en **%(title)s**. Cuando "
        "se ingresó al expediente ya se había resuelto sin él."
    )


def _certified_added() -> str:
    return _(
        "Se certifica que se recibió un papel para la solicitud **%(title)s**, que sigue en trámite. Lo que se pidió "
        "corregir ya estaba respondido: el papel se agrega al expediente y se debe considerar al resolver (Ley 19.880, "
        "arts. 10 y 17 g)."
    )


def _officials(run: Run) -> list[Person]:
    """Who sees to the case, and who resolves what the law lets do beside its steps."""
    slot = run.bundle.law.officer if run.bundle.law else None
    role = run.role(slot) if slot else None
    found = {member.person for member in holders(role, run.today)} if role is not None else set()
    return sorted(found | set(messages.attending(run)), key=lambda person: person.pk)


def _told(run: Run, made: OverlookedPaper) -> Said:
    words = {"number": run.case.number, "at": receipts.hour(made.received_at, run.place.zone)}
    if made.outcome == Outcome.ADDED:
        body = _(
            "Lo recibimos el %(at)s. Lo que te pidieron corregir ya estaba respondido y todavía no se resuelve: el "
            "papel quedó agregado a tu solicitud, con su comprobante, y quien resuelve debe considerarlo (Ley 19.880, "
            "arts. 10 y 17 g)."
        )
    elif made.is_in_time:
        body = _(
            "Lo recibimos el %(at)s, a tiempo, pero se ingresó cuando ya se había resuelto sin él. Está en tu "
            "solicitud, con su comprobante. La institución debe decirte qué hace con él; mientras tanto puedes "
            "recurrir contra lo que se resolvió o pedir que se aclare (Ley 19.880, arts. 59 y 62)."
        )
    else:
        body = _(
            "Lo recibimos el %(at)s, cuando tu plazo había vencido o ya se había resuelto. Está en tu solicitud, con "
            "su comprobante, y la institución te dirá qué hace con él."
        )
    return Said(_("Recibimos tu papel: solicitud N° %(number)s") % words, body % words)


def _to_answer(run: Run, made: OverlookedPaper) -> Said:
    words = {"number": run.case.number, "at": receipts.hour(made.received_at, run.place.zone)}
    if made.outcome == Outcome.ADDED:
        added = _(
            "El mesón lo recibió el %(at)s y ya está en el expediente. Lo que se pidió corregir estaba respondido y "
            "todavía no se resuelve: considéralo al resolver (Ley 19.880, arts. 10 y 17 g)."
        )
        return Said(_("Agregaron un papel: solicitud N° %(number)s") % words, added % words)
    if made.is_in_time:
        subject = _("Un papel que llegó a tiempo no se consideró: solicitud N° %(number)s")
    else:
        subject = _("Llegó un papel después de resolver: solicitud N° %(number)s")
    body = _("El mesón lo recibió el %(at)s y ya está en el expediente. Di qué se hace con él, con tus razones.")
    return Said(subject % words, body % words, _("Decir qué se hace con él"))


def possible(case: Case) -> list[Outcome]:
    """What can be done with such a paper as the case stands: there is no appeal to look at it in before somebody
    appealed, and nothing left to decide once it ended."""
    found: list[Outcome] = [one for one in Outcome if one not in (Outcome.WAITING, Outcome.ADDED)]
    if case.finished is not None:
        found.remove(Outcome.CONSIDERED)
    if not appealing.pending(case).exists():
        found.remove(Outcome.APPEAL)
    return found


def answer(*, case: Case, paper_id: int, outcome: str, reason: str, by: Person, now: datetime) -> OverlookedPaper:
    """Leave on record what is done with such a paper, and why; the person is told.

    Raises NotAllowed, AlreadyAnswered, NotOpenAnyMore, CommandRefused for an outcome that does not exist.
    """
    with locked(case.pk, by=by, now=now) as run:
        check_official(run.case, by, run.today)
        found = waiting(run.case).filter(pk=paper_id).first()
        if found is None:
            raise AlreadyAnswered
        if outcome == Outcome.CONSIDERED and run.case.finished is not None:
            raise NotOpenAnyMore
        if outcome not in possible(run.case):
            raise CommandRefused
        found.outcome, found.answer, found.answered_by, found.answered_at = outcome, reason, by, now
        found.record = _recorded(run, found)
        found.save(update_fields=["outcome", "answer", "answered_by", "answered_at", "record"])
        run.record("overlooked.answered", {"overlooked": outcome}, {"reason": reason})
        _tell_people(run, found, lambda: _answered(run.case.number, outcome, reason), found.record)
    return found


@in_spanish
def _recorded(run: Run, found: OverlookedPaper) -> Document:
    zone = run.place.zone
    told = [
        (_("N° de solicitud"), run.case.number),
        (_("Documento"), found.document.title),
        (_("N° en el expediente"), str(found.document.item.seq)),
        (_("Recibido en papel"), receipts.hour(found.received_at, zone)),
        (_("Ingresado al expediente"), receipts.hour(found.entered_at, zone)),
        (_("Dentro del plazo"), _("Sí") if found.is_in_time else _("No")),
        (_("Qué se hace"), capfirst(found.get_outcome_display())),
        (_("Motivo"), found.answer),
    ]
    return receipts.file_order(
        run,
        title=lambda: _("Constancia sobre un papel que no se consideró"),
        text=lambda: _("Se deja constancia de lo que se hace con un papel que se ingresó después de resolver."),
        rows=[Row(label=label, value=value) for label, value in told],
        after_closing=True,
    )


def _answered(number: str, outcome: str, reason: str) -> Said:
    words = {"number": number, "outcome": capfirst(str(Outcome(outcome).label)), "reason": reason}
    return Said(
        _("Qué se hace con tu papel: solicitud N° %(number)s") % words,
        _("%(outcome)s. Motivo: %(reason)s") % words,
    )


def waiting(case: Case) -> QuerySet[OverlookedPaper]:
    """Those of which nobody said yet what is done with them."""
    found = case.overlooked_papers.filter(outcome=Outcome.WAITING).select_related(
        "document__item", "task", "attendance__person"
    )
    return found.defer("task__flow_task").order_by("pk")
