"""Facts that an agency holds because one of its acts established them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from accounts.api import blind_index
from legaltime.api import Term, due_date
from procedures.api import LookupStep, RegisterStep
from workflows.answers import answers_of
from workflows.models import AgencyFact
from workflows.runtime import Run


def look_up(run: Run, step: LookupStep) -> None:
    """Read the fact in force today; `found` says whether there is one."""
    fact = (
        AgencyFact.objects.filter(
            agency_id=run.case.agency_id, kind=step.fact, key_index=_index(step.fact, _datum(run, step.key))
        )
        .filter(Q(valid_to=None) | Q(valid_to__gte=run.today), valid_from__lte=run.today)
        .order_by("-valid_from", "-pk")
        .first()
    )
    values = {name: fact.values.get(name) for name in step.values} if fact else {}
    run.project(step.id, {"found": fact is not None, **values})
    run.record("fact.looked_up", {"step": step.id, "fact": step.fact, "found": fact is not None})


def register(run: Run, step: RegisterStep) -> None:
    """Keep a fact from today; the one in force with the same key ends yesterday."""
    index = _index(step.fact, _datum(run, step.key))
    AgencyFact.objects.filter(agency_id=run.case.agency_id, kind=step.fact, key_index=index, valid_to=None).update(
        valid_to=run.today - timedelta(days=1)
    )
    AgencyFact.objects.create(
        agency_id=run.case.agency_id,
        kind=step.fact,
        key_index=index,
        values={name: _datum(run, path) for name, path in step.values.items()},
        source_case=run.case,
        valid_from=run.today,
        valid_to=_valid_to(run, step),
    )
    run.record("fact.registered", {"step": step.id, "fact": step.fact})


def _valid_to(run: Run, step: RegisterStep) -> date | None:
    if step.valid is None:
        return None
    return due_date(starts_on=run.today, term=Term(step.valid.amount, step.valid.unit), place=run.place).date


def _datum(run: Run, path: str) -> Any:
    step_id, _, field_id = path.partition(".")
    projected = run.case.data.get(step_id, {})
    return projected[field_id] if field_id in projected else answers_of(run.case, step_id).get(field_id)


def _index(kind: str, key: Any) -> str:
    return blind_index(str(key), f"fact:{kind}")
