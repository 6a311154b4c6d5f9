"""Procedures made at random and run at random through the real commands: a case never stalls, doubles or leaks.

`PROOF_CASES=10000 ./test tests/workflows/test_proof.py` runs as many; `DATABASE_URL` chooses the database.
"""

import os
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.api import verify_stream
from audit.models import Event
from documents.models import Document
from jobs.models import Job
from tests.story import Story
from tests.workflows.flows import FORMS, LIST, ROWS, days, flow, offer, report, visits
from workflows.commands import desk
from workflows.commands.acts import seal_done
from workflows.commands.desk import Answered
from workflows.commands.expiry import expire
from workflows.commands.waiting import Happened, day_came, record_event
from workflows.deadlines import TIMER
from workflows.errors import NotAllowed, TaskFinished
from workflows.models import Case, CaseTask, Incident
from workflows.steps.waiting import TIMER as WAIT_TIMER

pytestmark = pytest.mark.django_db

CASES = int(os.environ.get("PROOF_CASES", "20"))
MOST_MOVES = 80
ROLES = ("revision", "obras", "salud", "jefatura")
OPEN = ("NEW", "ASSIGNED", "STARTED", "SCHEDULED")
STRANGER = "Gloria"
"""The municipal secretary, in no role of these procedures."""


class Maker:
    """Draws a block-structured procedure; ids are given in order."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw, self.count = draw, 0

    def name(self) -> str:
        self.count += 1
        return f"p{self.count}"

    def sequence(self, depth: int, onward: str) -> list[dict[str, Any]]:
        """Steps one after the other; the last goes to `onward`."""
        size = self.draw(st.integers(1, 2 if depth else 3))
        steps: list[dict[str, Any]] = []
        following = onward
        for _place in range(size):
            steps = [*self.item(depth, following), *steps]
            following = steps[0]["id"]
        return steps

    def item(self, depth: int, onward: str) -> list[dict[str, Any]]:
        kinds = ["task", "task", "loop", "wait", "fork", *(["block", "rows"] if depth < 2 else [])]
        kind = self.draw(st.sampled_from(kinds))
        return list(getattr(self, f"_{kind}")(depth, onward))

    def _task(self, depth: int, onward: Any) -> list[dict[str, Any]]:
        clock = {"deadline": days(self.draw(st.integers(1, 9)))} if self.draw(st.booleans()) else {}
        return [report(self.name(), self.draw(st.sampled_from(ROLES)), onward, **clock)]

    def _loop(self, depth: int, onward: str) -> list[dict[str, Any]]:
        name = self.name()
        return [report(name, self.draw(st.sampled_from(ROLES)), self._either(name, name, onward))]

    def _fork(self, depth: int, onward: str) -> list[dict[str, Any]]:
        (aside,) = self._task(depth, onward)
        name = self.name()
        return [report(name, "revision", self._either(name, aside["id"], onward)), aside]

    def _either(self, name: str, unfavourable: str, onward: str) -> list[dict[str, Any]]:
        no = {"all": [{"field": f"{name}.favorable", "op": "eq", "value": False}]}
        return [{"when": no, "goto": unfavourable}, {"otherwise": onward}]

    def _wait(self, depth: int, onward: str) -> list[dict[str, Any]]:
        wait = {"id": self.name(), "kind": "wait", "title": "Espera", "next": onward}
        event = {"event": "algo", "role": "revision"} if self.draw(st.booleans()) else {}
        return [{**wait, **event, "after": {"amount": self.draw(st.integers(1, 9)), "unit": "business_days"}}]

    def _block(self, depth: int, onward: str) -> list[dict[str, Any]]:
        branches = [self.sequence(depth + 1, "join") for _branch in range(self.draw(st.integers(2, 3)))]
        join = self.draw(st.sampled_from(["all", "any", "n", "all_required"]))
        more: dict[str, Any] = {"leftover": self.draw(st.sampled_from(["cancel", "accept"]))}
        if join == "n":
            more["n"] = self.draw(st.integers(1, len(branches) - 1))
        if join == "all_required":
            more["required"] = [branches[0][0]["id"]]
        block = {"id": self.name(), "kind": "parallel", "title": "Bloque", "join": join, "branches": branches}
        return [{**block, "next": onward, **more}]

    def _rows(self, depth: int, onward: str) -> list[dict[str, Any]]:
        inner = report(self.name(), self.draw(st.sampled_from(ROLES)))
        join = self.draw(st.sampled_from(["all", "any"]))
        return [{**visits(inner, next=onward, join=join), "id": self.name()}]


@st.composite
def procedures(draw: st.DrawFn) -> dict[str, Any]:
    steps = Maker(draw).sequence(0, "sello")
    return flow({**LIST, "next": steps[0]["id"]}, *steps, forms=FORMS[:2])


class Walk:
    """A case moved at random until its seal, looked at after each move."""

    def __init__(self, story: Story, case: Case, data: st.DataObject) -> None:
        self.story, self.case, self.data = story, case, data

    def go(self) -> None:
        """Move until only the seal is left, then end."""
        for _move in range(MOST_MOVES):
            waiting = self.waiting()
            if {task.step_id for task in waiting if not task.data.get("late")} == {"sello"}:
                break
            self.move(self.data.draw(st.sampled_from(waiting), label="next"))
            self.look()
        else:
            return  # a loop that was drawn unfavourable each time
        self.end()

    def waiting(self) -> list[CaseTask]:
        tasks = self.case.task_set.filter(status__in=OPEN).exclude(flow_task_type="JOIN").order_by("pk")
        return list(tasks.select_related("role"))

    def move(self, task: CaseTask) -> None:
        if task.step_kind == "wait" or self.data.draw(st.integers(0, 9), label="time") == 0:
            self._pass(task)
        elif task.step_kind == "task":
            self._answer(task)

    def _pass(self, task: CaseTask) -> None:
        if task.role_id and task.step_kind == "wait" and self.data.draw(st.booleans(), label="event"):
            by = self.story.user(self.story.holder(task))
            happened = Happened(on=self.story.now.date() - timedelta(days=1))
            record_event(task=task, by=by, happened=happened, answered=Answered({}), now=self.story.now)
            return
        self.story.now += timedelta(days=15)
        for job in Job.objects.filter(case_id=self.case.pk, kind__in=[TIMER, WAIT_TIMER], run_at__lte=self.story.now):
            (expire if job.kind == TIMER else day_came)(job, self.story.now)

    def _answer(self, task: CaseTask) -> None:
        holder = self.story.holder(task)
        with pytest.raises(NotAllowed):
            desk.claim(task=task, by=self.story.user(STRANGER), now=self.story.now)
        user = self.story.user(holder)
        desk.claim(task=task, by=user, now=self.story.now, reason="prueba")
        given: dict[str, Any] = {"favorable": self.data.draw(st.integers(0, 3), label="yes") > 0}
        if task.step_id == "listar":
            given = {"locales": ROWS}
        answered = Answered(data=self.story.posted(self.case, task.step_id, given))
        desk.complete(task=task, by=user, answered=answered, now=self.story.now)
        with pytest.raises(TaskFinished):
            desk.complete(task=task, by=user, answered=answered, now=self.story.now)

    def look(self) -> None:
        """What holds after each move."""
        self.case.refresh_from_db()
        assert self.case.finished is None, "ended before its act"
        assert not Incident.objects.filter(case=self.case).exists(), Incident.objects.filter(case=self.case).first()
        assert self.waiting(), "stands still"
        joins = self.case.task_set.filter(flow_task_type="JOIN", status="STARTED")
        splits = Counter(str(join.data["split"]) for join in joins)
        assert all(count == 1 for count in splits.values()), "two open joins for one block"

    def end(self) -> None:
        """Put the seal on, and look at the whole."""
        document = Document.objects.get(file=self.case.file, kind="certificate")
        Document.objects.filter(pk=document.pk).update(state=Document.State.IN_FORCE)
        for _twice in range(2):
            seal_done(Job(case_id=self.case.pk, payload={"payload": {"document": document.pk}}), self.story.now)
        self.case.refresh_from_db()
        assert self.case.finished is not None
        assert not self.case.task_set.filter(status__in=OPEN).exists(), "a task was left behind"
        assert self.case.task_set.filter(flow_task_type="END").count() == 1, "ended more than once"
        self._replay()

    def _replay(self) -> None:
        """The log alone tells which steps were done and which were dropped."""
        stream = f"case:{self.case.ref}"
        assert verify_stream(stream).ok
        told = Counter(Event.objects.filter(stream=stream).values_list("kind", flat=True))
        tasks = self.case.task_set.exclude(flow_task_type="JOIN")
        assert told["task.completed"] == tasks.filter(step_kind="task", status="DONE").count()
        assert told["task.dropped"] == self.case.task_set.filter(status="CANCELED").count()
        assert told["wait.ended"] + told["event.recorded"] == tasks.filter(step_kind="wait", status="DONE").count()
        assert told["case.ended"] == 1


@settings(
    max_examples=CASES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(bundle=procedures(), data=st.data())
def test_a_case_of_any_procedure_ends_once_by_its_act(
    story: Story, bundle: dict[str, Any], data: st.DataObject
) -> None:
    began = story.now
    for name in story.people:
        story.user(name)  # accounts outlive the transaction that is rolled back
    with transaction.atomic():
        case = story.file(offer(story, bundle))
        Walk(story, case, data).go()
        transaction.set_rollback(True)
    story.now = began
