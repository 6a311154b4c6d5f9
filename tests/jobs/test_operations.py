"""Enqueueing, running and following up jobs in one process."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from jobs import api, registry
from jobs.errors import describe
from jobs.models import Job
from tests.jobs.conftest import NOW, AskingRecorder, Recorder, Register

pytestmark = pytest.mark.django_db
State = Job.State


def pure(kind: str, function: Any = lambda job, now: {}, **options: Any) -> registry.PureHandler:
    return registry.PureHandler(kind, function, **options)


def put(kind: str = "toy.external", **options: Any) -> Job:
    return api.enqueue(kind=kind, payload={"n": 1}, now=NOW, **options)


def raises(error: Exception) -> Any:
    def behave(key: str) -> Any:
        raise error

    return behave


def test_a_job_takes_its_queue_and_its_patience_from_the_handler(register: Register) -> None:
    register(Recorder(queue="pdf", max_attempts=5))
    job = put()
    assert (job.queue, job.max_attempts, job.run_at, job.state) == ("pdf", 5, NOW, State.READY)


def test_a_kind_that_nobody_attends_cannot_be_enqueued() -> None:
    with pytest.raises(api.UnknownKind, match=r"toy\.nobody"):
        put("toy.nobody")


def test_a_decision_that_is_rolled_back_leaves_no_job(register: Register) -> None:
    register(Recorder())

    def decide() -> None:
        with transaction.atomic():
            put()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        decide()
    assert not Job.objects.exists()


def test_the_same_dedup_key_gives_the_same_job_even_after_it_is_done(register: Register) -> None:
    register(Recorder())
    first = put(dedup_key="once")
    api.drain(NOW)
    assert put(dedup_key="once").pk == first.pk
    assert Job.objects.count() == 1


def test_a_timer_runs_when_its_time_comes_and_not_before(register: Register) -> None:
    ran: list[datetime] = []
    register(pure("toy.timer", lambda job, now: ran.append(now)))
    put("toy.timer", run_at=NOW + timedelta(days=20))
    assert api.drain(NOW + timedelta(days=20, seconds=-1)) == 0
    assert api.drain(NOW + timedelta(days=20)) == 1
    assert ran == [NOW + timedelta(days=20)]


def test_the_effect_of_a_pure_job_that_fails_is_undone_and_the_failure_is_kept(register: Register) -> None:
    def half(job: Job, now: datetime) -> None:
        Job.objects.filter(pk=job.pk).update(agency_id=99)
        raise ValueError("Beto 12.345.678-5")

    register(pure("toy.half", half))
    job = put("toy.half")
    assert api.run_job(job.pk, NOW) is api.Outcome.RETRY
    job.refresh_from_db()
    assert (job.agency_id, job.attempts, job.state, job.last_error) == (None, 1, State.READY, "ValueError")
    assert job.run_at is not None
    assert job.run_at > NOW


def test_an_external_call_gets_the_same_key_in_every_attempt(register: Register) -> None:
    toy = Recorder(behave=raises(api.Retry("El correo no responde.")))
    register(toy)
    job = put()
    for hours in range(3):
        api.drain(NOW + timedelta(hours=hours))
    assert toy.calls == [f"job-{job.pk}"] * 3


def test_a_job_that_never_succeeds_dies_and_its_follow_up_hears_of_it(register: Register) -> None:
    heard: list[dict[str, Any]] = []
    toy = Recorder(behave=raises(RuntimeError("Ana, ana@example.cl")))
    register(toy, pure("toy.mourn", lambda job, now: heard.append(job.payload)))
    job = put(on_dead="toy.mourn", case_id=7, agency_id=3)
    for hours in range(4):
        api.drain(NOW + timedelta(hours=hours))
    job.refresh_from_db()
    assert (job.state, job.run_at, job.attempts) == (State.DEAD, None, 3)
    assert heard == [{"job": job.pk, "error": "RuntimeError", "payload": {"n": 1}}]
    assert toy.gave_up_on == [job.pk]
    mourning = Job.objects.get(kind="toy.mourn")
    assert (mourning.case_id, mourning.agency_id) == (7, 3)


def test_giving_up_ends_a_job_at_the_first_attempt(register: Register) -> None:
    register(Recorder(behave=raises(api.GiveUp("La dirección no existe."))))
    job = put()
    assert api.run_job(job.pk, NOW) is api.Outcome.DEAD
    job.refresh_from_db()
    assert job.last_error == "GiveUp: La dirección no existe."


def test_the_follow_up_of_a_done_job_receives_its_result_and_its_payload(register: Register) -> None:
    heard: list[dict[str, Any]] = []
    register(Recorder(), pure("toy.next", lambda job, now: heard.append(job.payload)))
    job = put(on_done="toy.next")
    api.drain(NOW)
    assert heard == [{"job": job.pk, "result": {"sent": f"job-{job.pk}"}, "payload": {"n": 1}}]


def test_a_follow_up_exists_only_when_the_job_that_causes_it_is_recorded_as_done(register: Register) -> None:
    def broken(job: Job, now: datetime) -> dict[str, Any]:
        Job.objects.create(kind="toy.next", created_at=now, run_at=None)
        return {}

    register(pure("toy.broken", broken))
    job = put("toy.broken", on_done="toy.next")
    assert api.run_job(job.pk, NOW) is api.Outcome.RETRY
    assert list(Job.objects.values_list("kind", flat=True)) == ["toy.broken"]


def test_an_unknown_outcome_is_asked_about_before_the_call_is_repeated(register: Register) -> None:
    toy = AskingRecorder(behave=raises(api.OutcomeUnknown("Se cortó la conexión.")), answer=lambda key: {"found": key})
    register(toy)
    job = put()
    assert api.run_job(job.pk, NOW) is api.Outcome.UNKNOWN
    job.refresh_from_db()
    assert job.state == State.UNKNOWN
    assert api.drain(NOW + timedelta(hours=1)) == 1
    job.refresh_from_db()
    assert (job.state, job.result) == (State.DONE, {"found": f"job-{job.pk}"})
    assert (toy.calls, toy.questions) == ([f"job-{job.pk}"], [f"job-{job.pk}"])


def test_a_call_that_certainly_did_not_happen_is_repeated_without_asking(register: Register) -> None:
    toy = AskingRecorder(behave=raises(api.Retry("Rechazado.")))
    register(toy)
    put()
    api.drain(NOW)
    api.drain(NOW + timedelta(hours=1))
    assert (len(toy.calls), toy.questions) == (2, [])


def test_when_the_provider_cannot_be_asked_the_outcome_stays_unknown(register: Register) -> None:
    toy = AskingRecorder(behave=raises(api.OutcomeUnknown("x")), answer=raises(ConnectionError("caído")))
    register(toy)
    job = put()
    api.drain(NOW)
    api.drain(NOW + timedelta(hours=1))
    job.refresh_from_db()
    assert (job.state, len(toy.calls)) == (State.UNKNOWN, 1)


def test_a_dead_job_of_unknown_outcome_asks_first_when_a_person_retries_it(register: Register) -> None:
    toy = AskingRecorder(max_attempts=1, behave=raises(api.OutcomeUnknown("x")), answer=lambda key: {"found": True})
    register(toy)
    job = put()
    api.drain(NOW)
    api.retry_job(job_id=job.pk, now=NOW)
    api.drain(NOW)
    job.refresh_from_db()
    assert (job.state, len(toy.calls)) == (State.DONE, 1)


def test_a_blocked_job_waits_without_losing_attempts_until_it_is_resumed(register: Register) -> None:
    missing = [api.Blocked("Falta la biblioteca Pango.")]
    toy = Recorder(behave=lambda key: raises(missing[0])(key) if missing else {"ok": True})
    register(toy)
    job = put()
    assert api.run_job(job.pk, NOW) is api.Outcome.BLOCKED
    assert api.drain(NOW + timedelta(days=400)) == 0
    job.refresh_from_db()
    assert (job.state, job.attempts, job.last_error) == (State.BLOCKED, 0, "Blocked: Falta la biblioteca Pango.")
    missing.clear()
    assert api.resume_blocked("toy.other", NOW) == 0
    assert api.resume_blocked("toy.external", NOW) == 1
    api.drain(NOW)
    job.refresh_from_db()
    assert job.state == State.DONE


def test_a_dead_job_can_be_retried_with_all_its_attempts_and_a_done_one_cannot(register: Register) -> None:
    answers: list[Any] = [raises(api.GiveUp("No.")), lambda key: {}]
    register(Recorder(behave=lambda key: answers.pop(0)(key)))
    job = put()
    api.drain(NOW)
    assert api.retry_job(job_id=job.pk, now=NOW).attempts == 0
    api.drain(NOW)
    with pytest.raises(api.NotRetryable, match=str(job.pk)):
        api.retry_job(job_id=job.pk, now=NOW)


def test_a_job_whose_program_is_not_installed_waits_blocked(register: Register) -> None:
    with registry.only_here(Recorder()):
        job = put()
    assert api.run_job(job.pk, NOW) is api.Outcome.BLOCKED
    job.refresh_from_db()
    assert job.last_error == "UnknownKind"


def test_the_lease_of_a_dead_worker_ends_and_the_next_one_asks_first(register: Register) -> None:
    toy = AskingRecorder(behave=raises(KeyboardInterrupt()), answer=lambda key: {"found": key})  # type: ignore[arg-type]
    register(toy)
    job = put()
    with pytest.raises(KeyboardInterrupt):
        api.run_job(job.pk, NOW)
    assert api.run_job(job.pk, NOW + timedelta(seconds=29)) is api.Outcome.SKIPPED
    assert api.run_job(job.pk, NOW + timedelta(seconds=30)) is api.Outcome.DONE
    assert (len(toy.calls), len(toy.questions)) == (1, 1)


def test_a_job_that_kills_its_worker_every_time_dies_too(register: Register) -> None:
    toy = Recorder(behave=raises(KeyboardInterrupt()))  # type: ignore[arg-type]
    register(toy)
    job = put(on_dead="")
    outcomes: list[api.Outcome | None] = []
    for minutes in range(4):
        try:
            outcomes.append(api.run_job(job.pk, NOW + timedelta(minutes=minutes)))
        except KeyboardInterrupt:
            outcomes.append(None)
    assert outcomes == [None, None, None, api.Outcome.DEAD]
    assert len(toy.calls) == 3


def test_an_attempt_that_outlives_its_lease_writes_nothing_once_another_has_claimed(register: Register) -> None:
    results = iter([{"by": "late"}, {"by": "second"}])

    def behave(key: str) -> Any:
        mine = next(results)
        if mine["by"] == "late":
            assert api.run_job(job.pk, NOW + timedelta(minutes=5)) is api.Outcome.DONE
        return mine

    register(Recorder(behave=behave))
    job = put()
    assert api.run_job(job.pk, NOW) is api.Outcome.LOST
    job.refresh_from_db()
    assert (job.state, job.result) == (State.DONE, {"by": "second"})


def test_the_case_is_locked_before_the_row_of_its_job_changes(register: Register) -> None:
    seen: list[tuple[int, str]] = []

    def lock(case_id: int) -> None:
        seen.append((case_id, Job.objects.get(case_id=case_id).state))

    register(pure("toy.timer"))
    registry.set_case_lock(lock)
    put("toy.timer", case_id=41)
    api.drain(NOW)
    assert seen == [(41, State.READY)]


def test_errors_are_described_without_the_values_that_they_quote() -> None:
    assert describe(IntegrityError("Key (run)=(12345678-5) already exists")) == "IntegrityError"
    assert describe(api.Retry("El servidor respondió 451.")) == "Retry: El servidor respondió 451."
    assert len(describe(api.Retry("x" * 1000))) == 500
