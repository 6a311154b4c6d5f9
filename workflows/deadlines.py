"""Legal clocks of a case: they wait for their trigger, run, and are met or expire. The timer is a job row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Max, Q
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Person
from documents.api import in_spanish
from jobs.api import new_job
from legaltime.api import DueDate, Term, Unit, business_days_between, local_date, urgent_amount
from procedures.api import AmountWhen, Bundle, RuleError, TermRules, days_in_words, describe, ruling
from procedures.api import Deadline as DeadlineSpec
from workflows import titles
from workflows.errors import RoutingError
from workflows.models import NEVER, Case, CaseParty, CaseTask, Deadline, Incident
from workflows.prepared import insert
from workflows.regime import regime_data, regime_day
from workflows.runtime import Run

TIMER = "workflows.deadline"
"""Job kind: looks at one deadline when it runs out."""
WARNING = "workflows.deadline_warning"
"""Job kind: tells whoever must act that a deadline is near."""
UNRULED = "unruled"
"""Key of a clock's explanation: its length is the general one, because the rule that decides it failed."""
STILL_OPEN = (Deadline.State.WAITING, Deadline.State.RUNNING, Deadline.State.SUSPENDED)
STILL_OPEN_VALUES = tuple(state.value for state in STILL_OPEN)
STOP_OF_TASK = "UPDATE workflows_deadline SET state = %s, closed_at = %s WHERE task_id = %s AND state IN (%s, %s, %s)"
"""Every step that is done by hand runs it: as SQL, because Django spends longer writing it than running it."""


def open_deadline(run: Run, task: CaseTask, spec: DeadlineSpec) -> None:
    """Create the clock of a step; it runs at once unless it waits for a notification.

    A clock that binds the applicants and waits for a notification is one for each of them (R23): whoever was not
    notified has all their time left. Raises RoutingError when a rule about its length fails.
    """
    started = first_day(run, spec)
    for party in _own_clocks(run, task, spec):
        deadline = Deadline(
            case=run.case,
            agency_id=run.case.agency_id,
            task=task,
            step_id=task.step_id,
            party=party,
            binds_applicant=task.for_applicant,
            trigger=spec.trigger,
            on_expire=spec.on_expire or "",
            warn_before=spec.warn_before,
        )
        _set_length(run, deadline, spec)
        if started is None:
            deadline.save()
        else:
            start_clock(run, deadline, started)


def first_day(run: Run, spec: DeadlineSpec) -> date | None:
    """The legal date from which the clock of a step that is entered now runs; None while it waits for something."""
    match spec.trigger:
        case "entered":
            return run.today
        case "filed":
            return legal_filing_date(run)
    return None


def due_on_entering(run: Run, spec: DeadlineSpec | None, *, for_applicant: bool) -> date | None:
    """The last day of a step that is entered now, for its task row; None when it has none yet."""
    started = first_day(run, spec) if spec else None
    if spec is None or started is None:
        return None
    clock = Deadline(case=run.case, binds_applicant=for_applicant)
    _set_length(run, clock, spec)
    return last_day(run, started, clock.amount, clock.unit).date


def last_day(run: Run, starts_on: date, amount: int, unit: str) -> DueDate:
    """The last day of a term that starts on a legal date, and why (art. 25)."""
    return run.calendar.due_date(starts_on=starts_on, term=Term(amount, cast(Unit, unit)))


def _own_clocks(run: Run, task: CaseTask, spec: DeadlineSpec) -> Iterable[CaseParty | None]:
    if not task.for_applicant or spec.notified_step is None:
        return (None,)
    return list(run.case.parties.filter(kind=CaseParty.Kind.APPLICANT, left_at=None).order_by("pk")) or (None,)


def open_case_term(run: Run, start_id: str, failure: RoutingError | None) -> Deadline:
    """The clock of the whole procedure, or of an appeal, from the legal date of filing (Ley 19.880 arts. 24 and 27).

    Raises RoutingError when the rule of its length fails. With that `failure`, for which the case is held, the general
    term runs: nobody is kept from filing by a rule that somebody wrote badly.
    """
    deadline = Deadline(case=run.case, agency_id=run.case.agency_id, trigger="filed", kind=Deadline.Kind.TERM)
    try:
        _set_length(run, deadline, run.bundle.term_from(start_id))
    except RoutingError as error:
        if failure is None:
            raise
        deadline.explanation = {"notes": [_general_term(error.detail)], UNRULED: True}
    start_clock(run, deadline, legal_filing_date(run))
    run.case.due_on = deadline.due_on
    run.touch("due_on")
    return deadline


