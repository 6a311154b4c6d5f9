"""Who must sign an application besides whoever fills it in, as its answers name them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.api import get_or_create_person, normalise_run, run_of
from accounts.models import Person, SigningIntent
from procedures.api import bundle_of
from workflows.errors import CommandRefused
from workflows.models import Draft


class SignsTwice(CommandRefused):
    """The person who fills it in stands among the others, or somebody stands there twice."""

    message = _("Un RUN está repetido, o es el tuyo. Deja una fila por cada persona que firma además de ti.")


class NotAllSigned(CommandRefused):
    """Somebody who must sign has not."""

    message = _("Falta que firmen otras personas. La solicitud se presenta cuando firmen todas.")


@dataclass(frozen=True)
class Named:
    """One of the others, as the answers name them."""

    run: str
    name: str


@dataclass(frozen=True)
class Signature:
    """A person's simple signature: the consumed intent, bound to what was shown."""

    intent: SigningIntent


@dataclass(frozen=True)
class Cosigned:
    """One of the others, with their signature; none when they signed on paper."""

    person: Person
    signature: Signature | None


def named(draft: Draft, given: Mapping[str, Any]) -> list[Named]:
    """The others who must sign; none in most procedures. Raises SignsTwice."""
    bundle = bundle_of(draft.version)
    spec = bundle.start.co_applicants if draft.task_id is None and draft.step_id == bundle.start.id else None
    if spec is None:
        return []
    rows = given.get(spec.group) or []
    found = [Named(normalise_run(row[spec.run]), row[spec.names]) for row in rows]
    runs = [one.run for one in found]
    own = run_of(draft.applicant) if isinstance(draft.applicant, Person) else run_of(draft.person)
    if own in runs or len(set(runs)) != len(runs):
        raise SignsTwice
    return found


def people(draft: Draft, given: Mapping[str, Any]) -> list[Person]:
    """The same as persons, kept if new. Raises SignsTwice."""
    return [get_or_create_person(one.run, one.name) for one in named(draft, given)]


def check_all(draft: Draft, given: Mapping[str, Any], together: list[Cosigned], *, on_paper: bool) -> list[Cosigned]:
    """Everybody who applies besides the first. On paper all sign the same sheet. Raises NotAllSigned, SignsTwice."""
    expected = people(draft, given)
    if on_paper:
        return [Cosigned(person, None) for person in expected]
    if {person.pk for person in expected} != {one.person.pk for one in together}:
        raise NotAllSigned
    return together
