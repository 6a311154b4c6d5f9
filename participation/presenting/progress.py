"""The progress dashboard: findings as sentences, charts, and the same numbers as tables and open data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from participation.presenting import charts
from participation.presenting.subject import grouped
from participation.queries import progress as reads
from participation.queries.finding import count_of
from procedures.api import institutions

GOALS = (25, 60, 80)
"""Percent of procedures online: where the programme began, and its two goals."""
SHOWN = 12
"""Institutions of the chart; the table has them all."""


def dashboard_context(agency: str, now: datetime) -> dict[str, Any]:
    """The whole page, of all institutions or of one."""
    share = reads.overall(agency)
    return {
        "agency": agency,
        "institutions": list(institutions()),
        "share": share,
        "goals": GOALS,
        "next_goal": next((goal for goal in GOALS if goal > share.percent), 100),
        "goal_chart": charts.goal(
            share.percent, GOALS, _("%(n)s por ciento de los trámites se hace en línea") % {"n": share.percent}
        ),
        "levels": reads.by_level(agency),
        "from_requests": reads.from_requests(agency),
        "satisfaction": reads.satisfaction(),
        "knew": reads.knew_it(agency),
        "seen": reads.seen(now - reads.RECENT),
        "wanted": [(subject, count_of(subject)) for subject in reads.most_wanted(5, agency)],
        **_offices(),
        **_cases(agency, now),
    }


def _offices() -> dict[str, Any]:
    offices = reads.by_institution()
    drawn = [(one.name, one.percent, f"{one.digital} / {one.total}") for one in offices[:SHOWN]]
    return {"offices": offices, "office_chart": charts.bars(drawn, _("Trámites en línea por institución"))}


def _cases(agency: str, now: datetime) -> dict[str, Any]:
    """What people did in the last year, and what it saved them."""
    since = now - reads.RECENT
    months = [(date_format(month, "M"), number) for month, number in reads.cases_by_month(since, agency)]
    saved = reads.saved(since, agency)
    return {
        "months": months,
        "month_chart": charts.columns(months, _("Solicitudes por mes")) if months else "",
        "cases": sum(number for _label, number in months),
        "channels": reads.cases_by_channel(since, agency),
        "busiest": reads.cases_by_office(since, agency),
        "counters": reads.by_office(since, agency),
        "median_days": reads.median_days(since, agency),
        "days_before": saved.told.get("days"),
        "easy": reads.found_easy(since, agency),
        "saved": saved,
        "saved_visits": grouped(saved.visits) if saved.visits else "",
        "saved_hours": grouped(saved.hours) if saved.hours else "",
        "saved_money": grouped(saved.money) if saved.money else "",
    }


def open_rows() -> list[dict[str, Any]]:
    """One row for each institution: what the chart draws."""
    return [
        {
            "institucion": one.name,
            "codigo": one.code,
            "en_linea": one.digital,
            "tramites": one.total,
            "porcentaje": one.percent,
        }
        for one in reads.by_institution()
    ]
