"""The published tally: periods with a key each, batches of tags, and the destruction of the key.

The key's custody is described in docs/participation-tally.md. It is made here, kept sealed under the site's key,
used by this module alone, and destroyed when its month is over; nobody ever sees it. What stands for a person inside
a tag is the blind index of their document, which is itself keyed.
"""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.api import open_sealed, seal
from audit.api import append_to_stream, canonical_bytes, sha256_hex
from legaltime.api import local_date
from participation.models import Support, TallyBatch, TallyLine, TallyPeriod, TallyTotal
from participation.operations.counting import set_aside
from participation.queries.powers import ZONE
from participation.rules import tally
from participation.rules.few import together

STREAM = "tally"
MOST, READ = 5_000, 50_000
"""Lines of one batch, and waiting lines of each kind that are read at a time."""
SIGN = {"apoyo": 1, "restituido": 1, "retiro": -1, "excluido": -1}
What = TallyLine.What


@dataclass(frozen=True)
class Pending:
    """A line that waits to be published. No more than it needs: there may be many."""

    support_id: int
    subject_id: int
    code: str
    voter: str
    what: str
    door: str
    provider: str


def publish_and_turn(*, now: datetime) -> dict[str, Any]:
    """What the hourly job does: publish what waits; in a new month close the period and open the next."""
    period = open_period(now=now)
    today, opened = local_date(now, ZONE), local_date(period.opened_at, ZONE)
    if (today.year, today.month) != (opened.year, opened.month):
        return {"closed": close_period(now=now).number}
    return {"batches": [batch.number for batch in publish(now=now)]}


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
def publish(*, now: datetime, is_last: bool = False) -> list[TallyBatch]:
    """Publish what waits, by subject and only where enough of it waits; no batches when nothing does.

    `is_last`: the period closes, so smaller groups go too, until nothing is left; a month is all that their tags
    tell of the time.
    """
    period = TallyPeriod.objects.select_for_update().get(pk=open_period(now=now).pk)
    batches: list[TallyBatch] = []
    while ready := pending_lines(everything=is_last):
        batches += [_publish_batch(period, ready[first : first + MOST], now) for first in range(0, len(ready), MOST)]
        if not is_last:
            break
    return batches


def _publish_batch(period: TallyPeriod, ready: Sequence[Pending], now: datetime) -> TallyBatch:
    key = _key(period)
    tags = [tally.tag(key, period.number, one.code, one.voter) for one in ready]
    tagged = list(zip(ready, tags, strict=True))
    lines = sorted(tally.line(one.code, one.what, tag) for one, tag in tagged)
    batch = _store(period, lines, _came_by(ready), now)
    TallyLine.objects.bulk_create(
        TallyLine(batch=batch, subject_id=one.subject_id, support_id=one.support_id, what=one.what, tag=tag)
        for one, tag in tagged
    )
    _add_up({one.subject_id for one in ready})
    body = {"batch": batch.number, "root": batch.root, "lines": len(ready)}
    append_to_stream(stream=STREAM, kind="tally.published", actor="system:participation", at=now, body=body)
    return batch


def _add_up(subject_ids: Collection[int]) -> None:
    """Write what the published lines of these subjects say together."""
    totals: Counter[int] = Counter(dict.fromkeys(subject_ids, 0))
    lines = TallyLine.objects.filter(subject_id__in=subject_ids).values_list("subject_id", "what")
    for pk, what, number in lines.annotate(n=Count("pk")).order_by("subject_id", "what"):
        totals[pk] += SIGN[what] * number
    TallyTotal.objects.bulk_create(
        [TallyTotal(subject_id=pk, total=total) for pk, total in totals.items()],
        update_conflicts=True,
        unique_fields=["subject"],
        update_fields=["total"],
    )


def _came_by(ready: Sequence[Pending]) -> list[str]:
    """How many of the batch's new supports came by each door, and who verified them; few are told together."""
    given = [one for one in ready if one.what == What.SUPPORT]
    lines: list[str] = []
    for what, names in (("puerta", [one.door for one in given]), ("verifica", [one.provider for one in given])):
        shown, rest = together(list(Counter(names).items()))
        lines += [tally.group(what, name, number) for name, number in shown]
        lines += [tally.group(what, tally.OTHERS, rest)] if rest else []
    return lines


