"""Who may do what with a task, a clock's words, an incident's remedy: pure decisions over plain facts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Action(StrEnum):
    """What an official may do with a task."""

    CLAIM = "claim"
    RELEASE = "release"
    COMPLETE = "complete"
    """Answer the form of a task, or keep and finish the text of an act."""
    SIGN = "sign"
    SEND_BACK = "send_back"


class Refusal(StrEnum):
    """Why an action does not apply; `commands.desk` has the sentence of each."""

    FINISHED = "finished"
    NO_ROLE = "no_role"
    TAKEN = "taken"
    NOT_TAKEN = "not_taken"
    WAITING_SIGNATURE = "waiting_signature"
    OTHER_KIND = "other_kind"
    CANNOT_RETURN = "cannot_return"
    OUT_OF_ORDER = "out_of_order"
    BARRED = "barred"
    DID_ANOTHER = "did_another"
    NOT_WHO_DID = "not_who_did"
    ALONE = "alone"
    ABSTAINED = "abstained"
    PARTY = "party"


class Separation(StrEnum):
    """How the official stands to those who did other steps of the case."""

    FREE = "free"
    DID_ANOTHER = "did_another"
    """Did a step that another person must follow."""
    ALONE = "alone"
    """The same, and nobody else is in the role: may do it with a reason on record."""
    NOT_WHO_DID = "not_who_did"
    """The step belongs to whoever did an earlier one, and that was somebody else."""
    ABSTAINED = "abstained"
    """Declared a conflict of interest in this case (Ley 19.880 art. 12)."""
    PARTY = "party"
    """Is an interested person of this case, or represents one: a personal interest in the matter (art. 12 N° 1)."""


WAITING, HELD, SIGNING = "NEW", "ASSIGNED", "STARTED"
"""A task that nobody has, that somebody has, and one whose signature is under way."""

_KINDS = {
    Action.COMPLETE: {"task", "draft", "verify"},
    Action.SIGN: {"sign"},
    Action.SEND_BACK: {"sign"},
}


@dataclass(frozen=True)
class TaskFacts:
    """What the decision about one official and one task rests on."""

    kind: str
    status: str
    holds_role: bool
    """Whether the official is today in the role that must act."""
    is_taken: bool
    is_mine: bool
    can_return: bool = False
    """Whether the act may still go back to who drafted it: nobody signed it and the procedure says where to."""
    is_barred: bool = False
    """Whether the official signed the act that this step reviews (art. 59)."""
    is_preceded: bool = False
    """Whether an older case of the same procedure, or one put first by order, waits for them in that step (art. 7)."""
    separation: Separation = Separation.FREE


_SEPARATED = {
    Separation.ABSTAINED: Refusal.ABSTAINED,
    Separation.PARTY: Refusal.PARTY,
    Separation.DID_ANOTHER: Refusal.DID_ANOTHER,
    Separation.NOT_WHO_DID: Refusal.NOT_WHO_DID,
}


def refusal(action: Action, facts: TaskFacts, *, reasoned: bool = False) -> Refusal | None:
    """Why the official may not do it; None when nothing stands against it.

    `reasoned`: a written order to take it before older ones (Ley 19.880 art. 7, R21).
    """
    if facts.status not in (WAITING, HELD, SIGNING):
        return Refusal.FINISHED
    if not facts.holds_role:
        return Refusal.NO_ROLE
    if facts.is_barred:
        return Refusal.BARRED
    if facts.is_taken and not facts.is_mine:
        return Refusal.TAKEN
    if facts.separation in _SEPARATED and action is not Action.RELEASE:
        return _SEPARATED[facts.separation]
    if action is Action.CLAIM:
        return _refuse_claim(facts, reasoned)
    return _refuse_work(action, facts)


def _refuse_claim(facts: TaskFacts, reasoned: bool) -> Refusal | None:
    if facts.is_mine or reasoned:
        return None
    if facts.separation is Separation.ALONE:
        return Refusal.ALONE
    return Refusal.OUT_OF_ORDER if facts.is_preceded else None


def _refuse_work(action: Action, facts: TaskFacts) -> Refusal | None:
    if not facts.is_mine:
        return Refusal.NOT_TAKEN
    if facts.status == SIGNING:
        return Refusal.WAITING_SIGNATURE
    if facts.kind not in _KINDS.get(action, {facts.kind}):
        return Refusal.OTHER_KIND
    if action is Action.SEND_BACK and not facts.can_return:
        return Refusal.CANNOT_RETURN
    return None


def actions(facts: TaskFacts) -> frozenset[Action]:
    """What the official may do with the task now. Taking it out of order is possible with a reason."""
    possible = {action for action in Action if refusal(action, facts, reasoned=True) is None}
    return frozenset(possible - {Action.CLAIM} if facts.is_mine else possible)


def may_retry_incident(*, is_open: bool, kind: str, task_is_open: bool, task_kind: str) -> bool:
    """Whether trying again is up to staff.

    A failed signature is repeated by whoever must sign, in the step itself; a step that nobody can do needs somebody
    in its role; a challenge, somebody who may decide it; what fell under a case, somebody who says what was done; a
    case without a step to go on from, and a lost seal, need whoever looks after the installation.
    """
    if not is_open or kind in ("no_superior", "basis"):
        return False
    if kind == "signature":
        return not (task_is_open and task_kind == "sign")
    if kind == "no_responsible":
        return not task_is_open
    if kind == "stalled":
        return bool(task_kind) and (not task_is_open or task_kind in {"service", "wait"})
    return True


@dataclass(frozen=True)
class Urgency:
    """How much time is left, by days of the agency's calendar."""

    level: str
    """"late", "today", "soon", "later" or "none"."""
    business_days: int = 0


