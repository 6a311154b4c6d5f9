"""Units and posts of an agency for whoever administers them: who holds each, what waits for it, and the forms."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.api import agencies_where
from accounts.models import Agency, AgencyCapability, Membership, Person, Role, Unit
from procedures.api import RunField
from workflows.commands.posts import held_steps, offered_with, open_steps
from workflows.controls import day_field, line_field, name_field

ADMINISTER = AgencyCapability.ADMINISTER
NOW, LATER = "ahora", "dia"


def agencies(person: Person, on: date) -> QuerySet[Agency]:
    """The agencies whose units and posts the person administers that day."""
    return agencies_where(person, ADMINISTER, on)


def still_held(on: date) -> Q:
    """Posts that somebody holds that day or will hold."""
    return Q(ends_on=None) | Q(ends_on__gte=on)


def index_context(person: Person, on: date) -> dict[str, Any]:
    """Every unit with its posts, who holds each, and how many steps wait for it."""
    found = list(agencies(person, on))
    roles = Role.objects.filter(unit__agency__in=found)
    waiting = Counter(open_steps(roles).order_by().values_list("role", flat=True))
    held: dict[int, list[Membership]] = defaultdict(list)
    for post in Membership.objects.filter(still_held(on), role__in=roles).select_related("person").order_by("pk"):
        held[post.role_id].append(post)
    by_unit: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for role in roles.order_by("name", "pk"):
        by_unit[role.unit_id].append({"role": role, "people": held[role.pk], "waiting": waiting[role.pk]})
    units: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for unit in Unit.objects.filter(agency__in=found).order_by("name", "pk"):
        units[unit.agency_id].append({"unit": unit, "roles": by_unit[unit.pk]})
    return {"agencies": [{"agency": agency, "units": units[agency.pk]} for agency in found]}


class UnitForm(forms.Form):
    """What a unit is called."""

    use_required_attribute = False
    name = line_field(gettext_lazy("Nombre de la unidad"), gettext_lazy("Escribe el nombre de la unidad"))

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, auto_id="id-%s", **options)


class RoleForm(forms.Form):
    """What a post is called, and what it lets whoever holds it do."""

    use_required_attribute = False
    name = line_field(
        gettext_lazy("Nombre del cargo"),
        gettext_lazy("Escribe el nombre del cargo"),
        hint=gettext_lazy("Lo que hace, y no quién: «Revisión de patentes»"),
    )
    may = forms.MultipleChoiceField(
        label=gettext_lazy("Además de sus pasos, puede"),
        required=False,
        choices=AgencyCapability.choices,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, auto_id="id-%s", **options)
        self.fields["may"].is_alternative = True  # type: ignore[attr-defined]


class GiveForm(forms.Form):
    """Whom a post is given to."""

    use_required_attribute = False
    run = RunField(label=gettext_lazy("RUN"), missing=gettext_lazy("Escribe el RUN de la persona"))
    given_names = name_field(gettext_lazy("Nombres"), gettext_lazy("Escribe sus nombres"))
    family_names = name_field(gettext_lazy("Apellidos"), gettext_lazy("Escribe sus apellidos"))
    post = line_field(
        gettext_lazy("Cómo se escribe bajo su firma"),
        gettext_lazy("Escribe cómo se dice su cargo"),
        hint=gettext_lazy("Por ejemplo: Revisora de Patentes, Secretario Municipal (S)"),
    )
    starts_on = day_field(gettext_lazy("Desde qué día"), gettext_lazy("Por ejemplo, 25/11/2026. Vacío: desde hoy"),
                          required=False)  # fmt: skip

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="id-%s")


class EndForm(forms.Form):
    """From when somebody leaves their posts."""

    use_required_attribute = False
    when = forms.ChoiceField(
        label=gettext_lazy("¿Desde cuándo deja de actuar?"),
        choices=[
            (NOW, gettext_lazy("Desde ahora")),
            (LATER, gettext_lazy("Después de un día")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Elige desde cuándo")},
    )
    ends_on = day_field(gettext_lazy("Último día, si es después de un día"), required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="id-%s")
        self.fields["ends_on"].is_alternative = True  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The day, where it is that which counts."""
        given = super().clean() or {}
        if given.get("when") == LATER and not given.get("ends_on") and "ends_on" not in self.errors:
            self.add_error("ends_on", _("Escribe el último día"))
        return given

    def last_day(self, today: date) -> date:
        """The last day, included: yesterday for whoever leaves now."""
        return today - timedelta(days=1) if self.cleaned_data["when"] == NOW else self.cleaned_data["ends_on"]


def role_context(role: Role, on: date) -> dict[str, Any]:
    """A post: who holds it, which procedures use it, and what closing it would leave without anybody."""
    posts = Membership.objects.filter(still_held(on), role=role).select_related("person").order_by("starts_on", "pk")
    steps = open_steps([role])
    return {
        "institution": role.unit.agency,
        "role": role,
        "people": posts,
        "procedures": offered_with(role, on),
        "waiting": steps.count(),
        "numbers": _numbers(steps.values_list("process__number", flat=True)),
    }


def leaving_context(person: Person, posts: Iterable[Membership]) -> dict[str, Any]:
    """What somebody who leaves has in hand, post by post, and whether another one stays in each."""
    rows: list[dict[str, Any]] = []
    found = list(posts)
    for post in found:
        others = Membership.objects.filter(role=post.role).exclude(person=person)
        held = held_steps(person, [post.role])
        rows.append({
            "post": post,
            "held": held.count(),
            "numbers": _numbers(held.values_list("process__number", flat=True)),
            "waiting": open_steps([post.role]).count(),
            "is_alone": not others.filter(still_held(post.starts_on), ends_on=None).exists(),
        })  # fmt: skip
    return {"leaving": person, "rows": rows, "institution": found[0].role.unit.agency}


MOST = 20


def _numbers(found: Iterable[str]) -> str:
    numbers = list(dict.fromkeys(found))
    return ", ".join(numbers[:MOST]) + ("…" if len(numbers) > MOST else "")
