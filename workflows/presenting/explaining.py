"""¿Por qué?: for each way a case took and each question it did not ask, the rule in words and the values it read."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Person
from legaltime.api import local_date
from procedures.api import (
    Bundle,
    Condition,
    DecisionStep,
    RuleError,
    bundle_of,
    decide,
    describe,
    display_value,
    paths_in,
    values_read,
)
from procedures.api import Route as RouteSpec
from workflows import answers, deadlines, titles
from workflows.access import filed_by
from workflows.models import Case, CaseMove, CaseTask, Deadline, DeadlineChange, Submission
from workflows.presenting.clocks import explained
from workflows.presenting.language import for_applicant, foreign_spanish, on_page, page_language
from workflows.presenting.unasked import Hidden, Values, unasked, verdict
from workflows.presenting.words import moment
from workflows.regime import charges_or_none
from workflows.scopes import data_for
from workflows.withholding import kept_answers


@dataclass(frozen=True)
class Way:
    """One way out of a step: its rule, and whether it was the one."""

    title: str
    rule: str
    verdict: str
    taken: bool
    values: Values = field(default_factory=list)


@dataclass(frozen=True)
class Crossing:
    """A step from which the case could go more than one way."""

    step: str
    at: str
    ways: list[Way]
    note: str = ""


@dataclass(frozen=True)
class Form:
    """What one submission did not ask."""

    step: str
    at: str
    hidden: list[Hidden]


@dataclass(frozen=True)
class Refused:
    """Something that was asked and refused."""

    title: str
    at: str
    reason: str
    source: str


class Explanation:
    """Reads one case once. For an interested person, only what the applicants' answers decided and their own dates."""

    def __init__(self, case: Case, person: Person | None) -> None:
        self.case, self.person, self.mine = case, person, person is not None
        self.published = bundle_of(case.version)
        self.bundle: Bundle = for_applicant(case.version) if self.mine else on_page(case.version)
        self._former: dict[int, Explanation] = {}

    @cached_property
    def submissions(self) -> list[Submission]:
        """What was filed, in order, and is read by rules."""
        rows = self.case.submissions.filter(is_overtaken=False).select_related("amends").prefetch_related("values")
        return list(rows.order_by("seq"))

    @cached_property
    def tasks(self) -> list[CaseTask]:
        """The steps that are over, in the order in which they ended."""
        done = CaseTask.objects.filter(process=self.case, status__in=["DONE", "CANCELED"], finished__isnull=False)
        return list(done.defer("flow_task").prefetch_related("leading").order_by("finished", "pk"))

    # The versions followed

    @cached_property
    def moves(self) -> list[CaseMove]:
        """The times that the case went to another version, in order."""
        went = self.case.moves.filter(state=CaseMove.State.MOVED).order_by("at", "pk")
        return list(went.select_related("move__source__version", "move__target__version"))

    def _as_of(self, at: datetime | None) -> Explanation:
        """This explanation by the rules of the version that the case followed at that time (R78)."""
        followed = next((row.move.source.version for row in self.moves if at and row.at and at <= row.at), None)
        if followed is None or followed.pk == self.case.version_id:
            return self
        if followed.pk not in self._former:
            former = self._former[followed.pk] = copy.copy(self)
            former.__dict__.pop("_own_steps", None)
            former.published = bundle_of(followed)
            former.bundle = for_applicant(followed) if self.mine else on_page(followed)
        return self._former[followed.pk]

    def moved(self) -> dict[str, str]:
        """From which version the case came to its own and when; nothing where it follows the one it began with."""
        if not self.moves or self.moves[0].move.source.version.pk == self.case.version_id:
            return {}
        return {"number": str(self.moves[0].move.source.version.number), "at": self._moment(self.moves[-1].at)}

    # The ways taken

    def crossings(self) -> Iterator[Crossing]:
        """Each step whose way on depended on a rule, with every alternative that was looked at."""
        for task in self.tasks:
            yield from self._as_of(task.finished)._crossings_of(task)

    def _crossings_of(self, task: CaseTask) -> Iterator[Crossing]:
        step = self.bundle.step(task.step_id) if self.bundle.has_step(task.step_id) else None
        if step is None:
            return
        if isinstance(step, DecisionStep):
            yield from self._table(step, task)
        if any(route.condition for route in step.routes) and self._shows(step.routes):
            yield from self._crossing(task, step.routes)

    def _shows(self, routes: tuple[RouteSpec, ...]) -> bool:
        """A person sees the rules that read their own answers only."""
        conditions = [route.condition for route in routes if route.condition is not None]
        return not self.mine or all(self._is_own(condition) for condition in conditions)

    def _is_own(self, condition: Condition) -> bool:
        return all(path.partition(".")[0] in self._own_steps for path in paths_in(condition, self.bundle))

    @cached_property
    def _own_steps(self) -> set[str]:
        """The applicants' steps; a rule that reads what somebody with reserved identity answered tells of them."""
        applicants = {step.id for step in self.bundle.every_step() if step.kind in ("start", "correction")}
        kept = kept_answers(self.case, self.person) if self.person is not None else frozenset()
        holding = (row for row in self.submissions if any(value.pk in kept for value in row.values.all()))
        return applicants - {self._answers_step(row) for row in holding}

    def _crossing(self, task: CaseTask, routes: tuple[RouteSpec, ...]) -> Iterator[Crossing]:
        """Nothing for what led nowhere by rule: a late report, the first of two signatures, a step that was dropped."""
        data = self._data_at(task)
        verdicts = [self._verdict(route.condition, data) for route in routes]
        by_rules = next((place for place, holds in enumerate(verdicts) if holds), None)
        led = [place for place, route in enumerate(routes) if self._led(task, route.target)]
        if not led and task.pk not in self._stuck:
            return
        taken = None if not led else by_rules if by_rules in led else led[0]
        ways = [
            self._way(route, data, verdicts[place], place == taken)
            for place, route in enumerate(routes)
            if taken is None or place <= taken
        ]
        yield Crossing(self._called(task), self._moment(task.finished), ways, self._note(task, taken, by_rules))

    def _led(self, task: CaseTask, target: str) -> bool:
        """Whether a step of the case followed this one at a target."""
        if target == "join":
            return any(follower.flow_task_type == "JOIN" for follower in task.leading.all())
        return any(follower.step_id == target for follower in task.leading.all())

    @cached_property
    def _stuck(self) -> set[int | None]:
        """The steps from which the case could not go on."""
        return set(self.case.incidents.filter(closed_at=None).values_list("task", flat=True))

    def _note(self, task: CaseTask, taken: int | None, by_rules: int | None) -> str:
        if task.status == "CANCELED":
            return str(_("El paso se cerró sin respuesta: siguió por su vencimiento o porque el caso terminó."))
        if taken is None:
            return str(_("Ninguna salida se cumplió: el caso quedó detenido y se abrió un incidente."))
        if taken != by_rules:
            return str(
                _("Algún dato que la regla leyó cambió después; el camino que se muestra es el que tomó el caso.")
            )
        return ""

    def _way(self, route: RouteSpec, data: Mapping[str, Any], holds: bool | None, taken: bool) -> Way:
        title = route.label or self._title(route.target)
        if route.condition is None:
            return Way(title, str(_("En cualquier otro caso")), "", taken)
        verdicts = {True: _("Se cumple"), False: _("No se cumple"), None: _("No se pudo evaluar")}
        rule, read = describe(route.condition, self.bundle), values_read(route.condition, data, self.bundle)
        return Way(title, rule, str(verdicts[holds]), taken, read)

    def _called(self, task: CaseTask) -> str:
        said = titles.for_applicant if self.mine else titles.for_official
        return said(task, self.published, page_language())

    def _clock(self, clock: Deadline) -> str:
        return deadlines.title_of(clock, self.published if self.mine else None)

    def _title(self, target: str) -> str:
        if target == "join":
            return str(_("Termina esta rama"))
        return self.bundle.step(target).title if self.bundle.has_step(target) else target

    def _verdict(self, condition: Condition | None, data: Mapping[str, Any]) -> bool | None:
        return verdict(condition, data, self.bundle)

    def _table(self, step: DecisionStep, task: CaseTask) -> Iterator[Crossing]:
        data = self._data_at(task)
        paths = dict.fromkeys(cell.data for row in step.rows for cell in row.when)
        if self.mine and not {path.partition(".")[0] for path in paths} <= self._own_steps:
            return
        try:
            place, values = decide(step, data, self.bundle)
        except RuleError:
            return
        read = [(self._label(path), self._word(path, data)) for path in paths]
        gave = "; ".join(f"{name}: {value}" for name, value in values.items())
        way = Way(gave, str(_("Fila %(n)s de la tabla") % {"n": place}), str(_("Se cumple")), True, read)
        yield Crossing(self._called(task), self._moment(task.finished), [way])

    def _label(self, path: str) -> str:
        return self.bundle.field(path).label if self._has_field(path) else path

    def _word(self, path: str, data: Mapping[str, Any]) -> str:
        step, _dot, name = path.partition(".")
        value = (data.get(step) or {}).get(name)
        if not self._has_field(path):
            return "" if value is None else str(value)
        question = self.bundle.field(path)
        return str(_("dato reservado")) if question.sensitive else display_value(question, value)

    def _has_field(self, path: str) -> bool:
        try:
            self.bundle.field(path)
        except KeyError:
            return False
        return True

    # What rules read at the time

    def _data_at(self, task: CaseTask) -> Mapping[str, Any]:
        """The data of the case when the step ended: what was filed later is taken back."""
        seen = copy.copy(self.case)
        seen.data = self._rewound(task.finished) if task.finished else self.case.data
        return data_for(seen, task)

    def _rewound(self, at: datetime) -> dict[str, Any]:
        data = dict(self.case.data)
        later = {self._answers_step(row) for row in self.submissions if row.at > at}
        for step_id in later - set(self.bundle.loops):
            before = [row for row in self.submissions if row.at <= at and self._answers_step(row) == step_id]
            data[step_id] = self._values(before[-1]) if before else {}
        return data

    def _answers_step(self, row: Submission) -> str:
        return row.amends.step_id if row.amends else row.step_id

    def _values(self, row: Submission, *, opened: bool = False) -> dict[str, Any]:
        return {
            value.field_id: answers.plain(self.case, value) if opened else value.value
            for value in row.values.all()
            if opened or value.sealed is None
        }

    # Questions that were not asked

    def forms(self) -> Iterator[Form]:
        """For each submission, what its form did not ask and why."""
        for row in self.submissions:
            yield from self._as_of(row.at)._form_of(row)

    @cached_property
    def _applied(self) -> bool:
        """Whether the case is of whoever reads: the sensitive answers are, too."""
        return self.person is not None and filed_by(self.case, self.person)

    def _form_of(self, row: Submission) -> Iterator[Form]:
        is_own = self._answers_step(row) in self._own_steps
        if self.bundle.has_step(row.step_id) and row.step_id not in self.bundle.loops and (is_own or not self.mine):
            step_id = self._answers_step(row)
            scope = {**self._rewound(row.at), step_id: self._values(row, opened=True)}
            knows = self.person is not None and (self._applied or row.author_id == self.person.pk)
            hidden = list(
                unasked(self.bundle, row.step_id, scope, tells_sealed_rows=knows, tells_sealed=knows or not self.mine)
            )
            if hidden:
                yield Form(self.bundle.step(row.step_id).title, self._moment(row.at), hidden)

    # Dates and refusals

    def clocks(self) -> Iterator[dict[str, Any]]:
        """Each clock with how its date was counted."""
        rows = self.case.deadlines.select_related("task", "party__person", "party__organisation")
        for clock in (
            rows.filter(self._shown()).defer("task__flow_task").prefetch_related("changes__outage").order_by("pk")
        ):
            clock.case = self.case
            yield {
                "pk": clock.pk,
                "title": self._clock(clock),
                "state": deadlines.in_words(clock),
                "due": date_format(clock.due_on, "DATE_FORMAT") if clock.due_on else "",
                "source": clock.legal_source,
                **explained(clock, self.person),
            }

    def _shown(self) -> Q:
        if self.person is None:
            return Q()
        own = Q(party=None) | Q(party__person=self.person) | Q(party__representative=self.person)
        return Q(kind=Deadline.Kind.TERM) | (own & Q(binds_applicant=True))

    def charges(self, today: date) -> dict[str, Any]:
        """What is charged and why; whether a rule that decides it failed."""
        found = charges_or_none(self.case, self.bundle, today)
        return {"charges": found or [], "charges_failed": found is None}

    def refusals(self) -> Iterator[Refused]:
        """Extensions that were asked and refused, with the reason given."""
        rows = DeadlineChange.objects.filter(deadline__case=self.case, state=DeadlineChange.State.REFUSED)
        rows = rows.filter(asked_by=self.person) if self.person else rows
        for change in rows.select_related("deadline__task").defer("deadline__task__flow_task").order_by("pk"):
            title = _("No se amplió: %(clock)s") % {"clock": self._clock(change.deadline)}
            yield Refused(title, self._moment(change.decided_at), change.answer, change.legal_source)

    def _moment(self, at: datetime | None) -> str:
        return moment(at, self.case.agency)


def explain_context(case: Case, person: Person | None = None, *, at: datetime) -> dict[str, Any]:
    """The whole page, for officials or for one interested person."""
    told = Explanation(case, person)
    version = case.version
    return {
        "institution": case.agency,
        "case": case,
        "crossings": list(told.crossings()),
        "forms": list(told.forms()),
        "clocks": list(told.clocks()),
        **told.charges(local_date(at, case.agency.time_zone)),
        "refusals": list(told.refusals()),
        "version": version,
        "moved": told.moved(),
        "version_title": on_page(version).title,
        "version_lang": on_page(version).lang,
        "source_lang": foreign_spanish(),
        "published_at": moment(version.published_at, case.agency),
        "since": date_format(case.offering.effective_from, "DATE_FORMAT"),
        "filed_at": moment(case.effective_at, case.agency),
    }
