"""Races about supports with real connections, and the one whose lock is taken away as a control.

Runs in a process of its own on a new database; prints {scenario: what was wrong}.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from threading import Barrier, Thread

from django.db import connection, connections

from accounts.models import Person
from jobs.models import Job
from participation.models import Subject, Support
from participation.operations import counting, supporting
from participation.rules.thresholds import SLOTS
from tests.participation.crowd import GIVEN, crowd
from tests.story import MORNING

TRIES = 30
"""People who race; without the lock some of them must end above the limit."""
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


def over_the_limit(prefix: str) -> list[str]:
    """People with six supports who give two more in two windows at once: who ended above seven."""
    wrong = []
    for place, person in enumerate(crowd(TRIES)):
        subjects = fresh(SLOTS + 1, f"{prefix}{place}")
        for subject in subjects[: SLOTS - 1]:
            give(person, subject)()
        at_once(*[give(person, subject) for subject in subjects[SLOTS - 1 :]])
        held = Support.objects.filter(person=person, withdrawn_at=None)
        if held.count() != SLOTS:
            wrong.append(f"{held.count()} apoyos")
        Support.objects.filter(person=person).update(withdrawn_at=MORNING)
    return wrong


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


def take_the_lock_away() -> None:
    """The function that gives a support, without its lock. SQLite has neither."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('participation_give'::regproc)")
        [written] = cursor.fetchone()
        assert LOCKING in written
        cursor.execute(written.replace(LOCKING, ""))


def main() -> None:
    """Race everything; the limit once more without its lock."""
    report = {
        "over_the_limit": over_the_limit("a"),
        "double_press": double_press(),
        "two_folds": two_folds(),
    }
    take_the_lock_away()
    report["control"] = over_the_limit("b")
    print(json.dumps(report))
