"""What may change a legal clock: extension, urgency, suspension (Ley 19.880 arts. 26 and 63)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import cast

from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Person
from documents.api import in_spanish
from legaltime.api import Term, Unit, business_days_between, due_date, half_extension, is_business_day, remaining
from notifications.api import Said
from workflows import deadlines, messages
from workflows.access import check_official, own_cases
from workflows.commands import clock_orders
from workflows.commands.locking import locked
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import Case, CaseParty, Deadline, DeadlineChange
from workflows.nodes.base import PAUSED
from workflows.runtime import Run
from workflows.withholding import parties_of

Kind, State = DeadlineChange.Kind, DeadlineChange.State
ART_26 = "Ley N° 19.880, artículo 26"


class TooLate(CommandRefused):
    """An extension that was asked or decided after the last day (R12)."""

    message = gettext_lazy("Este plazo ya venció: un plazo vencido no se puede ampliar (Ley 19.880, art. 26).")


class TooLong(CommandRefused):
    """An extension above what the law allows (R12)."""

    def __init__(self, most: int, unit: str, source: str) -> None:
        text = _("Se puede ampliar a lo más en %(most)s (%(source)s).") if most else _("Este plazo no se amplía más.")
        length = f"{most} {Deadline.Unit(unit).label}"
        super().__init__(text % {"most": length, "source": source} if most else text)


def extension_left(deadline: Deadline) -> int:
    """How many units may still be added: half of the original, or what the procedure's own law says (R12)."""
    most = half_extension(deadline.amount) if deadline.extension_most is None else deadline.extension_most
    given = deadline.changes.filter(kind=Kind.EXTENSION, state=State.GRANTED).values_list("amount", flat=True)
    return max(0, most - sum(amount or 0 for amount in given))


def ask_extension(*, case: Case, deadline_id: int, reason: str, by: Person, now: datetime) -> DeadlineChange:
    """An interested person asks for more time, before it expires (art. 26). Raises NotAllowed, TooLate or TooLong."""
    with locked(case.pk, by=by, now=now) as run:
        if not own_cases(by).filter(pk=case.pk).exists():
            raise NotAllowed
        deadline = _running(run, deadline_id)
        if deadline.party is not None and deadline.party not in parties_of(run.case, by):
            raise NotAllowed
        if deadline.changes.filter(kind=Kind.EXTENSION, state=State.ASKED).exists():
            raise CommandRefused(_("Ya hay una ampliación pedida para este plazo. Espera la respuesta."))
        change = change_of(run, deadline, Kind.EXTENSION, state=State.ASKED, reason=reason)
        change.asked_by, change.asked_at, change.decided_at = by, now, None
        change.save()
        clock_orders.file_request(run, deadline, reason, by)
        for person in messages.attending(run):
            messages.tell_official(run, person, lambda: clock_orders.wanted(run, deadline))
        run.record("extension.asked", {"step": deadline.step_id}, personal={"reason": reason})
        return change


def extend(*, case: Case, deadline_id: int, amount: int, reason: str, by: Person, now: datetime) -> Deadline:
    """Grant an extension, asked for or of the body's own motion, in the clock's unit (art. 26, R12).

    It enters the file and the interested persons are told. Raises NotAllowed, TooLate, TooLong.
    """
    with locked(case.pk, by=by, now=now) as run:
        check_official(run.case, by, run.today)
        deadline = _running(run, deadline_id)
        left = extension_left(deadline)
        if not 0 < amount <= left:
            raise TooLong(left, deadline.unit, deadline.extension_source or ART_26)
        assert deadline.due_on is not None
        due = due_date(starts_on=deadline.due_on, term=Term(amount, cast(Unit, deadline.unit)), place=run.place)
        change = _request_or_new(run, deadline)
        change.amount, change.answer, change.state = amount, reason, State.GRANTED
        change.legal_source = deadline.extension_source or ART_26
        before = deadline.due_on
        decide(run, change, due.date)
        deadlines.move(run, deadline, due.date)
        order = clock_orders.file_order(
            run,
            gettext_lazy("Ampliación de un plazo"),
            gettext_lazy("Se amplía el plazo que sigue, antes de que venciera. Sigue corriendo hasta el nuevo día."),
            reason,
            deadline,
            source=change.legal_source,
            days={gettext_lazy("Vencía el"): before, gettext_lazy("Ahora vence el"): deadline.due_on},
        )
        clock_orders.tell_order(
            run,
            deadline,
            gettext_lazy("Se amplió un plazo"),
            gettext_lazy("«%(what)s» ahora vence el %(due)s. Motivo: %(reason)s"),
            gettext_lazy("«%(what)s» ahora vence el %(due)s."),
            reason,
            order,
            change.asked_by,
        )
        return deadline


