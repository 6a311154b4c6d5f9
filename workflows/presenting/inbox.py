"""The official's bandeja: tabs, filters and rows, all in words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Role
from notifications.models import PlatformSending
from procedures.models import ProcedureVersion
from workflows import queries
from workflows.bandeja import Bandeja
from workflows.models import FIRST, Case, CaseParty, CaseTask, Challenge, Channel, Deadline, Incident
from workflows.presenting.endings import endings
from workflows.presenting.language import (
    case_title,
    foreign_spanish,
    in_shape,
    procedure_names,
    step_at_desk,
    unmarked,
)
from workflows.presenting.waits import MACHINE_WAITS, waiting_in_words
from workflows.presenting.words import DayCounter, Due, moment, names
from workflows.rules import SIGNING, WAITING
from workflows.searching import Sought
from workflows.steps import law

PAGE = 50
MOST_ROWS = 1_000
"""Deeper pages are not offered: whoever looks for one case searches or filters."""
MOST_COUNTED = 99

TABS: dict[str, tuple[Any, Callable[[Bandeja], QuerySet[Any]]]] = {
    "mias": (gettext_lazy("Mías"), Bandeja.mine),
    "grupo": (gettext_lazy("De mi grupo, sin tomar"), Bandeja.unclaimed),
    "esperan": (gettext_lazy("Esperan a la persona"), Bandeja.waiting_for_applicants),
    "otros": (gettext_lazy("Esperan a otros o una fecha"), Bandeja.waiting_for_others),
    "terminadas": (gettext_lazy("Terminadas"), Bandeja.finished_cases),
    "incidentes": (gettext_lazy("Incidentes"), Bandeja.open_incidents),
}
EMPTY = {
    "mias": gettext_lazy("No tienes pasos tomados, y ninguna solicitud espera que alguien de tu grupo la tome."),
    "siguiente": gettext_lazy("No tienes pasos tomados. Con «Tomar la siguiente» recibes la que sigue."),
    "grupo": gettext_lazy("Nadie de tu grupo tiene solicitudes por tomar."),
    "esperan": gettext_lazy("Ninguna solicitud espera una respuesta de la persona."),
    "otros": gettext_lazy("Ninguna solicitud espera una fecha, un hecho ni a otra institución."),
    "terminadas": gettext_lazy("Todavía no termina ninguna solicitud."),
    "incidentes": gettext_lazy("No hay incidentes abiertos."),
}
OF_TASKS = ("mias", "grupo", "esperan", "otros")
TO_SIGN = ("mias", "grupo")
WITH_NEWS = ("mias", "esperan", "otros")
"""The lists that say what is new; who takes a step from the group's reads its case from the beginning."""


@dataclass(frozen=True)
class Wanted:
    """What the address of the bandeja asks for."""

    tab: str
    procedure: str
    step: str
    number: str
    """N° de solicitud to find, or a part of it."""
    by_person: bool
    """Whether to show what was looked for by name or RUN, which no address carries."""
    page: str

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Wanted:
        """Reads the query string; what makes no sense is left out."""
        tab = query.get("ver", "mias")
        return cls(
            tab=tab if tab in TABS else "mias",
            procedure=asked if (asked := query.get("tramite", "")).isdecimal() and len(asked) < 12 else "",
            step=query.get("paso", "")[:80],
            number=query.get("q", "").replace("\x00", "").strip()[:40],  # PostgreSQL takes no NUL
            by_person="buscado" in query,
            page=query.get("p", "")[:6],
        )

    def query(self) -> str:
        """The same as a query string: the way back to this very list."""
        kept = {"ver": self.tab, "tramite": self.procedure, "paso": self.step, "q": self.number}
        kept |= {"buscado": "1" if self.by_person else "", "p": self.page}
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


def inbox_context(bandeja: Bandeja, wanted: Wanted, sought: Sought | None) -> dict[str, Any]:
    """The page that the address asks for: what was sought, or else a list."""
    counter = DayCounter(bandeja.on)
    everything = TABS[wanted.tab][1](bandeja)
    chosen = _filtered(everything, wanted) if sought is None else bandeja.found(sought)
    page = ShortPaginator(chosen, PAGE).get_page(wanted.page)
    has_next_task = bandeja.unclaimed().order_by().exists()
    is_list_of_tasks = wanted.tab in OF_TASKS and sought is None
    return {
        "institution": institution(bandeja.roles),
        "wanted": wanted,
        "sought": sought,
        "tabs": list(_tabs(bandeja, wanted, sought)),
        "title": TABS[wanted.tab][0] if sought is None else _("Resultados de «%(text)s»") % {"text": sought.text},
        "rows": list(_rows(page, bandeja, wanted, counter)),
        "signs": wanted.tab in TO_SIGN and any(getattr(item, "step_kind", "") == "sign" for item in page),
        "page": page,
        "query": _rest_of_address(wanted),
        "has_filters": is_list_of_tasks and bool(page.object_list or wanted.procedure or wanted.step),
        "procedures": _procedures(bandeja) if is_list_of_tasks else (),
        "steps": _steps(everything) if is_list_of_tasks else (),
        "empty": _empty(wanted, sought, has_next_task),
        "is_cut": page.paginator.count == MOST_ROWS,
        "is_vague": sought is not None and page.paginator.num_pages > 1,
        "challenges": [_challenge(one) for one in bandeja.challenges()],
        "unreached": [_unreached(case, sending) for case, sending in bandeja.unreached()],
        "has_next_task": has_next_task,
    }


