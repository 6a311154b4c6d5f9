"""Facts that an agency holds because one of its acts established them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from accounts.api import blind_index
from documents.models import Document
from legaltime.api import Term, due_date
from procedures.api import LookupStep, RegisterStep
from workflows.answers import answers_of
from workflows.appealing import ACTS
from workflows.models import AgencyFact, CaseTask
from workflows.runtime import Run

_READ = "fact"
"""Key of a task's data: which fact it read."""


def look_up(run: Run, step: LookupStep, task: CaseTask) -> None:
    """Read the fact in force today; `found` says whether there is one, and the task keeps which one was read."""
    fact = (
        AgencyFact.objects.filter(
            agency_id=run.case.agency_id, kind=step.fact, key_index=_index(step.fact, _datum(run, step.key))
        )
        .filter(Q(valid_to=None) | Q(valid_to__gte=run.today), valid_from__lte=run.today, withdrawn_at=None)
        .order_by("-valid_from", "-pk")
        .first()
    )
    values = {name: fact.values.get(name) for name in step.values} if fact else {}
    if fact is not None:
        task.data = {**task.data, _READ: fact.pk}
        CaseTask.objects.filter(pk=task.pk).update(data=task.data)
    run.project(step.id, {"found": fact is not None, **values})
    run.record("fact.looked_up", {"step": step.id, "fact": step.fact, "found": fact is not None})


def register(run: Run, step: RegisterStep) -> None:
    """Keep a fact from today; the one in force with the same key ends yesterday."""
    index = _index(step.fact, _datum(run, step.key))
    former = AgencyFact.objects.filter(agency_id=run.case.agency_id, kind=step.fact, key_index=index, valid_to=None)
    ended = list(former.filter(withdrawn_at=None).values_list("pk", flat=True))
    fact = AgencyFact.objects.create(
        agency_id=run.case.agency_id,
        kind=step.fact,
        key_index=index,
        values={name: _datum(run, path) for name, path in step.values.items()},
        source_case=run.case,
        act=_latest_act(run),
        valid_from=run.today,
        valid_to=_valid_to(run, step),
    )
    AgencyFact.objects.filter(pk__in=ended).update(valid_to=run.today - timedelta(days=1), ended_by=fact)
    run.record("fact.registered", {"step": step.id, "fact": step.fact})


def _latest_act(run: Run) -> Document | None:
    """The resolution or decree of the case that is in force, on which what it registers rests."""
    return Document.objects.filter(file=run.case.file_id, state=Document.State.IN_FORCE, kind__in=ACTS).last()


def of_act(run: Run, act: Document) -> list[AgencyFact]:
    """The facts still handed out that rest on an act of the case; of older ones, those from the day of the act on."""
    rests = Q(act=act)
    if act.issued_on is not None:
        rests |= Q(act=None, valid_from__gte=act.issued_on)
    return list(AgencyFact.objects.filter(rests, source_case=run.case, withdrawn_at=None).order_by("pk"))


def withdraw(run: Run, fact: AgencyFact, by: Document) -> None:
    """Hand a fact out no more, because the act on which it rests fell; what it had replaced stands again.

    The row stays, with until when it was handed out and by which act that ended.
    """
    AgencyFact.objects.filter(ended_by=fact).update(
        valid_to=fact.valid_to if fact.ended_by_id else None, ended_by=fact.ended_by_id
    )
    fact.withdrawn_at, fact.withdrawn_by = run.now, by
    fact.save(update_fields=["withdrawn_at", "withdrawn_by"])
    run.record("fact.withdrawn", {"fact": fact.kind})


def restore(run: Run, by: Document) -> None:
    """Hand out again what was withdrawn by an act that fell itself: the act on which it rests stands again."""
    for fact in AgencyFact.objects.filter(source_case=run.case, withdrawn_by=by).order_by("pk"):
        fact.withdrawn_at = fact.withdrawn_by = None
        fact.save(update_fields=["withdrawn_at", "withdrawn_by"])
        same = AgencyFact.objects.filter(agency=fact.agency_id, kind=fact.kind, key_index=fact.key_index)
        former = same.filter(valid_to=None, withdrawn_at=None, valid_from__lte=fact.valid_from).exclude(pk=fact.pk)
        former.update(valid_to=fact.valid_from - timedelta(days=1), ended_by=fact)
        run.record("fact.restored", {"fact": fact.kind})


def rest_on(fact: AgencyFact, act: Document) -> None:
    """The act that took the place of the one on which a fact rested gives the same: it rests on that one now."""
    fact.act = act
    fact.save(update_fields=["act"])


def readers_of(fact: AgencyFact) -> QuerySet[CaseTask]:
    """The steps of other cases that read a fact and went on with it."""
    read = CaseTask.objects.filter(agency=fact.agency_id, step_kind="lookup", **{f"data__{_READ}": fact.pk})
    return read.exclude(process=fact.source_case_id).defer("flow_task").order_by("pk")


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