def refuse_extension(*, case: Case, deadline_id: int, reason: str, by: Person, now: datetime) -> None:
    """Say no to the extension that was asked, with a reason; it enters the file. Raises NotAllowed, CommandRefused."""
    with locked(case.pk, by=by, now=now) as run:
        check_official(run.case, by, run.today)
        deadline = Deadline.objects.get(case=run.case, pk=deadline_id)
        change = deadline.changes.filter(kind=Kind.EXTENSION, state=State.ASKED).first()
        if change is None:
            raise CommandRefused
        change.state, change.answer = State.REFUSED, reason
        decide(run, change, deadline.due_on)
        run.record("extension.refused", {"step": deadline.step_id}, personal={"reason": reason})
        order = clock_orders.file_order(
            run,
            gettext_lazy("Plazo que no se amplía"),
            gettext_lazy("Se pidió ampliar el plazo que sigue y no se concede. Vence el mismo día."),
            reason,
            deadline,
            source=deadline.extension_source or ART_26,
            days={gettext_lazy("Vence el"): deadline.due_on},
        )
        clock_orders.tell_order(
            run,
            deadline,
            gettext_lazy("No se amplió el plazo"),
            gettext_lazy("«%(what)s» vence el %(due)s. Motivo: %(reason)s"),
            gettext_lazy("«%(what)s» vence el %(due)s."),
            reason,
            order,
            change.asked_by,
        )


def lapse_request(run: Run, deadline: Deadline) -> None:
    """A clock ran out while somebody's request for more time had no answer: they and the officials are told why there
    is none to give any more, and it stands in the file (arts. 14 and 26; R12)."""
    change = deadline.changes.filter(kind=Kind.EXTENSION, state=State.ASKED).select_related("asked_by").first()
    if change is None:
        return
    change.state, change.answer = State.REFUSED, in_spanish(str)(_LAPSED)
    decide(run, change, deadline.due_on)
    run.record("extension.lapsed", {"step": deadline.step_id})
    order = clock_orders.file_order(
        run,
        gettext_lazy("Plazo que no se amplía"),
        gettext_lazy("Se pidió ampliar el plazo que sigue y nadie lo resolvió antes de que venciera."),
        change.answer,
        deadline,
        source=deadline.extension_source or ART_26,
        days={gettext_lazy("Venció el"): deadline.due_on},
    )
    clock_orders.tell_order(
        run,
        deadline,
        gettext_lazy("No se alcanzó a resolver tu petición de más plazo"),
        gettext_lazy("«%(what)s» venció el %(due)s. %(reason)s"),
        gettext_lazy("«%(what)s» venció el %(due)s."),
        _LAPSED,
        order,
        change.asked_by,
    )
    for person in messages.attending(run):
        messages.tell_official(run, person, lambda: clock_orders.lapsed(run, deadline))


_LAPSED = gettext_lazy(
    "La institución no respondió a tiempo la petición de más plazo, y un plazo vencido no se puede ampliar (Ley "
    "19.880, art. 26). Escribe en la página de la solicitud lo que necesites: quien resuelve sabe que lo pediste antes."
)


def make_urgent(*, case: Case, reason: str, by: Person, now: datetime) -> None:
    """Order urgent processing: every ordinary time limit is halved, those to file and to appeal are not (art. 63, R13).

    A clock that would have ended already ends on the day after the order; one that stands still is shortened too. The
    order enters the file and the interested persons are told. Raises NotAllowed, CommandRefused.
    """
    with locked(case.pk, by=by, now=now) as run:
        check_official(run.case, by, run.today)
        if run.case.is_urgent or run.case.finished:
            raise CommandRefused
        run.case.is_urgent = True
        run.touch("is_urgent")
        run.record("case.urgent", {}, personal={"reason": reason})
        still_open = run.case.deadlines.filter(state__in=deadlines.STILL_OPEN).select_related("task")
        for deadline in still_open.order_by("pk"):
            _halve(run, deadline, reason)
        clock_orders.file_order(run, gettext_lazy("Orden de tramitación de urgencia"), _URGENT, reason)
        messages.send(run, lambda: _told_urgent(run, reason, _("Tu solicitud N° %(number)s se tramita con urgencia")))
        others = gettext_lazy("La solicitud N° %(number)s, en que intervienes, se tramita con urgencia")
        for party in clock_orders.told_of_clocks(run).exclude(kind=CaseParty.Kind.APPLICANT):
            messages.tell(run, party, lambda: _told_urgent(run, reason, str(others)))


