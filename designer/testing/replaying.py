"""Finished cases through a draft: asked for on a page, played by a job, told in counts and places, never in answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Person
from designer import tree
from designer.errors import NotKept
from designer.models import ProcedureDraft, ReplayRun
from designer.queries import findings_of
from jobs.api import enqueue
from procedures.api import Bundle
from workflows.api import RehearsalFailed, replay_apart
from workflows.models import Case

REPLAY = "designer.replay"
SIZES = (10, 20, 50)
"""How many cases may be asked for at once."""
AT_A_TIME = 4
SHOWN = ("ended", "would_end", "comparable", "differs_at", "opens", "why")


@dataclass(frozen=True)
class Playing:
    """A replay about to begin."""

    run: int
    bundle: Bundle
    cases: tuple[int, ...]


@transaction.atomic
def ask_replay(*, draft: ProcedureDraft, wanted: int, by: Person, now: datetime) -> ReplayRun:
    """Let a job play the last `wanted` finished cases through the draft. Raises NotKept."""
    if wanted not in SIZES:
        raise NotKept(_("Elige cuántas solicitudes repetir: 10, 20 o 50."))
    if findings_of(draft.content).errors:
        raise NotKept(_("No se puede repetir nada mientras falten cosas en el trámite. Complétalo primero."))
    if draft.replays.filter(ended_at=None).exists():
        raise NotKept(_("Ya hay una repetición en curso. Espera a que termine."))
    run = ReplayRun.objects.create(draft=draft, wanted=wanted, asked_at=now, asked_by=by)
    enqueue(kind=REPLAY, payload={"replay": run.pk}, now=now, agency_id=draft.agency_id)
    return run


def prepare(*, run_id: int) -> Playing | None:
    """Note what is to be played; None when the draft is gone or has faults again."""
    run = ReplayRun.objects.select_related("draft").filter(pk=run_id).first()
    bundle = findings_of(run.draft.content).bundle if run else None
    if run is None or bundle is None:
        return None
    cases = tuple(finished(run.draft)[: run.wanted])
    mark = tree.fingerprint(run.draft.content)
    ReplayRun.objects.filter(pk=run.pk).update(mark=mark, total=len(cases), results=[])
    return Playing(run.pk, bundle, cases)


def play(playing: Playing) -> int:
    """Play every case, keeping what came of each few at once; how many. Raises RehearsalFailed."""
    results: list[dict[str, Any]] = []
    for start in range(0, len(playing.cases), AT_A_TIME):
        few = playing.cases[start : start + AT_A_TIME]
        with translation.override("es"):
            played = _played(playing, few)
        for case, one in zip(few, played, strict=True):
            results.append({"case": case, **{key: one[key] for key in SHOWN}})
        ReplayRun.objects.filter(pk=playing.run).update(results=results)
    return len(results)


def _played(playing: Playing, few: tuple[int, ...]) -> list[dict[str, Any]]:
    """What comes of a few cases; why nothing does is kept for the page. Raises RehearsalFailed."""
    try:
        return replay_apart(draft=playing.bundle, case_ids=few)
    except RehearsalFailed as error:
        ReplayRun.objects.filter(pk=playing.run).update(why=str(error)[:300])
        raise


def end(*, run_id: int, failed: bool, now: datetime) -> None:
    """Say that a replay ended."""
    ReplayRun.objects.filter(pk=run_id).update(ended_at=now, failed=failed)


def finished(draft: ProcedureDraft) -> Any:
    """Ids of the agency's finished cases of the procedure, the latest first."""
    mine = {"version__procedure__owner": draft.agency_id, "version__procedure__code": draft.code}
    found = Case.objects.filter(agency=draft.agency_id, finished__isnull=False, **mine)
    return found.order_by("-finished", "-pk").values_list("pk", flat=True)
