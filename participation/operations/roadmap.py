"""The roadmap: a subject moves from supported to measured, each time with its public reason."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Person
from jobs.api import enqueue
from participation.errors import NotAllowed, WrongStage
from participation.models import Stage, StageEvent, Subject
from participation.queries.powers import may_plan
from participation.rules.roadmap import CLOSING, next_stages

TELL = "participation.tell"
WORTH_IT_AFTER = timedelta(days=60)
"""How long after a procedure opened its supporters are asked whether it was worth it."""


@transaction.atomic
def move(*, subject: Subject, stage: str, reason: str, by: Person, now: datetime, live_path: str = "") -> Subject:
    """An official of the agency moves a subject on. Raises NotAllowed and WrongStage."""
    if not may_plan(by, subject, now):
        raise NotAllowed
    current = Subject.objects.select_for_update(of=("self",)).get(pk=subject.pk)
    if stage not in next_stages(current.stage):
        raise WrongStage
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
        Subject.objects.filter(pk=subject.pk, closed_at=None).update(closed_at=now)
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
def link_draft(*, subject: Subject, draft_path: str, by: Person, now: datetime) -> Subject:
    """Note the draft procedure that a designer began from this subject; it is in design from now on."""
    if not may_plan(by, subject, now):
        raise NotAllowed
    Subject.objects.filter(pk=subject.pk).update(draft_path=draft_path)
    reason = _("La institución empezó a diseñar el trámite.")
    return set_stage(subject=subject, stage=Stage.DESIGN, reason=reason, actor=f"person:{by.pk}", now=now)


def subject_path(subject: Subject) -> str:
    """Address of a subject's page."""
    return reverse("participation:subject", args=[subject.code])
