"""Rehearsals in a process of their own: compiled drafts end with it, and a play that never ends is stopped.

Each is played by a new child of a warm process (`rehearsal.warm`), which has the program loaded and played nothing.
"""

from __future__ import annotations

import json
import logging
import secrets
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections
from django.urls import get_resolver
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from accounts.models import Agency
from legaltime.api import load_calendar
from procedures.api import Bundle
from workflows.models import Case
from workflows.rehearsal.operations import EngineBroke, rehearse
from workflows.rehearsal.play import ACTIONS
from workflows.rehearsal.replay import replay
from workflows.rehearsal.scenario import Scenario, scenario_of
from workflows.rehearsal.warm import NoAnswer, TooBusy, TooLate, WarmProcess, serve

logger = logging.getLogger(__name__)
LONGEST = timedelta(seconds=60)
MOST_LINES = 8
"""Lines of the program that the log tells of a rehearsal that broke."""
IDLE = timedelta(minutes=10)
"""The warm process ends when nothing was rehearsed for so long."""
_warm = WarmProcess([str(settings.BASE_DIR / "manage.py"), "rehearse"], LONGEST.total_seconds())


class RehearsalFailed(Exception):
    """A rehearsal gave no report; the text says in words why and what to do."""

    def __str__(self) -> str:
        told = super().__str__()
        return told or _(
            "La prueba no terminó. Inténtalo de nuevo; si pasa otra vez, avisa a quien administra el sitio."
        )


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
        answered: dict[str, Any] = json.loads(_warm.ask(told))
    except TooBusy as error:
        raise RehearsalFailed(_("Hay otras pruebas en curso. Espera unos segundos e inténtalo de nuevo.")) from error
    except TooLate as error:
        logger.error("A rehearsal was ended: it took more than %s s", LONGEST.total_seconds())
        raise RehearsalFailed(
            _("La prueba demoró más de un minuto y se detuvo. Mira si el trámite vuelve muchas veces al mismo paso.")
        ) from error
    except NoAnswer as error:
        logger.error("The process of a rehearsal ended without an answer")
        raise RehearsalFailed from error
    if "broke" in answered:
        raise RehearsalFailed(_told_of(answered["broke"]))
    reports: list[dict[str, Any]] = answered["reports"]
    return reports


def _told_of(broke: Mapping[str, Any]) -> str:
    """A fault of the program in words for whoever tries a draft; where it is, in the log under the same reference."""
    reference = secrets.token_hex(4)
    logger.error("A rehearsal broke (%s): %s at %s", reference, broke["kind"], " < ".join(broke["at"]))
    words = {"step": broke["step"], "reference": reference}
    if not broke["step"]:
        return _(
            "La prueba se detuvo por una falla del programa. Avisa a quien administra el sitio y dale esta "
            "referencia: %(reference)s."
        ) % words  # fmt: skip
    return _(
        "La prueba se detuvo en «%(step)s» por una falla del programa. Mira si algo de ese paso está a medias; si no, "
        "avisa a quien administra el sitio y dale esta referencia: %(reference)s."
    ) % words  # fmt: skip


def serve_rehearsals() -> None:
    """What the warm process does until nobody needs it: first, what each play would otherwise load for itself."""
    load_calendar()
    assert get_resolver().reverse_dict
    connections.close_all()
    serve(_answered, seconds=LONGEST.total_seconds(), idle=IDLE.total_seconds())


def _answered(told: bytes) -> bytes:
    asked = json.loads(told)
    try:
        with override(asked["language"] or "es"):
            return json.dumps(_tried(asked)).encode()
    finally:
        connections.close_all()


def _tried(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The reports, or where the program broke: never what it said, which may hold what somebody answered."""
    try:
        return {"reports": answer(asked)}
    except EngineBroke as error:
        return {"broke": {"step": str(error), **_fault(error.__cause__ or error)}}
    except Exception as error:
        return {"broke": {"step": "", **_fault(error)}}


def _fault(error: BaseException) -> dict[str, Any]:
    """The kind of an error and the lines of this program that led to it, the last one first."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(settings.BASE_DIR)]
    at = [f"{Path(frame.filename).relative_to(settings.BASE_DIR)}:{frame.lineno}" for frame in reversed(own)]
    return {"kind": type(error).__name__, "at": at[:MOST_LINES]}


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
