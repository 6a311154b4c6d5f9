"""Rehearsals in a process of their own: compiled drafts end with it, and a play that never ends is stopped.

Each is played by a new child of a warm process (`rehearsal.warm`), which has the program loaded and played nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import connections
from django.urls import get_resolver
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from accounts.models import Agency
from procedures.api import Bundle
from workflows.models import Case
from workflows.rehearsal.operations import rehearse
from workflows.rehearsal.play import ACTIONS
from workflows.rehearsal.replay import replay
from workflows.rehearsal.scenario import Scenario, scenario_of
from workflows.rehearsal.warm import WarmProcess, serve

LONGEST = timedelta(seconds=60)
IDLE = timedelta(minutes=10)
"""The warm process ends when nothing was rehearsed for so long."""
_warm = WarmProcess([str(settings.BASE_DIR / "manage.py"), "rehearse"], LONGEST.total_seconds())


class RehearsalFailed(Exception):
    """The process of the rehearsal did not answer."""

    def __str__(self) -> str:
        return _("La prueba no terminó. Inténtalo de nuevo; si pasa otra vez, avisa a quien administra el sitio.")


def rehearse_apart(
    *, bundle: Bundle, scenarios: Sequence[Scenario], like: Agency | None = None, beside: Sequence[Bundle] = ()
) -> list[dict[str, Any]]:
    """The report of each scenario, as plain data, played by another process. Raises RehearsalFailed."""
    asked = {
        "bundle": json.loads(bundle.canonical()),
        "beside": [json.loads(one.canonical()) for one in beside],
        "scenarios": [scenario.as_data() for scenario in scenarios],
        "like": like.pk if like else None,
    }
    return _ask(asked)


def replay_apart(*, draft: Bundle, case_ids: Sequence[int]) -> list[dict[str, Any]]:
    """What would become of each finished case through the draft, in the order given. Raises RehearsalFailed."""
    return _ask({"bundle": json.loads(draft.canonical()), "cases": list(case_ids)})


def prepare_to_rehearse() -> None:
    """Have a process warm for somebody who is about to rehearse. Does not wait."""
    _warm.start()


def _ask(asked: dict[str, Any]) -> list[dict[str, Any]]:
    told = json.dumps({**asked, "language": get_language()}).encode()
    try:
        reports: list[dict[str, Any]] = json.loads(_warm.ask(told))
    except ValueError as error:
        raise RehearsalFailed from error
    return reports


def serve_rehearsals() -> None:
    """What the warm process does until nobody needs it: first, what each play would otherwise load for itself."""
    import_module("holidays.countries")
    assert get_resolver().reverse_dict
    connections.close_all()
    serve(_answered, seconds=LONGEST.total_seconds(), idle=IDLE.total_seconds())


def _answered(told: bytes) -> bytes:
    asked = json.loads(told)
    try:
        with override(asked["language"] or "es"):
            return json.dumps(answer(asked)).encode()
    finally:
        connections.close_all()


def answer(asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the process answers to what `rehearse_apart` or `replay_apart` asked."""
    bundle = Bundle.model_validate(asked["bundle"])
    if "cases" in asked:
        found = Case.objects.select_related("agency", "version__procedure").in_bulk(asked["cases"])
        return [asdict(one) for one in replay(draft=bundle, cases=[found[pk] for pk in asked["cases"]])]
    like = Agency.objects.filter(pk=asked["like"]).first()
    beside = {one.code: one for one in map(Bundle.model_validate, asked["beside"])}
    scenarios = [scenario_of(data, ACTIONS) for data in asked["scenarios"]]
    return [rehearse(bundle=bundle, scenario=one, like=like, beside=beside).as_data() for one in scenarios]
