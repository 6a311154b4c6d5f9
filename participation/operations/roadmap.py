"""The roadmap: a subject moves from supported to measured, each time with its public reason."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Person
from documents.api import in_spanish
from jobs.api import enqueue
from participation.errors import NotAllowed, NothingOpen, WrongStage
from participation.models import Stage, StageEvent, Subject
from participation.operations.progress import fold_achieved
from participation.operations.subjects import close
from participation.queries.answers import OPENED
from participation.queries.powers import may_plan
from participation.queries.progress import measured
from participation.queries.subjects import may_be_used
from participation.rules.roadmap import CLOSING, next_stages
from procedures.models import CatalogueEntry, Offering, Online

TELL = "participation.tell"
OPENS = "participation.opens"
"""Job kind: what was published from a request opens."""
WORTH_IT_AFTER = timedelta(days=60)
"""How long after a procedure opened its supporters are asked whether it was worth it."""


@transaction.atomic
def move(*, subject: Subject, stage: str, reason: str, by: Person, now: datetime, live_path: str = "") -> Subject:
    """An official of the agency moves a subject on. Raises NotAllowed, WrongStage and NothingOpen."""
    if not may_plan(by, subject, now):
        raise NotAllowed
    current = Subject.objects.select_for_update(of=("self",)).get(pk=subject.pk)
    if stage not in next_stages(current.stage):
        raise WrongStage
    if stage in OPENED and not live_path and not may_be_used(current):
        raise NothingOpen
    if live_path:
        Subject.objects.filter(pk=subject.pk).update(live_path=live_path)
    return set_stage(subject=current, stage=stage, reason=reason, actor=f"person:{by.pk}", now=now)


@transaction.atomic
def set_stage(*, subject: Subject, stage: str, reason: str, actor: str, now: datetime) -> Subject:
    """Write the stage and its event; supporters are told when it opens for them. Staying where it is does nothing."""
    if not Subject.objects.filter(pk=subject.pk).exclude(stage=stage).update(stage=stage):
        return Subject.objects.get(pk=subject.pk)
    StageEvent.objects.create(subject=subject, stage=stage, reason=reason[:500], at=now, by=actor)
    if stage in CLOSING:
        close(subject=subject, now=now)
    if stage in (Stage.PILOT, Stage.LIVE):
        tell_supporters(subject=subject, what=stage, now=now)
    if stage == Stage.LIVE:
        later = now + WORTH_IT_AFTER
        tell_supporters(subject=subject, what="worth_it", now=now, run_at=later)
    return Subject.objects.get(pk=subject.pk)


@transaction.atomic
def tell_supporters(*, subject: Subject, what: str, now: datetime, run_at: datetime | None = None) -> None:
    """Queue one message to each supporter, in batches; told once of each thing."""
    enqueue(
        kind=TELL,
        payload={"subject": subject.pk, "what": what, "after": 0},
        now=now,
        run_at=run_at,
        agency_id=subject.agency_id,
        dedup_key=f"{TELL}:{subject.pk}:{what}:0",
    )


@transaction.atomic
@in_spanish
def link_draft(*, subject: Subject, draft_path: str, by: Person, now: datetime) -> Subject:
    """Note the draft procedure that a designer began from this subject; it is in design from now on."""
    if not may_plan(by, subject, now):
        raise NotAllowed
    Subject.objects.filter(pk=subject.pk).update(draft_path=draft_path)
    reason = _("La institución empezó a diseñar el trámite.")
    return set_stage(subject=subject, stage=Stage.DESIGN, reason=reason, actor=f"person:{by.pk}", now=now)


@transaction.atomic
@in_spanish
def unlink_draft(*, draft_path: str, by: Person, now: datetime) -> None:
    """The draft begun from a request was thrown away: the request is in study again, if it had come no further."""
    subject = Subject.objects.filter(draft_path=draft_path).first()
    if subject is None:
        return
    Subject.objects.filter(pk=subject.pk).update(draft_path="")
    if subject.stage == Stage.DESIGN:
        reason = _("La institución descartó el borrador.")
        set_stage(subject=subject, stage=Stage.STUDY, reason=reason, actor=f"person:{by.pk}", now=now)


@transaction.atomic
def link_published(*, draft_path: str, offering: Offering, opens_at: datetime, pilot: bool, now: datetime) -> bool:
    """The draft begun from a request was published: link its version, and open it for the supporters on its day.

    `pilot`: only whom the institution invites may use it yet. Whether a request stood behind the draft.
    """
    subject = Subject.objects.filter(draft_path=draft_path).first()
    if subject is None:
        return False
    entry = CatalogueEntry.objects.filter(procedure=offering.version.procedure_id, online=Online.HERE).first()
    ficha = reverse("workflows:ficha", args=[entry.institution.code, entry.code]) if entry else ""
    begin = reverse("workflows:begin", args=[offering.agency.code, offering.version.procedure.code])
    Subject.objects.filter(pk=subject.pk).update(offering=offering, live_path=ficha or begin)
    enqueue(
        kind=OPENS,
        payload={"subject": subject.pk, "pilot": pilot},
        now=now,
        run_at=max(now, opens_at),
        agency_id=offering.agency_id,
        dedup_key=f"{OPENS}:{subject.pk}:{offering.pk}:{int(pilot)}",
    )
    return True


@transaction.atomic
@in_spanish
def open_linked(*, subject_id: int, pilot: bool, now: datetime) -> bool:
    """Move a request whose procedure was published to its pilot, or to what is online; whether it moved."""
    subject = Subject.objects.select_related("offering__version").get(pk=subject_id)
    stage = Stage.PILOT if pilot else Stage.LIVE
    if subject.offering is None or stage not in next_stages(subject.stage):
        return False
    words = {"title": subject.offering.version.title, "number": subject.offering.version.number}
    reason = _("Se publicó «%(title)s», versión %(number)s.") % words
    set_stage(subject=subject, stage=stage, reason=reason, actor="system:participation", now=now)
    return True


@transaction.atomic
@in_spanish
def note_measured(*, now: datetime) -> int:
    """Move what is online and was used by enough people to "medida", with its figures as the reason; how many."""
    moved = 0
    fold_achieved(now=now)
    opened = Subject.objects.filter(stage=Stage.LIVE, offering__isnull=False)
    for subject in opened.select_related("offering__version"):
        facts = measured(subject)
        if facts is None or facts.median_days is None:
            continue
        words = {"filed": facts.filed, "days": round(facts.median_days, 1)}
        reason = _("Ya se hizo %(filed)s veces; la mitad terminó en %(days)s días o menos.") % words
        set_stage(subject=subject, stage=Stage.MEASURED, reason=reason, actor="system:participation", now=now)
        moved += 1
    return moved


def subject_path(subject: Subject) -> str:
    """Address of a subject's page."""
    return reverse("participation:subject", args=[subject.code])