def run_case_term_again(run: Run) -> None:
    """Give a case that an act sends back its whole term, from today: what it had was spent on the act that fell.

    No norm says how long it has: Ley 19.880 art. 27 counts a whole procedure, and this one has to be decided anew.
    """
    deadline = run.case.deadlines.filter(kind=Deadline.Kind.TERM).order_by("pk").first()
    if deadline is None:
        return
    deadline.closed_at, deadline.suspended_on = None, None
    deadline.explanation = {"notes": [*deadline.explanation.get("notes", []), _sent_back(run)]}
    deadline.save(update_fields=["closed_at", "suspended_on"])
    start_clock(run, deadline, run.today)
    run.case.due_on = deadline.due_on
    run.touch("due_on")


@in_spanish
def _sent_back(run: Run) -> str:
    told = _("Corre de nuevo desde el %(day)s, porque el acto quedó sin efecto y la solicitud se vuelve a decidir.")
    return told % {"day": date_format(run.today, "SHORT_DATE_FORMAT")}


@in_spanish
def _general_term(why: str) -> str:
    told = _("Rige el plazo general del trámite, porque falló la regla que decide cuánto dura: %(why)s")
    return told % {"why": why}


def rule_case_term(run: Run) -> None:
    """Count the term of the whole procedure again where its rule failed when it was filed and no longer does (R9)."""
    found = run.case.deadlines.filter(kind=Deadline.Kind.TERM, state=Deadline.State.RUNNING, explanation__unruled=True)
    deadline = found.filter(changes=None).select_related("task").first()
    start = CaseTask.objects.filter(process=run.case, flow_task_type="START").order_by("pk").first()
    if deadline is None or start is None:
        return
    kept, deadline.explanation = deadline.explanation, {}
    try:
        _set_length(run, deadline, run.bundle.term_from(start.step_id))
    except RoutingError:
        deadline.explanation = kept
        return
    due = last_day(run, legal_filing_date(run), deadline.amount, deadline.unit)
    again = _counted_again(run)
    deadline.explanation = {**due.explanation, "notes": [*deadline.explanation.get("notes", []), again]}
    move(run, deadline, due.date)


@in_spanish
def _counted_again(run: Run) -> str:
    told = _("Se contó de nuevo el %(day)s, cuando la regla que decide cuánto dura se pudo aplicar.")
    return told % {"day": date_format(run.today, "SHORT_DATE_FORMAT")}


def open_clock(run: Run, deadline: Deadline, starts_on: date | None) -> Deadline:
    """Store a clock that the law itself brings; it runs from `starts_on`, or waits for its trigger without one."""
    deadline.case, deadline.agency_id = run.case, run.case.agency_id
    if starts_on is None:
        deadline.save()
    else:
        start_clock(run, deadline, starts_on)
    return deadline


def _set_length(run: Run, deadline: Deadline, spec: TermRules) -> None:
    """Length and source by the data of the case (the first condition that holds), halved when the case is urgent."""
    deadline.amount, deadline.unit, deadline.legal_source = spec.amount, spec.unit, spec.source  # type: ignore[attr-defined]
    deadline.may_halve = spec.halved_by_urgency
    if spec.extension is not None:
        deadline.extension_most, deadline.extension_source = spec.extension.most, spec.extension.source
    if spec.amounts:
        choose_length(run, deadline, spec.amounts)
    if run.case.is_urgent:
        halve(deadline)


def choose_length(run: Run, deadline: Deadline, amounts: Sequence[AmountWhen]) -> None:
    """Give a clock the length that rules its case, and say why; it keeps its own when none of these does.

    By the law in force when the application was filed, and by its answers (Ley 21.180, transitory art. 3; R78). Raises
    RoutingError when a rule fails.
    """
    try:
        chosen = ruling(amounts, regime_day(run.case), regime_data(run.case), run.bundle)
    except RuleError as error:
        raise RoutingError(Incident.Kind.RULE, deadline.step_id, str(error)) from error
    if chosen is not None:
        deadline.amount, deadline.legal_source = chosen.amount, chosen.source
        deadline.explanation = {"notes": [_why_so_long(run, chosen)]}


