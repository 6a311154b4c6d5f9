"""Moves a case at random through the commands that the pages use, and looks at it after each move."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from hypothesis import strategies as st

from jobs.api import next_due, rehearse_due
from procedures.api import Bundle
from procedures.models import Offering
from workflows.models import CaseTask
from workflows.nodes.base import OPEN
from workflows.proof.machine import Machine
from workflows.proof.people import People
from workflows.proof.scene import Scene
from workflows.proof.twin import Twin

MOST_MOVES = 300
"""More than the longest case takes once it is late: a dozen rows, each with several steps and a linked case."""


def walk(scene: Scene, procedure: Mapping[str, Any], data: st.DataObject) -> None:
    """Play one case of the procedure from its filing to its end, and take it back. Raises AssertionError."""
    with transaction.atomic():
        bundle = Bundle.model_validate(procedure)
        blocks = [step.model_dump(mode="json", exclude_none=True) for step in bundle.blocks.steps]
        Walk(scene, Machine(procedure, blocks), data).go(scene.offer(bundle))
        transaction.set_rollback(True)


class Walk(People):
    """One case, its machine, and the clock."""

    def __init__(self, scene: Scene, machine: Machine, data: st.DataObject) -> None:
        super().__init__(
            scene, machine.steps, lambda low, high, label: data.draw(st.integers(low, high), label=label), scene.began
        )
        self.machine = machine
        self.twin: Twin

    def go(self, offering: Offering) -> None:
        """File, move until the end, and look at the whole."""
        self.twin = Twin(self.file(offering), self.machine)
        self._settle()
        while self.case.finished is None:
            assert self.moves < MOST_MOVES, f"does not end: {self.machine.tokens}"
            self.moves += 1
            self._move(self._pick())
            self._settle()
        self.twin.look_at_the_end(self.scene.stage.agency.pk, self.now)

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
