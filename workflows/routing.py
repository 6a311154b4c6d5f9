"""Where a case goes after a step: the first alternative that holds, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from procedures.api import RuleError, evaluate
from workflows.errors import RoutingError
from workflows.models import CaseTask, Incident
from workflows.scopes import data_for

if TYPE_CHECKING:
    from workflows.runtime import Run


@dataclass(frozen=True)
class Route:
    """One way out of a step. `when` is None for the only way or for "en otro caso"."""

    target: Any
    when: Any = None
    label: str = ""

    def resolved(self, target: Any) -> Route:
        """The same route, with the node in place of its name."""
        return replace(self, target=target)


def choose(routes: list[Route], run: Run, task: CaseTask) -> Route | None:
    """The first route whose rule holds; None where a step leads nowhere.

    Raises RoutingError (kind rule or no_branch): a rule that fails is never a silent "no".
    """
    if not routes:
        return None
    step_id = task.step_id
    for route in routes:
        if route.when is None or _holds(route, run, task):
            return route
    raise RoutingError(
        Incident.Kind.NO_BRANCH, step_id, _("Ninguna alternativa del paso «%(step)s» se cumple.") % {"step": step_id}
    )


def _holds(route: Route, run: Run, task: CaseTask) -> bool:
    try:
        return evaluate(route.when, data_for(run.case, task), run.bundle)
    except RuleError as error:
        raise RoutingError(Incident.Kind.RULE, task.step_id, str(error)) from error