@in_spanish
def _why_so_long(run: Run, way: AmountWhen) -> str:
    words = {"amount": way.amount, "source": way.source}
    if way.when is not None:
        words["rule"] = describe(way.when, run.bundle)
        told = _("Dura %(amount)s porque se cumple esta regla: %(rule)s (%(source)s).") % words
    else:
        words["filed"] = date_format(regime_day(run.case), "SHORT_DATE_FORMAT")
        told = _("Dura %(amount)s porque la solicitud se presentó el %(filed)s (%(source)s).") % words
    return f"{told} {days_in_words(way)}".strip()


@in_spanish
def halve(deadline: Deadline) -> bool:
    """Shorten a clock under urgent processing (art. 63); False where the law or a length of one day forbids it."""
    if not deadline.may_halve or deadline.amount < 2:
        return False
    whole = deadline.amount
    deadline.amount = urgent_amount(whole, binds_applicant=deadline.binds_applicant)
    note = _(
        "La tramitación de urgencia lo redujo de %(whole)s a %(half)s (Ley 19.880, art. 63). La mitad de un número "
        "impar se redondea a favor de la persona."
    )
    notes = [*deadline.explanation.get("notes", []), note % {"whole": whole, "half": deadline.amount}]
    deadline.explanation = {**deadline.explanation, "notes": notes}
    return True


def legal_filing_date(run: Run) -> date:
    """The legal date of filing: the next business day where it arrived on another (art. 25)."""
    return local_date(run.case.effective_at, run.place.zone)


def start_clock(run: Run, deadline: Deadline, starts_on: date) -> None:
    """Let a new or waiting clock run from a legal date; the day itself does not count (art. 25)."""
    due = last_day(run, starts_on, deadline.amount, deadline.unit)
    deadline.state, deadline.starts_on, deadline.due_on = Deadline.State.RUNNING, starts_on, due.date
    deadline.explanation = {**due.explanation, "notes": [], **deadline.explanation}
    if deadline.pk:
        deadline.save(update_fields=["state", "starts_on", "due_on", "explanation"])
    else:
        insert(deadline)
    watch(run, deadline)
    run.record("deadline.started", {"step": deadline.step_id, "due_on": due.date.isoformat()})


def move(run: Run, deadline: Deadline, due_on: date) -> None:
    """Give a running clock another last day, with the timers that go with it. Earlier timers find it not due yet."""
    deadline.due_on = due_on
    deadline.save()
    if deadline.kind == Deadline.Kind.TERM:
        run.case.due_on = due_on
        run.touch("due_on")
        CaseTask.objects.filter(process=run.case, due_on=None, finished=None).update(last_day=due_on)
    watch(run, deadline)
    run.record("deadline.moved", {"step": deadline.step_id, "due_on": due_on.isoformat()})


def watch(run: Run, deadline: Deadline) -> None:
    """Set the timers of a running clock and write its last day where lists read it."""
    assert deadline.due_on is not None
    if deadline.task is not None:
        _write_on_task(deadline, deadline.task)
    _set_timer(run, TIMER, deadline, end_of(deadline.due_on, run))
    if deadline.warn_before:
        _set_timer(run, WARNING, deadline, end_of(warning_day(run, deadline.due_on, deadline.warn_before), run))


def _write_on_task(deadline: Deadline, task: CaseTask) -> None:
    """The step's last day: that of its clock, or the latest where each interested person has one."""
    last = deadline.due_on
    if deadline.party is not None:
        last = task.deadlines.exclude(state=Deadline.State.MET).aggregate(day=Max("due_on"))["day"]
    if task.due_on != last:
        CaseTask.objects.filter(pk=task.pk).update(due_on=last, last_day=last or deadline.case.due_on or NEVER)


def _set_timer(run: Run, kind: str, deadline: Deadline, run_at: datetime) -> None:
    timer = new_job(
        kind=kind,
        payload={"deadline": deadline.pk},
        now=run.now,
        run_at=run_at,
        agency_id=run.case.agency_id,
        case_id=run.case.pk,
    )
    run.timers.append(timer)


