"""What whoever applied follows of a case: its steps, its ends and what appeals made of them, each at its own hour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from legaltime.api import local_date
from procedures.api import FOLLOWED_KINDS
from workflows import titles
from workflows.models import Case, CaseTask, Channel
from workflows.nodes.base import OPEN, PAUSED
from workflows.presenting.endings import ending
from workflows.presenting.history import Review, reviews_of
from workflows.presenting.language import step_name
from workflows.presenting.waits import awaited, held_by
from workflows.reviewing import Effect
from workflows.steps import leftovers

OPENED_FOR_THEM = (Channel.OWN_MOTION, Channel.LINKED)
"""Doors by which nobody of the interested persons came in."""


@dataclass(frozen=True)
class Mark:
    """One mark of the timeline."""

    title: str
    state: str
    state_text: str
    when: str = ""
    detail: str = ""


def context(case: Case, tasks: Sequence[CaseTask], documents: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The marks, and the day on which it ended; `documents`: its rows, of which one says where an appeal changed it."""
    reviews = reviews_of(case) if any(row["change"] for row in documents) else []
    return {"marks": list(_marks(case, tasks, reviews)), "ended_on": _ended_on(case, tasks, reviews)}


def _ended_on(case: Case, tasks: Sequence[CaseTask], reviews: Sequence[Review]) -> date | None:
    """The day on which it ended as it stands now: that of the appeal which gave it another outcome, where one did."""
    if case.finished is None:
        return None
    was_changed = reviews and titles.end_of(case, tasks) is None and _ended_before(tasks)
    return local_date(reviews[-1].at if was_changed else case.finished, case.agency.time_zone)


def _marks(case: Case, tasks: Sequence[CaseTask], reviews: Sequence[Review]) -> Iterator[Mark]:
    """Each step and each end at its own hour, as it was then; what an appeal made of it, when that was resolved."""
    unverified = {task.step_id: task for task in tasks if task.step_kind == "verify" and task.status in OPEN}
    kinds = {*FOLLOWED_KINDS, "end"}
    followed = [task for task in tasks if task.step_kind in kinds and task.status != "CANCELED"]
    untold = list(reviews)
    for task in (unverified.get(task.step_id, task) if task.step_kind == "service" else task for task in followed):
        while untold and (task.finished is None or task.finished > untold[0].at):
            yield _reviewed(case, untold.pop(0))
        yield _followed(case, task)
    yield from (_reviewed(case, review) for review in untold)
    if case.finished and titles.end_of(case, tasks) is None and not (reviews and _ended_before(tasks)):
        yield Mark(ending(case, tasks), "done", _("Hecho"), _moment(case, case.finished))


def _ended_before(tasks: Sequence[CaseTask]) -> bool:
    return any(task.step_kind == "end" for task in tasks)


def _followed(case: Case, task: CaseTask) -> Mark:
    done = task.status == "DONE"
    return Mark(
        title=_begun(case) if task.step_kind == "start" else step_name(task, case.version),
        state="done" if done else "current",
        state_text=_("Hecho") if done else _("Ahora"),
        when=_moment(case, task.finished) if done else "",
        detail=_unanswered(case, task) if done else _waiting_for(task),
    )


REVIEWED = {
    Effect.REPLACES: gettext_lazy("Un recurso cambió la decisión"),
    Effect.MODIFIES: gettext_lazy("Un recurso modificó la decisión"),
    Effect.ANNULS: gettext_lazy("Un recurso dejó sin efecto la decisión"),
    Effect.RETURNS: gettext_lazy("Un recurso dejó sin efecto la decisión: se vuelve a tramitar"),
}
"""What an appeal did to the act, as whoever applied follows it (Ley 19.880 art. 59)."""


def _reviewed(case: Case, review: Review) -> Mark:
    title = str(REVIEWED[review.effect])
    if review.grants:
        title = f"{title}: {Case.Outcome.APPROVED.label}"
    return Mark(title, "done", _("Hecho"), _moment(case, review.at))


def _begun(case: Case) -> str:
    return _("La institución abrió el caso") if case.channel in OPENED_FOR_THEM else _("Solicitud recibida")


def _unanswered(case: Case, task: CaseTask) -> str:
    """Of a service that gave nothing: that the case went on without it."""
    if task.step_kind != "service" or case.data.get(task.step_id, {}).get("ok") is not False:
        return ""
    return _("No se consultó o no respondió: tu solicitud siguió con lo que declaraste.")


def _waiting_for(task: CaseTask) -> str:
    if task.for_applicant:
        return _("Te toca a ti.")
    if task.status == PAUSED:
        return _("En espera: lo decide la solicitud más antigua a la que se acumuló la tuya.")
    if leftovers.is_late(task):
        return _("Tu solicitud ya siguió sin esperarlo (Ley 19.880, art. 38).")
    if task.step_kind == "service":
        return _("Espera la respuesta de otra institución.")
    if task.step_kind == "verify":
        told = _(
            "El otro servicio no se consultó o no respondió: seguimos con lo que declaraste. Lo comprueba %(unit)s."
        )
        return told % {"unit": task.unit}
    if task.step_kind == "subcase":
        return _("Espera que termine la solicitud vinculada.")
    if task.step_kind == "wait":
        return _("Espera %(what)s.") % {"what": awaited(task)}
    return held_by(task)


def _moment(case: Case, instant: datetime | None) -> str:
    """An instant as people of the agency's place read it."""
    local = localtime(instant, ZoneInfo(case.agency.time_zone)) if instant else None
    return date_format(local, "SHORT_DATETIME_FORMAT") if local else ""
