"""Runs one job: claim, effect, finish. The only code that takes a job out of waiting.

A claim is a compare-and-set that leaves a fresh token and a lease on the row; whoever finishes must still
hold the token. So a message may arrive twice, late or never, and a worker may die between any two lines.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from django.db import DatabaseError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from jobs import registry, rules
from jobs.crash_points import reached
from jobs.errors import Blocked, CaseMissing, GiveUp, Lost, OutcomeUnknown, Retry, UnknownKind, describe
from jobs.models import Job
from jobs.operations import enqueue_follow_up
from jobs.queries import due
from legaltime.api import now as clock_now

logger = logging.getLogger("jobs")
State = Job.State

READ = f"SELECT {', '.join(str(field.column) for field in Job._meta.concrete_fields)} FROM jobs_job WHERE id IN "  # noqa: S608
"""By name: what a server has prepared as `*` fails when a release adds a column."""
CLAIM_AND_FINISH = """
    UPDATE jobs_job
    SET state = 'done', run_at = NULL, token = NULL, sends = 0, last_error = '', attempts = %s, finished_at = %s
    WHERE id = %s AND attempts = %s AND (state = 'sent' OR run_at <= %s) AND token
"""
"""What every timer and follow-up runs: as SQL, because Django spends longer writing it than running it. The condition
is that of `_free`; what the token is compared with follows, in words that every SQLite knows."""


class Outcome(StrEnum):
    """How one attempt ended."""

    DONE = "done"
    RETRY = "retry"
    UNKNOWN = "unknown"
    BLOCKED = "blocked"
    DEAD = "dead"
    SKIPPED = "skipped"
    LOST = "lost"


@dataclass(frozen=True)
class _Attempt:
    """One claimed job with what is needed to run it. `clock` gives the instant of each step."""

    job: Job
    handler: registry.Handler
    clock: Callable[[], datetime]
    token: UUID
    ask_first: bool


def run_job(job_id: int, now: datetime | None = None) -> Outcome:
    """Claim the job and run it through; says how the attempt ended, SKIPPED when it was not due or not free.

    `now` stands for every instant of the attempt (tests); by default each step reads the clock.
    Must not be called inside a transaction.
    """
    job = next(_read([job_id]), None)
    return Outcome.SKIPPED if job is None else _run(job, clock_now if now is None else lambda: now)


def run_jobs(job_ids: Sequence[int]) -> None:
    """Run jobs one after the other, each by itself; whatever goes wrong with one, the table knows what is still due.

    They are read together: a row that changed meanwhile is not claimed.
    """
    for job in _read(job_ids):
        try:
            _run(job, clock_now)
        except Exception as error:
            logger.error("job %s: %s", job.pk, describe(error))


def _read(job_ids: Sequence[int]) -> Iterator[Job]:
    """The rows of these numbers that exist, in one statement."""
    places = ", ".join(["%s"] * len(job_ids))
    return iter(Job.objects.raw(f"{READ}({places})", job_ids))


def _run(job: Job, clock: Callable[[], datetime]) -> Outcome:
    handler = registry.find(job.kind)
    try:
        if handler is None:
            outcome = _block_unknown_kind(job, clock())
        elif isinstance(handler, registry.PureHandler) and job.sends < 2:
            outcome = _run_in_one_transaction(job, handler, clock)
        else:
            outcome = _run_with_lease(job, handler, clock)
    except Lost:
        outcome = Outcome.LOST
    except CaseMissing as error:
        outcome = _bury(job, error, clock())
    uneventful = outcome in (Outcome.DONE, Outcome.SKIPPED)
    logger.log(logging.DEBUG if uneventful else logging.WARNING, "job %s %s: %s", job.pk, job.kind, outcome)
    return outcome


def drain(now: datetime | None = None, limit: int = 1000) -> int:
    """Run the due jobs, and those that they cause, in this process; how many attempts were made."""
    attempts = 0
    while attempts < limit:
        ids = list(due(now or clock_now()).order_by("run_at", "id").values_list("id", flat=True)[: limit - attempts])
        outcomes = [run_job(job_id, now) for job_id in ids]
        if all(outcome is Outcome.SKIPPED for outcome in outcomes):
            break
        attempts += len(ids)
    return attempts


def _run_in_one_transaction(job: Job, handler: registry.PureHandler, clock: Callable[[], datetime]) -> Outcome:
    """A job that lives in the database only: it happens wholly or not at all.

    A job that was sent more than once may be one that kills its worker: it takes the way with a lease,
    where attempts are counted before anything else happens.
    """
    try:
        with _locked(job):
            return _do_at_once(job, handler, clock())
    except (Lost, CaseMissing):
        raise
    except Exception as error:
        return _record_failure(job, handler, clock, error)


def _do_at_once(job: Job, handler: registry.PureHandler, now: datetime) -> Outcome:
    """Claim and finish in one statement, then the effect: nobody sees the one without the other."""
    if not _claim_and_finish(job, now):
        return Outcome.SKIPPED
    job.attempts += 1
    facts = handler.finish(job, None, now) or {}
    if facts:
        Job.objects.filter(pk=job.pk).update(result=facts)
    if job.on_done:
        enqueue_follow_up(kind=job.on_done, after=job, payload={"result": facts}, now=now)
    reached("finishing", job.pk)
    return Outcome.DONE


def _claim_and_finish(job: Job, now: datetime) -> bool:
    moment = _stored("finished_at", now)
    same, token = (" IS NULL", []) if job.token is None else (" = %s", [_stored("token", job.token)])
    with connection.cursor() as cursor:
        cursor.execute(CLAIM_AND_FINISH + same, [job.attempts + 1, moment, job.pk, job.attempts, moment, *token])
        return bool(cursor.rowcount)


def _stored(name: str, value: Any) -> Any:
    field: Any = Job._meta.get_field(name)
    return field.get_db_prep_value(value, connection)


def _record_failure(job: Job, handler: registry.Handler, clock: Callable[[], datetime], error: Exception) -> Outcome:
    """What it did was rolled back; the attempt counts."""
    job.refresh_from_db(fields=["attempts", "token"])
    with _locked(job):
        attempt = _claim(job, handler, clock)
        return Outcome.SKIPPED if attempt is None else _settle(attempt, error)


def _run_with_lease(job: Job, handler: registry.Handler, clock: Callable[[], datetime]) -> Outcome:
    with _locked(job):
        attempt = _claim(job, handler, clock)
        if attempt is None:
            return Outcome.SKIPPED
        if attempt.job.attempts > attempt.job.max_attempts:
            return _settle(attempt, GiveUp(_("Se agotaron los intentos sin que ninguno terminara.")))
        try:
            with transaction.atomic():
                prepared = handler.prepare(attempt.job)
        except Exception as error:
            return _settle(attempt, error, sure=not attempt.ask_first)
        reached("claiming", job.pk)
    reached("claimed", job.pk)
    try:
        result = _call(attempt, prepared)
    except Exception as error:
        with _held(attempt):
            return _settle(attempt, error, sure=isinstance(error, Retry | Blocked))
    reached("called", job.pk)
    with _held(attempt):
        outcome = _finish(attempt, result)
    reached("finished", job.pk)
    return outcome


@contextmanager
def _locked(job: Job) -> Iterator[None]:
    """A transaction that holds the case of `job`: the case is always locked before the job's row."""
    with transaction.atomic(durable=True):
        registry.lock_case(job.case_id)
        yield


