"""What an official types to find cases: the number of one, or the name, RUN or RUT of somebody who takes part in it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.api import InvalidRun, normalise_run, person_by_run
from accounts.models import Organisation, Person
from documents.api import InvalidCode, normalise_code
from workflows.models import Case, CaseParty

LONGEST = 80
FEWEST_LETTERS = 3
_NUMBER = re.compile(r"\d{4}-\d{1,6}|\d{1,6}")
_MARKS = "\u0301\u0300\u0308\u0303\u0302"
"""Acute, grave, diaeresis, tilde and circumflex: what people leave out of a name."""


class NothingSought(ValueError):
    """What was typed looks for nothing; str() says what to type."""


@dataclass(frozen=True)
class Sought:
    """What was typed, read: exactly one of `number`, `run` and `words` is there."""

    text: str
    number: str = ""
    """The beginning or the end of a N° de solicitud, or the public reference of a case."""
    run: str = ""
    """"12345678-5": of a person, or of an organisation."""
    words: tuple[str, ...] = ()
    """Beginnings of names, in any order."""

    @property
    def is_about_people(self) -> bool:
        """Whether what was typed is personal data, which stands in no address and no log."""
        return not self.number

    def cases(self, among: QuerySet[Case]) -> QuerySet[Case]:
        """Those of the cases that are meant."""
        if self.number:
            numbered = Q(number__startswith=self.number) | Q(number__endswith=self.number)
            return among.filter(numbered | Q(ref=self.number))
        return among.filter(pk__in=self.parties().values("case"))

    def parties(self) -> QuerySet[CaseParty]:
        """The interested persons who are meant and who acts for them; never those whose identity is reserved."""
        people = self._people()
        meant = Q(person__in=people) | Q(representative__in=people) | Q(organisation__in=self._organisations())
        return CaseParty.objects.filter(meant, is_reserved=False)

    def _people(self) -> QuerySet[Person]:
        if self.run:
            found = person_by_run(self.run)
            return Person.objects.filter(pk=found.pk) if found else Person.objects.none()
        named = Person.objects.all()
        for word in self.words:
            begins = _begins(word)
            named = named.filter(Q(given_names__iregex=begins) | Q(family_names__iregex=begins))
        return named

    def _organisations(self) -> QuerySet[Organisation]:
        if self.run:
            return Organisation.objects.filter(rut=self.run)
        named = Organisation.objects.all()
        for word in self.words:
            named = named.filter(name__iregex=_begins(word))
        return named


def read(typed: str) -> Sought:
    """What somebody typed into the search of the bandeja. Raises NothingSought."""
    text = " ".join(typed.replace("\x00", " ").split())[:LONGEST]  # PostgreSQL takes no NUL
    if not text:
        raise NothingSought(_("Escribe un N° de solicitud, un nombre o un RUN."))
    if number := _number(text):
        return Sought(text, number=number)
    if any(char.isdigit() for char in text) and not any(char.isalpha() for char in text[:-1]):
        return Sought(text, run=_run(text))
    words = tuple(re.findall(r"[^\W\d_]+", text))
    if sum(map(len, words)) < FEWEST_LETTERS:
        raise NothingSought(_("Escribe al menos tres letras del nombre."))
    return Sought(text, words=words)


def by_number(text: str) -> Sought:
    """What an address carries: a number, or something that no case has as its own."""
    return Sought(text, number=_number(text) or text)


def _number(text: str) -> str:
    """A N° de solicitud or a part of it, or a whole reference; "" for anything else. Sixteen letters are a name."""
    if _NUMBER.fullmatch(text):
        return text
    try:
        return normalise_code(text) if any(char.isdigit() for char in text) else ""
    except InvalidCode:
        return ""


def _run(text: str) -> str:
    try:
        return normalise_run(text)
    except InvalidRun as error:
        why = _("%(why)s Si buscas un N° de solicitud, escríbelo como 2026-000123.") % {"why": error}
        raise NothingSought(why) from error


def _begins(word: str) -> str:
    """A pattern for a name that begins so, with or without its accents, alike for PostgreSQL and for Python."""
    return "(^|[ '’-])" + "".join(_with_accents(char) for char in word)


def _with_accents(char: str) -> str:
    plain = unicodedata.normalize("NFD", char)[0]
    marked = (unicodedata.normalize("NFC", plain + mark) for mark in _MARKS)
    same = plain + "".join(one for one in marked if len(one) == 1)
    return f"[{same.lower()}{same.upper()}]"
