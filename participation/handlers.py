"""Jobs of this room; registered in apps.ready()."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from jobs.api import Job, enqueue, every, register_pure
from legaltime.api import local_date
from participation.models import Subject
from participation.operations import (
    answering,
    caring,
    counting,
    exposing,
    figures,
    progress,
    roadmap,
    tallying,
    telling,
    watching,
)
from participation.operations.roadmap import OPENS, TELL
from participation.queries.powers import ZONE


def fold(job: Job, now: datetime) -> dict[str, Any]:
    """Every minute: count what changed, cross thresholds, take over answers."""
    return {"counted": counting.fold(now=now), "answered": answering.settle(now=now)}


def nightly(job: Job, now: datetime) -> dict[str, Any]:
    """Once a day: count everything anew, publish what was shown on the days that are over, measure what opened."""
    shown = exposing.fold_exposure(before=local_date(now, ZONE))
    measured, late = roadmap.note_measured(now=now), answering.escalate(now=now)
    months = progress.recount_months(now=now)
    differences = counting.recount_all(now=now)
    lapsed = caring.give_back_undecided(now=now)
    return {
        "differences": differences,
        "months": months,
        "shown": shown,
        "measured": measured,
        "late": late,
        "lapsed": lapsed,
    }


def tally(job: Job, now: datetime) -> dict[str, Any]:
    """Every hour: publish batches where enough lines wait, and change period at the end of the month."""
    figures.fold_figures(now=now)
    return tallying.publish_and_turn(now=now)


def dashboard(job: Job, now: datetime) -> dict[str, Any]:
    """Every hour: count what the progress dashboard shows of cases."""
    return {"months": progress.fold_months(now=now), "opened": progress.fold_achieved(now=now)}


def watch(job: Job, now: datetime) -> dict[str, Any]:
    """Every hour: note what looks unusual."""
    return {"found": watching.look(now=now)}


def open_case(job: Job, now: datetime) -> dict[str, Any]:
    """A threshold was crossed, or a "no" contested: ask the agency."""
    subject = Subject.objects.select_related("agency", "count").get(pk=job.payload["subject"])
    answer = answering.ask(subject=subject, round=job.payload["round"], now=now)
    return {"answer": answer.pk if answer else None}


def tell(job: Job, now: datetime) -> dict[str, Any]:
    """Tell a batch of supporters, and after the last one those who follow; the next batch is another job."""
    payload = job.payload
    subject = Subject.objects.select_related("agency").get(pk=payload["subject"])
    after, to_followers = payload["after"], payload.get("followers", False)
    tell_next = telling.tell_followers if to_followers else telling.tell_batch
    last = tell_next(subject=subject, what=payload["what"], after=after, now=now)
    if last is None and (to_followers or not telling.followers_of(subject, payload["what"]).exists()):
        return {}
    following = {**payload, "after": last or 0, "followers": to_followers or last is None}
    key = f"{TELL}:{subject.pk}:{payload['what']}:{'f' if following['followers'] else ''}{following['after']}"
    enqueue(kind=TELL, payload=following, now=now, agency_id=job.agency_id, dedup_key=key)
    return {}


def opens(job: Job, now: datetime) -> dict[str, Any]:
    """What was published from a request opens on its day."""
    return {"opened": roadmap.open_linked(subject_id=job.payload["subject"], pilot=job.payload["pilot"], now=now)}


def register() -> None:
    """Tell the job table which kinds this room attends."""
    for kind, function, period in (
        ("participation.fold", fold, timedelta(seconds=20)),
        ("participation.nightly", nightly, timedelta(days=1)),
        ("participation.tally", tally, timedelta(hours=1)),
        ("participation.watch", watch, timedelta(hours=1)),
        ("participation.dashboard", dashboard, timedelta(hours=1)),
    ):
        register_pure(kind, function)
        every(period, kind)
    register_pure(counting.OPEN_CASE, open_case)
    register_pure(OPENS, opens)
    register_pure(TELL, tell, queue="bulk")
