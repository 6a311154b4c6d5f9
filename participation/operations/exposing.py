"""The log of what was shown, so that a ranking can be criticised with data; and visits, counted without visitors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from django.db import connection, transaction
from django.db.models import F

from participation.models import Exposure, ExposureCount, Knew, Subject
from procedures.models import CatalogueEntry

PAGE = "pagina"
"""The order of an exposure that is a subject's own page."""
FOLDED_AT_ONCE = 20_000


@transaction.atomic
def record_exposure(*, subjects: Sequence[int], order: str, on: date) -> None:
    """Note that a list with these subjects, or the page of one, was shown on a day; nothing of the visitor."""
    if subjects:
        _without_waiting()
        Exposure.objects.create(day=on, order=order[:10], subjects=list(subjects))


def _without_waiting() -> None:
    """Whoever reads a page does not wait for the disk: the machine that fails may lose some of what was shown."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit TO off")


@transaction.atomic
def record_knew(*, entry: CatalogueEntry, knew: bool, on: date) -> None:
    """Count whether somebody knew that a procedure can be done online; nothing of who."""
    Knew.objects.create(entry=entry, day=on, knew=knew)


@transaction.atomic
def fold_exposure(*, before: date) -> int:
    """Publish what was shown on days that are over, by day and subject, and drop the single lists; how many."""
    rows = list(Exposure.objects.filter(day__lt=before).order_by("pk")[:FOLDED_AT_ONCE])
    shown: Counter[tuple[date, int, bool]] = Counter()
    for row in rows:
        shown.update((row.day, subject, row.order == PAGE) for subject in row.subjects)
    known = set(Subject.objects.filter(pk__in={subject for _day, subject, _page in shown}).values_list("pk", flat=True))
    for (day, subject, is_page), times in shown.items():
        if subject in known:
            _add(day, subject, "pages" if is_page else "lists", times)
    Exposure.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def _add(day: date, subject: int, column: str, times: int) -> None:
    row, _ = ExposureCount.objects.get_or_create(day=day, subject_id=subject)
    ExposureCount.objects.filter(pk=row.pk).update(**{column: F(column) + times})