SOON = 2
"""Business days left from which a task is shown as urgent."""


def urgency(due_on: date | None, today: date, business_days: int) -> Urgency:
    """Where a last day stands; `business_days` counts those between both, whichever comes first."""
    if due_on is None:
        return Urgency("none")
    if due_on == today:
        return Urgency("today")
    if due_on < today:
        return Urgency("late", business_days)
    return Urgency("soon" if business_days <= SOON else "later", business_days)


@dataclass(frozen=True)
class WaitingTime:
    """How many days people waited for an answer, of `cases` that ended lately."""

    half: int
    """Half of them waited this long or less."""
    most: int
    """Eight in ten."""
    nearly_all: int
    """Nineteen in twenty."""
    cases: int
    is_slower: bool
    """Whether those that ended last, or those that still wait, waited clearly longer than those before."""


FEWEST_CASES = 10
"""With fewer, a figure would tell of somebody rather than of the office."""
FEWEST_LATEST = 5
SLOWER = 1.5
"""How many times the usual wait counts as slower than usual; and by two days at least."""


LATEST_DAYS = 21
"""What counts as just now."""


def waiting_time(
    days: Sequence[int], latest: Sequence[int], filed: Sequence[tuple[int, int]] = ()
) -> WaitingTime | None:
    """The honest answer to "how long does it take?"; None with too few cases.

    `days`: whole days that each recent case took; `latest`: those of them that ended last; `filed`: of each case, days
    since it was filed and days that it waited, or waits so far. An office that ends nothing is slow as well.
    """
    if len(days) < FEWEST_CASES:
        return None
    usual = percentile(days, 50)
    long = max(math.ceil(usual * SLOWER), usual + 2)
    same_days = [waited for age, waited in filed if long <= age < long + LATEST_DAYS]
    is_slower = any(len(some) >= FEWEST_LATEST and percentile(some, 50) >= long for some in (latest, same_days))
    return WaitingTime(usual, percentile(days, 80), percentile(days, 95), len(days), is_slower)


def percentile(values: Sequence[int], share: int) -> int:
    """The value that `share` in a hundred do not exceed (nearest rank). Values must not be empty."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)]


def proves_by_phone(*, card: bool, others: Iterable[bool]) -> bool:
    """Whether a caller proved who they are: by their card, and right answers to one or more other questions.

    What they can answer stands on receipts that others of the case read, so it proves nothing without the card.
    """
    given = list(others)
    return card and bool(given) and all(given)
