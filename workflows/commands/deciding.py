"""What the act that answers what was asked ends besides: the time to decide, and other endings not resolved yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Person
from documents.api import Row, name_of
from documents.models import Document
from jobs.api import enqueue, enqueue_all, new_job
from jobs.models import Job
from legaltime.api import local_date
from notifications.api import Said
from procedures.api import TamperedVersion, bundle_of
from procedures.models import ProcedureVersion
from workflows import deadlines, joinders, messages, receipts, reviewing
from workflows.appealing import ACTS, REVIEWS
from workflows.commands.locking import locked
from workflows.models import CaseTask, Deadline
from workflows.queries import holders
from workflows.runtime import Run
from workflows.steps import law

DECISIONS = (*ACTS, Document.Kind.CERTIFICATE)
"""Kinds of document that may answer what was asked; a report or a letter does not."""
LOOK_FOR_DECIDED = "workflows.look_for_decided"
"""Kind of the daily job: it looks for decided cases whose time to decide still runs, and runs at once on a new site."""
END_DECIDED = "workflows.end_decided"
"""Kind of the job of one such case."""
MOST = 500
"""Acts that one look reads; the next one follows at once."""
OVERTAKEN = {
    "law_withdrawal": (
        gettext_lazy("La decisión se firmó antes de resolver tu desistimiento: solicitud N° %(number)s"),
        gettext_lazy(
            "Pediste retirar la solicitud, y antes de que se resolviera ese escrito se firmó la decisión: %(act)s. Tu "
            "escrito queda en el expediente y no la cambia. Cuando te la notifiquen, lee qué puedes hacer contra ella "
            "(Ley 19.880, arts. 41 y 42)."
        ),
    ),
    "law_waiver": (
        gettext_lazy("La decisión se firmó antes de resolver tu renuncia: solicitud N° %(number)s"),
        gettext_lazy(
            "Renunciaste a tu derecho, y antes de que se resolviera ese escrito se firmó la decisión: %(act)s. Tu "
            "escrito queda en el expediente y no la cambia. Cuando te la notifiquen, lee qué puedes hacer contra ella "
            "(Ley 19.880, arts. 41 y 42)."
        ),
    ),
    "law_impossibility": (
        gettext_lazy("Ya no se estudia si es imposible continuar: solicitud N° %(number)s"),
        gettext_lazy("Antes de que se resolviera, se firmó la decisión: %(act)s (Ley 19.880, arts. 40 y 41)."),
    ),
    "law_abandonment": (
        gettext_lazy("Ya no se puede declarar abandonada la solicitud N° %(number)s"),
        gettext_lazy(
            "La advertencia que te hicieron ya no corre, porque se firmó la decisión: %(act)s (Ley 19.880, arts. 41 "
            "y 43)."
        ),
    ),
}
"""Each other way to end that what is decided leaves without object, by how the ids of its steps begin; and what the
interested persons are told of it. What they asked is answered so, and never ends a case that was decided."""
ASKED = ("law_withdrawal", "law_waiver")
"""Those that a person asked for in writing: that it was not resolved stays in the file (arts. 18 and 42)."""


def decides(run: Run, act: Document) -> bool:
    """Whether an act answers what was asked. That of a reconsideration does not where the superior decides next."""
    if act.kind not in DECISIONS or not joinders.answers(run.bundle, act.definition_id):
        return False
    return act.definition_id != REVIEWS[0] or not reviewing.goes_up(run.case)


def answered(run: Run, act: Document, at: datetime) -> None:
    """An act that answers what was asked came into force then: the time to decide is over, and so is what else asked
    to end the case (Ley 19.880 arts. 18, 40 to 43 and 64). The case may go on, to carry it out."""
    deadlines.decided(run, local_date(at, run.place.zone))
    _overtake(run, act)


def _overtake(run: Run, act: Document) -> None:
    """Close what was to resolve another ending, and tell everybody concerned why it is not resolved any more."""
    warned = deadlines.heard(run)
    dropped = law.drop_pending(run, tuple(OVERTAKEN), why="")
    blocks = {name for task in dropped for name in OVERTAKEN if task.step_id.startswith(name)}
    if warned:
        blocks.add("law_abandonment")
    for block in sorted(blocks):
        run.record("ending.overtaken", {"step": block})
        if block in ASKED:
            _keep_on_record(run, block, act)
        messages.send(run, lambda block=block: _overtaken(run, block, act))  # type: ignore[misc]
        messages.send_to_others(run, lambda block=block: _overtaken(run, block, act))  # type: ignore[misc]
    for task in dropped:
        for person in _doing(run, task):
            messages.tell_official(run, person, lambda task=task: _not_needed(run, task, act))  # type: ignore[misc]


def _doing(run: Run, task: CaseTask) -> list[Person]:
    """Who had the step, or else who could take it."""
    owner = task.owner
    people = [owner.person] if owner is not None else [member.person for member in holders(task.role, run.today)]
    return [person for person in people if person != run.by]


def _keep_on_record(run: Run, block: str, act: Document) -> None:
    rows = (
        Row(label=_("N° de solicitud"), value=run.case.number),
        Row(label=_("Lo que se pidió"), value=str(run.bundle.step(block).title)),
        Row(label=_("Acto que resolvió"), value=name_of(act)),
    )
    receipts.file_order(
        run,
        title=lambda: _("Constancia de un escrito que la decisión dejó sin objeto"),
        text=lambda: _(
            "Se deja constancia de que el escrito no se resolvió porque antes se firmó la decisión de la solicitud, y "
            "de que así se comunicó a las personas interesadas (Ley 19.880, arts. 41 y 42)."
        ),
        rows=rows,
    )


def _overtaken(run: Run, block: str, act: Document) -> Said:
    words = {"number": run.case.number, "act": name_of(act)}
    subject, body = OVERTAKEN[block]
    return Said(str(subject) % words, str(body) % words)


def _not_needed(run: Run, task: CaseTask, act: Document) -> Said:
    words = {"number": run.case.number, "step": task.step_title, "act": name_of(act)}
    body = _(
        "Se firmó la decisión antes de que se resolviera ese paso: %(act)s. El paso se cerró y a las personas "
        "interesadas se les dijo por qué: no tienes que hacer nada."
    )
    return Said(_("Ya no hace falta «%(step)s»: solicitud N° %(number)s") % words, body % words)


# Cases that were decided before their act ended the time to decide


def look_for_decided(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: have the time to decide of cases decided long ago ended, each by a job of its own.

    Sites that come from an older version have them, and so does one where the old version still works while the new
    one starts. `job.payload`: the last act that looks before this one read.
    """
    acts = _of_late_cases().filter(pk__gt=job.payload.get("act", 0)).order_by("pk")
    rows = list(acts.values_list("pk", "file__case__version", "definition_id", "file__case")[:MOST])
    answering = _that_answer({(version, name) for _act, version, name, _case in rows if version is not None})
    found = {case for _act, version, name, case in rows if (version, name) in answering}
    enqueue_all(jobs=[new_job(kind=END_DECIDED, payload={}, case_id=pk, now=now) for pk in sorted(found)])
    if len(rows) == MOST:
        enqueue(kind=LOOK_FOR_DECIDED, payload={"act": rows[-1][0]}, now=now)
    return {"cases": len(found)}


