"""Other ways to end a case: withdrawal, waiver, abandonment, impossibility (Ley 19.880 arts. 40 to 44; R16 to R18)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from viewflow.workflow.status import STATUS

from accounts.models import Person
from documents.api import Row, in_spanish
from legaltime.api import business_days_between, local_date
from notifications.api import Said, notifications_of
from workflows import deadlines, joinders, messages, receipts
from workflows.access import check_official, own_cases, parts_of
from workflows.commands.locking import locked, locked_pair
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import Case, CaseParty, CaseTask, Channel, Deadline
from workflows.runtime import Run
from workflows.steps import law
from workflows.steps.outside import BRING

INACTIVE_FOR = 30
"""Business days of the person's inactivity after which abandonment may be warned of (art. 43)."""
WARNED_FOR = 7
"""Business days that the warning gives (art. 43)."""


class NotSwitchedOn(CommandRefused):
    """The procedure does not use this block."""


def withdraw(*, case: Case, reason: str, by: Person, now: datetime) -> bool:
    """The person withdraws the application; whether that may end the case (art. 42).

    With several applicants only the one who withdraws leaves, and the case goes on for the others (R18). Raises
    NotAllowed, CommandRefused.
    """
    return _leave(case, "law_withdrawal", lambda: _("Desistimiento"), reason, by, now)


def waive(*, case: Case, reason: str, by: Person, now: datetime) -> bool:
    """The person waives the right; as `withdraw` (art. 42)."""
    return _leave(case, "law_waiver", lambda: _("Renuncia"), reason, by, now)


def _leave(case: Case, block: str, title: Callable[[], str], reason: str, by: Person, now: datetime) -> bool:
    with _held(case, by, now) as (run, older):
        party = _applicant(run, by)
        _check_open(run, block, _ANSWERED)
        receipts.file_writing(run, title=title, text=reason or _in_spanish(_WANTED[block]))
        others = run.case.parties.filter(kind=CaseParty.Kind.APPLICANT, left_at=None).exclude(pk=party.pk)
        if others.exists():
            party.left_at = now
            party.save(update_fields=["left_at"])
            clocks = run.case.deadlines.filter(party=party, state__in=deadlines.STILL_OPEN)
            clocks.update(state=Deadline.State.MET, closed_at=now)
            run.record("party.left", {"step": block})
            _tell_of_leaving(run, party, block)
            return False
        run.record("ending.asked", {"step": block})
        law.enter(run, block)
        _rename(run, older)
        return True


_ANSWERED = gettext_lazy("Tu solicitud ya se resolvió: lee la decisión en tus documentos (Ley 19.880, art. 42).")
_DECIDED = gettext_lazy(
    "Esta solicitud ya se resolvió y solo falta cumplir la decisión: ya no termina de otra manera (Ley 19.880, "
    "arts. 18, 40 y 41)."
)
_WANTED = {
    "law_withdrawal": gettext_lazy("Se desiste de su solicitud."),
    "law_waiver": gettext_lazy("Renuncia a su derecho."),
}
"""What is written of whoever gives no reason, which the law does not ask for (art. 42)."""


def _in_spanish(words: Promise) -> str:
    with override("es"):
        return str(words)


def _rename(run: Run, older: Run | None) -> None:
    """What may be ending by itself is named no more in the acts of the older case that nobody signed yet (art. 33)."""
    if older is not None:
        joinders.name_in_drafts(older)
    else:  # it may have been joined while this waited for its lock
        joinders.rename_later(run)


_LEFT = {
    "law_withdrawal": gettext_lazy("se desistió"),
    "law_waiver": gettext_lazy("renunció a su derecho"),
}
"""What an applicant did who leaves the others alone with the case (art. 42)."""