def warning_day(run: Run, due_on: date, days: int) -> date:
    """The day after which `days` business days are left."""
    day = due_on
    while business_days_between(day, due_on, run.place) < days:
        day -= timedelta(days=1)
    return day


def end_of(day: date, run: Run) -> datetime:
    """The instant at which the last day of a term is over at the agency's seat."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(run.place.zone)).astimezone(UTC)


def notified(run: Run, step_id: str, effective_on: date, person: Person) -> list[Deadline]:
    """Start the clocks that waited for this notification: those of this person, and those that are nobody's own."""
    theirs = Q(party=None) | Q(party__person=person) | Q(party__representative=person)
    waiting = run.case.deadlines.filter(theirs, state=Deadline.State.WAITING, trigger=f"notified({step_id})")
    clocks = list(waiting.select_related("task").order_by("pk"))
    for deadline in clocks:
        start_clock(run, deadline, effective_on)
    return clocks


def met(run: Run, task: CaseTask) -> None:
    """Stop the clocks of a finished task. Its timer will find nothing to do."""
    closed_at = Deadline._meta.get_field("closed_at").get_db_prep_save(run.now, connection)
    with connection.cursor() as cursor:
        cursor.execute(STOP_OF_TASK, [Deadline.State.MET.value, closed_at, task.pk, *STILL_OPEN_VALUES])


def decided(run: Run, on: date) -> None:
    """The act that answers what was asked is in force since that day: the time to decide is over, and no silence
    follows (art. 64).

    The case may go on after it, to carry it out. Where it came late, the clock stays as one that ran out; one that
    ran out only afterwards, because nobody ended it then, was met.
    """
    spent = run.case.deadlines.filter(kind__in=(Deadline.Kind.TERM, Deadline.Kind.COMPLAINT))
    in_time = Q(state__in=STILL_OPEN) | Q(state=Deadline.State.EXPIRED, due_on__gte=on)
    spent.filter(in_time).update(state=Deadline.State.MET, closed_at=run.now)
    run.case.due_on = None
    run.touch("due_on")
    CaseTask.objects.filter(process=run.case, due_on=None, finished=None).update(last_day=NEVER)


def is_decided(case: Case) -> bool:
    """Whether what was asked is answered already, in a case that goes on to carry it out."""
    if case.finished is not None or case.due_on is not None:
        return False
    return bool(case.deadlines.filter(kind=Deadline.Kind.TERM).exists())


def heard(run: Run) -> int:
    """The person acted, or the case was decided: a warning of abandonment no longer runs (art. 43); how many did."""
    warnings = run.case.deadlines.filter(kind=Deadline.Kind.ABANDONMENT, state__in=STILL_OPEN)
    return warnings.update(state=Deadline.State.MET, closed_at=run.now)


def others_have_time(deadline: Deadline) -> bool:
    """Whether another interested person of the same step still has time, or was not notified yet."""
    same = Deadline.objects.filter(case=deadline.case_id, task=deadline.task_id, kind=deadline.kind)
    others = same.filter(state__in=STILL_OPEN, trigger=deadline.trigger).exclude(pk=deadline.pk)
    return others.filter(party__isnull=False, party__left_at=None).exists()


def in_words(deadline: Deadline) -> str:
    """The state of a clock, for the case page and the applicant's."""
    if deadline.state == Deadline.State.WAITING:
        return _("El plazo no ha empezado: falta notificar")
    if deadline.state == Deadline.State.SUSPENDED and deadline.suspended_on:
        day = date_format(deadline.suspended_on, "SHORT_DATE_FORMAT")
        return _("Suspendido desde el %(day)s: no corre") % {"day": day}
    return str(deadline.get_state_display())


def title_of(deadline: Deadline, bundle: Bundle | None = None) -> str:
    """What the clock measures, and whose it is where there are several.

    With the case's bundle, its step as those who apply read it, in the active language; else as officials do.
    """
    if deadline.kind not in (Deadline.Kind.STEP, Deadline.Kind.TERM):
        title = str(deadline.get_kind_display()).capitalize()
    else:
        title = _step_title(deadline.task, bundle) if deadline.task else _("Todo el trámite")
    return f"{title} ({deadline.party})" if deadline.party else title


def _step_title(task: CaseTask, bundle: Bundle | None) -> str:
    return titles.for_applicant(task, bundle, get_language() or "es") if bundle is not None else task.step_title
