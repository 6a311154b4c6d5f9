"""The measured procedure as viewflow's manual would write it: by hand, with its own nodes, tables and saves."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.http import HttpRequest, HttpResponse
from viewflow.this_object import this
from viewflow.workflow import flow  # type: ignore[attr-defined]
from viewflow.workflow.lock import SelectForUpdateLock
from viewflow.workflow.models import Process, Task

from accounts.models import User

OFFICIAL: list[User] = []
"""Who all tasks are assigned to, so that no side pays for taking them."""


def no_page(request: HttpRequest, **arguments: Any) -> HttpResponse:
    """Human nodes want a view; the bench calls their activations as viewflow's own view does."""
    raise NotImplementedError


def _official(activation: Any) -> User:
    return OFFICIAL[0]


def _admitted(activation: Any) -> bool:
    return bool(activation.process.data["revision"]["resultado"] == "admitir")


class StockFlow(flow.Flow):  # type: ignore[misc]
    """Start, review with a rule, two reports at once, signature."""

    process_class = Process
    task_class = Task
    lock_impl = SelectForUpdateLock(nowait=False)

    start = flow.StartHandle().Next(this.revision)
    revision = flow.View(no_page).Assign(_official).Next(this.regla)
    regla = flow.If(_admitted).Then(this.informes).Else(this.firma)
    informes = flow.Split().Next(this.obras).Next(this.salud)
    obras = flow.View(no_page).Assign(_official).Next(this.reunion)
    salud = flow.View(no_page).Assign(_official).Next(this.reunion)
    reunion = flow.Join().Next(this.firma)
    firma = flow.View(no_page).Assign(_official).Next(this.fin)
    fin = flow.End()


def begin(answers: dict[str, Any]) -> int:
    """Start a process; its id."""
    process = StockFlow.start.run(_process_data={"inicio": answers})
    return int(process.pk)


def complete(process_id: int, task_id: int, step: str, answers: dict[str, Any]) -> None:
    """What viewflow's UpdateProcessView does with a valid form."""
    with StockFlow.lock(process_id):
        task = StockFlow.task_class.objects.select_related("process").get(pk=task_id, process_id=process_id)
        activation = task.flow_task.activation_class(task)
        activation.start(SimpleNamespace(user=OFFICIAL[0]))
        activation.process.data[step] = answers
        activation.process.save()
        activation.execute()


def open_task(process_id: int, step: str) -> int:
    """The task of a step that waits."""
    return int(Task.objects.get(process_id=process_id, flow_task=getattr(StockFlow, step), finished=None).pk)
