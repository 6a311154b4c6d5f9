"""Whether enough people stand behind the roles of a procedure to keep its separations and its signatures.

It is advice for whoever publishes, never an obstacle: a small office says what it does instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from accounts.api import in_force
from accounts.models import Membership, Role
from procedures.schema import BaseStep, Bundle, Separated, SignStep

ENOUGH = 2
"""With this many people in a role, another may do what one may not."""


@dataclass(frozen=True)
class ThinRole:
    """A role with nobody or one person, behind steps that ask for another person or for a signature."""

    role: str
    """Its title in the procedure."""
    people: int
    steps: tuple[str, ...]
    """Titles of those steps."""
    trouble: str
    fallback: str
    """What the office does instead, as the procedure or the law says."""


def thin_roles(bundle: Bundle, roles: Mapping[str, Role], on: date) -> list[ThinRole]:
    """The roles that one person, or nobody, fills that day where the procedure needs more. `roles`: {slot: role}."""
    people = _people(roles, on)
    found: dict[tuple[str, str], list[str]] = {}
    for step in bundle.every_step():
        for slot, kind in _needs(step):
            if slot in people and people[slot] < ENOUGH:
                found.setdefault((slot, kind), []).append(step.title)
    titles = {slot.id: slot.title for slot in bundle.roles}
    return [
        ThinRole(titles[slot], people[slot], tuple(dict.fromkeys(steps)), _trouble(people[slot]), _fallback(kind))
        for (slot, kind), steps in found.items()
    ]


def _needs(step: BaseStep) -> Iterator[tuple[str, str]]:
    """The role slots of a step that need more than one person, each with why."""
    if isinstance(step, SignStep):
        yield from ((slot, "signature") for slot in step.signers)
    elif isinstance(step, Separated) and step.not_same_as:
        yield from ((slot, step.if_alone or "subrogate") for slot in _slots(step))


def _slots(step: BaseStep) -> Iterable[str]:
    by_rule = [chosen.role for chosen in getattr(step, "role_when", ())]
    return dict.fromkeys([slot for slot in (getattr(step, "role", None), *by_rule) if slot])


def _people(roles: Mapping[str, Role], on: date) -> dict[str, int]:
    """{slot: how many different people hold its role on a day}."""
    held = Membership.objects.filter(in_force(on), role__in=set(roles.values()))
    pairs = set(held.values_list("role_id", "person_id"))
    return {slot: sum(held_role == role.pk for held_role, _person in pairs) for slot, role in roles.items()}


def _trouble(people: int) -> str:
    return _("Una sola persona ocupa hoy este cargo") if people else _("Nadie ocupa hoy este cargo")


def _fallback(kind: str) -> str:
    if kind == "signature":
        return _("Si falta, firma quien la subrogue, como subrogante (S). Se anota en «Ausencias».")
    if kind == "exception":
        return _(
            "Si hizo el otro paso, podrá hacer también este con una razón, que queda en el historial de la solicitud."
        )
    return _("Si hizo el otro paso, la solicitud espera a quien la subrogue. Se anota en «Ausencias».")