def _that_answer(kinds: set[tuple[int, str]]) -> set[tuple[int, str]]:
    """Those of the acts, by version and name, that answer what was asked; none of a version that cannot be read."""
    found = set()
    versions = ProcedureVersion.objects.in_bulk({version for version, _name in kinds})
    for version, name in kinds:
        with suppress(TamperedVersion):
            if joinders.answers(bundle_of(versions[version]), name):
                found.add((version, name))
    return found


def end_decided(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: end it in one case, as its act would today. Idempotent: nothing where it is ended or runs again."""
    assert job.case_id is not None
    with locked(job.case_id, by=None, now=now) as run:
        act = next(_acts_of(run), None)
        if act is None:
            return {"ended": 0}
        answered(run, act, act.item.entered_at)
    return {"ended": 1}


def _acts_of(run: Run) -> Iterator[Document]:
    found = _of_late_cases().filter(file=run.case.file_id).select_related("item").order_by("pk")
    return (act for act in found if decides(run, act))


def _of_late_cases() -> QuerySet[Document]:
    """Own acts in force of open cases whose time to decide was not ended by them.

    Not the act of an appeal, of which a case only has a copy, nor one from before the time that runs now: an appeal
    sent the application back after it (art. 59). Nor where the certificate of silence is being written: everything else
    is stopped there.
    """
    certifying = CaseTask.objects.filter(process=OuterRef("file__case"), step_id__startswith=law.SILENCE)
    term = Deadline.objects.filter(
        case=OuterRef("file__case"), kind=Deadline.Kind.TERM, starts_on__lte=OuterRef("item__entered_at__date")
    )
    own = Q(file__case__about__isnull=False) | ~Q(definition_id__in=REVIEWS)
    acts = Document.objects.filter(own, state=Document.State.IN_FORCE, kind__in=DECISIONS, item__isnull=False)
    return acts.filter(
        Exists(term),
        ~Exists(certifying),
        file__case__finished=None,
        file__case__due_on__isnull=False,
        file__case__joined_to=None,
    ).exclude(definition_id="")
