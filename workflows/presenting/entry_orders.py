"""Pages about orders that put a class of cases first: the list, the form, and the words on a case."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.api import roles_of
from accounts.models import Person
from procedures.api import Bundle, Field, bundle_of, offerings_on, problems_of
from procedures.models import Offering
from workflows.commands.entry_orders import NewOrder, may_end, units_ordered
from workflows.controls import day_field
from workflows.models import FIRST, CaseTask, EntryOrder

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


class OrderForm(forms.Form):
    """Which cases go first, for how long and why."""

    use_required_attribute = False
    first = forms.ChoiceField(
        label=_("¿Qué solicitudes van primero?"),
        help_text=_("Las que respondieron así"),
        widget=forms.Select(attrs={"class": "select"}),
        error_messages={"required": _("Elige qué solicitudes van primero"), "invalid_choice": _("Elige de la lista")},
    )
    second = forms.ChoiceField(
        label=_("Y que además respondieron"),
        required=False,
        widget=forms.Select(attrs={"class": "select"}),
        error_messages={"invalid_choice": _("Elige de la lista")},
    )
    starts_on = day_field(_("Rige desde el"))
    ends_on = day_field(_("Rige hasta el"))
    reason = forms.CharField(
        label=_("Motivo"),
        help_text=_("Queda en la página y en el historial de cada solicitud que la orden cubre"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "class": "textarea"}),
        error_messages={"required": _("Escribe el motivo"), "max_length": _("Escribe menos de 2.000 caracteres")},
    )

    def __init__(self, data: Any = None, *, bundle: Bundle) -> None:
        super().__init__(data, auto_id="id-%s")
        self.bundle = bundle
        choices: list[Any] = [("", ""), *((label, rows) for label, rows in classes(bundle).items())]
        fields: dict[str, Any] = self.fields
        fields["first"].choices = fields["second"].choices = choices

    def clean(self) -> dict[str, Any]:
        """One answer only of each question that takes one: nobody gave both, so the order would cover nothing."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        first, second = given.get("first", ""), given.get("second", "")
        name = first.partition("=")[0]
        is_same = bool(name) and first != second and name == second.partition("=")[0]
        if is_same and self.bundle.field(f"{self.bundle.start.id}.{name}").type != "choices":
            self.add_error("second", _("Nadie respondió las dos cosas. Elige la respuesta de otra pregunta"))
        return given

    def condition(self) -> dict[str, Any]:
        """The class, as the rules of procedures are written."""
        given = [self.cleaned_data["first"], self.cleaned_data["second"]]
        return {"all": [self._row(one) for one in dict.fromkeys(filter(None, given))]}

    def _row(self, chosen: str) -> dict[str, Any]:
        name, _equals, answer = chosen.partition("=")
        start = self.bundle.start.id
        question = self.bundle.field(f"{start}.{name}")
        value: Any = answer == "yes" if question.type == "yes_no" else answer
        return {"field": f"{start}.{name}", "op": "contains" if question.type == "choices" else "eq", "value": value}

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
        )


def places(person: Person, on: date) -> list[tuple[str, str]]:
    """(address value, words) of each procedure and unit about which the person may give an order."""
    agencies = {role.unit.agency_id for role in roles_of(person, on)}
    return [
        (f"{offering.pk}-{unit.pk}", f"{offering.version.title} · {unit.name}")
        for offering in offerings_on(on).filter(agency__in=agencies)
        for unit in units_ordered(person, offering, on)
    ]


def orders_seen_by(person: Person, on: date) -> QuerySet[EntryOrder]:
    """The orders of the agencies in which the person holds a role."""
    agencies = {role.unit.agency_id for role in roles_of(person, on)}
    found = EntryOrder.objects.filter(agency__in=agencies).select_related("agency", "unit", "given_by", "ended_by")
    return found.order_by("is_over", "starts_on", "pk")


def index_context(person: Person, on: date) -> dict[str, Any]:
    """Every order of the person's agencies, and where they may give one."""
    found = orders_seen_by(person, on)
    over = found.filter(is_over=True).order_by("-ends_on", "-pk")[:MOST_OVER]
    return {
        "orders": [_shown(one, person, on) for one in found.filter(is_over=False)],
        "over": [_shown(one, person, on) for one in over],
        "places": places(person, on),
    }


def _shown(order: EntryOrder, person: Person, on: date) -> dict[str, Any]:
    newest = order.procedure.versions.order_by("-number").values_list("title", flat=True).first()
    waiting = CaseTask.objects.filter(rank=FIRST, unit=order.unit_id, status="NEW")
    return {
        "order": order,
        "title": newest,
        "is_in_force": order.is_in_force(on),
        "is_to_come": order.starts_on > on,
        "covered": waiting.filter(process__version__procedure=order.procedure_id).count() if not order.is_over else 0,
        "may_end": not order.is_over and may_end(order, person, on),
    }


def form_context(offering: Offering, unit: Any, form: OrderForm, refusal: Exception | None) -> dict[str, Any]:
    """The page on which an order is given."""
    return {
        "institution": offering.agency.name,
        "offering": offering,
        "unit": unit,
        "form": form,
        "has_classes": bool(classes(bundle_of(offering.version))),
        "errors": problems_of(form, refusal),
    }
