"""Rehearsals in a process of their own: compiled drafts end with it, and a play that never ends is stopped."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Agency
from procedures.api import Bundle
from workflows.rehearsal.operations import rehearse
from workflows.rehearsal.play import ACTIONS
from workflows.rehearsal.scenario import Scenario, scenario_of

LONGEST = timedelta(seconds=60)


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
        "language": get_language(),
    }
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "rehearse"]
    try:
        done = subprocess.run(  # noqa: S603 (this program, with nothing of what was asked on its command line)
            command, input=json.dumps(asked).encode(), capture_output=True, timeout=LONGEST.total_seconds(), check=True
        )
        reports: list[dict[str, Any]] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise RehearsalFailed from error
    return reports


def answer(asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the process answers to what `rehearse_apart` asked."""
    like = Agency.objects.filter(pk=asked["like"]).first()
    beside = {one.code: one for one in map(Bundle.model_validate, asked["beside"])}
    bundle = Bundle.model_validate(asked["bundle"])
    scenarios = [scenario_of(data, ACTIONS) for data in asked["scenarios"]]
    return [rehearse(bundle=bundle, scenario=one, like=like, beside=beside).as_data() for one in scenarios]
