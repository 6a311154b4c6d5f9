"""Who of the agency is away: the list, and the form with its people."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.api import in_force, roles_of, whose_absences
from accounts.models import Absence, Person
from procedures.api import problems_of
from workflows.controls import day_field
from workflows.rules import HELD, SIGNING


def colleagues(person: Person, on: date) -> list[Person]:
    """Everybody in office at the agencies of the person, with the steps that each holds; nobody for no official."""
    agencies = {role.unit.agency_id for role in roles_of(person, on)}
    in_office = in_force(on, through="memberships__")
    found = Person.objects.filter(in_office, memberships__role__unit__agency__in=agencies).distinct()
    held = Count("user__tasks", filter=Q(user__tasks__status__in=[HELD, SIGNING]), distinct=True)
    return list(found.annotate(held=held).order_by("given_names", "pk"))


def noted_by(person: Person, people: list[Person], on: date) -> list[Person]:
    """Whose absence the person may note: their own, and that of people of an agency whose work they watch over."""
    allowed = set(whose_absences(person, on).values_list("pk", flat=True))
    return [one for one in people if one.pk in allowed]


class AbsenceForm(forms.Form):
    """Who is away, from when to when, and who holds their posts meanwhile."""

    use_required_attribute = False
    person = forms.ChoiceField(
        label=_("Quién se ausenta"),
        widget=forms.Select(attrs={"class": "select"}),
        error_messages={"required": _("Elige quién se ausenta"), "invalid_choice": _("Elige a alguien de la lista")},
    )
    starts_on = day_field(_("Primer día"), error=_("Escribe el primer día"))
    ends_on = day_field(_("Último día"), error=_("Escribe el último día"))
    substitute = forms.ChoiceField(
        label=_("Quién subroga"),
        required=False,
        widget=forms.Select(attrs={"class": "select"}),
        help_text=_("Ocupa sus cargos esos días, y firma como subrogante (S)"),
        error_messages={"invalid_choice": _("Elige a alguien de la lista")},
    )

    def __init__(self, data: Any = None, *, people: list[Person], whom: list[Person]) -> None:
        super().__init__(data, auto_id="id-%s")
        self.by_pk, self.whom = {str(one.pk): one for one in people}, whom
        fields: dict[str, Any] = self.fields
        fields["person"].choices = [*([("", "")] if len(whom) > 1 else []), *((str(one.pk), str(one)) for one in whom)]
        fields["substitute"].choices = [("", ""), *((pk, str(one)) for pk, one in self.by_pk.items())]

    def absence(self) -> dict[str, Any]:
        """What `note_absence` takes."""
        given = self.cleaned_data
        people = {"person": self.by_pk[given["person"]], "substitute": self.by_pk.get(given["substitute"])}
        return {**people, "starts_on": given["starts_on"], "ends_on": given["ends_on"]}


class ChangeForm(forms.Form):
    """The day on which an absence ends now, or none where it is left without effect; and why."""

    use_required_attribute = False
    ends_on = day_field(_("Último día"), _("Desde el día siguiente la persona está de vuelta. Por ejemplo, 25/11/2026"))
    reason = forms.CharField(
        label=_("Motivo"),
        help_text=_("Queda registrado. No escribas datos de salud"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "class": "textarea"}),
        error_messages={"required": _("Escribe el motivo"), "max_length": _("Escribe menos de 300 caracteres")},
    )

    def __init__(self, data: Any = None, *, withdraws: bool = False) -> None:
        super().__init__(data, auto_id="id-%s")
        self.fields["ends_on"].required = not withdraws


def changeable(person: Person, on: date) -> QuerySet[Absence]:
    """The absences, over at the earliest today, that the person may change."""
    whom = noted_by(person, colleagues(person, on), on)
    return Absence.objects.filter(person__in=whom, ends_on__gte=on).select_related("person", "substitute")


def change_context(absence: Absence, form: ChangeForm, on: date, refusal: Exception | None) -> dict[str, Any]:
    """The page that ends an absence earlier or leaves it without effect."""
    return {
        "absence": absence,
        "form": form,
        "may_withdraw": absence.starts_on >= on,
        "errors": problems_of(form, refusal),
    }


def context(form: AbsenceForm, people: list[Person], on: date, refusal: Exception | None) -> dict[str, Any]:
    """The page: who is or will be away, and the form."""
    away = Absence.objects.filter(person__in=people, ends_on__gte=on).select_related("person", "substitute")
    held = {one.pk: one.held for one in people}  # type: ignore[attr-defined]
    mine = {one.pk for one in form.whom}
    return {
        "form": form,
        "errors": problems_of(form, refusal),
        "absences": [
            {"absence": one, "held": held[one.person_id], "may_change": one.person_id in mine}
            for one in away.order_by("starts_on", "pk")
        ],
    }
