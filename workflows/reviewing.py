"""What an appeal that was upheld does to the act and to its case (Ley 19.880 art. 59; R66)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from documents.models import Document
from jobs.api import enqueue
from workflows.models import Case
from workflows.runtime import Run

CARRY_OUT = "workflows.carry_out"
"""Job kind: bring what an appeal resolved to the case whose act it was about."""
LEVELS = ("law_hierarchical", "law_appeal_study")
"""The steps in which an appeal is resolved, the last word first."""


class Effect(StrEnum):
    """What the resolution of an appeal may do to the act (art. 59)."""

    REPLACES = "reemplaza"
    MODIFIES = "modifica"
    ANNULS = "sin_efecto"
    RETURNS = "vuelve"


STATES = {
    Effect.REPLACES: Document.State.REPLACED,
    Effect.MODIFIES: Document.State.IN_FORCE,
    Effect.ANNULS: Document.State.ANNULLED,
    Effect.RETURNS: Document.State.ANNULLED,
}
FALLEN = (Document.State.REPLACED, Document.State.ANNULLED)
"""The states of an act that another one took the place of."""


@dataclass(frozen=True)
class Ruling:
    """What was resolved about the act."""

    effect: Effect
    grants: bool
    """Whether the person obtains by it what they applied for."""
    back_to: str
    """Id of the step from which the application is processed again; "" where it is not."""


def ruling_of(data: Mapping[str, Any], study: str) -> Ruling | None:
    """What a step of an appeal resolved about the act; None where it was upheld in nothing, or nobody said what."""
    found = data.get(study, {})
    if not found.get("efecto"):
        return None
    return Ruling(Effect(found["efecto"]), bool(found.get("otorga")), str(found.get("desde") or ""))


def grants(case: Case) -> bool:
    """Whether an upheld appeal gives by itself what was applied for; it does under version 1, which asked no more."""
    found = (ruling_of(case.data, study) for study in LEVELS)
    ruling = next((one for one in found if one is not None), None)
    return ruling is None or ruling.grants


def fell_to_another(appeal: Case) -> bool:
    """Whether the act of an appeal does not stand any more, and not because of this same appeal."""
    if appeal.about is None or appeal.about.state not in FALLEN:
        return False
    by = appeal.about.changed_by
    return by is None or not Document.objects.filter(file=appeal.file_id, sha256=by.sha256).exists()


def is_moot(appeal: Case, ruling: Ruling, original: Case) -> bool:
    """Whether nothing is left for it to change: another appeal set the act aside first, or what follows was decided.

    The superior has the last word over the act by which its author answered the same appeal (art. 59), until the
    application that this one sent back is decided anew.
    """
    assert appeal.about is not None, "an appeal is about an act"
    if fell_to_another(appeal):
        return True
    if appeal.about.state != Document.State.ANNULLED:
        return False
    first = ruling_of(appeal.data, LEVELS[-1])
    was_returned = first is not None and first.effect is Effect.RETURNS
    return ruling.effect is Effect.MODIFIES or (was_returned and original.finished is not None)


def order(run: Run, *, study: str, document: str) -> None:
    """Have what this appeal resolved reach the case of the act, by a job: it is another case, with its own lock."""
    original = run.case.original_id
    if ruling_of(run.case.data, study) is None or run.case.about_id is None or original is None:
        return
    acts = Document.objects.filter(file=run.case.file_id, definition_id=document, state=Document.State.IN_FORCE)
    enqueue(
        kind=CARRY_OUT,
        payload={"appeal": run.case.pk, "study": study, "act": acts.latest("pk").pk},
        now=run.now,
        agency_id=run.case.agency_id,
        case_id=original,
        on_dead="workflows.effect_failed",
    )
