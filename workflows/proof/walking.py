"""Moves a case at random through the commands that the pages use, and looks at it after each move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db import transaction
from hypothesis import strategies as st

from documents.models import Document
from jobs.api import next_due, rehearse_due
from procedures.api import Bundle
from workflows.appealing import REVIEWS
from workflows.errors import CommandRefused
from workflows.models import Case, CaseTask
from workflows.nodes.base import OPEN
from workflows.proof.machine import Machine
from workflows.proof.people import People
from workflows.proof.scene import Scene
from workflows.proof.twin import Twin
from workflows.reviewing import LEVELS, STATES, Effect

MOST_MOVES = 300
"""More than the longest case takes once it is late: a dozen rows, each with several steps and a linked case."""


def walk(scene: Scene, procedure: Mapping[str, Any], data: st.DataObject) -> None:
    """Play one case of the procedure from its filing to its end, and take it back. Raises AssertionError."""
    with transaction.atomic():
        bundle = Bundle.model_validate(procedure)
        blocks = [step.model_dump(mode="json", exclude_none=True) for step in bundle.blocks.steps]
        walked = Walk(scene, Machine(procedure, blocks), data)
        walked.file(scene.offer(bundle))
        walked.go()
        if blocks and walked.appeals():
            _appeal(walked, blocks)
        transaction.set_rollback(True)


def _appeal(walked: Walk, blocks: Sequence[Mapping[str, Any]]) -> None:
    """Appeal against what ended the case, see what that does to it, and end it again where it is sent back."""
    before = walked.case.outcome
    appeal = Walk(walked.scene, Machine({"steps": blocks}), walked.data, walked.now)
    try:
        appeal.appeal(walked.case)
    except CommandRefused:  # what ended it admits none
        return
    appeal.go()
    walked.now = appeal.now
    walked.case.refresh_from_db()
    rulings = _look_at_the_act(walked.case, appeal)
    if not rulings:
        assert (walked.case.outcome, walked.case.finished is None) == (before, False), "changed by a rejected appeal"
    elif len(rulings) == 1:  # of two, what is done meanwhile decides what the second still changes
        effect, grants = rulings[0]
        _look_at_the_case(walked, effect, before, grants=grants)
    if walked.case.finished is None and len(rulings) == 1:
        walked.go()
    elif len(rulings) < 2:
        walked.machine.outcome = walked.case.outcome
        walked.twin.look()


def _look_at_the_case(walked: Walk, effect: Effect, before: str, *, grants: bool) -> None:
    """It goes back where that was resolved, and nowhere else; and it ends as it was resolved."""
    ends = walked.case.task_set.filter(flow_task_type="END").count()
    is_back = walked.case.finished is None or ends > walked.rounds  # decided anew before the superior answered
    assert is_back == (effect is Effect.RETURNS), f"went back: {is_back}, after {effect}"
    if not is_back:
        due = Case.Outcome.OTHER if effect is Effect.ANNULS else Case.Outcome.APPROVED if grants else before
        assert walked.case.outcome == due, f"{walked.case.outcome} after {effect}"


def _look_at_the_act(original: Case, appeal: Walk) -> list[tuple[Effect, bool]]:
    """What was resolved about the act and whether it grants, the last word last.

    The state of the act must be that, and each resolution in its file.

    Not what somebody answered whose resolution was never signed, as the appeal was withdrawn meanwhile.
    """
    machine = appeal.machine
    signed = {
        step["study"] for step in machine.steps.values() if step["kind"] == "carry_out" and machine.done[step["id"]]
    }
    found = [machine.data[study] for study in reversed(LEVELS) if study in signed]
    rulings = [(Effect(one["efecto"]), bool(one.get("otorga"))) for one in found if one.get("efecto")]
    about = appeal.case.about
    assert about is not None
    about.refresh_from_db()
    last = [STATES[one] for one, _grants in rulings if one is not Effect.MODIFIES] or [Document.State.IN_FORCE]
    assert about.state in ({last[-1]} if len(last) == 1 else set(last)), f"{about.state} after {rulings}"
    brought = Document.objects.filter(file=original.file, definition_id__in=REVIEWS).values_list("sha256", flat=True)
    assert len(set(brought)) == len(brought) == len(rulings), f"{len(brought)} resolutions brought, of {len(rulings)}"
    return rulings


class Walk(People):
    """One case, its machine, and the clock."""

    def __init__(self, scene: Scene, machine: Machine, data: st.DataObject, now: datetime | None = None) -> None:
        super().__init__(
            scene,
            machine.steps,
            lambda low, high, label: data.draw(st.integers(low, high), label=label),
            now or scene.began,
        )
        self.machine, self.data = machine, data
        self.rounds = 0
        """How often it came to its end: an appeal may send it back."""

    @cached_property
    def twin(self) -> Twin:
        """What reads the log beside it."""
        return Twin(self.case, self.machine)

    def go(self) -> None:
        """Move until the end, and look at the whole."""
        self.rounds += 1
        self._settle()
        while self.case.finished is None:
            assert self.moves < MOST_MOVES, f"does not end: {self.machine.tokens}"
            self.moves += 1
            self._move(self._pick())
            self._settle()
        self.twin.look_at_the_end(self.scene.stage.agency.pk, self.now, self.rounds)

    def appeals(self) -> bool:
        """Whether the applicant does not agree with what was decided."""
        return self._number(0, 1, "recurre") == 1

    def _pick(self) -> CaseTask:
        """One of the steps that somebody may do, of this case or of one that it waits for."""
        family = CaseTask.objects.filter(process__agency=self.scene.stage.agency, status__in=OPEN)
        able = family.exclude(flow_task_type="JOIN").exclude(step_kind__in=["subcase", "seal"])
        found: list[CaseTask] = list(able.select_related("role", "process").order_by("pk"))
        assert found, "stands still"
        return found[self._number(0, len(found) - 1, "paso")]

    def _settle(self) -> None:
        """Do the jobs that are due, and look."""
        rehearse_due(agency_id=self.scene.stage.agency.pk, now=self.now)
        self.case.refresh_from_db()
        self.twin.look()

    def _move(self, task: CaseTask) -> None:
        """Somebody does it, or days go by."""
        if "law_withdrawal" in self.steps and not self._is_late and self._number(0, 2, "usa la ley") == 2:
            self.use_the_law()
            return
        can_happen = task.step_kind != "wait" or (task.role_id and self._number(0, 1, "ocurre"))
        if can_happen and self._number(0, 9, "tiempo") < 9:
            self.do(task)
        else:
            self._let_days_go_by()

    def _let_days_go_by(self) -> None:
        """Each timer has its own instant."""
        until = self.now + timedelta(days=self._number(1, 20, "días"))
        while (due := next_due(agency_id=self.scene.stage.agency.pk, until=until)) is not None:
            self.now = max(self.now, due)
            self._settle()
        self.now = until
