"""The columns of a sheet that name interested persons, and what is wrong with those that a row names (art. 21, R23)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from accounts.api import InvalidRun, normalise_run
from workflows.models import CaseParty

SHOWN = 2
"""How many persons the template has room for."""
MOST = 9
"""How many a row may name: the columns of one more are copied with the next number."""
PARTS = {
    "given_names": "nombres",
    "family_names": "apellidos",
    "run": "RUN",
    "document": "otro documento",
    "country": "país del documento",
    "kind": "calidad",
    "postal_address": "domicilio",
    "email": "correo",
}
"""The words of headings: a sheet reads the same whatever the language of the pages."""
LENGTHS = {"given_names": 120, "family_names": 120, "document": 40, "country": 2, "postal_address": 300, "email": 254}
Kind = CaseParty.Kind
KINDS = {"afectada": Kind.AFFECTED, "solicitante": Kind.APPLICANT, "tercera": Kind.JOINED, "denunciante": Kind.INFORMER}
"""What a cell says of the role of somebody, in one word."""
EXAMPLE = {
    "given_names": "Rosa",
    "family_names": "Soto Vera",
    "run": "11.111.111-1",
    "kind": " / ".join(KINDS),
    "postal_address": "Calle Larga 12",
    "email": "rosa@correo.example",
}


@dataclass
class Named:
    """The persons whom a row names, and what is wrong with them."""

    people: list[dict[str, str]] = field(default_factory=list)
    """What `NewParty` takes, each."""
    problems: list[str] = field(default_factory=list)


def headings() -> list[str]:
    """The columns of the template."""
    return [_heading(place, part) for place in range(1, SHOWN + 1) for part in PARTS]


def examples() -> list[str]:
    """What the row of the template shows in them: one person, and room for others."""
    return [*(EXAMPLE.get(part, "") for part in PARTS), *[""] * (len(PARTS) * (SHOWN - 1))]


def known() -> set[str]:
    """Every heading that names somebody, as `folded` ones are compared."""
    return {folded(_heading(place, part)) for place in range(1, MOST + 1) for part in PARTS}


def folded(text: str) -> str:
    """A heading without the differences that people do not see."""
    return " ".join(text.casefold().split())


def named_in(cells: Mapping[str, str]) -> Named:
    """Whom a row names. `cells`: {folded heading: text}."""
    found = Named()
    seen: dict[str, int] = {}
    for place in range(1, MOST + 1):
        person = {part: cells.get(folded(_heading(place, part)), "") for part in PARTS}
        if not any(person.values()):
            continue
        problems = list(_problems(person))
        who = person["run"] or f"{person['country']} {person['document']}".strip()
        if not problems and seen.setdefault(_same(who), place) != place:
            problems = [_("es la misma persona que la %(place)s") % {"place": seen[_same(who)]}]
        found.problems += [f"{_person(place)}: {text}" for text in problems]
        found.people.append(_clean(person))
    return found


def _heading(place: int, part: str) -> str:
    return f"{_person(place)}: {PARTS[part]}"


def _person(place: int) -> str:
    return f"Persona interesada {place}"


def _same(document: str) -> str:
    return "".join(char for char in document.casefold() if char.isalnum())


def _problems(person: Mapping[str, str]) -> Iterator[str]:
    if not (person["given_names"] and person["family_names"]):
        yield _("escribe sus nombres y apellidos")
    yield from _identity_problems(person)
    if person["kind"] and folded(person["kind"]) not in KINDS:
        yield _("en calidad, elige una de estas: %(kinds)s") % {"kinds": ", ".join(KINDS)}
    if not (person["email"] or person["postal_address"]):
        yield _("escribe un correo o un domicilio donde notificarle")
    if person["email"] and not _is_email(person["email"]):
        yield _("escribe el correo como nombre@dominio.cl")
    if any(len(person[part]) > most for part, most in LENGTHS.items() if part != "country"):
        yield _("acorta lo que escribiste de ella")


def _identity_problems(person: Mapping[str, str]) -> Iterator[str]:
    if person["run"]:
        try:
            normalise_run(person["run"])
        except InvalidRun as error:
            yield _("RUN: %(error)s") % {"error": error}
    elif not _same(person["document"]):
        yield _("escribe su RUN, o el número y el país de su documento")
    elif len(person["country"]) != LENGTHS["country"] or not person["country"].isalpha():
        yield _("escribe el país del documento con dos letras, por ejemplo PE")


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _clean(person: dict[str, str]) -> dict[str, str]:
    kind = KINDS.get(folded(person["kind"]), Kind.AFFECTED)
    return {**person, "kind": str(kind), "country": person["country"].upper()}
