"""A case beside the machine that reads its log: after each move both must stand the same."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from audit.api import verify_stream
from audit.models import Event
from documents.models import Document
from jobs.api import rehearse_due
from jobs.models import Job
from procedures.api import bundle_of
from workflows.models import Case, CaseTask, Incident, Submission
from workflows.nodes.base import OPEN
from workflows.proof.machine import Machine
from workflows.proof.tokens import Told


class Twin:
    """One case and its machine. Raises AssertionError where they differ."""

    def __init__(self, case: Case, machine: Machine) -> None:
        self.case, self.machine, self.read = case, machine, 0

    def events(self) -> int:
        """How many events the log has."""
        return Case.objects.values_list("audit_seq", flat=True).get(pk=self.case.pk)

    def look(self) -> None:
        """The log tells the machine what happened; both must now see the same case."""
        self._tell()
        tasks = list(CaseTask.objects.filter(process=self.case).defer("flow_task"))
        self._look_at_incidents(tasks)
        self._compare(tasks)
        joins = Counter(str(one.data["split"]) for one in tasks if one.flow_task_type == "JOIN" and one.status in OPEN)
        assert all(count == 1 for count in joins.values()), "two open joins for one block"

    def _look_at_incidents(self, tasks: list[CaseTask]) -> None:
        """None but of a service that does not answer, for as long as the case waits for it; and what stops no step."""
        waiting = {one.pk for one in tasks if one.step_kind == "service" and one.status in OPEN}
        for incident in Incident.objects.filter(case=self.case).exclude(kind__in=Incident.BESIDE):
            assert incident.kind == Incident.Kind.SERVICE, incident.get_kind_display()
            assert incident.closed_at or incident.task_id in waiting, f"{incident} is of a step that is over"

    def _compare(self, tasks: list[CaseTask]) -> None:
        loops = bundle_of(self.case.version).loops
        own = [one for one in tasks if one.flow_task_type not in ("JOIN", "END")]
        standing = Counter(
            (one.step_id, one.occurrence if one.step_id in loops else 0, bool(one.data.get("late")))
            for one in own
            if one.status in OPEN
        )
        assert standing == self.machine.standing(), f"{standing} stand, not {self.machine.standing()}"
        done = Counter(one.step_id for one in own if one.status == "DONE")
        assert done == self.machine.done, f"{done} are done, not {self.machine.done}"
        dropped = Counter(one.step_id for one in own if one.status == "CANCELED")
        assert dropped == self.machine.dropped, f"{dropped} were dropped, not {self.machine.dropped}"
        if self.machine.is_decided:
            assert self.case.due_on is None, "what was decided still has a time to be decided in"
        assert _holds(self.machine.data, self.case.data), f"{self.case.data} is kept, not {self.machine.data}"

    def _tell(self) -> None:
        """Fold what the log has more than at the last look."""
        events = list(Event.objects.filter(stream=f"case:{self.case.ref}", seq__gt=self.read).order_by("seq"))
        if not events:
            return
        filed = {one.presentation_sha256: one for one in Submission.objects.filter(case=self.case)}
        if events[0].kind == "case.started":  # how it begins depends on what is filed with it
            events = [*events[1:2], events[0], *events[2:]]
        answers: Mapping[str, Any] | None = None
        for place, event in enumerate(events):
            data = json.loads(bytes(event.body))["data"]
            if event.kind == "submission.filed":
                values = filed[data["presentation"]].values.all()
                answers = {value.field_id: value.value for value in values}
                continue
            following = events[place + 1].kind if place + 1 < len(events) else ""
            is_overtaken = following == "report.overtaken"
            is_late = is_overtaken or following == "report.archived"
            told = Told(event.kind, data, answers, is_late=is_late, is_overtaken=is_overtaken)
            self.machine.tell(told)
            if event.kind in ("case.started", "task.completed", "row.added"):
                answers = None
        self.read = events[-1].seq

    def look_at_the_end(self, agency_id: int, now: datetime, rounds: int = 1) -> None:
        """It ended once, through its act, with nothing left; and every job that is done again finds nothing to do.

        `rounds`: how often it should have ended; once, and once more each time an appeal sent it back.
        """
        assert self.case.outcome == self.machine.outcome
        assert self.case.task_set.filter(flow_task_type="END").count() == rounds, "ended more than once"
        assert not self.case.task_set.filter(status__in=OPEN).exists(), "a task was left behind"
        assert Document.objects.filter(file=self.case.file, state=Document.State.IN_FORCE).exclude(content={}).exists()
        kinds = list(
            Event.objects.filter(stream=f"case:{self.case.ref}").order_by("seq").values_list("kind", flat=True)
        )
        assert kinds.count("case.ended") == rounds
        assert {"act.sealed", "act.signed"} & set(kinds[: kinds.index("case.ended")]), "ended without its act"
        assert verify_stream(f"case:{self.case.ref}").ok
        before = self.events()
        done = Job.objects.filter(case_id=self.case.pk, kind__startswith="workflows.", state=Job.State.DONE)
        done.update(state=Job.State.READY, run_at=now)
        rehearse_due(agency_id=agency_id, now=now)
        assert self.events() == before, "a job that ran twice did something twice"


def _holds(wanted: Any, found: Any) -> bool:
    """Whether everything of `wanted` stands in `found`; the engine may keep more."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(_holds(value, found.get(name)) for name, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and len(wanted) == len(found) and all(map(_holds, wanted, found))
    return bool(wanted == found)
