"""The page on which whoever leads a unit gives its steps to people of the unit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.api import in_force
from accounts.models import Person
from procedures.api import Problem, problems_of
from workflows.bandeja import Bandeja
from workflows.commands.assigning import Given
from workflows.controls import text_field
from workflows.models import CaseTask
from workflows.presenting.inbox import PAGE, Row, ShortPaginator, institution, task_row, with_versions
from workflows.presenting.words import DayCounter
from workflows.queries import away_among
from workflows.rules import HELD, SIGNING, WAITING

FREE, ALL = "", "todos"
"""Which steps the page shows besides those of one person."""


@dataclass(frozen=True)
class Colleague:
    """Somebody who may be given steps, with how many of the units' they have: what they do elsewhere is not shown."""

    person: Person
    held: int
    is_away: bool
    is_shown: bool
    """Whether the page shows the steps that they have."""

    @property
    def label(self) -> str:
        """How the list to choose from names them."""
        held = ngettext("tiene %(n)s paso", "tiene %(n)s pasos", self.held) % {"n": self.held}
        return f"{self.person} ({_('ausente hoy') if self.is_away else held})"


@dataclass(frozen=True)
class Step:
    """One step that may be given, as its row shows it."""

    pk: str
    shown: Row
    is_marked: bool
    holder: str
    refusal: str
    """Why it could not be given."""


class AssignForm(forms.Form):
    """Which steps, to whom, and why where others are left behind."""

    use_required_attribute = False
    steps = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": gettext_lazy("Marca los pasos que vas a encargar."),
            "invalid_choice": gettext_lazy("Algún paso que marcaste ya no está en esta lista. Revisa los marcados."),
        },
    )
    to = forms.ChoiceField(
        label=gettext_lazy("¿A quién se los encargas?"),
        widget=forms.Select(attrs={"class": "select"}),
        error_messages={
            "required": gettext_lazy("Elige a quién se los encargas"),
            "invalid_choice": gettext_lazy("Elige a alguien de la lista"),
        },
    )
    reason = text_field(
        gettext_lazy("Razón"),
        hint=gettext_lazy("Solo si dejas atrás solicitudes que llegaron antes. Queda en cada una que encargas"),
        most=500,
        too_long=gettext_lazy("Escribe menos de 500 caracteres"),
        rows=2,
    )


@dataclass
class AssigningPage:
    """The steps that wait in the units that an official leads, and the people of those units."""

    bandeja: Bandeja
    whose: str
    number: str
    posted: Any = None
    outcome: list[Given] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.waiting = self.bandeja.to_assign()
        self.page = ShortPaginator(self._shown(), PAGE).get_page(self.number)
        self.tasks: dict[str, CaseTask] = {str(task.pk): task for task in self.page}
        self.colleagues = list(self._colleagues())
        self.form = AssignForm(self.posted, auto_id="id-%s")
        fields: dict[str, Any] = self.form.fields
        fields["steps"].choices = [(pk, pk) for pk in self.tasks]
        fields["to"].choices = [("", ""), *((str(one.person.pk), one.label) for one in self.colleagues)]

    def chosen(self) -> tuple[list[CaseTask], Person, str]:
        """What the valid form asks for: the steps, who gets them, and the reason."""
        given = self.form.cleaned_data
        to = next(one.person for one in self.colleagues if str(one.person.pk) == given["to"])
        return [self.tasks[pk] for pk in given["steps"]], to, given["reason"]

    def context(self) -> dict[str, Any]:
        """Data for the template."""
        counter = DayCounter(self.bandeja.on)
        refused = {str(given.task.pk): given.refusal for given in self.outcome}
        marked = set(self.form["steps"].value() or ())
        with_versions(task.process for task in self.tasks.values())
        return {
            "institution": institution(self.bandeja.roles),
            "rows": [
                Step(pk, task_row(task, counter), pk in marked, str(task.owner or ""), refused.get(pk, ""))
                for pk, task in self.tasks.items()
            ],
            "page": self.page,
            "query": f"quien={self.whose}&" if self.whose else "",
            "colleagues": self.colleagues,
            "whose": self.whose,
            "unmarked": self.form["steps"].errors,
            "choices": [self.form["to"], self.form["reason"]],
            "errors": [*problems_of(self.form), *self._refusals()],
        }

    def _refusals(self) -> Iterable[Problem]:
        """A line for each step that could not be given, leading to its box where it is still listed."""
        places = {pk: f"id-steps_{place}" for place, pk in enumerate(self.tasks)}
        for given in self.outcome:
            if given.refusal:
                text = f"{given.task.process.number}: {given.refusal}"
                yield Problem(places.get(str(given.task.pk), "main"), text)

    def _shown(self) -> QuerySet[CaseTask]:
        if self.whose == ALL:
            return self.waiting
        if self.whose.isdecimal():
            return self.waiting.filter(owner__person=int(self.whose))
        return self.waiting.filter(status=WAITING)

    def _colleagues(self) -> Iterable[Colleague]:
        units = self.bandeja.units_led
        theirs_now = Q(user__tasks__status__in=[HELD, SIGNING], user__tasks__unit__in=units)
        held = Count("user__tasks", filter=theirs_now, distinct=True)
        in_office = in_force(self.bandeja.on, through="memberships__")
        theirs = Person.objects.filter(in_office, memberships__role__unit__in=units)
        people = list(theirs.distinct().annotate(held=held).order_by("given_names", "pk"))
        away = away_among(people, self.bandeja.on)
        for person in people:
            yield Colleague(person, person.held, person.pk in away, str(person.pk) == self.whose)


def said(outcome: Iterable[Given], to: Person) -> str:
    """How many steps were given; "" where none was."""
    count = sum(not given.refusal for given in outcome)
    text = ngettext("Encargaste %(n)s paso a %(name)s.", "Encargaste %(n)s pasos a %(name)s.", count)
    return text % {"n": count, "name": to} if count else ""


def left_over(posted: QueryDict, outcome: Iterable[Given]) -> QueryDict:
    """What was posted, with only those steps marked that could not be given."""
    left = posted.copy()
    left.setlist("steps", [str(given.task.pk) for given in outcome if given.refusal])
    return left
