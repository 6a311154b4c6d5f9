"""The official's bandeja: tabs, filters and rows, all in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Role
from workflows import queries
from workflows.bandeja import Bandeja
from workflows.models import FIRST, Case, CaseTask, Challenge, Channel, Deadline, Incident
from workflows.presenting.words import DayCounter, Due, moment, names
from workflows.rules import SIGNING, WAITING

PAGE = 50
MOST_ROWS = 1_000
"""Deeper pages are not offered: whoever looks for one case searches or filters."""
MOST_COUNTED = 99

TABS: dict[str, tuple[Any, Callable[[Bandeja], QuerySet[Any]]]] = {
    "mias": (gettext_lazy("Mías"), Bandeja.mine),
    "grupo": (gettext_lazy("De mi grupo, sin tomar"), Bandeja.unclaimed),
    "esperan": (gettext_lazy("Esperan a la persona"), Bandeja.waiting_for_applicants),
    "terminadas": (gettext_lazy("Terminadas"), Bandeja.finished_cases),
    "incidentes": (gettext_lazy("Incidentes"), Bandeja.open_incidents),
}
EMPTY = {
    "mias": gettext_lazy("No tienes pasos tomados, y ninguna solicitud espera que alguien de tu grupo la tome."),
    "siguiente": gettext_lazy("No tienes pasos tomados. Con «Tomar la siguiente» recibes la que sigue."),
    "grupo": gettext_lazy("Nadie de tu grupo tiene solicitudes por tomar."),
    "esperan": gettext_lazy("Ninguna solicitud espera una respuesta de la persona."),
    "terminadas": gettext_lazy("Todavía no termina ninguna solicitud."),
    "incidentes": gettext_lazy("No hay incidentes abiertos."),
}
OF_TASKS = ("mias", "grupo", "esperan")
TO_SIGN = ("mias", "grupo")
WITH_NEWS = ("mias", "esperan")
"""The lists that say what is new; who takes a step from the group's reads its case from the beginning."""


@dataclass(frozen=True)
class Wanted:
    """What the address of the bandeja asks for."""

    tab: str
    procedure: str
    step: str
    search: str
    page: str

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Wanted:
        """Reads the query string; what makes no sense is left out."""
        tab = query.get("ver", "mias")
        return cls(
            tab=tab if tab in TABS else "mias",
            procedure=asked if (asked := query.get("tramite", "")).isdecimal() and len(asked) < 12 else "",
            step=query.get("paso", "")[:80],
            search=query.get("q", "").replace("\x00", "").strip()[:40],  # PostgreSQL takes no NUL
            page=query.get("p", "")[:6],
        )

    def query(self) -> str:
        """The same as a query string: the way back to this very list."""
        kept = {"ver": self.tab, "tramite": self.procedure, "paso": self.step, "q": self.search, "p": self.page}
        return urlencode({name: value for name, value in kept.items() if value})


@dataclass(frozen=True)
class Row:
    """One line of the bandeja."""

    number: str
    url: str
    title: str
    applicant: str
    step: str
    due: Due
    note: str = ""
    retry_url: str = ""
    summary: str = ""
    """What a case that nobody applied for is about."""
    news: str = ""
    """When something happened in it that the official has not seen yet."""
    news_url: str = ""


class ShortPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than the rows that it offers."""

    @cached_property
    def count(self) -> int:
        """Rows offered."""
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return rows.order_by()[:MOST_ROWS].count()


def inbox_context(bandeja: Bandeja, wanted: Wanted) -> dict[str, Any]:
    """The page that the address asks for."""
    counter = DayCounter(bandeja.on)
    everything = TABS[wanted.tab][1](bandeja)
    chosen = bandeja.found(wanted.search) if wanted.search else _filtered(everything, wanted)
    page = ShortPaginator(chosen, PAGE).get_page(wanted.page)
    has_next_task = bandeja.unclaimed().order_by().exists()
    return {
        "institution": institution(bandeja.roles),
        "wanted": wanted,
        "tabs": list(_tabs(bandeja, wanted)),
        "title": _("Resultados de «%(text)s»") % {"text": wanted.search} if wanted.search else TABS[wanted.tab][0],
        "rows": list(_rows(page, bandeja, wanted, counter)),
        "signs": wanted.tab in TO_SIGN and any(getattr(item, "step_kind", "") == "sign" for item in page),
        "page": page,
        "query": _rest_of_address(wanted),
        "has_filters": wanted.tab in OF_TASKS,
        "procedures": _procedures(bandeja) if wanted.tab in OF_TASKS else (),
        "steps": _steps(everything) if wanted.tab in OF_TASKS else (),
        "empty": _empty(wanted, has_next_task),
        "is_cut": page.paginator.count == MOST_ROWS,
        "challenges": [_challenge(one) for one in bandeja.challenges()],
        "has_next_task": has_next_task,
    }


def _empty(wanted: Wanted, has_next_task: bool) -> str:
    """What an empty list says, and what to do next where there is something."""
    if wanted.search:
        return _("Ninguna solicitud de tus trámites tiene ese número.")
    return str(EMPTY["siguiente" if wanted.tab == "mias" and has_next_task else wanted.tab])


def _challenge(one: Challenge) -> dict[str, Any]:
    """A challenge that the official must decide (Ley 19.880 art. 12)."""
    return {
        "number": one.case.number,
        "who": one.person,
        "asked_at": one.asked_at,
        "url": reverse("workflows:desk_measure", args=[one.case.ref, "resolver-recusacion"]),
    }


def institution(roles: Iterable[Role]) -> str:
    """The name above the page, where the official works for one agency only."""
    agencies = {role.unit.agency.name for role in roles}
    return agencies.pop() if len(agencies) == 1 else ""


def _filtered(rows: QuerySet[Any], wanted: Wanted) -> QuerySet[Any]:
    if wanted.tab not in OF_TASKS:
        return rows
    if wanted.procedure:
        rows = rows.filter(process__version__procedure_id=int(wanted.procedure))
    return rows.filter(step_id=wanted.step) if wanted.step else rows


def _tabs(bandeja: Bandeja, wanted: Wanted) -> Iterable[dict[str, Any]]:
    for name, (title, rows) in TABS.items():
        counted = None if name == "terminadas" else rows(bandeja).order_by()[: MOST_COUNTED + 1].count()
        yield {
            "title": title,
            "url": f"{reverse('workflows:inbox')}?ver={name}",
            "current": name == wanted.tab and not wanted.search,
            "count": f"{MOST_COUNTED}+" if counted and counted > MOST_COUNTED else counted,
        }


def _rest_of_address(wanted: Wanted) -> str:
    return replace(wanted, page="").query() + "&"


def _procedures(bandeja: Bandeja) -> list[tuple[str, str]]:
    """Those in which the person takes part, whether something waits in them or not: that would mean reading all."""
    return sorted(bandeja.procedures().items(), key=lambda pair: pair[1])


def _steps(tasks: QuerySet[CaseTask]) -> list[tuple[str, str]]:
    pairs = tasks.order_by().values_list("step_id", "step_title").distinct()
    return sorted(dict(pairs).items(), key=lambda pair: pair[1])


def _rows(page: Iterable[Any], bandeja: Bandeja, wanted: Wanted, counter: DayCounter) -> Iterable[Row]:
    """One row for each; in the lists of one's own work also what is new."""
    is_own = wanted.tab in WITH_NEWS and not wanted.search
    news = bandeja.news(task.process for task in page) if is_own else {}
    for item in page:
        row = _row(item, counter, bandeja.offerings)
        at = news.get(item.process_id) if is_own else None
        yield replace(row, news=moment(at, item.process.agency), news_url=_history_of(item)) if at else row


def _history_of(task: CaseTask) -> str:
    return case_url(task.process.ref, "historial")


def _row(item: CaseTask | Case | Incident, counter: DayCounter, linked: set[int]) -> Row:
    if isinstance(item, CaseTask):
        return _task_row(item, counter)
    return _case_row(item, counter) if isinstance(item, Case) else _incident_row(item, linked)


def _task_row(task: CaseTask, counter: DayCounter) -> Row:
    case = task.process
    own = task.due_on is not None
    note = "" if own or case.due_on is None else _("plazo de todo el trámite")
    if any(clock.state == Deadline.State.WAITING for clock in task.deadlines.all()):
        due = Due(_("sin empezar"), kind="warning", note=_("falta notificar"))
    else:
        due = counter.due(task.due_on or case.due_on, case.agency, note)
    to_step = task.owner is not None and not task.for_applicant
    url = reverse("workflows:desk_step", args=[case.ref, task.pk]) if to_step else case_url(case.ref)
    state, about = _state(task), _summary(case)
    return Row(case.number, url, case.title, _applicants(case), task.step_title, due, state, summary=about)


def _state(task: CaseTask) -> str:
    if task.status == SIGNING:
        return _("firmando")
    if task.status != WAITING or task.for_applicant:
        return ""
    return _("sin tomar · va antes por orden fundada") if task.rank == FIRST else _("sin tomar")


def _case_row(case: Case, counter: DayCounter) -> Row:
    if case.finished:
        state = str(case.get_outcome_display()).capitalize()
        due = Due(moment(case.finished, case.agency))
    else:
        state = _("En trámite")
        due = counter.due(case.due_on, case.agency, _("plazo de todo el trámite"))
    return Row(case.number, case_url(case.ref), case.title, _applicants(case), state, due, summary=_summary(case))


def _applicants(case: Case) -> str:
    return _("De oficio") if _is_own(case) else names(case.applicants)  # type: ignore[attr-defined]


def _summary(case: Case) -> str:
    """Cases of one procedure that the institution began itself differ in this alone: no name tells them apart."""
    return case.summary if _is_own(case) else ""


def _is_own(case: Case) -> bool:
    return case.channel == Channel.OWN_MOTION and not case.applicants  # type: ignore[attr-defined]


def _incident_row(incident: Incident, linked: set[int]) -> Row:
    """Who only watches over effects gets no link: the file is not theirs to open (R44)."""
    case = incident.case
    opened = Due(moment(incident.opened_at, case.agency))
    kind = str(incident.get_kind_display()).capitalize()
    url = case_url(case.ref) if case.offering_id in linked else ""
    again = reverse("workflows:desk_retry", args=[case.ref, incident.pk]) if queries.can_retry(incident) else ""
    return Row(case.number, url, case.title, "", kind, opened, incident.detail, again)


def case_url(ref: str, section: str = "") -> str:
    """Address of a case on the desk, at one of its tabs."""
    return reverse("workflows:desk_case", args=[ref]) + (f"?ver={section}" if section else "")
