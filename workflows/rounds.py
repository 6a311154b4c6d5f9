"""A late report may come when its block runs again: it stays in the file and replaces nothing of the later round."""

from __future__ import annotations

from workflows.models import CaseTask
from workflows.nodes.base import LATE
from workflows.nodes.joins import enclosing_splits


def is_overtaken(task: CaseTask) -> bool:
    """Whether it is a late report (Ley 19.880 art. 38) of a block that the case has entered again since.

    Only late reports are looked up: whatever else a round leaves open is closed when the round ends.
    """
    if LATE not in task.data:
        return False
    around = {int(split) for split in enclosing_splits(str(task.token))}
    blocks = CaseTask.objects.filter(pk__in=around).values("step_id")
    entered = CaseTask.objects.filter(process=task.process_id, step_id__in=blocks).exclude(flow_task_type="JOIN")
    rounds = [(pk, (step_id, str(token))) for pk, step_id, token in entered.values_list("pk", "step_id", "token")]
    own = {place: pk for pk, place in rounds if pk in around}
    return any(pk > own.get(place, pk) for pk, place in rounds)
