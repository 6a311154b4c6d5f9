"""The pages on which an official records an outside event or adds a row to a block that repeats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from accounts.api import roles_of
from accounts.models import Person
from procedures.api import ServiceStep, bundle_of, display_value, problems_of
from workflows import exchanges
from workflows.commands.desk import Answered, row_form
from workflows.forms import HappenedForm, VerifiedForm
from workflows.models import Case, CaseTask
from workflows.presenting import desk_case, desk_step, waits
from workflows.steps.outside import may_ask, papers_awaited

UNPROCESSABLE = 422


@dataclass
class EventPage:
    """A wait, and what was posted about it."""

    case: Case
    task: CaseTask
    happened: HappenedForm
    answered: Answered | None = None
    refusal: Exception | None = None

    def context(self, person: Person, today: date) -> dict[str, Any]:
        """Everything that the page shows."""
        form = desk_step.plain_heading(desk_step.Typed(self.answered, self.refusal).form_for(self.case, self.task))
        own = problems_of(self.happened)
        return {
            **desk_step.step_context(self.case, self.task, person, today, self.refusal),
            "form": form,
            "happened": self.happened,
            "errors": [*desk_step.summary_of(form, self.refusal), *own],
            "status": UNPROCESSABLE if own else desk_step.status_of(form, self.refusal),
            "awaited": waits.awaited(self.task),
            "may_record": any(role.pk == self.task.role_id for role in roles_of(person, today)),
        }


def verifiable(case: Case, task: CaseTask) -> dict[str, Any]:
    """Which body may be asked about what was declared, and whether it may."""
    step = cast(ServiceStep, bundle_of(case.version).step(task.step_id))
    return {"body": exchanges.of_service(step).addressee, "may_ask": may_ask(case, step)}


def verify_context(
    case: Case, task: CaseTask, form: VerifiedForm, person: Person, today: date, refusal: Exception | None
) -> dict[str, Any]:
    """The page that verifies later what was accepted on somebody's word."""
    bundle, held = bundle_of(case.version), case.data.get(task.step_id, {})
    declared = getattr(bundle.step(task.step_id), "declared", {})
    errors = problems_of(form)
    return {
        **desk_step.step_context(case, task, person, today, refusal),
        "form": form,
        "errors": errors,
        "status": UNPROCESSABLE if errors else desk_step.CONFLICT if refusal else desk_step.OK,
        "may_ask": verifiable(case, task)["may_ask"],
        "waits_for_papers": papers_awaited(task).exists(),
        "declared": [
            {"label": bundle.field(path).label, "value": display_value(bundle.field(path), held.get(name))}
            for name, path in declared.items()
            if held.get(name) is not None
        ],
    }


def row_context(case: Case, step_id: str, answered: Answered | None, refusal: Exception | None) -> dict[str, Any]:
    """The page that adds a row."""
    bundle = bundle_of(case.version)
    form = getattr(refusal, "form", None) or row_form(case, step_id, answered)
    return {
        "institution": case.agency,
        "case": case,
        "step": bundle.step(step_id),
        "rows": len(case.data.get(step_id, {}).get("rows", ())),
        "form": desk_step.plain_heading(form),
        "errors": desk_step.summary_of(form, refusal),
        "refusal": None if hasattr(refusal, "form") else refusal,
        "status": desk_step.status_of(form, refusal),
        "case_url": desk_case.case_url(case),
    }
