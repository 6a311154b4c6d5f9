"""Deterministic simulation: web, dispatchers, broker, workers and clock in one thread, on a real database.

A seed decides everything, so a failure can be repeated. Between two steps of one worker (outside its
transactions) other actors may act, and at every crash point the worker may die.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Min

from jobs import crash_points, dispatcher, execution, rules
from jobs.dispatcher import Message
from jobs.faults import weather
from jobs.faults.scenarios import Scenario, Verdict, judge
from jobs.models import Job

OUTSIDE_TRANSACTIONS = {"claimed", "called", "finished", "dispatched", "published"}
HORIZON = timedelta(days=1)
"""A job that would run only after so long a wait is lost."""
WRONG = 8.0
"""Seconds by which the clock of a machine may be wrong; docs/how-to/run-in-production.md allows for more."""


class Crash(BaseException):
    """A process dies here. Not an Exception: nobody may catch it and go on."""


class World:
    """The actors and what lies between them."""

    def __init__(self, seed: int, scenarios: Sequence[Scenario]) -> None:
        self.weather = weather.Weather(seed)
        self.random = self.weather.random
        self.scenarios = scenarios
        self.clock = datetime(2026, 11, 23, 12, tzinfo=UTC)
        self.broker: list[tuple[datetime, Message]] = []
        self.depth = 0
        self.skew = timedelta(0)

    def now(self) -> datetime:
        """The instant on the clock of whoever acts."""
        return self.clock + self.skew

    def run(self, decisions: int, between: int) -> list[Verdict]:
        """Let decisions, with fewer than `between` acts of others after each, meet bad weather, then calm weather.

        What became of them.
        """
        _empty_job_table()
        weather.forget_effects()
        weather.change(self.weather)
        with patch.object(execution, "clock_now", self.now):
            crash_points.set_observer(self.at)
            try:
                self._storm(decisions, between)
                self._calm()
            finally:
                crash_points.set_observer(None)
        return judge(self.scenarios)

    def at(self, point: str, job_id: int) -> None:
        """Die here, or let others act before going on."""
        if self.weather.strikes(0.08, f"crash when {point}"):
            raise Crash
        if point in OUTSIDE_TRANSACTIONS and self.depth < 3 and not self.weather.calm and self.random.random() < 0.2:
            self.depth += 1
            for _ in range(self.random.randrange(10)):
                self._act()
            self.depth -= 1

    def _storm(self, decisions: int, between: int) -> None:
        for _ in range(decisions):
            self._survive(self._decide)
            for _ in range(self.random.randrange(between)):
                self._act()

    def _act(self) -> None:
        actors = [self._dispatch, self._work, self._work, self._tick, self._disturb]
        self._survive(self.random.choice(actors))

    def _survive(self, actor: Callable[[], None]) -> None:
        """Act by a clock of one's own, which may be wrong, and perhaps die of it."""
        before = self.skew
        if self.weather.strikes(0.05, "clock wrong by seconds"):
            self.skew = timedelta(seconds=self.random.uniform(-WRONG, WRONG))
        try:
            actor()
        except Crash:
            return
        finally:
            self.skew = before

    def _decide(self) -> None:
        with transaction.atomic():
            self.random.choice(self.scenarios).begin(self.clock)
            if self.weather.strikes(0.03, "crash when deciding"):
                raise Crash

    def _dispatch(self) -> None:
        dispatcher.dispatch(self.now(), self._publish)

    def _publish(self, message: Message) -> None:
        if not self.weather.strikes(0.1, "message dropped"):
            self.broker.append((self.clock + dispatcher.REDELIVER, message))
        if self.weather.strikes(0.15, "message doubled"):
            self.broker.append((self.clock + dispatcher.REDELIVER, message))

    def _work(self) -> None:
        """A free worker takes any message: order means nothing."""
        if self.broker:
            expires, message = self.broker.pop(self.random.randrange(len(self.broker)))
            if expires > self.clock:
                for job_id in message.job_ids:
                    execution.run_job(job_id)

    def _tick(self) -> None:
        """Time passes: mostly little, sometimes more than a lease."""
        longest = 120 if self.random.random() < 0.2 else 2
        self.clock += timedelta(seconds=self.random.uniform(0, longest))

    def _disturb(self) -> None:
        if self.broker and self.weather.strikes(0.05, "broker wiped"):
            self.broker.clear()

    def _calm(self) -> None:
        """No more faults: whatever is still due must now end."""
        self.weather.calm = True
        while True:
            self._dispatch()
            while self.broker:
                self._work()
            upcoming = Job.objects.aggregate(next=Min("run_at"))["next"]
            if upcoming is None or upcoming > self.clock + HORIZON:
                return
            self.clock = max(self.clock, upcoming)


def _empty_job_table() -> None:
    """Numbers start again at 1: the jitter of a back-off depends on them, and the seed must decide everything."""
    flush = connection.ops.sql_flush(no_style(), [Job._meta.db_table], reset_sequences=True)
    connection.ops.execute_sql_flush(flush)


def simulate(
    seed: int, scenarios: Sequence[Scenario], *, decisions: int, between: int, with_lease: bool
) -> list[Verdict]:
    """One run by `seed`. Without leases (the control) a claim lasts for ever."""
    world = World(seed, scenarios)
    if with_lease:
        return world.run(decisions, between)
    with patch.object(rules, "lease", lambda timeout: timedelta(days=36500)):
        return world.run(decisions, between)
