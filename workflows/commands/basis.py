"""Telling a case that what it read or waited for has changed, because an act fell (Ley 19.880 art. 59)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from documents.api import name_of
from documents.models import Document
from jobs.models import Job
from notifications.api import Said
from workflows import messages
from workflows.commands.locking import locked
from workflows.incidents import open_incident
from workflows.models import Case, CaseTask, Incident
from workflows.runtime import Run


def basis_fell(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: open an incident that names what fell under a step of the case, and tell those who see to it.

    Where it was a fact that is handed out no more, whoever applied is told too: what they were given may say it.
    """
    assert job.case_id is not None
    with locked(job.case_id, by=None, now=now) as run:
        task = CaseTask.objects.defer("flow_task").get(pk=job.payload["task"])
        act = Document.objects.get(pk=job.payload["act"])
        source = Case.objects.defer("flow_class").select_related("agency").get(pk=job.payload["case"])
        words = {
            "step": task.step_title,
            "number": source.number,
            "agency": source.agency.name,
            "act": name_of(act),
            "own": run.case.number,
        }
        open_incident(
            run,
            kind=Incident.Kind.BASIS,
            detail=_detail(words, is_withdrawn=job.payload["withdrawn"]),
            step_id=task.step_id,
            task=task,
        )
        for person in messages.attending(run):
            messages.tell_official(run, person, lambda: _told(words, is_withdrawn=job.payload["withdrawn"]))
        if job.payload["withdrawn"]:
            _tell_everybody(run, words)
    return {}


def _detail(words: dict[str, str], *, is_withdrawn: bool) -> str:
    if is_withdrawn:
        text = _(
            "El dato que leyó «%(step)s» dejó de valer: salió de la solicitud N° %(number)s de %(agency)s, y un "
            "recurso dejó sin efecto o reemplazó su acto. Lo hizo este: %(act)s."
        )
    else:
        text = _(
            "Un recurso cambió la solicitud N° %(number)s de %(agency)s, cuyo resultado usó «%(step)s». Lo hizo este "
            "acto: %(act)s."
        )
    return text % words


def _told(words: dict[str, str], *, is_withdrawn: bool) -> Said:
    subject = _("Cambió aquello en que se basó la solicitud N° %(own)s") % words
    return Said(subject, _detail(words, is_withdrawn=is_withdrawn))


def _tell_everybody(run: Run, words: dict[str, str]) -> None:
    def said() -> Said:
        subject = _("Dejó de valer un dato que se usó en la solicitud N° %(own)s") % words
        body = _(
            "El dato se leyó en «%(step)s», y lo tenía %(agency)s: un recurso dejó sin efecto o reemplazó el acto del "
            "que salió. Una persona de la institución revisa qué pasa con tu solicitud; no tienes que hacer nada."
        )
        return Said(subject, body % words)

    messages.send(run, said)
    messages.send_to_others(run, said)
