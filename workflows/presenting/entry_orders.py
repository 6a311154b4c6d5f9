"""Pages about orders that put a class of cases first: the list, the form, and the words on a case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Count, QuerySet
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.api import roles_of
from accounts.models import Person
from procedures.api import NUMBER_TYPES, Bundle, Field, offerings_on, problems_of, typed_number
from procedures.models import Offering, ProcedureVersion
from workflows.commands.entry_orders import NewOrder, may_end_among, units_ordered_in, would_cover
from workflows.controls import day_field
from workflows.models import FIRST, CaseTask, EntryOrder
from workflows.presenting.inbox import institution
from workflows.presenting.language import procedure_title, unmarked

WAYS = "id-clase"
"""Where the page asks which cases go first; what is wrong with the class as a whole leads there."""
MOST_OVER = 20
"""How many orders that are over the page shows, the latest first."""


def classes(bundle: Bundle) -> dict[str, list[tuple[str, str]]]:
    """{question: [(value of the form, answer in words)]} of the application: by which answers a class is described."""
    asked = bundle.fields_of(bundle.start.id)
    return {one.label: list(_answers(one)) for one in asked if _tells_apart(one)}


def _tells_apart(question: Field) -> bool:
    """Sensitive answers describe no class: rules do not read them."""
    return not question.sensitive and (question.type == "yes_no" or bool(question.options))


def _answers(question: Field) -> Iterator[tuple[str, str]]:
    if question.type == "yes_no":
        yield f"{question.id}=yes", f"{question.label} {_('Sí')}"
        yield f"{question.id}=no", f"{question.label} {_('No')}"
    for option in question.options:
        yield f"{question.id}={option.id}", f"{question.label} {option.label}"


def measures(bundle: Bundle) -> list[tuple[str, str]]:
    """The questions of the application whose answers are numbers or dates: value of the form, and its words."""
    asked = bundle.fields_of(bundle.start.id)
    return [(one.id, one.label) for one in asked if not one.sensitive and _measure(one)]


def _measure(question: Field) -> bool:
    return question.type == "date" or question.type in NUMBER_TYPES


def _choice(label: Any, hint: Any = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        help_text=hint,
        required=False,
        widget=forms.Select(attrs={"class": "select"}),
        error_messages={"invalid_choice": _("Elige de la lista")},
    )


def _bound(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=_("Por ejemplo, 1.500 o 25/11/2026"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"class": "input input-10", "autocomplete": "off"}),
    )


@dataclass(frozen=True)
class Way:
    """One of the ways in which a class of cases is described."""

    title: Any
    fields: list[forms.BoundField]
    is_open: bool


class OrderForm(forms.Form):
    """Which cases go first, for how long and why."""

    use_required_attribute = False
    first = _choice(_("Respondieron"))
    second = _choice(_("Y además respondieron"))
    measured = _choice(_("Respuesta"))
    least = _bound(_("Desde"))
    most = _bound(_("Hasta, incluido"))
    filed_from = day_field(_("Desde el"), required=False)
    filed_to = day_field(_("Hasta el, incluido"), required=False)
    starts_on = day_field(_("Rige desde el"), error=_("Escribe desde qué día rige"))
    ends_on = day_field(
        _("Rige hasta el, incluido"),
        _("A lo más seis meses. Por ejemplo, 25/11/2026"),
        error=_("Escribe hasta qué día rige"),
    )
    reason = forms.CharField(
        label=_("Motivo"),
        help_text=_("Queda en la página y en el historial de cada solicitud que la orden cubre"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "class": "textarea"}),
        error_messages={"required": _("Escribe el motivo"), "max_length": _("Escribe menos de 2.000 caracteres")},
    )

    def __init__(self, data: Any = None, *, bundle: Bundle, today: date) -> None:
        super().__init__(data, auto_id="id-%s", initial={"starts_on": today})
        self.bundle = bundle
        choices: list[Any] = [("", ""), *((label, rows) for label, rows in classes(bundle).items())]
        fields: dict[str, Any] = self.fields
        fields["first"].choices = fields["second"].choices = choices
        fields["measured"].choices = [("", ""), *measures(bundle)]

    def ways(self) -> Iterator[Way]:
        """How a class may be described, given what the application asks; each folded while nothing is typed in it."""
        named = [
            (_("Por lo que respondieron"), ("first", "second"), bool(classes(self.bundle))),
            (
                _("Por un número o una fecha que escribieron"),
                ("measured", "least", "most"),
                bool(measures(self.bundle)),
            ),
            (_("Por cuándo se presentaron"), ("filed_from", "filed_to"), True),
        ]
        for title, names, is_possible in named:
            if is_possible:
                fields = [self[name] for name in names]
                yield Way(title, fields, any(field.value() or field.errors for field in fields))

    def rest(self) -> list[forms.BoundField]:
        """For how long and why."""
        return [self[name] for name in ("starts_on", "ends_on", "reason")]

    def clean(self) -> dict[str, Any]:
        """What describes a class that some application may be of."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        self._refuse_two_answers(given)
        given["range"] = self._range(given)
        says = ("first", "second", "measured", "filed_from", "filed_to")
        if not any(given.get(name) for name in says) and not any(name in self.errors for name in says):
            self.add_error(None, _("Elige qué solicitudes van primero: por una respuesta o por cuándo se presentaron"))
        if given.get("filed_from") and given.get("filed_to") and given["filed_to"] < given["filed_from"]:
            self.add_error("filed_to", _("Escribe un día igual o posterior al primero"))
        return given

    def _refuse_two_answers(self, given: dict[str, Any]) -> None:
        """One answer only of each question that takes one: nobody gave both, so the order would cover nothing."""
        first, second = given.get("first", ""), given.get("second", "")
        name = first.partition("=")[0]
        is_same = bool(name) and first != second and name == second.partition("=")[0]
        if is_same and self._question(name).type != "choices":
            self.add_error("second", _("Nadie respondió las dos cosas. Elige la respuesta de otra pregunta"))

    def _range(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        """The comparisons with the two values, each as the rules of procedures are written."""
        typed = {"ge": given.get("least", ""), "le": given.get("most", "")}
        name = given.get("measured", "")
        if not name:
            if any(typed.values()):
                self.add_error("measured", _("Elige a qué respuesta se refieren los valores"))
            return []
        if not any(typed.values()):
            self.add_error("least", _("Escribe desde o hasta qué valor"))
        rows = [self._compared(name, op, text) for op, text in typed.items() if text]
        read = [row for row in rows if row is not None]
        if len(read) == 2 and not _in_order(*read):
            self.add_error("most", _("Escribe un valor igual o mayor que el primero"))
        return read

    def _compared(self, name: str, op: str, text: str) -> dict[str, Any] | None:
        question = self._question(name)
        try:
            value = _as_value(question, text)
        except ValueError:
            words = _("Escribe una fecha como 25/11/2026") if question.type == "date" else _("Escribe un número")
            self.add_error("least" if op == "ge" else "most", words)
            return None
        return {"field": f"{self.bundle.start.id}.{name}", "op": op, "value": value}

    def _question(self, name: str) -> Field:
        return self.bundle.field(f"{self.bundle.start.id}.{name}")

    def condition(self) -> dict[str, Any]:
        """The class, as the rules of procedures are written; empty where only the day of filing tells."""
        given = [self.cleaned_data["first"], self.cleaned_data["second"]]
        rows = [self._row(one) for one in dict.fromkeys(filter(None, given))] + self.cleaned_data["range"]
        return {"all": rows} if rows else {}

    def _row(self, chosen: str) -> dict[str, Any]:
        name, _equals, answer = chosen.partition("=")
        question = self._question(name)
        value: Any = answer == "yes" if question.type == "yes_no" else answer
        op = "contains" if question.type == "choices" else "eq"
        return {"field": f"{self.bundle.start.id}.{name}", "op": op, "value": value}

    def order(self, offering: Offering, unit: Any) -> NewOrder:
        """What `give_order` takes."""
        given = self.cleaned_data
        return NewOrder(
            offering=offering,
            unit=unit,
            condition=self.condition(),
            starts_on=given["starts_on"],
            ends_on=given["ends_on"],
            reason=given["reason"],
            filed_from=given["filed_from"],
            filed_to=given["filed_to"],
        )


def _as_value(question: Field, text: str) -> int | str:
    """What was typed as rules write it. ValueError for what is no answer of the question."""
    if question.type == "date":
        return datetime.strptime(text.strip(), "%d/%m/%Y").date().isoformat()
    number = typed_number(question.type, text.strip(), str(question.label))
    return int(number) if number == int(number) else f"{number:f}"


def _in_order(low: dict[str, Any], high: dict[str, Any]) -> bool:
    """Whether the first value is not above the second; ISO dates compare as they are written."""
    one, other = low["value"], high["value"]
    if "-" in str(one)[1:]:
        return str(one) <= str(other)
    return Decimal(one) <= Decimal(other)


def places(person: Person, on: date) -> list[tuple[str, str, str]]:
    """(address value, words, their language) of each procedure and unit about which the person may give an order."""
    agencies = {role.unit.agency_id for role in roles_of(person, on)}
    offerings = list(offerings_on(on).filter(agency__in=agencies))
    units = units_ordered_in(person, offerings, on)
    called = {offering.pk: unmarked(procedure_title(offering.version)) for offering in offerings}
    return [
        (f"{offering.pk}-{unit.pk}", f"{called[offering.pk][0]} · {unit.name}", called[offering.pk][1])
        for offering in offerings
        for unit in units[offering.pk]
    ]


def orders_seen_by(person: Person, on: date) -> QuerySet[EntryOrder]:
    """The orders of the agencies in which the person holds a role."""
    agencies = {role.unit.agency_id for role in roles_of(person, on)}
    found = EntryOrder.objects.filter(agency__in=agencies).select_related("agency", "unit", "given_by", "ended_by")
    return found.order_by("is_over", "starts_on", "pk")


def index_context(person: Person, on: date) -> dict[str, Any]:
    """Every order of the person's agencies, and where they may give one; as many reads for one as for a hundred."""
    found = orders_seen_by(person, on)
    live = list(found.filter(is_over=False))
    over = list(found.filter(is_over=True).order_by("-ends_on", "-pk")[:MOST_OVER])
    titles, covered = _titles([*live, *over]), _covered(live)
    ends = may_end_among(live, person, on) if live else set()
    shown = {
        order.pk: {
            "order": order,
            "title": titles.get(order.procedure_id, ""),
            "is_in_force": order.is_in_force(on),
            "is_to_come": order.starts_on > on,
            "covered": covered.get((order.unit_id, order.procedure_id), 0),
            "may_end": order.pk in ends,
        }
        for order in (*live, *over)
    }
    return {
        "institution": institution(roles_of(person, on)),
        "orders": [shown[one.pk] for one in live],
        "over": [shown[one.pk] for one in over],
        "places": places(person, on),
    }


def _titles(orders: Iterable[EntryOrder]) -> dict[int, str]:
    """The title of the newest version of each order's procedure."""
    versions = ProcedureVersion.objects.filter(procedure__in={order.procedure_id for order in orders})
    newest = dict(versions.order_by("number").values_list("procedure", "pk"))
    found = versions.in_bulk(newest.values())
    return {procedure: procedure_title(found[pk]) for procedure, pk in newest.items()}


def _covered(orders: Iterable[EntryOrder]) -> dict[tuple[int, int], int]:
    """How many steps that nobody took each order puts first; one order at most rules a procedure in a unit."""
    waiting = CaseTask.objects.filter(rank=FIRST, unit__in={order.unit_id for order in orders}, status="NEW")
    counted = waiting.order_by().values_list("unit", "process__version__procedure").annotate(n=Count("pk"))
    return {(unit, procedure): n for unit, procedure, n in counted if unit is not None}


def form_context(offering: Offering, unit: Any, form: OrderForm, refusal: Exception | None) -> dict[str, Any]:
    """The page on which an order is given; with a valid form also what the order would say and cover."""
    new = form.order(offering, unit) if form.is_bound and form.is_valid() and refusal is None else None
    return {
        "institution": offering.agency,
        "offering": offering,
        "unit": unit,
        "form": form,
        "words": new.words() if new else "",
        "coverage": _coverage(*would_cover(new)) if new else "",
        "errors": [replace(one, target=WAYS) if one.target == "main" else one for one in problems_of(form, refusal)],
        "ways_id": WAYS,
    }


def _coverage(covered: int, waiting: int) -> str:
    """How many steps an order would put first today."""
    if not waiting:
        return gettext(
            "Hoy no espera ninguna solicitud de este trámite en la unidad. La orden vale para las que lleguen."
        )
    text = ngettext(
        "Hoy cubriría %(covered)s de %(n)s paso que nadie ha tomado.",
        "Hoy cubriría %(covered)s de %(n)s pasos que nadie ha tomado.",
        waiting,
    )
    return text % {"covered": covered, "n": waiting}
