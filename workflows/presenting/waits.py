"""Steps that wait without anybody holding them, in words."""

from __future__ import annotations

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from legaltime.api import local_date, now
from procedures.api import bundle_of
from workflows.models import CaseTask

MACHINE_WAITS: dict[str, Any] = {
    "seal": gettext_lazy("Espera que se selle un documento"),
    "wait": gettext_lazy("Espera %(what)s"),
    "service": gettext_lazy("Espera la respuesta de otra institución"),
    "subcase": gettext_lazy("Espera que termine un caso vinculado"),
    "for_each": gettext_lazy("Espera a las demás filas"),
    "parallel": gettext_lazy("Espera a las demás ramas"),
}
"""Steps that wait without any official holding them, in words."""


def waiting_in_words(task: CaseTask) -> str:
    """What a step without a holder waits for: an event in words, a day, the other branches."""
    text = str(MACHINE_WAITS[task.step_kind])
    return text % {"what": awaited(task)} if task.step_kind == "wait" else text


def awaited(task: CaseTask) -> str:
    """What a wait stands for: «la toma de razón, o el 05/03/2027»."""
    step = bundle_of(task.process.version).step(task.step_id)
    day = date_format(task.due_on, "SHORT_DATE_FORMAT") if task.due_on else ""
    words = [getattr(step, "event", None) or "", _("el %(day)s") % {"day": day} if day else ""]
    return str(_(", o ")).join(filter(None, words))


def held_by(task: CaseTask) -> str:
    """Which unit has a step, and until when; that its time is over, once it is."""
    words = {"unit": task.unit.name if task.unit else _("la plataforma")}
    if task.due_on is None:
        return _("Lo tiene %(unit)s.") % words
    words["due"] = date_format(task.due_on, "SHORT_DATE_FORMAT")
    if local_date(now(), task.process.agency.time_zone) > task.due_on:
        return _("Lo tiene %(unit)s. Debía terminarlo el %(due)s.") % words
    return _("Lo tiene %(unit)s, hasta el %(due)s.") % words