def _tell_of_leaving(run: Run, party: CaseParty, block: str) -> None:
    """Whoever leaves has a dated receipt; those who stay and the officials hear that the case is theirs now (R18)."""
    number = run.case.number

    def text() -> str:
        told = _(
            "Se certifica que se recibió el escrito con que %(who)s %(did)s. Solo le afecta a esa persona: la "
            "solicitud sigue para las demás que la presentaron (Ley 19.880, art. 42)."
        )
        return told % {"who": party, "did": _LEFT[block]}

    assert run.by is not None, "somebody leaves"
    receipt = receipts.acknowledge(run, title=lambda: _("Comprobante de retiro"), text=text, by=run.by)

    def left() -> Said:
        told = _(
            "Recibimos tu escrito el %(at)s. La solicitud sigue para las demás personas que la presentaron; tú ya no "
            "eres parte (Ley 19.880, art. 42)."
        )
        at = receipts.hour(run.now, run.place.zone)
        return Said(_("Ya no eres parte de la solicitud N° %(number)s") % {"number": number}, told % {"at": at})

    def goes_on() -> Said:
        told = _(
            "%(who)s %(did)s y ya no es parte. La solicitud sigue igual para las demás personas (Ley 19.880, art. 42)."
        )
        subject = _("Una persona se retiró de la solicitud N° %(number)s") % {"number": number}
        return Said(subject, told % {"who": party, "did": _LEFT[block]})

    messages.tell(run, party, left, documents=[receipt])
    messages.send(run, goes_on)
    messages.send_to_others(run, goes_on)
    for person in messages.attending(run):
        messages.tell_official(run, person, goes_on)


@contextmanager
def _held(case: Case, by: Person, now: datetime) -> Iterator[tuple[Run, Run | None]]:
    """The case, with the older one that it is joined to: nobody signs the act of both while one of them leaves."""
    joined_to = Case.objects.values_list("joined_to", flat=True).get(pk=case.pk)
    if joined_to is None:
        with locked(case.pk, by=by, now=now) as run:
            yield run, None
    else:
        with locked_pair(case.pk, joined_to, by=by, now=now) as (run, older):
            yield run, older if run.case.joined_to_id == joined_to else None


def _applicant(run: Run, by: Person) -> CaseParty:
    if not own_cases(by).filter(pk=run.case.pk).exists():
        raise NotAllowed
    mine = parts_of(by).filter(case=run.case, kind=CaseParty.Kind.APPLICANT)
    party = mine.filter(person=by).first() or mine.first()
    if party is None:
        raise NotAllowed(_("Solo puede hacerlo quien presentó la solicitud."))
    return party


def _check_open(run: Run, block: str, if_decided: Promise = _DECIDED) -> None:
    if not run.bundle.has_step(block):
        raise NotSwitchedOn
    if run.case.finished is not None or law.pending(run, block):
        raise CommandRefused
    if deadlines.is_decided(run.case):
        raise CommandRefused(str(if_decided))
    if CaseTask.objects.filter(process=run.case, step_kind="sign", status=STATUS.STARTED).exists():
        raise CommandRefused(_("La decisión ya se está firmando. Cuando te la notifiquen, verás qué puedes hacer."))
    if run.case.joined_to is not None and run.case.joined_to.finished is None and joinders.is_decided(run.case):
        text = _(
            "El acto de la solicitud N° %(number)s resuelve también esta, y ya se firmó o se está firmando. Cuando te "
            "lo notifiquen, verás qué puedes hacer (Ley 19.880, arts. 33 y 42)."
        )
        raise CommandRefused(text % {"number": run.case.joined_to.number})


def inactive_since(case: Case) -> date | None:
    """The last day on which something happened that the person must follow; None while they owe nothing (R17).

    Nobody loses their right by not letting sensitive data be asked for: an official goes on without them (R60).
    """
    owed = case.task_set.filter(for_applicant=True, status__in=["NEW", "ASSIGNED"]).exclude(step_kind=BRING)
    waiting = owed.order_by("-created").first()
    if waiting is None or case.channel == Channel.OWN_MOTION or _awaits_notification(waiting):
        return None
    days = [local_date(waiting.created, case.agency.time_zone)]
    days += notifications_of(case.file).filter(subject_id=waiting.step_id).values_list("effective_on", flat=True)
    return max(days)


def _awaits_notification(task: CaseTask) -> bool:
    """Whether somebody was not notified of what they must do: that it stands still is not theirs (art. 43)."""
    return task.deadlines.filter(state=Deadline.State.WAITING, trigger__startswith="notified(").exists()


