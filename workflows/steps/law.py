"""The legal blocks at run time: how a case enters one, and how one stops or leaves alone the rest of the case."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from viewflow.workflow.status import STATUS
from viewflow.workflow.token import Token

from documents.models import Document
from workflows import deadlines, joinders, needless, reviewing
from workflows.errors import CommandRefused
from workflows.models import CaseTask
from workflows.nodes import StepActivation
from workflows.nodes.base import OPEN, PAUSED
from workflows.runtime import Run
from workflows.steps import leftovers
from workflows.steps.facts import AutomaticFacet
from workflows.steps.registry import entry_name

EVERYWHERE = ""
"""What the token of every task begins with."""
SILENCE = "law_silence"
"""The block of the certificate of silence, and how the ids of its steps begin."""


class StopFacet(AutomaticFacet):
    """Closes everything else that the case was waiting for: it ends in another way."""

    kind = "stop"

    def do(self, step: Any, activation: StepActivation) -> None:
        stop_others(activation.run, keep=activation.task)


class GoesOnFacet(AutomaticFacet):
    """The block is over and the case goes on as it was."""

    kind = "goes_on"

    def do(self, step: Any, activation: StepActivation) -> None:
        activation.run.record("case.goes_on", {"step": step.id})
        joinders.rename_later(activation.run)


class JoinedFacet(AutomaticFacet):
    """The older case decided for this one too: its act enters this file, and nothing else is waited for (art. 33)."""

    kind = "joined"

    def do(self, step: Any, activation: StepActivation) -> None:
        run, task = activation.run, activation.task
        found = joinders.deciding_act(run.case)
        assert found is not None, "only an act that names the case decides it too"
        stop_others(run, keep=task)
        act = joinders.bring_act(run, found)
        task.data = {"document": act.pk}
        task.save(update_fields=["data"])
        told = {"principal": joinders.principal_of(run.case).number, "act": joinders.name_of(act)}
        run.project(step.id, told)
        run.record("case.decided_with", {"number": told["principal"], "act": told["act"]})


class CarryOutFacet(AutomaticFacet):
    """What the appeal resolved about the act reaches the case of the act (art. 59)."""

    kind = "carry_out"

    def do(self, step: Any, activation: StepActivation) -> None:
        reviewing.order(activation.run, study=step.study, document=step.document)


def enter(run: Run, step_id: str) -> None:
    """Bring a case into a legal block, beside whatever it is doing. Raises what entering the step raises."""
    last = CaseTask.objects.filter(process=run.case).order_by("-pk").first()
    assert last is not None, "a case has at least its start"
    activation = StepActivation.resume(last, run)
    node = activation.flow_class.instance.node(entry_name(run.bundle.step(step_id)))
    activation._activate_next({node._create(activation, Token(step_id))})


def pending(run: Run, step_id: str) -> bool:
    """Whether the block that begins at a step is under way."""
    ids = [step for step in run.bundle.blocks.steps_by_id if step.startswith(step_id)]
    return CaseTask.objects.filter(process=run.case, step_id__in=ids, status__in=OPEN).exists()


def stop_others(run: Run, *, keep: CaseTask | None = None) -> None:
    """Close the open steps with their clocks, what had stopped the case, and the acts nobody signed.

    Whoever tried again from where it had stopped would open a step that nobody closes, and the case could not end.

    Raises CommandRefused while a signature is being put on an act: its decision comes first.
    """
    standing = CaseTask.objects.filter(process=run.case, status__in=(*OPEN, PAUSED))
    standing = standing.exclude(pk=keep.pk if keep else None).select_related("owner__person")
    tasks = list(standing.order_by("pk"))
    if any(_is_signing(task) for task in tasks):
        raise CommandRefused(_("Se está firmando un acto de este caso. Espera a que termine y vuelve a intentar."))
    _close(run, tasks, "stopped")
    leftovers.close_incidents(run, EVERYWHERE)
    unsigned = Document.objects.filter(file=run.case.file, state=Document.State.DRAFT, issued_on=None)
    unsigned.exclude(definition_id="").update(state=Document.State.ANNULLED)


def drop_pending(run: Run, beginning: tuple[str, ...] = ("",), why: str = "ended") -> list[CaseTask]:
    """Close the legal blocks whose ids begin so, all by default, that were not resolved when the case was, otherwise;
    and say which steps were closed. Without `why`, whoever had them is told by the caller."""
    ids = [name for name in run.bundle.blocks.steps_by_id if name.startswith(beginning)]
    if not ids:
        return []
    open_ones = CaseTask.objects.filter(process=run.case, step_id__in=ids, status__in=OPEN).order_by("pk")
    tasks = list(open_ones.select_related("owner__person", "role"))
    _close(run, tasks, why)
    return tasks


def _close(run: Run, tasks: Iterable[CaseTask], why: str) -> None:
    for task in tasks:
        StepActivation.resume(task, run).cancel()
        deadlines.met(run, task)
        run.record("task.stopped", {"step": task.step_id})
        if why:
            needless.step(run, task, why)


def _is_signing(task: CaseTask) -> bool:
    """Whether a person's signature or the institution's seal is under way. What else is scheduled only waits."""
    under_way = {"sign": STATUS.STARTED, "seal": STATUS.SCHEDULED}
    return bool(task.status == under_way.get(task.step_kind))
