"""Races about supports with real connections, and the one whose lock is taken away as a control.

Runs in a process of its own on a new database; prints {scenario: what was wrong}.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Barrier, BrokenBarrierError, Thread

from django.db import connection, connections, transaction
from django.db.models import Count, QuerySet

from accounts.models import Agency, AgencyCapability, Grant, Membership, Person, Role, Unit
from jobs.models import Job
from participation.errors import ParticipationError
from participation.models import ReviewItem, Subject, Support
from participation.operations import caring, counting, supporting
from participation.rules.thresholds import SLOTS
from tests.participation.crowd import GIVEN, crowd
from tests.story import MORNING

TRIES = 10
"""People who race as the pages do; one more meets halfway."""
SHORT, LONG = 0.7, 300.0
"""Seconds that a racer waits for the other before it commits: with the lock, in vain; without it both arrive."""
LOCKING = " FOR NO KEY UPDATE"


def at_once(*acts: Callable[[], object]) -> None:
    """Run them in threads that start together, each with a connection of its own."""
    gate = Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        gate.wait()
        try:
            act()
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def give(person: Person, subject: Subject) -> Callable[[], object]:
    """The act of a support, as the page does it."""

    def act() -> object:
        return supporting.insert(subject_id=subject.pk, kind="digitise", person_id=person.pk, given=GIVEN, now=MORNING)

    return act


def fresh(number: int, prefix: str) -> list[Subject]:
    """Subjects that nobody supports."""
    return [
        Subject.objects.create(code=f"{prefix}-{one}", title="x", threshold=2, spread=0, opened_at=MORNING)
        for one in range(number)
    ]


def meeting(act: Callable[[], object], gate: Barrier) -> Callable[[], object]:
    """The same act, which commits only once the other has done its own too, or the wait is over."""

    def act_and_wait() -> None:
        with transaction.atomic():
            act()
            try:
                gate.wait()
            except BrokenBarrierError:
                return

    return act_and_wait


def two_more(person: Person, prefix: str) -> list[Callable[[], object]]:
    """Two more supports to give, for a person who now has six."""
    acts = [give(person, subject) for subject in fresh(SLOTS + 1, prefix)]
    for act in acts[: SLOTS - 1]:
        assert act()
    return acts[SLOTS - 1 :]


def wrong_number(person: Person) -> list[str]:
    """What is wrong with the supports that the person now has, which are then taken back."""
    held = Support.objects.filter(person=person, withdrawn_at=None)
    number = held.count()
    held.update(withdrawn_at=MORNING)
    return [] if number == SLOTS else [f"{number} apoyos"]


def over_the_limit() -> list[str]:
    """People with six supports who give two more in two windows at once: who did not end with seven."""
    wrong = []
    for place, person in enumerate(crowd(TRIES)):
        at_once(*two_more(person, f"a{place}"))
        wrong += wrong_number(person)
    return wrong + over_the_limit_halfway(SHORT, "b")


def over_the_limit_halfway(seconds: float, prefix: str) -> list[str]:
    """The same of one person whose two windows wait for each other after reading and writing, before they commit."""
    person = crowd(TRIES + 1)[-1]  # nobody else's race gives them a support
    acts = two_more(person, prefix)
    gate = Barrier(len(acts), timeout=seconds)
    at_once(*[meeting(act, gate) for act in acts])
    return wrong_number(person)


def double_press() -> list[str]:
    """One person presses four times in four windows: one support."""
    subject, person = fresh(1, "doble")[0], crowd(1)[0]
    at_once(*[give(person, subject)] * 4)
    number = Support.objects.filter(subject=subject, person=person, withdrawn_at=None).count()
    return [] if number == 1 else [f"{number} apoyos"]


def two_folds() -> list[str]:
    """Two folds at once cross one threshold: one case is asked for."""
    subject = fresh(1, "umbral")[0]
    for person in crowd(4)[1:]:
        give(person, subject)()
    at_once(*[lambda: counting.fold(now=MORNING)] * 2)
    asked = Job.objects.filter(kind=counting.OPEN_CASE, payload__subject=subject.pk).count()
    return [] if asked == 1 else [f"{asked} casos pedidos"]


@dataclass(frozen=True, kw_only=True)
class SeenAtOnce(caring.Selection):
    """A selection that two moderators read before either of them writes."""

    gate: Barrier

    def supports(self) -> QuerySet[Support]:
        """What this one reads, once the other has read too, or the wait is over."""
        seen = list(super().supports().values_list("pk", flat=True))
        with suppress(BrokenBarrierError):
            self.gate.wait()
        return Support.objects.filter(pk__in=seen)


def two_reviews() -> list[str]:
    """Two moderators set the same supports aside at once: one does, the other is told, no support is held twice."""
    told, doubled = opened_at_once(fresh(1, "revision")[0])
    return [] if len(told) == 1 and not doubled else [f"avisados: {told}, en dos revisiones: {doubled}"]


def opened_at_once(subject: Subject) -> tuple[list[str], int]:
    """(what moderators were told, supports in two reviews) when two open a review of all that the subject has.

    SQLite lets only one of them in at a time: the first waits in vain.
    """
    for person in crowd(TRIES):
        assert give(person, subject)()
    gate = Barrier(2, timeout=LONG if connection.vendor == "postgresql" else SHORT)
    chosen = SeenAtOnce(supports_from=MORNING, supports_to=MORNING, subject=subject, gate=gate)
    told: list[str] = []

    def opens(moderator: Person) -> Callable[[], None]:
        def act() -> None:
            try:
                caring.open_review(selection=chosen, reason="Ráfaga", by=moderator, now=MORNING)
            except ParticipationError as refusal:
                told.append(type(refusal).__name__)

        return act

    at_once(*[opens(moderator) for moderator in moderators()])
    items = ReviewItem.objects.filter(support__subject=subject, holds=True)
    doubled = items.values("support").annotate(n=Count("pk")).filter(n__gt=1).count()
    Support.objects.filter(subject=subject).update(withdrawn_at=MORNING)
    return told, doubled


def moderators() -> list[Person]:
    """Two people who moderate."""
    agency, _new = Agency.objects.get_or_create(code="modera", defaults={"name": "Modera", "commune": "13101"})
    unit, _new = Unit.objects.get_or_create(agency=agency, code="participa", defaults={"name": "Participación"})
    role, _new = Role.objects.get_or_create(unit=unit, code="modera", defaults={"name": "Modera"})
    Grant.objects.get_or_create(role=role, capability=AgencyCapability.MODERATE)
    people = crowd(TRIES + 4)[-2:]
    for person in people:
        Membership.objects.get_or_create(person=person, role=role, defaults={"starts_on": MORNING.date()})
    return people


def without_the_key() -> list[str]:
    """The control, for PostgreSQL: the same without the key that lets one review hold a support."""
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX one_hold_per_support")
    _told, doubled = opened_at_once(fresh(1, "control")[0])
    return [f"{doubled} apoyos en dos revisiones"]


def without_the_lock() -> list[str]:
    """The control, for PostgreSQL: the function that gives a support, without its lock. SQLite has neither."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('participation_give'::regproc)")
        [written] = cursor.fetchone()
        assert LOCKING in written
        cursor.execute(written.replace(LOCKING, ""))
    return over_the_limit_halfway(LONG, "c")


def main() -> None:
    """Race everything; the limit once more without its lock."""
    report = {
        "over_the_limit": over_the_limit(),
        "double_press": double_press(),
        "two_folds": two_folds(),
        "two_reviews": two_reviews(),
    }
    if connection.vendor == "postgresql":
        report["control"] = without_the_lock()
        report["control_of_reviews"] = without_the_key()
    print(json.dumps(report))