def may_warn(run_or_case: Case, today: date, place: object) -> bool:
    """Whether the case has stood still for more than thirty business days because of the person (R17)."""
    since = inactive_since(run_or_case)
    return since is not None and business_days_between(since, today, place) > INACTIVE_FOR  # type: ignore[arg-type]


def warn_of_abandonment(*, case: Case, by: Person, now: datetime) -> None:
    """Warn the persons who began the case; each has seven business days from their notification (art. 43, R17).

    Raises NotAllowed, CommandRefused.
    """
    with locked(case.pk, by=by, now=now) as run:
        check_official(run.case, by, run.today)
        _check_open(run, "law_abandonment")
        if not may_warn(run.case, run.today, run.place):
            raise CommandRefused(
                _("Todavía no pasan más de treinta días hábiles de inactividad de la persona (Ley 19.880, art. 43).")
            )
        if warned(run.case):
            raise CommandRefused(_("Ya se advirtió del abandono en este caso."))
        _file_warning(run)
        law.enter(run, "law_abandonment_warning")
        for party in run.case.parties.filter(kind=CaseParty.Kind.APPLICANT, left_at=None).order_by("pk"):
            clock = Deadline(
                party=party,
                kind=Deadline.Kind.ABANDONMENT,
                binds_applicant=True,
                amount=WARNED_FOR,
                unit=Deadline.Unit.BUSINESS_DAYS,
                trigger="notified(law_abandonment_warning)",
                on_expire="law_abandonment",
                legal_source="Ley N° 19.880, artículo 43",
            )
            deadlines.open_clock(run, clock, None)


@in_spanish
def _file_warning(run: Run) -> None:
    """The warning as a document of the file, with since when and for what the case stands still (art. 43; R2)."""
    since = inactive_since(run.case)
    owed = run.case.task_set.filter(for_applicant=True, status__in=["NEW", "ASSIGNED"]).exclude(step_kind=BRING)
    rows = (
        Row(label=_("N° de solicitud"), value=run.case.number),
        Row(label=_("Lo que falta"), value=", ".join(owed.order_by("pk").values_list("step_title", flat=True))),
        Row(label=_("Detenida desde el"), value=date_format(since, "DATE_FORMAT") if since else ""),
        Row(label=_("Norma"), value="Ley N° 19.880, artículo 43"),
    )
    text = _(
        "Se advierte que la solicitud está detenida hace más de treinta días hábiles por inactividad de quien la "
        "inició. Si no hace lo que falta dentro de siete días hábiles desde la notificación, se podrá declarar el "
        "abandono del procedimiento y ordenar su archivo."
    )
    receipts.file_order(run, title=lambda: _("Advertencia de abandono"), text=lambda: text, rows=rows)


def warned(case: Case) -> bool:
    """Whether a warning of abandonment is under way."""
    return case.deadlines.filter(kind=Deadline.Kind.ABANDONMENT, state__in=deadlines.STILL_OPEN).exists()


def declare_impossible(*, case: Case, reason: str, by: Person, now: datetime) -> None:
    """Open the step in which an official decides that the case cannot go on (art. 40).

    Raises NotAllowed, CommandRefused.
    """
    with _held(case, by, now) as (run, older):
        check_official(run.case, by, run.today)
        _check_open(run, "law_impossibility")
        run.record("ending.asked", {"step": "law_impossibility"}, personal={"reason": reason})
        law.enter(run, "law_impossibility")
        _rename(run, older)
        messages.send(run, lambda: _cannot_go_on(run.case.number))
        messages.send_to_others(run, lambda: _cannot_go_on(run.case.number))


def _cannot_go_on(number: str) -> Said:
    """That it is studied whether the case ends: they read why on its page, and may answer before (art. 10)."""
    text = _(
        "Una persona de la institución debe resolver si es imposible continuar. Lee la causa en la página de la "
        "solicitud y, si quieres, escribe lo que estimes antes de que se resuelva (Ley 19.880, arts. 10 y 40)."
    )
    return Said(_("Se estudia si termina la solicitud N° %(number)s") % {"number": number}, text)
