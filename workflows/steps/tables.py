"""Step kind decision: one row of a table gives values."""

from __future__ import annotations

from typing import Any

from procedures.api import RuleError, decide
from workflows.errors import RoutingError
from workflows.models import Incident
from workflows.nodes import StepActivation
from workflows.scopes import data_for
from workflows.steps.facts import AutomaticFacet


class DecisionFacet(AutomaticFacet):
    """Looks up the one row that holds, and says in the history which."""

    kind = "decision"

    def do(self, step: Any, activation: StepActivation) -> None:
        run = activation.run
        try:
            row, values = decide(step, data_for(run.case, activation.task), run.bundle)
        except RuleError as error:
            raise RoutingError(Incident.Kind.RULE, step.id, str(error)) from error
        run.project(step.id, values, activation.task)
        run.record("table.decided", {"step": step.id, "row": row})