@contextmanager
def _held(attempt: _Attempt) -> Iterator[None]:
    """A transaction in which this attempt still owns the job; Lost when another worker claimed it."""
    with _locked(attempt.job):
        mine = Job.objects.filter(pk=attempt.job.pk, token=attempt.token, run_at__isnull=False)
        if not mine.update(state=State.RUNNING):
            raise Lost
        yield


def _claim(job: Job, handler: registry.Handler, clock: Callable[[], datetime]) -> _Attempt | None:
    """Compare-and-set on the row as it was read: one worker wins, and only a row that was sent or whose time has come.

    A token left behind means that an earlier attempt never told how it ended.
    """
    now, token = clock(), uuid4()
    lease_end = now + rules.lease(handler.timeout)
    taken = _free(job, now).update(state=State.RUNNING, token=token, attempts=job.attempts + 1, run_at=lease_end)
    if not taken:
        return None
    job.attempts += 1
    return _Attempt(job, handler, clock, token, ask_first=job.token is not None)


def _free(job: Job, now: datetime) -> QuerySet[Job]:
    """The row as it was read, when it was sent or its time (due, end of back-off, end of lease) has come."""
    waits = Q(state=State.SENT) | Q(run_at__lte=now)
    return Job.objects.filter(waits, pk=job.pk, token=job.token, attempts=job.attempts)


