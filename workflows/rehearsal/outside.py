"""Entries for what happens outside of a case: events, services that answer or fail, and rows that appear meanwhile."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from jobs.models import Job
from procedures.api import ForEachStep
from workflows.commands import outside, rows
from workflows.commands.waiting import Happened, record_event
from workflows.models import CaseTask
from workflows.rehearsal.play import ACTIONS, NotPlayed, Play, answered
from workflows.rehearsal.scenario import Entry
from workflows.steps.outside import CALL


def register() -> None:
    """To be called when the program starts."""
    ACTIONS.update({"event": _event, "service": _service, "verify": _verify, "row": _row})


def _event(playing: Play, entry: Entry) -> None:
    """Somebody says that what a step waits for has happened."""
    task = _standing(playing, entry)
    by = playing.stage.official(entry.who or task.step_id, task.role)
    written = str(entry.details.get("on") or "")
    on = date.fromisoformat(written) if written else playing.now.date()
    happened = Happened(on=on, evidence=str(entry.details.get("evidence") or ""))
    record_event(task=task, by=by, happened=happened, answered=answered(task, entry), now=playing.now)


def _service(playing: Play, entry: Entry) -> None:
    """A service answers with these `values`, or does not answer at all."""
    task = _standing(playing, entry)
    asked = Job.objects.filter(case_id=task.process_id, kind=CALL, payload__task=task.pk).latest("pk")
    values = entry.details.get("values")
    if values is None:
        outside.unanswered(Job(payload={"job": asked.pk}), playing.now)
    else:
        outside.ServiceHandler().finish(asked, dict(values), playing.now)


def _verify(playing: Play, entry: Entry) -> None:
    """Somebody looks whether what the person declared was true."""
    task = playing.claimed(entry)
    assert task.owner is not None
    agrees, note = bool(entry.details.get("agrees", True)), str(entry.details.get("note") or "")
    outside.verify(task=task, by=task.owner, agrees=agrees, note=note, now=playing.now)


def _row(playing: Play, entry: Entry) -> None:
    """Somebody adds a row to a block that repeats while it runs."""
    case = playing.the_case()
    block = case.flow_class.bundle.steps_by_id.get(str(entry.subject))
    if not isinstance(block, ForEachStep) or block.added_by is None:
        raise NotPlayed(_("«%(step)s» no admite que se agreguen filas.") % {"step": entry.subject})
    binding = case.offering.role_bindings.select_related("role").get(slot=block.added_by)
    by = playing.stage.official(entry.who or block.added_by, binding.role)
    task = CaseTask(process=case, step_id=block.id)
    rows.add_row(case=case, step_id=block.id, by=by, answered=answered(task, entry), now=playing.now)


def _standing(playing: Play, entry: Entry) -> Any:
    """The step at which the case waits for something outside. Raises NotPlayed."""
    waiting = CaseTask.objects.filter(process__in=playing.family(), step_id=entry.subject, status="SCHEDULED")
    if entry.details.get("row"):
        waiting = waiting.filter(occurrence=entry.details["row"])
    task = waiting.select_related("role", "process__version").order_by("pk").first()
    if task is None:
        raise NotPlayed(_("El paso «%(step)s» no está esperando nada.") % {"step": entry.subject})
    return task