def _store(period: TallyPeriod, lines: Sequence[str], came_by: Sequence[str], now: datetime) -> TallyBatch:
    previous = TallyBatch.objects.order_by("-number").first()
    facts: dict[str, Any] = {
        "version": 2,
        "batch": previous.number + 1 if previous else 1,
        "period": period.number,
        "key_commitment": period.key_commitment,
        "previous_root": previous.root if previous else tally.NO_ROOT,
        "root": tally.root([*lines, *came_by]),
        "lines": list(lines),
        "came_by": list(came_by),
    }
    return TallyBatch.objects.create(
        period=period,
        number=facts["batch"],
        previous_root=facts["previous_root"],
        root=facts["root"],
        body=canonical_bytes(facts),
        published_on=local_date(now, ZONE),
    )


def pending_lines(*, everything: bool = True) -> list[Pending]:
    """What happened since it was last published: new supports, withdrawals, exclusions and restorations.

    At most `READ` of each; unless `everything`, only of subjects of which enough waits to go out together.
    """
    waiting = list(_waiting())
    waits: Counter[int] = Counter()
    for _what, supports in waiting:
        waits.update(dict(supports.values_list("subject_id").annotate(n=Count("pk")).order_by("subject_id")))
    least = 1 if everything else tally.MINIMUM_BATCH
    ripe = [pk for pk, number in waits.items() if number >= least]
    found: list[Pending] = []
    columns = (
        *("pk", "subject_id", "subject__code", "door", "provider"),
        *("person__run_index", "person__document_index"),
    )
    for what, supports in waiting:
        rows = supports.filter(subject_id__in=ripe).order_by("subject_id", "pk").values_list(*columns)[:READ]
        found += [
            Pending(pk, subject, code, run or document or "", what, door, provider)
            for pk, subject, code, door, provider, run, document in rows
        ]
    return found if everything else _in_company(found)


def _in_company(found: Sequence[Pending]) -> list[Pending]:
    """Without the few of a subject that the reading left alone: they wait for the next time."""
    read = Counter(one.subject_id for one in found)
    return [one for one in found if read[one.subject_id] >= tally.MINIMUM_BATCH]


def _waiting() -> Iterator[tuple[str, QuerySet[Support]]]:
    """The supports with something to publish, by what it is."""
    published = TallyLine.objects.filter(support=OuterRef("pk"))
    counted = Exists(published.filter(what=What.SUPPORT))
    excluded = set_aside()
    once_out = Q(pk__in=TallyLine.objects.filter(what=What.EXCLUSION).values("support_id"))
    rows = Support.objects
    yield What.SUPPORT, rows.filter(~counted, withdrawn_at=None).exclude(excluded)
    yield What.WITHDRAWAL, rows.filter(counted, ~_is_out(published), withdrawn_at__isnull=False)
    yield What.EXCLUSION, rows.filter(counted, ~_is_out(published), excluded, withdrawn_at=None)
    yield What.RESTORATION, rows.filter(once_out, _is_excluded(published), withdrawn_at=None).exclude(excluded)


def _last(published: QuerySet[TallyLine], *whats: str) -> Exists:
    """Whether the support's latest line is one of these."""
    later = TallyLine.objects.filter(support=OuterRef("support"), pk__gt=OuterRef("pk"))
    return Exists(published.filter(~Exists(later), what__in=whats))


def _is_out(published: QuerySet[TallyLine]) -> Exists:
    return _last(published, What.WITHDRAWAL, What.EXCLUSION)


def _is_excluded(published: QuerySet[TallyLine]) -> Exists:
    return _last(published, What.EXCLUSION)


@transaction.atomic
def close_period(*, now: datetime) -> TallyPeriod:
    """Publish the rest, destroy the key and wipe the tags: from then on nobody can tell whose they are."""
    publish(now=now, is_last=True)
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
    leaves = [*body["lines"], *body.get("came_by", [])]
    index = leaves.index(text)
    return {
        "version": 1,
        "line": text,
        "batch": line.batch.number,
        "index": index,
        "proof": [list(step) for step in tally.proof(leaves, index)],
        "root": line.batch.root,
    }


def _key(period: TallyPeriod) -> bytes:
    assert period.key_sealed is not None
    return open_sealed(bytes(period.key_sealed), _context(period.number))


def _context(number: int) -> str:
    return f"participation_tallyperiod.key_sealed:{number}"