def _empty(wanted: Wanted, sought: Sought | None, has_next_task: bool) -> str:
    """What an empty list says, and what to do next where there is something."""
    if sought is None:
        return str(EMPTY["siguiente" if wanted.tab == "mias" and has_next_task else wanted.tab])
    if sought.number:
        return _("Ninguna solicitud de los trámites en que trabajas tiene ese número.")
    if sought.run:
        return _("En los trámites en que trabajas no hay solicitudes de alguien con ese RUN.")
    return _(
        "En los trámites en que trabajas no hay solicitudes de alguien con ese nombre. "
        "Prueba con un solo apellido, o con el RUN."
    )


def address_of(sought: Sought) -> dict[str, str]:
    """The query of the page that shows what was sought; nobody's name or RUN is in it."""
    return {"buscado": "1"} if sought.is_about_people else {"q": sought.text}


def _challenge(one: Challenge) -> dict[str, Any]:
    """A challenge that the official must decide (Ley 19.880 art. 12)."""
    return {
        "number": one.case.number,
        "who": one.person,
        "asked_at": one.asked_at,
        "url": reverse("workflows:desk_measure", args=[one.case.ref, "resolver-recusacion"]),
    }


def _unreached(case: Case, sending: PlatformSending) -> dict[str, Any]:
    """Somebody whom the platform did not reach, to be notified by another way (DS4 art. 25)."""
    return {
        "number": case.number,
        "answer": sending.get_answer_display(),
        "at": sending.sent_at,
        "url": reverse("workflows:desk_notify", args=[case.ref, sending.subject_id]),
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


def _tabs(bandeja: Bandeja, wanted: Wanted, sought: Sought | None) -> Iterable[dict[str, Any]]:
    for name, (title, rows) in TABS.items():
        counted = None if name == "terminadas" else rows(bandeja).order_by()[: MOST_COUNTED + 1].count()
        yield {
            "title": title,
            "url": f"{reverse('workflows:inbox')}?ver={name}",
            "current": name == wanted.tab and sought is None,
            "count": f"{MOST_COUNTED}+" if counted and counted > MOST_COUNTED else counted,
        }


def _rest_of_address(wanted: Wanted) -> str:
    return replace(wanted, page="").query() + "&"


def _procedures(bandeja: Bandeja) -> list[tuple[str, str, str]]:
    """Those in which the person takes part, whether something waits in them or not: that would mean reading all.

    Each with its name and the language of that, "" for the page's.
    """
    found = bandeja.procedures()
    names = procedure_names(version for version, _title in found.values())
    said = {key: unmarked(names.get(version, title)) for key, (version, title) in found.items()}
    return sorted(((key, *name) for key, name in said.items()), key=lambda one: one[1])


def _steps(tasks: QuerySet[CaseTask]) -> list[tuple[str, str, str]]:
    """The same of the steps."""
    if not foreign_spanish():
        pairs = {key: (title, "") for key, title in tasks.order_by().values_list("step_id", "step_title").distinct()}
    else:
        rows = list(tasks.order_by().values_list("step_id", "step_title", "process__version").distinct())
        versions = ProcedureVersion.objects.in_bulk({version for _id, _title, version in rows})
        named = ((CaseTask(step_id=step_id, step_title=title), versions[pk]) for step_id, title, pk in rows)
        pairs = {task.step_id: unmarked(step_at_desk(task, version)) for task, version in named}
    return sorted(((key, *name) for key, name in pairs.items()), key=lambda one: one[1])


def _rows(page: Iterable[Any], bandeja: Bandeja, wanted: Wanted, counter: DayCounter) -> Iterable[Row]:
    """One row for each; in the lists of one's own work also what is new."""
    own = [item for item in page if isinstance(item, CaseTask)] if wanted.tab in WITH_NEWS else []
    mine = {role.pk for role in bandeja.roles}
    news = bandeja.news(task.process for task in own)
    with_versions([one.process for one in page if isinstance(one, CaseTask)])
    with_versions([one for one in page if isinstance(one, Case)])
    with_versions([one.case for one in page if isinstance(one, Incident)])
    ended = endings([item for item in page if isinstance(item, Case)], at_desk=True)
    for item in page:
        row = _row(item, counter, bandeja.offerings, ended)
        if isinstance(item, CaseTask) and item.step_kind in MACHINE_WAITS:
            row = replace(row, note=_awaits(item, mine))
        at = news.get(item.process_id) if item in own else None
        yield replace(row, news=moment(at, item.process.agency), news_url=_history_of(item)) if at else row


def _awaits(task: CaseTask, roles: Collection[int]) -> str:
    """What a step without a holder waits for, and that whoever reads it is to say when it happens."""
    text = waiting_in_words(task)
    if task.role_id in roles:
        text = _("%(waits)s. Lo registra tu grupo") % {"waits": text}
    for link in getattr(task, "opened", ()):
        text = _("Espera que termine la solicitud N° %(number)s de %(agency)s") % {
            "number": link.child.number,
            "agency": link.child.agency,
        }
    return text


def _history_of(task: CaseTask) -> str:
    return case_url(task.process.ref, "historial")


def _row(item: CaseTask | Case | Incident, counter: DayCounter, linked: set[int], ended: Mapping[int, str]) -> Row:
    if isinstance(item, CaseTask):
        return task_row(item, counter)
    return _case_row(item, counter, ended) if isinstance(item, Case) else _incident_row(item, linked)


def task_row(task: CaseTask, counter: DayCounter) -> Row:
    """A step with its deadline, and who has it not taken."""
    case = task.process
    own = task.due_on is not None
    note = "" if own or case.due_on is None else _("plazo de todo el trámite")
    if task.step_id.startswith(law.SILENCE):
        note = _("lo pidió la persona: se da sin más trámite")
    if any(clock.state == Deadline.State.WAITING for clock in task.deadlines.all()):
        due = Due(_("sin empezar"), kind="warning", note=_("falta notificar"))
    else:
        due = counter.due(task.due_on or case.due_on, case.agency, note)
    to_step = task.owner is not None and not task.for_applicant
    url = reverse("workflows:desk_step", args=[case.ref, task.pk]) if to_step else case_url(case.ref)
    state, about = _state(task), _summary(case)
    return Row(case.number, url, case_title(case), _applicants(case), _called(task), due, state, summary=about)


def _called(task: CaseTask) -> str:
    return step_at_desk(task, task.process.version) if foreign_spanish() else task.step_title


def with_versions(cases: Iterable[Case]) -> None:
    """Read the versions of a page of cases at once, where steps are called in the language of the page."""
    found = list(cases) if foreign_spanish() else []
    versions = ProcedureVersion.objects.in_bulk({case.version_id for case in found})
    for case in found:
        case.version = versions[case.version_id]


def _state(task: CaseTask) -> str:
    if task.status == SIGNING:
        return _("firmando")
    if task.status != WAITING or task.for_applicant:
        return ""
    return _("sin tomar · va antes por orden fundada") if task.rank == FIRST else _("sin tomar")


def _case_row(case: Case, counter: DayCounter, ended: Mapping[int, str]) -> Row:
    if case.finished:
        state = ended[case.pk]
        due = Due(moment(case.finished, case.agency))
    else:
        state = _under_way(case)
        due = counter.due(case.due_on, case.agency, _("plazo de todo el trámite"))
    about = _summary(case)
    url, meant = case_url(case.ref), _others_meant(case)
    return Row(case.number, url, case_title(case), _applicants(case), state, due, meant, summary=about)


def _under_way(case: Case) -> str:
    """That it goes on, with the steps it is in and who has each where that was read: for whoever is asked about it."""
    said = [
        format_html("{} ({})", _called(task), task.owner or _nobody_yet(task))
        for task in getattr(case, "steps_now", ())
    ]
    if not said:
        return _("En trámite")
    return in_shape(_("En trámite: %(steps)s"), {"steps": SafeString("; ".join(said))})


def _nobody_yet(task: CaseTask) -> str:
    return _("espera a la persona") if task.for_applicant else _("sin tomar")


def _others_meant(case: Case) -> str:
    """Who was looked for and is not among those shown as applicants, with their part in the case."""
    said = []
    for party in getattr(case, "meant", ()):
        if party.kind != CaseParty.Kind.APPLICANT or party.left_at is not None:
            said.append(_("Interviene %(name)s, %(part)s") % {"name": party, "part": party.get_kind_display()})
        elif party.representative_id is not None and party.organisation_id is None:
            said.append(_("Actúa %(name)s en su representación") % {"name": party.representative})
    return ". ".join(said)


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
    return Row(case.number, url, case_title(case), "", kind, opened, incident.detail, again)


def case_url(ref: str, section: str = "") -> str:
    """Address of a case on the desk, at one of its tabs."""
    return reverse("workflows:desk_case", args=[ref]) + (f"?ver={section}" if section else "")
