"""The published tally: periods with a key each, batches of tags, and the destruction of the key.

The key's custody is described in docs/participation-tally.md. It is made here, kept sealed under the site's key,
used by this module alone, and destroyed when its month is over; nobody ever sees it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.api import open_sealed, seal
from accounts.models import Person
from audit.api import append_to_stream, canonical_bytes, sha256_hex
from legaltime.api import local_date
from participation.models import Review, ReviewItem, Subject, Support, TallyBatch, TallyLine, TallyPeriod
from participation.queries.powers import ZONE
from participation.rules import tally

STREAM = "tally"
MOST = 5_000
"""Lines of one batch."""
What = TallyLine.What


@dataclass(frozen=True)
class Pending:
    """A line that waits to be published."""

    subject: Subject
    support: Support
    what: str


def publish_and_turn(*, now: datetime) -> dict[str, Any]:
    """What the hourly job does: publish what waits; in a new month close the period and open the next."""
    period = open_period(now=now)
    today, opened = local_date(now, ZONE), local_date(period.opened_at, ZONE)
    if (today.year, today.month) != (opened.year, opened.month):
        return {"closed": close_period(now=now).number}
    return {"batch": number.number if (number := publish_batch(now=now)) else None}


@transaction.atomic
def open_period(*, now: datetime) -> TallyPeriod:
    """The open period, made with a new key when there is none."""
    found = TallyPeriod.objects.filter(closed_at=None).first()
    if found is not None:
        return found
    number = TallyPeriod.objects.count() + 1
    key = secrets.token_bytes(32)
    return TallyPeriod.objects.create(
        number=number, opened_at=now, key_sealed=seal(key, _context(number)), key_commitment=sha256_hex(key)
    )


@transaction.atomic
def publish_batch(*, now: datetime, is_last: bool = False) -> TallyBatch | None:
    """Publish what waits, by subject and only where enough of it waits; None when nothing does.

    `is_last`: the period closes, so smaller groups go too; a month is all that their tags tell of the time.
    """
    period = TallyPeriod.objects.select_for_update().get(pk=open_period(now=now).pk)
    ready = list(_ripe(pending_lines(), everything=is_last))
    if not ready:
        return None
    key = _key(period)
    tags = [tally.tag(key, period.number, one.subject.code, voter_of(one.support.person)) for one in ready]
    batch = _store(
        period, sorted(tally.line(one.subject.code, one.what, tag) for one, tag in zip(ready, tags, strict=True)), now
    )
    TallyLine.objects.bulk_create(
        TallyLine(batch=batch, subject=one.subject, support=one.support, what=one.what, tag=tag)
        for one, tag in zip(ready, tags, strict=True)
    )
    body = {"batch": batch.number, "root": batch.root, "lines": len(ready)}
    append_to_stream(stream=STREAM, kind="tally.published", actor="system:participation", at=now, body=body)
    return batch


def _store(period: TallyPeriod, lines: Sequence[str], now: datetime) -> TallyBatch:
    previous = TallyBatch.objects.order_by("-number").first()
    facts: dict[str, Any] = {
        "version": 1,
        "batch": previous.number + 1 if previous else 1,
        "period": period.number,
        "key_commitment": period.key_commitment,
        "previous_root": previous.root if previous else tally.NO_ROOT,
        "root": tally.root(lines),
        "lines": list(lines),
    }
    return TallyBatch.objects.create(
        period=period,
        number=facts["batch"],
        previous_root=facts["previous_root"],
        root=facts["root"],
        body=canonical_bytes(facts),
        published_on=local_date(now, ZONE),
    )


def pending_lines() -> list[Pending]:
    """What happened since it was last published: new supports, withdrawals, exclusions and restorations."""
    published = TallyLine.objects.filter(support=OuterRef("pk"))
    counted = Exists(published.filter(what=What.SUPPORT))
    excluded = Q(pk__in=_items(Review.State.OPEN, Review.State.UPHELD))
    rows = Support.objects.select_related("subject", "person").order_by("pk")
    found: list[Pending] = []
    for what, supports in (
        (What.SUPPORT, rows.filter(~counted, withdrawn_at=None).exclude(excluded)),
        (What.WITHDRAWAL, rows.filter(counted, ~_is_out(published), withdrawn_at__isnull=False)),
        (What.EXCLUSION, rows.filter(counted, ~_is_out(published), excluded, withdrawn_at=None)),
        (What.RESTORATION, rows.filter(_is_excluded(published), withdrawn_at=None).exclude(excluded)),
    ):
        found += [Pending(one.subject, one, what) for one in supports[:MOST]]
    return found


def _items(*states: str) -> QuerySet[ReviewItem, int]:
    return ReviewItem.objects.filter(review__state__in=states).values_list("support_id", flat=True)


def _last(published: QuerySet[TallyLine], *whats: str) -> Exists:
    """Whether the support's latest line is one of these."""
    later = TallyLine.objects.filter(support=OuterRef("support"), pk__gt=OuterRef("pk"))
    return Exists(published.filter(~Exists(later), what__in=whats))


def _is_out(published: QuerySet[TallyLine]) -> Exists:
    return _last(published, What.WITHDRAWAL, What.EXCLUSION)


def _is_excluded(published: QuerySet[TallyLine]) -> Exists:
    return _last(published, What.EXCLUSION)


def _ripe(waiting: Iterable[Pending], *, everything: bool) -> Iterable[Pending]:
    """The groups of one subject that are large enough to go out together."""
    by_subject = sorted(waiting, key=attrgetter("subject.pk"))
    for _subject, group in groupby(by_subject, key=attrgetter("subject.pk")):
        lines = list(group)
        if everything or len(lines) >= tally.MINIMUM_BATCH:
            yield from lines


@transaction.atomic
def close_period(*, now: datetime) -> TallyPeriod:
    """Publish the rest, destroy the key and wipe the tags: from then on nobody can tell whose they are."""
    publish_batch(now=now, is_last=True)
    period = TallyPeriod.objects.select_for_update().get(closed_at=None)
    TallyPeriod.objects.filter(pk=period.pk).update(closed_at=now, key_sealed=None)
    TallyLine.objects.filter(batch__period=period).update(tag=None)
    body = {"period": period.number, "key_commitment": period.key_commitment}
    append_to_stream(stream=STREAM, kind="tally.key_destroyed", actor="system:participation", at=now, body=body)
    open_period(now=now)
    return TallyPeriod.objects.get(pk=period.pk)


def receipt_of(support: Support) -> dict[str, Any] | None:
    """What a supporter keeps: tag, place and proof in the published tally. None before it is published or too late."""
    line = (
        TallyLine.objects.filter(support=support, what=What.SUPPORT).select_related("batch__period", "subject").first()
    )
    if line is None or line.tag is None:
        return None
    body = json.loads(bytes(line.batch.body))
    text = tally.line(line.subject.code, line.what, line.tag)
    index = body["lines"].index(text)
    return {
        "version": 1,
        "line": text,
        "batch": line.batch.number,
        "index": index,
        "proof": [list(step) for step in tally.proof(body["lines"], index)],
        "root": line.batch.root,
    }


def voter_of(person: Person) -> str:
    """What stands for a person inside a tag: the blind index of their document, which is itself keyed."""
    return person.run_index or person.document_index or ""


def _key(period: TallyPeriod) -> bytes:
    assert period.key_sealed is not None
    return open_sealed(bytes(period.key_sealed), _context(period.number))


def _context(number: int) -> str:
    return f"participation_tallyperiod.key_sealed:{number}"