_URGENT = gettext_lazy(
    "Por razones de interés público, los plazos ordinarios quedan en la mitad, menos los de presentar solicitudes y "
    "recursos. Contra esto no procede recurso (Ley 19.880, art. 63)."
)


def _told_urgent(run: Run, reason: str, subject: str) -> Said:
    said = _("%(order)s Motivo: %(reason)s. Revisa tus plazos en la página de la solicitud.")
    return Said(subject % {"number": run.case.number}, said % {"order": _URGENT, "reason": reason.rstrip(". ")})


def _halve(run: Run, deadline: Deadline, reason: str) -> None:
    whole = deadline.amount
    if not deadlines.halve(deadline):
        return
    if deadline.starts_on is None:
        deadline.save()
        return
    due = _halved_end(run, deadline, deadline.starts_on, whole)
    decide(run, change_of(run, deadline, Kind.URGENCY, reason=reason, source="Ley N° 19.880, artículo 63"), due)
    deadlines.move(run, deadline, due)


def _halved_end(run: Run, deadline: Deadline, starts_on: date, whole: int) -> date:
    """The last day, sooner by what the whole length lost: what an extension gave stays, as do days it stood still.

    A day is left at least, counted from the order or from the day on which it was suspended (arts. 26 and 63; R13).
    """
    assert deadline.due_on is not None
    shorter, longer = (
        due_date(starts_on=starts_on, term=Term(amount, cast(Unit, deadline.unit)), place=run.place).date
        for amount in (deadline.amount, whole)
    )
    if deadline.unit == Deadline.Unit.BUSINESS_DAYS:
        day = deadlines.warning_day(run, deadline.due_on, business_days_between(shorter, longer, run.place))
        while not is_business_day(day, run.place):
            day -= timedelta(days=1)
    else:
        before = deadline.due_on - (longer - shorter) - timedelta(days=1)
        day = due_date(starts_on=before, term=Term(1, "calendar_days"), place=run.place).date
    stood_still = deadline.suspended_on or run.today
    return max(day, due_date(starts_on=stood_still, term=Term(1, "business_days"), place=run.place).date)


def suspend(*, case: Case, deadline_id: int, cause: str, reason: str, by: Person, now: datetime) -> Deadline:
    """Stop a clock for one of the causes that the procedure's law names. Raises NotAllowed, CommandRefused."""
    with locked(case.pk, by=by, now=now) as run:
        check_official(run.case, by, run.today)
        deadline = _running(run, deadline_id)
        law = run.bundle.law
        named = next((entry for entry in law.suspensions if entry.id == cause), None) if law else None
        if named is None:
            raise CommandRefused(_("Este trámite no permite suspender el plazo por esa causa."))
        told = f"{named.title}. {reason}".strip()
        stop(run, deadline, reason=told, source=named.source)
        text = gettext_lazy("Este plazo deja de correr hasta que termine la causa.")
        title = gettext_lazy("Suspensión de un plazo")
        order = clock_orders.file_order(run, title, text, told, deadline, source=named.source)
        clock_orders.tell_order(
            run,
            deadline,
            gettext_lazy("Se suspendió un plazo"),
            gettext_lazy("«%(what)s» no corre por ahora: %(reason)s"),
            gettext_lazy("«%(what)s» no corre por ahora."),
            told,
            order,
        )
        return deadline


def stop(run: Run, deadline: Deadline, *, reason: str, source: str) -> None:
    """Suspend a running clock today, on record with its reason and norm."""
    deadline.state, deadline.suspended_on = Deadline.State.SUSPENDED, run.today
    deadline.save(update_fields=["state", "suspended_on"])
    decide(run, change_of(run, deadline, Kind.SUSPENSION, reason=reason, source=source), None)
    run.record("deadline.suspended", {"step": deadline.step_id}, personal={"reason": reason})


