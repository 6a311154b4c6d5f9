"""Where a case goes after a step: the first alternative that holds, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from procedures.api import RuleError, evaluate
from workflows.errors import RoutingError
from workflows.models import Incident

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


def choose(routes: list[Route], run: Run, step_id: str) -> Route | None:
    """The first route whose rule holds; None where a step leads nowhere.

    Raises RoutingError (kind rule or no_branch): a rule that fails is never a silent "no".
    """
    if not routes:
        return None
    for route in routes:
        if route.when is None or _holds(route, run, step_id):
            return route
    raise RoutingError(
        Incident.Kind.NO_BRANCH, step_id, _("Ninguna alternativa del paso «%(step)s» se cumple.") % {"step": step_id}
    )


def _holds(route: Route, run: Run, step_id: str) -> bool:
    try:
        return evaluate(route.when, run.case.data, run.bundle)
    except RuleError as error:
        raise RoutingError(Incident.Kind.RULE, step_id, str(error)) from error
