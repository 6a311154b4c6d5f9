"""The hourly look at what is unusual. It writes numbers for a person to judge, and sets nothing aside by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q

from participation.models import Anomalies, Subject, Support
from participation.rules.watch import Hour, unusual

DAYS = 7
"""What the usual hour is measured on."""


@transaction.atomic
def look(*, now: datetime) -> int:
    """Write down this hour's unusual subjects; how many."""
    found = [
        {"subject": hour.subject, "supports": hour.supports, "withdrawn": hour.withdrawn, "reasons": reasons}
        for hour in _hours(now)
        if (reasons := unusual(hour))
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