def resume(*, case: Case, deadline_id: int, reason: str, by: Person, now: datetime) -> Deadline:
    """Let a suspended clock run again with what was left of it; it enters the file and the interested persons are told.

    Raises NotAllowed, CommandRefused.
    """
    with locked(case.pk, by=by, now=now) as run:
        check_official(run.case, by, run.today)
        deadline = Deadline.objects.select_related("task").get(case=run.case, pk=deadline_id)
        is_paused = deadline.task is not None and deadline.task.status == PAUSED
        if deadline.state != Deadline.State.SUSPENDED or is_paused:
            raise CommandRefused
        stopped = deadline.changes.filter(kind=Kind.SUSPENSION).order_by("pk").last()
        before = deadline.due_on
        left = run_again(run, deadline, reason=reason)
        told = lazy(_left, str)(left, reason)
        order = clock_orders.file_order(
            run,
            gettext_lazy("Reanudación de un plazo"),
            gettext_lazy("Este plazo, que estaba suspendido, vuelve a correr con el tiempo que le quedaba."),
            in_spanish(_left)(left, reason),
            deadline,
            source=stopped.legal_source if stopped is not None else "",
            days={gettext_lazy("Vencía el"): before, gettext_lazy("Ahora vence el"): deadline.due_on},
        )
        clock_orders.tell_order(
            run,
            deadline,
            gettext_lazy("Sigue corriendo un plazo"),
            gettext_lazy("«%(what)s» ahora vence el %(due)s. %(reason)s"),
            gettext_lazy("«%(what)s» ahora vence el %(due)s."),
            told,
            order,
        )
        return deadline


def run_again(run: Run, deadline: Deadline, *, reason: str, source: str = "") -> Term:
    """Let a suspended clock run from today with what was left of it, which is returned."""
    assert deadline.suspended_on is not None
    assert deadline.due_on is not None
    left = remaining(on=deadline.suspended_on, due_on=deadline.due_on, unit=cast(Unit, deadline.unit), place=run.place)
    due = due_date(starts_on=run.today, term=left, place=run.place).date
    change = change_of(run, deadline, Kind.RESUMPTION, reason=in_spanish(_left)(left, reason), source=source)
    decide(run, change, due)
    deadline.state, deadline.suspended_on = Deadline.State.RUNNING, None
    deadlines.move(run, deadline, due)
    return left


def _left(left: Term, reason: str) -> str:
    """What remained of the term, and why it runs again: kept in Spanish, told in the language of each person."""
    return f"{_('Quedaba por correr: %(left)s.') % {'left': amount_words(left)}} {reason}".strip()


def amount_words(term: Term) -> str:
    """What is left of a term, in words."""
    days = {"business_days": _("días hábiles"), "calendar_days": _("días corridos")}
    return f"{term.amount} {days[term.unit]}"


def _running(run: Run, deadline_id: int) -> Deadline:
    """The clock, if it runs and its last day is not over (R12)."""
    deadline = Deadline.objects.select_related("task").get(case=run.case, pk=deadline_id)
    if deadline.state == Deadline.State.EXPIRED or (deadline.due_on is not None and run.today > deadline.due_on):
        raise TooLate
    if deadline.state != Deadline.State.RUNNING:
        raise CommandRefused(_("Este plazo no está corriendo."))
    return deadline


def change_of(
    run: Run, deadline: Deadline, kind: str, *, reason: str, source: str = "", state: str = State.GRANTED
) -> DeadlineChange:
    """What happened to a clock, not saved yet."""
    return DeadlineChange(
        deadline=deadline,
        agency_id=run.case.agency_id,
        kind=kind,
        state=state,
        reason=reason,
        legal_source=source,
        due_before=deadline.due_on,
    )


def _request_or_new(run: Run, deadline: Deadline) -> DeadlineChange:
    asked = deadline.changes.filter(kind=Kind.EXTENSION, state=State.ASKED).first()
    return asked or change_of(run, deadline, Kind.EXTENSION, reason="")


def decide(run: Run, change: DeadlineChange, due_after: date | None) -> None:
    """Save a change as decided by whoever gives this command."""
    change.decided_by, change.decided_at, change.due_after = run.by, run.now, due_after
    change.save()
