"""Plays saved tests on the content of a draft, outside any transaction, and keeps what came of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import translation

from designer.models import ProcedureDraft, SavedTest
from designer.queries import findings_of
from designer.testing.queries import RUN_TESTS, content_mark, filed_codes, is_asked, is_fresh, saved_tests
from designer.tree import Data
from jobs.api import enqueue
from legaltime.api import local_date
from procedures.api import Bundle, bundle_of, offering_for
from workflows.api import ACTIONS, rehearse_apart, scenario_of

QUIET = timedelta(seconds=10)
"""Tests wait this long after a change: whoever is typing makes many."""


@dataclass(frozen=True)
class Batch:
    """What is to be played: the draft as it was read, and each test that was not yet played on it."""

    draft: ProcedureDraft
    bundle: Bundle
    beside: tuple[Bundle, ...]
    tests: tuple[SavedTest, ...]


def ask(*, draft: ProcedureDraft, now: datetime, at_once: bool = False) -> None:
    """Let a job play the tests of a draft that changed; one that waits already will see this change too."""
    if saved_tests(draft).exists() and (at_once or not is_asked(draft)):
        run_at = now if at_once else now + QUIET
        enqueue(kind=RUN_TESTS, payload={"draft": draft.pk}, now=now, run_at=run_at, agency_id=draft.agency_id)


def prepare(draft: ProcedureDraft, now: datetime) -> Batch | None:
    """The tests to be played, or None when every one is fresh or the draft still has faults."""
    tests = tuple(test for test in saved_tests(draft) if not is_fresh(test, draft))
    found = findings_of(draft.content) if tests else None
    if found is None or found.bundle is None or found.errors:
        return None
    return Batch(draft, found.bundle, tuple(_beside(draft, tests, now)), tests)


@dataclass(frozen=True)
class Played:
    """What came of a test, and the content and story that it came of."""

    test: int
    mark: str
    report: dict[str, Any]


def play(batch: Batch) -> list[Played]:
    """What comes of each test, played by a process of its own. Raises RehearsalFailed."""
    scenarios = [scenario_of(test.story, ACTIONS) for test in batch.tests]
    with translation.override("es"):  # expectations are kept in the words of the procedure
        reports = rehearse_apart(
            bundle=batch.bundle, scenarios=scenarios, like=batch.draft.agency, beside=list(batch.beside)
        )
    return [
        Played(test.pk, content_mark(batch.draft.content, test.story), report)
        for test, report in zip(batch.tests, reports, strict=True)
    ]


@transaction.atomic
def keep(*, draft_id: int, played: list[Played], now: datetime) -> int:
    """Keep what came of each test; how many hold. What came of an older content is dropped: it says nothing of this."""
    draft = ProcedureDraft.objects.filter(pk=draft_id).first()
    tests = SavedTest.objects.in_bulk([one.test for one in played]) if draft else {}
    current = [
        one
        for one in played
        if draft and one.test in tests and content_mark(draft.content, tests[one.test].story) == one.mark
    ]
    for one in current:
        SavedTest.objects.filter(pk=one.test).update(ran_on=one.mark, ran_at=now, report=one.report)
    return sum(one.report["holds"] for one in current)


def run_stale(*, draft: ProcedureDraft, now: datetime) -> None:
    """Play here and now the tests that were not played on what the draft holds. Raises RehearsalFailed."""
    batch = prepare(draft, now)
    if batch is not None:
        keep(draft_id=draft.pk, played=play(batch), now=now)


def _beside(draft: ProcedureDraft, tests: tuple[SavedTest, ...], now: datetime) -> list[Bundle]:
    """What the agency offers of the other procedures that the stories file."""
    today = local_date(now, draft.agency.time_zone)
    codes = {code for test in tests for code in filed_codes(test.story)} - {draft.code}
    offered = [offering_for(draft.agency.code, code, today) for code in sorted(codes)]
    return [bundle_of(offering.version) for offering in offered if offering is not None]


def plain(story: Data) -> Data:
    """A story as its file writes it, in the form that is compared."""
    return scenario_of(story, ACTIONS).as_data()
