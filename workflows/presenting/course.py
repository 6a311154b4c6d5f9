"""Recorrido: the steps of a procedure with how a case stands in each, as a picture and as a list that says the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from procedures.api import BaseStep, Bundle, Mark, OutlineItem, bundle_of, outline, render_diagram, ways_out
from workflows import titles
from workflows.models import Case, CaseTask
from workflows.nodes.base import OPEN
from workflows.presenting import language
from workflows.presenting.waits import MACHINE_WAITS, awaited
from workflows.steps.outside import BRING

JOIN = "join"
TAGS = {"done": "success", "current": "active", "waiting": "warning", "skipped": "", "closed": ""}


@dataclass(frozen=True)
class Line:
    """A step in the list."""

    item: OutlineItem
    mark: Mark | None
    went_on: str
    """Where the case went on from here, in words."""
    branches: list[list[Line]]

    @property
    def tag(self) -> str:
        """The kind of tag of its mark."""
        return TAGS[self.mark.kind] if self.mark else ""


class Course:
    """Reads the steps of one case once."""

    def __init__(self, case: Case, *, for_applicant: bool = False) -> None:
        self.case = case
        self.bundle: Bundle = (language.for_applicant if for_applicant else language.on_page)(case.version)
        self._said = titles.for_applicant if for_applicant else titles.for_official
        self.tasks = list(CaseTask.objects.filter(process=case).defer("flow_task").order_by("pk"))
        for task in self.tasks:
            task.process = case

    @cached_property
    def _by_step(self) -> dict[str, list[CaseTask]]:
        found: dict[str, list[CaseTask]] = defaultdict(list)
        for task in self.tasks:
            found[task.step_id].append(task)
        return found

    @cached_property
    def taken(self) -> set[tuple[str, str]]:
        """The ways from step to step that the case took."""
        rows = {task.pk: task for task in self.tasks}
        follows = CaseTask.previous.through.objects.filter(from_casetask__process=self.case)
        links = follows.values_list("to_casetask_id", "from_casetask_id")
        return {(rows[led].step_id, _place(rows[task])) for led, task in links if led in rows and task in rows}

    # What is marked

    @cached_property
    def marks(self) -> dict[str, Mark]:
        """{step id: how it stands}; a step to which the case may still come has no mark."""
        stuck = set(self.case.incidents.filter(closed_at=None).values_list("step_id", flat=True))
        found = {}
        for step in self.bundle.all_steps():
            if step.id in stuck:
                found[step.id] = Mark("current", _("detenido aquí por un problema"))
            elif mark := self._mark(step):
                found[step.id] = mark
        return found

    @cached_property
    def _around(self) -> dict[str, str]:
        """From each step inside a block, that block."""
        blocks = (step for step in self.bundle.all_steps() if step.inner)
        return {inner.id: block.id for block in blocks for branch in block.inner for inner in branch}

    @cached_property
    def _live(self) -> set[str]:
        """The steps where the case stands, and the blocks around them."""
        found = {task.step_id for task in self.tasks if task.status in OPEN}
        waiting = list(found)
        while waiting:
            block = self._around.get(waiting.pop())
            if block is not None and block not in found:
                found.add(block)
                waiting.append(block)
        return found

    def _mark(self, step: BaseStep) -> Mark | None:
        tasks = self._by_step.get(step.id, [])
        standing = [task for task in tasks if task.status in OPEN]
        if step.id in self._live:
            return self._standing(step, tasks, standing)
        done = [task for task in tasks if task.status == "DONE" and task.flow_task_type != "JOIN"]
        if done:
            return Mark("done", _times(len(done)))
        if tasks:
            return Mark("closed", _("se cerró sin respuesta"))
        return None if step.id in self._ahead else Mark("skipped", _("no pasa por aquí"))

    def _standing(self, step: BaseStep, tasks: list[CaseTask], standing: list[CaseTask]) -> Mark:
        if step.inner:
            return Mark("current", _("en curso"))
        if len(tasks) > 1 and step.id in self.bundle.loops:
            done = sum(task.status == "DONE" for task in tasks)
            return Mark("current", _("%(done)s de %(all)s filas listas") % {"done": done, "all": len(tasks)})
        if step.kind == "wait":
            return Mark("waiting", _("espera %(what)s") % {"what": awaited(standing[0])})
        if standing[0].step_kind == "verify":
            return Mark("current", _("siguió con lo declarado; falta comprobarlo"))
        if standing[0].step_kind == BRING:
            return Mark("waiting", _("siguió con lo declarado; falta que la persona traiga sus documentos"))
        if step.kind in MACHINE_WAITS:
            return Mark("waiting", _("espera"))
        return Mark("current", _("en este paso ahora"))

    @cached_property
    def _ahead(self) -> set[str]:
        """The steps to which the case may still come from where it stands."""
        steps = self.bundle.steps_by_id
        seen = set(self._live)
        waiting = [way.target for step_id in seen if step_id in steps for way in ways_out(steps[step_id])]
        while waiting:
            target = waiting.pop()
            if target in seen or target not in steps:
                continue
            seen.add(target)
            waiting += [way.target for way in ways_out(steps[target])]
            waiting += [branch[0].id for branch in steps[target].inner if branch]
        return seen

    # What is shown

    def picture(self) -> SafeString:
        """The diagram with its marks."""
        return render_diagram(self.bundle, marks=self.marks, taken=self.taken)

    def lines(self, items: Iterable[OutlineItem] | None = None) -> list[Line]:
        """The same as a list."""
        asked = outline(self.bundle) if items is None else items
        return [
            Line(
                item, self.marks.get(item.step_id), self._went_on(item.step_id), [self.lines(b) for b in item.branches]
            )
            for item in asked
        ]

    def _went_on(self, step_id: str) -> str:
        targets = {target for source, target in self.taken if source == step_id}
        return "; ".join(words for target, words in self._numbers.items() if target in targets)

    @cached_property
    def _numbers(self) -> dict[str, str]:
        return {item.step_id: f"{item.number}, {item.title}" for item in _all(outline(self.bundle))}

    def others(self) -> list[str]:
        """Open steps that the law adds and no procedure draws: an abandonment, an appeal."""
        known = self.bundle.steps_by_id
        published, spoken = bundle_of(self.case.version), language.page_language()
        unknown = (task for task in self.tasks if task.status in OPEN and task.step_id not in known)
        return [self._said(task, published, spoken) for task in unknown]


def _place(task: CaseTask) -> str:
    return JOIN if task.flow_task_type == "JOIN" else task.step_id


def _times(count: int) -> str:
    return ngettext("hecho", "hecho %(n)s veces", count) % {"n": count}


def _all(items: Iterable[OutlineItem]) -> Iterator[OutlineItem]:
    for item in items:
        yield item
        for branch in item.branches:
            yield from _all(branch)


def legend() -> list[Mark]:
    """What each mark of the picture means."""
    return [
        Mark("done", _("hecho")),
        Mark("current", _("en este paso ahora")),
        Mark("waiting", _("espera algo")),
        Mark("skipped", _("no pasa por aquí")),
    ]


def course_context(case: Case) -> dict[str, Any]:
    """The picture, its legend and its list."""
    course = Course(case)
    return {"picture": course.picture(), "legend": legend(), "lines": course.lines(), "others": course.others()}


def list_context(case: Case) -> dict[str, Any]:
    """The list alone, for interested persons."""
    course = Course(case, for_applicant=True)
    return {"lines": course.lines(), "others": course.others()}
