"""Reads: the saved tests of a procedure, how each stands with the draft's content, and which see a condition hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import QuerySet

from designer import contents, tree
from designer.models import ProcedureDraft, SavedTest
from designer.queries import readable
from designer.testing import rules
from designer.tree import Data
from jobs.models import Job
from procedures.api import Bundle, Condition, RuleError, evaluate

RUN_TESTS = "designer.run_tests"
"""Kind of the job that plays the saved tests of a draft."""


class Standing(StrEnum):
    """How a saved test stands with the content of the draft."""

    GREEN = "green"
    RED = "red"
    STALE = "stale"
    """The draft or the test changed since it was played."""
    RUNNING = "running"
    """It is about to be played."""


@dataclass(frozen=True)
class Found:
    """A saved test and how it stands."""

    test: SavedTest
    standing: Standing

    @property
    def is_accepted(self) -> bool:
        """Whether what came of it now can be taken as expected: it was played to its end."""
        return rules.was_played(self.test.story, self.test.report.get("moments") or [])


def saved_tests(draft: ProcedureDraft) -> QuerySet[SavedTest]:
    """The saved tests of the draft's procedure, the oldest first."""
    return SavedTest.objects.filter(agency=draft.agency_id, code=draft.code)


def content_mark(content: Data, story: Data) -> str:
    """Fingerprint of what decides a result: the content of the draft and the story."""
    return tree.fingerprint([contents.settled(content).remembered(tree.fingerprint), story])


def is_fresh(test: SavedTest, draft: ProcedureDraft) -> bool:
    """Whether the test was played on the content that the draft has now."""
    return test.ran_on == content_mark(draft.content, test.story)


def standings(draft: ProcedureDraft) -> list[Found]:
    """Every saved test with how it stands."""
    tests = list(saved_tests(draft))
    waiting = bool(tests) and is_waiting(draft)
    return [Found(test, _standing(test, draft, waiting)) for test in tests]


def not_green(draft: ProcedureDraft) -> list[SavedTest]:
    """The tests that keep the draft from being published."""
    return [test for test in saved_tests(draft) if not (is_fresh(test, draft) and test.report.get("holds"))]


def is_waiting(draft: ProcedureDraft) -> bool:
    """Whether a job is about to play the draft's tests, or does now."""
    return _jobs(draft).exists()


def is_asked(draft: ProcedureDraft) -> bool:
    """Whether a job waits that will read the draft as it is then."""
    return _jobs(draft).filter(state__in=[Job.State.READY, Job.State.SENT]).exists()


def _jobs(draft: ProcedureDraft) -> QuerySet[Job]:
    return Job.objects.filter(run_at__isnull=False, queue="bulk", kind=RUN_TESTS, payload__draft=draft.pk)


def seen_by(draft: ProcedureDraft, condition: Condition) -> tuple[int, int] | None:
    """In how many tests a condition of the draft holds, of how many were played; None when none was."""
    answers = [test.report["answers"] for test in saved_tests(draft) if test.report.get("answers")]
    if not answers:
        return None
    bundle = readable(draft.content)
    return sum(_holds(condition, given, bundle) for given in answers), len(answers)


def _holds(condition: Condition, given: Data, bundle: Bundle) -> bool:
    try:
        return evaluate(condition, given, bundle)
    except RuleError:
        return False


def _standing(test: SavedTest, draft: ProcedureDraft, waiting: bool) -> Standing:
    if is_fresh(test, draft):
        return Standing.GREEN if test.report.get("holds") else Standing.RED
    return Standing.RUNNING if waiting else Standing.STALE


def filed_codes(story: Data) -> Iterator[str]:
    """Codes of the procedures that a story files."""
    yield from (str(entry["file"]) for entry in story["story"] if "file" in entry)
