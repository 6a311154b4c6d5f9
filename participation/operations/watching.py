"""The hourly look at what is unusual. It writes numbers for a person to judge, and sets nothing aside by itself."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from participation.models import Anomalies, Assisted, Subject, Support
from participation.rules.watch import Desk, Hour, unusual, unusual_desk

DAYS = 7
"""What the usual hour is measured on."""


@transaction.atomic
def look(*, now: datetime) -> int:
    """Write down this hour's unusual subjects and counters; how many."""
    found: list[dict[str, Any]] = [
        {"subject": hour.subject, "supports": hour.supports, "withdrawn": hour.withdrawn, "reasons": reasons}
        for hour in _hours(now)
        if (reasons := unusual(hour))
    ]
    found += [
        {"official": desk.official, "supports": desk.supports, "reasons": reasons}
        for desk in _desks(now)
        if (reasons := unusual_desk(desk))
    ]
    if found:
        Anomalies.objects.create(at=now, found=found)
    return len(found)


def _hours(now: datetime) -> list[Hour]:
    start, usual_from = now - timedelta(hours=1), now - timedelta(days=DAYS)
    rows = (
        Support.objects.filter(Q(at__gt=usual_from) | Q(withdrawn_at__gt=start))
        .values_list("subject_id")
        .annotate(
            lately=Count("pk", filter=Q(at__gt=start)),
            before=Count("pk", filter=Q(at__gt=usual_from, at__lte=start)),
            withdrawn=Count("pk", filter=Q(withdrawn_at__gt=start)),
        )
        .order_by("subject_id")
    )
    codes = dict(Subject.objects.filter(pk__in=[row[0] for row in rows]).values_list("pk", "code"))
    return [Hour(codes[pk], lately, before / (DAYS * 24 - 1), withdrawn) for pk, lately, before, withdrawn in rows]


def _desks(now: datetime) -> list[Desk]:
    """Officials who wrote supports down in the last hour."""
    start, usual_from = now - timedelta(hours=1), now - timedelta(days=DAYS)
    given = Assisted.objects.filter(what=Assisted.What.GIVEN, at__gt=usual_from, at__lte=now)
    before = given.filter(at__lte=start).aggregate(n=Count("pk"), officials=Count("official_id", distinct=True))
    usual = before["n"] / (DAYS * 24 - 1) / max(before["officials"], 1)
    rows = given.filter(at__gt=start).values_list("official_id", "support__subject_id").annotate(n=Count("pk"))
    lately: Counter[int] = Counter()
    most: Counter[int] = Counter()
    for official, _subject, number in rows.order_by("official_id"):
        lately[official] += number
        most[official] = max(most[official], number)
    return [Desk(official, number, usual, most[official]) for official, number in lately.items()]
