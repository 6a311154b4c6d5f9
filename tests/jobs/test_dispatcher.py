"""What is due is sent once, within the room of its queue, and again when nobody claims it."""

import threading
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command

from jobs import api, dispatcher, registry
from jobs.dispatcher import Message, dispatch, mark_due
from jobs.models import Job
from tests.jobs.conftest import NOW, Recorder, Register

pytestmark = pytest.mark.django_db
State = Job.State


@pytest.fixture(autouse=True)
def _toys(register: Register) -> None:
    register(Recorder(), registry.PureHandler("toy.timer", lambda job, now: None))


def put(
    kind: str = "toy.external", count: int = 1, agency_id: int | None = None, after: timedelta = timedelta(0)
) -> None:
    for _ in range(count):
        api.enqueue(kind=kind, payload={}, now=NOW, run_at=NOW + after, agency_id=agency_id)


def ids(messages: list[Message]) -> list[int]:
    return [job_id for message in messages for job_id in message.job_ids]


def test_only_what_is_due_is_sent_and_only_once() -> None:
    put(count=2)
    put(after=timedelta(seconds=1))
    assert len(ids(mark_due(NOW))) == 2
    assert mark_due(NOW) == []


def test_an_empty_look_at_the_table_is_one_query(django_assert_num_queries: object) -> None:
    put(after=timedelta(days=1))
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert mark_due(NOW) == []


def test_the_table_is_looked_at_many_times_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in the waits that it asks for, which no busy machine makes longer."""
    waits: list[float] = []

    class Stopping(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0)
            if len(waits) == 20:
                self.set()
            return True

    looks = []

    def counted(now: datetime) -> list[Message]:
        looks.append(now)
        return mark_due(now)

    monkeypatch.setattr(dispatcher, "mark_due", counted)
    monkeypatch.setattr(dispatcher, "publish", lambda message: None)  # a database of its own brings no broker along
    own = dispatcher.Dispatcher()
    own._stopping = Stopping()
    own.run()
    assert len(looks) == 20
    assert sum(waits) < 3


def test_a_job_that_nobody_claimed_is_sent_again_and_its_message_has_expired_by_then() -> None:
    put()
    first = ids(mark_due(NOW))
    assert mark_due(NOW + dispatcher.REDELIVER - timedelta(seconds=1)) == []
    assert ids(mark_due(NOW + dispatcher.REDELIVER)) == first
    assert Job.objects.get().sends == 2


def test_no_more_is_sent_than_the_queue_has_room_for() -> None:
    put(count=dispatcher.CAP["mail"] + 5)
    assert len(ids(mark_due(NOW))) == dispatcher.CAP["mail"]
    assert mark_due(NOW) == []
    for job in Job.objects.filter(state=State.SENT)[:3]:
        api.run_job(job.pk, NOW)
    assert len(ids(mark_due(NOW))) == 3


def test_a_full_queue_does_not_hold_up_another() -> None:
    put(count=dispatcher.CAP["mail"] + 5)
    mark_due(NOW)
    put("toy.timer")
    assert [message.queue for message in mark_due(NOW)] == ["fast"]


def test_an_agency_with_many_jobs_does_not_hold_up_the_others() -> None:
    put(count=dispatcher.CAP["mail"] + 20, agency_id=1)
    put(count=3, agency_id=2)
    sent = Job.objects.filter(pk__in=ids(mark_due(NOW)))
    assert sent.filter(agency_id=2).count() == 3


def test_many_pure_jobs_share_messages_and_external_ones_travel_alone() -> None:
    put("toy.timer", count=160)
    put(count=3)
    messages = mark_due(NOW)
    assert {len(message.job_ids) for message in messages if message.queue == "fast"} == {20}
    assert [len(message.job_ids) for message in messages if message.queue == "mail"] == [1, 1, 1]
    assert {message.seconds for message in messages if message.queue == "mail"} == {10}


def test_a_sent_job_may_run_before_it_would_be_sent_again_and_a_second_message_does_nothing() -> None:
    put()
    [job_id] = ids(mark_due(NOW))
    assert api.run_job(job_id, NOW) is api.Outcome.DONE
    assert api.run_job(job_id, NOW) is api.Outcome.SKIPPED


def test_a_late_message_does_not_shorten_a_back_off(register: Register) -> None:
    def refuse(key: str) -> None:
        raise api.Retry("No.")

    register(Recorder(behave=refuse))
    put()
    [job_id] = ids(mark_due(NOW))
    assert api.run_job(job_id, NOW) is api.Outcome.RETRY
    assert api.run_job(job_id, NOW) is api.Outcome.SKIPPED


def test_a_job_whose_worker_died_is_sent_again_when_its_lease_ends(register: Register) -> None:
    def die(key: str) -> None:
        raise KeyboardInterrupt

    register(Recorder(behave=die))
    put()
    [job_id] = ids(mark_due(NOW))
    with pytest.raises(KeyboardInterrupt):
        api.run_job(job_id, NOW)
    assert mark_due(NOW + timedelta(seconds=29)) == []
    assert ids(mark_due(NOW + timedelta(seconds=30))) == [job_id]


def test_a_broker_that_is_down_loses_no_job() -> None:
    def refuse(message: Message) -> None:
        raise ConnectionRefusedError

    put()
    with pytest.raises(ConnectionRefusedError):
        dispatch(NOW, refuse)
    received: list[Message] = []
    assert dispatch(NOW + dispatcher.REDELIVER, received.append) == 1
    assert len(received) == 1


def test_a_pure_job_that_was_sent_twice_counts_its_attempt_before_its_effect(register: Register) -> None:
    def die(job: Job, now: object) -> None:
        raise KeyboardInterrupt

    register(registry.PureHandler("toy.poison", die))
    put("toy.poison")
    for turn in range(40):
        now = NOW + timedelta(minutes=turn)
        for job_id in ids(mark_due(now)):
            try:
                api.run_job(job_id, now)
            except KeyboardInterrupt:
                continue
    assert Job.objects.get().state == State.DEAD


def test_the_command_lists_dead_jobs_and_sends_them_again(
    register: Register, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(key: str) -> None:
        raise api.GiveUp("La casilla no existe.")

    register(Recorder(behave=refuse))
    put()
    api.drain(NOW)
    job = Job.objects.get()
    call_command("jobs", "list")
    assert "GiveUp: La casilla no existe." in capsys.readouterr().out
    call_command("jobs", "retry", str(job.pk))
    job.refresh_from_db()
    assert job.state == State.READY
