"""What an appeal that was upheld does to the act and to its case (Ley 19.880 art. 59; R66)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from documents.api import resume_act, same_act
from documents.models import Document
from jobs.api import Job, enqueue, jobs_of_case
from workflows.models import ActSuspension, Case
from workflows.runtime import Run

CARRY_OUT = "workflows.carry_out"
"""Job kind: bring what an appeal resolved to the case whose act it was about."""
LEVELS = ("law_hierarchical", "law_appeal_study")
"""The steps in which an appeal is resolved, the last word first."""
BY_SUPERIOR = "law_hierarchical_act"
"""The act of the first of them."""


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


def goes_up(appeal: Case) -> bool:
    """Whether the superior has the last word: it was filed in the alternative, and not upheld in whole (art. 59)."""
    filed, study = (appeal.data.get(step, {}) for step in ("law_appeal", LEVELS[-1]))
    return bool(filed.get("recurso") == "subsidio" and study.get("resultado") != "acoge")


def decides(act: Document) -> bool:
    """Whether the act that resolved an appeal, in the file of what it changed, says itself how that is left.

    Where it only sends the application back, what is decided anew is appealed against (arts. 15 and 59).
    """
    appeal = appeal_of(act)
    study = LEVELS[0] if act.definition_id == BY_SUPERIOR else LEVELS[-1]
    ruling = ruling_of(appeal.data, study) if appeal is not None else None
    return ruling is not None and ruling.effect is not Effect.RETURNS


def appeal_of(act: Document) -> Case | None:
    """The appeal that an act resolved, of a copy of it in another file."""
    signed = act.copy_of
    return Case.objects.defer("flow_class").filter(file=signed.file_id).first() if signed is not None else None


def line_of(act: Document) -> set[int]:
    """Ids of an act, of those that it changed, and of all their copies: against one of them a person appeals once."""
    found, waiting = set[int](), [act]
    while waiting:
        one = waiting.pop()
        found |= set(same_act(one).values_list("pk", flat=True))
        waiting += Document.objects.filter(changed_by=one).exclude(pk__in=found)
    return found


def fell_to_another(appeal: Case, about: Document | None = None) -> bool:
    """Whether the act of an appeal does not stand any more, and not because of this same appeal.

    `about`: the act as it stands in the file of another case that it decided too.
    """
    act = about or appeal.about
    if act is None or act.state not in FALLEN:
        return False
    return act.changed_by is None or not same_act(act.changed_by).filter(file=appeal.file_id).exists()


def is_moot(appeal: Case, about: Document, ruling: Ruling, case: Case) -> bool:
    """Whether nothing is left for it to change: another appeal set the act aside first, or what follows was decided.

    `about`: the act as it stands in the file of `case`. The superior has the last word over the act by which its author
    answered the same appeal (art. 59), until the application that this one sent back is decided anew.
    """
    if fell_to_another(appeal, about):
        return True
    if about.state != Document.State.ANNULLED:
        return False
    first = ruling_of(appeal.data, LEVELS[-1])
    was_returned = first is not None and first.effect is Effect.RETURNS
    return ruling.effect is Effect.MODIFIES or (was_returned and case.finished is not None)


def order(run: Run, *, study: str, document: str) -> None:
    """Have what this appeal resolved reach the case of the act, by a job: it is another case, with its own lock."""
    original = run.case.original_id
    if ruling_of(run.case.data, study) is None or run.case.about_id is None or original is None:
        return
    acts = Document.objects.filter(
        file=run.case.file_id, definition_id=document, copy_of=None, state=Document.State.IN_FORCE
    )
    enqueue(
        kind=CARRY_OUT,
        payload={"appeal": run.case.pk, "study": study, "act": acts.latest("pk").pk},
        now=run.now,
        agency_id=run.case.agency_id,
        case_id=original,
        on_dead="workflows.effect_failed",
    )


def resume_acts(run: Run) -> None:
    """An appeal is over: the act whose effects waited for it has them again (art. 57; R67).

    Where what it resolved has still to be carried out, that brings it, so that nobody reads in between that the act is
    in force as it was.
    """
    if run.case.about_id is not None and not _is_pending(run.case):
        resume(run.case, run.today)


def resume(appeal: Case, on: date) -> None:
    """The effects of its act are suspended no more from that day by what was asked in this appeal."""
    for asked in appeal.act_suspensions.filter(state=ActSuspension.State.GRANTED).select_related("document"):
        resume_act(document=asked.document, order=asked.pk, on=on)


def _is_pending(appeal: Case) -> bool:
    """Whether what it resolved, alone or joined to an older one, did not reach the case of its act yet."""
    jobs = jobs_of_case(appeal.original_id or 0).filter(kind=CARRY_OUT)
    waiting = jobs.exclude(state__in=[Job.State.DONE, Job.State.CANCELLED]).values_list("payload", flat=True)
    return any(payload["appeal"] in (appeal.pk, appeal.joined_to_id) for payload in waiting)
