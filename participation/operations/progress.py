"""Counting cases by month for the progress dashboard, every hour; recounting the year every night.

The hour counts anew only the months that a case may have entered since the time before. A month that is over should
never change: where the nightly recount finds another number, the difference is published.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count as CountOf
from django.db.models import Exists, F, Func, IntegerField, OuterRef, Q

from legaltime.api import local_date
from participation.models import Achieved, CaseMonth, MonthDifference, Stage, Subject
from participation.operations.counting import OVERLAP
from participation.queries.powers import ZONE
from participation.rules.demand import MINIMUM
from participation.rules.months import following, middle, months_until
from workflows.models import Case, Channel, Draft

OPENED = (Stage.PILOT, Stage.LIVE, Stage.MEASURED)
"""Stages in which a procedure that answers the request is open."""
EVERYONE = None
"""Where the institution stands in the month of all of them."""


class TenthsOfDay(Func):
    """Whole tenths of a day from the second instant to the first. No parameters: PostgreSQL groups by its text."""

    output_field = IntegerField()
    template = "FLOOR(EXTRACT(EPOCH FROM (%(expressions)s)) / 8640)::bigint"
    arg_joiner = " - "

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """SQLite keeps instants as text."""
        seconds, between = "(strftime('%%%%s', %(expressions)s)) / 8640", ") - strftime('%%s', "
        return self.as_sql(compiler, connection, template=f"({seconds})", arg_joiner=between, **extra)


@transaction.atomic
def fold_months(*, now: datetime) -> int:
    """Count anew the months that may have changed since the last time; how many. The first time, all of them."""
    today, lately = local_date(now, ZONE), local_date(now - timedelta(hours=1) - OVERLAP, ZONE)
    known = set(CaseMonth.objects.filter(agency=EVERYONE).values_list("month", flat=True))
    wanted = [one for one in months_until(today) if one not in known or following(one) > lately]
    for month in wanted:
        _write(month, _counted(month))
    return len(wanted)


@transaction.atomic
def recount_months(*, now: datetime) -> int:
    """The nightly recount of every month that is over; each difference is published. How many there were."""
    wrong = 0
    for month in months_until(local_date(now, ZONE))[:-1]:
        found = _counted(month)
        differences = _differences(month, found, now)
        if differences:
            MonthDifference.objects.bulk_create(differences)
            _write(month, found)
        wrong += len(differences)
    return wrong


def _differences(month: date, found: Mapping[int | None, CaseMonth], now: datetime) -> list[MonthDifference]:
    """Where a month as it stood says another number than what was counted; nothing of one never counted before."""
    shown = Counter({row.agency_id: _all_of(row) for row in CaseMonth.objects.filter(month=month)})
    real = Counter({agency: _all_of(row) for agency, row in found.items()})
    return [
        MonthDifference(agency_id=agency, month=month, shown=shown[agency], recounted=real[agency], at=now)
        for agency in {*shown, *real}
        if shown and shown[agency] != real[agency]
    ]


@transaction.atomic
def fold_achieved(*, now: datetime) -> int:
    """Count anew what the procedures that opened because of a request have done; how many requests."""
    opened = Subject.objects.filter(stage__in=OPENED, offering__isnull=False)
    for subject in opened.select_related("offering__version"):
        Achieved.objects.update_or_create(subject=subject, defaults=_achieved(subject))
    return len(opened)


def _achieved(subject: Subject) -> dict[str, Any]:
    """The cases of the linked version and those after it, from the cases themselves."""
    offering = subject.offering
    assert offering is not None
    cases = Case.objects.filter(version__procedure=offering.version.procedure_id, agency=offering.agency_id).order_by()
    cases = cases.exclude(channel=Channel.OWN_MOTION)
    by_channel = dict(cases.values_list("channel").annotate(n=CountOf("pk")))
    ended = cases.filter(finished__isnull=False).annotate(took=TenthsOfDay("finished", "filed_at")).values_list("took")
    took = dict(ended.annotate(n=CountOf("pk")))
    finished, tenths = sum(took.values()), middle(took)
    return {
        "filed": sum(by_channel.values()),
        "online": by_channel.get(Channel.WEB, 0),
        "finished": finished,
        "median_days": tenths / 10 if tenths is not None and finished >= MINIMUM else None,
    }


def _all_of(row: CaseMonth) -> int:
    ended: int = sum(row.days.values())
    return row.filed + ended + row.attended


def _counted(month: date) -> dict[int | None, CaseMonth]:
    """{institution: its month, not stored}, with that of all of them, from the cases themselves."""
    zone = ZoneInfo(ZONE)
    start, end = (datetime.combine(day, time.min, zone) for day in (month, following(month)))
    rows: dict[int | None, CaseMonth] = {EVERYONE: CaseMonth(month=month)}
    people = Case.objects.exclude(channel=Channel.OWN_MOTION).order_by()
    filed = people.filter(filed_at__gte=start, filed_at__lt=end).values_list("agency_id", "channel")
    for agency, channel, number in filed.annotate(n=CountOf("pk")):
        for row in _two(rows, agency, month):
            row.filed += number
            row.channels[channel] = row.channels.get(channel, 0) + number
    ended = people.filter(finished__gte=start, finished__lt=end).annotate(took=TenthsOfDay("finished", "filed_at"))
    for agency, took, number in ended.values_list("agency_id", "took").annotate(n=CountOf("pk")).iterator():
        for row in _two(rows, agency, month):
            row.days[str(took)] = row.days.get(str(took), 0) + number
    for agency, number, others in _attended(start, end):
        for row in _two(rows, agency, month):
            row.attended += number
            row.attended_others += others
    return rows


def _attended(start: datetime, end: datetime) -> Any:
    """(institution of the counter, applications filed there, those of other institutions)."""
    here = Case.objects.filter(ref=OuterRef("ref"), channel=Channel.COUNTER)
    helped = Draft.objects.filter(attendance__isnull=False, filed_at__gte=start, filed_at__lt=end).order_by()
    at_counters = helped.filter(Exists(here))
    others = CountOf("pk", filter=~Q(agency_id=F("attendance__agency_id")))
    return at_counters.values_list("attendance__agency_id").annotate(n=CountOf("pk"), others=others)


def _two(rows: dict[int | None, CaseMonth], agency: int, month: date) -> tuple[CaseMonth, CaseMonth]:
    """The institution's row and everybody's."""
    return rows[EVERYONE], rows.setdefault(agency, CaseMonth(agency_id=agency, month=month))


def _write(month: date, found: dict[int | None, CaseMonth]) -> None:
    """Put the month as it was counted in the place of what stood."""
    CaseMonth.objects.filter(month=month).delete()
    CaseMonth.objects.bulk_create(found.values())
