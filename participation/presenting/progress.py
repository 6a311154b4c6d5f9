"""The progress dashboard: findings as sentences, charts, and the same numbers as tables and open data."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from legaltime.api import local_date
from participation.presenting import charts
from participation.presenting.subject import grouped
from participation.queries import progress as reads
from participation.queries.finding import count_of
from participation.queries.powers import ZONE

GOALS = (25, 60, 80)
"""Percent of procedures online: where the programme began, and its two goals."""
SHOWN = 12
"""Institutions of a chart or table; one may ask for any, and the open data have them all."""


def dashboard_context(agency: str, now: datetime) -> dict[str, Any]:
    """The whole page, of all institutions or of one."""
    counted = reads.by_institution()
    share = reads.overall(counted, agency)
    return {
        "agency": agency,
        "institutions": counted,
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
        "seen": reads.seen(),
        "wanted": [(subject, count_of(subject)) for subject in reads.most_wanted(5, agency)],
        **_offices(counted),
        "differences": reads.differences(),
        **_cases(agency, local_date(now, ZONE)),
    }


def most_procedures(counted: list[reads.Share]) -> list[reads.Share]:
    """The institution with most procedures first; those with as many keep their order."""
    return sorted(counted, key=lambda one: -one.total)


def _offices(counted: list[reads.Share]) -> dict[str, Any]:
    shown = most_procedures(counted)[:SHOWN]
    drawn = [(one.name, one.percent, f"{one.digital} / {one.total}") for one in shown]
    return {
        "offices": shown,
        "other_offices": len(counted) - len(shown),
        "office_chart": charts.bars(drawn, _("Trámites en línea por institución")),
    }


def _cases(agency: str, today: date) -> dict[str, Any]:
    """What people did in the last twelve months, and what it saved them."""
    counted = reads.case_months(today, agency)
    months = [(date_format(one.month, "M"), one.filed) for one in counted]
    cases = sum(number for _label, number in months)
    saved = reads.saved(counted, agency)
    return {
        "months": months,
        "month_chart": charts.columns(months, _("Solicitudes por mes")) if cases else "",
        "cases": cases,
        "channels": reads.by_channel(counted),
        "busiest": reads.busiest(today, agency)[:SHOWN],
        "counters": reads.by_office(today, agency)[:SHOWN],
        "median_days": reads.median_days(counted),
        "days_before": saved.told.get("days"),
        "easy": reads.found_easy(today, agency),
        "saved": saved,
        "saved_visits": grouped(saved.visits) if saved.visits else "",
        "saved_hours": grouped(saved.hours) if saved.hours else "",
        "saved_money": grouped(saved.money) if saved.money else "",
    }


def open_rows(now: datetime) -> list[dict[str, Any]]:
    """One row for each institution: what the chart draws, and the cases that it received in twelve months."""
    filed = reads.filed_by_code(local_date(now, ZONE))
    return [
        {
            "institucion": one.name,
            "codigo": one.code,
            "en_linea": one.digital,
            "tramites": one.total,
            "porcentaje": one.percent,
            "solicitudes": filed.get(one.code, 0),
        }
        for one in most_procedures(reads.by_institution())
    ]


def open_months(now: datetime) -> list[dict[str, Any]]:
    """One row for each of the last twelve months, of all institutions together."""
    return [
        {
            "mes": f"{one.month:%Y-%m}",
            "solicitudes": one.filed,
            "por_puerta": one.channels,
            "terminadas": sum(one.days.values()),
            "en_mesones": one.attended,
            "de_otra_institucion": one.attended_others,
        }
        for one in reads.case_months(local_date(now, ZONE))
    ]


def open_differences() -> list[dict[str, Any]]:
    """Where the nightly recount found another number than the dashboard had."""
    return [
        {
            "institucion": one.agency.code if one.agency else "",
            "mes": f"{one.month:%Y-%m}",
            "mostraba": one.shown,
            "recuento": one.recounted,
            "detectada_el": local_date(one.at, ZONE).isoformat(),
        }
        for one in reads.differences()
    ]
