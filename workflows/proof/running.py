"""Runs the proof: so many cases from a seed, in a process; a failure comes with its smallest example."""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from procedures.api import Bundle
from workflows.proof.making import child, procedures
from workflows.proof.scene import Scene
from workflows.proof.walking import walk
from workflows.rehearsal.stage import staged


@dataclass(frozen=True)
class Proven:
    """What came of a run. `failure` is the smallest procedure and way found that breaks a rule; empty if none does."""

    cases: int
    seed: int
    seconds: float
    failure: str = ""


def prove(*, cases: int, began: datetime, seeded: int, shrink: bool = True) -> Proven:
    """Make that many procedures and run a case of each, which is taken back. The same seed gives the same cases."""
    phases = (Phase.explicit, Phase.generate, *((Phase.shrink,) if shrink else ()))
    counted = [0]

    @seed(seeded)
    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        phases=phases,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(procedures(), st.data())
    def each(procedure: dict[str, Any], data: st.DataObject) -> None:
        walk(scene, procedure, data)
        counted[0] += 1

    started, failure = time.monotonic(), ""
    with staged(like=None, names={}) as stage:
        scene = Scene(stage, began)
        scene.offer_here_and_there(Bundle.model_validate(child()))
        try:
            each()
        except Exception as error:
            failure = "".join(traceback.format_exception_only(error))
    return Proven(counted[0], seeded, round(time.monotonic() - started, 1), failure)