def _call(attempt: _Attempt, prepared: Any) -> Any:
    """The effect. After an attempt that nobody heard of again, first ask whether it happened."""
    key = f"job-{attempt.job.pk}"
    if attempt.ask_first and isinstance(attempt.handler, registry.Asks):
        try:
            known = attempt.handler.ask(prepared, key)
        except Exception as error:
            raise OutcomeUnknown(describe(error)) from error
        if known is not None:
            return known
    return attempt.handler.call(prepared, key)


def _finish(attempt: _Attempt, result: Any) -> Outcome:
    """Record the result and the follow-up; a failure here is a failed attempt like any other."""
    job, now = attempt.job, attempt.clock()
    try:
        with transaction.atomic():
            facts = attempt.handler.finish(job, result, now) or {}
            if job.on_done:
                enqueue_follow_up(kind=job.on_done, after=job, payload={"result": facts}, now=now)
    except Exception as error:
        return _settle(attempt, error)
    _set_state(job, State.DONE, token=None, run_at=None, result=facts, finished_at=now, last_error="")
    reached("finishing", job.pk)
    return Outcome.DONE


def _settle(attempt: _Attempt, error: Exception, *, sure: bool = False) -> Outcome:
    """Record a failed attempt: wait and try again, wait to be resumed, or give up.

    Unless it is `sure` that the effect did not happen, the token stays on the row: the next attempt asks first.
    """
    job, now = attempt.job, attempt.clock()
    if isinstance(error, GiveUp) or (job.attempts >= job.max_attempts and not isinstance(error, Blocked)):
        return _give_up(attempt, error)
    facts = {"token": None if sure else attempt.token, "last_error": describe(error)}
    if isinstance(error, Blocked):
        _set_state(job, State.BLOCKED, run_at=None, attempts=job.attempts - 1, **facts)
        return Outcome.BLOCKED
    unknown = isinstance(error, OutcomeUnknown)
    _set_state(
        job, State.UNKNOWN if unknown else State.READY, run_at=now + rules.backoff(job.attempts, job.pk), **facts
    )
    return Outcome.UNKNOWN if unknown else Outcome.RETRY


def _give_up(attempt: _Attempt, error: Exception) -> Outcome:
    """The job is dead: its handler and its follow-up hear of it in this same transaction."""
    job, now, text = attempt.job, attempt.clock(), describe(error)
    try:
        with transaction.atomic():
            attempt.handler.gave_up(job, now)
    except DatabaseError:
        raise
    except Exception as second:
        text = f"{text}; {describe(second)}"[:500]
    _set_state(job, State.DEAD, run_at=None, finished_at=now, last_error=text)
    if job.on_dead:
        enqueue_follow_up(kind=job.on_dead, after=job, payload={"error": text}, now=now)
    return Outcome.DEAD


def _block_unknown_kind(job: Job, now: datetime) -> Outcome:
    """Wait for a worker of a release that knows the kind."""
    blocked = _free(job, now).update(
        state=State.BLOCKED, run_at=None, sends=0, last_error=describe(UnknownKind(job.kind))
    )
    return Outcome.BLOCKED if blocked else Outcome.SKIPPED


def _bury(job: Job, error: CaseMissing, now: datetime) -> Outcome:
    """Nothing can be done for a case that is not there: the job is dead at once, for an operator to see."""
    dead = _free(job, now).update(state=State.DEAD, run_at=None, sends=0, finished_at=now, last_error=describe(error))
    return Outcome.DEAD if dead else Outcome.SKIPPED


def _set_state(job: Job, state: State, **fields: Any) -> None:
    Job.objects.filter(pk=job.pk).update(state=state, sends=0, **fields)
