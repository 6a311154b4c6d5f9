"""What an official types to find cases: the number of one, or the name, RUN or RUT of somebody who takes part in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.api import InvalidRun, normalise_run, person_by_run
from accounts.models import Organisation
from documents.api import InvalidCode, normalise_code
from workflows.models import Case, CaseParty

LONGEST = 80
FEWEST_LETTERS = 3
_NUMBER = re.compile(r"\d{4}-\d{1,6}|\d{1,6}")
_WHOLE_NUMBER = re.compile(r"(?<![\w.-])\d{4}-\d{6}(?![\w.-])")
_WHOLE_RUN = re.compile(r"(?<![\w.-])\d{1,2}(?:\.?\d{3}){2}-?[\dkK](?![\w-])")
"""Among other words, what says by itself who or what is meant: "ana, 41.111.111-3"."""
_NAMES = {
    "person": ("given_names", "family_names"),
    "representative": ("given_names", "family_names"),
    "organisation": ("name",),
}
"""Whose names are looked at in a party of a case."""
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
        """Those of the cases that are meant. Of nobody else's cases is any name compared: persons may be millions."""
        if self.number:
            numbered = Q(number__startswith=self.number) | Q(number__endswith=self.number)
            return among.filter(numbered | Q(ref=self.number))
        return among.filter(pk__in=self.parties().filter(case__in=among).values("case"))

    def parties(self) -> QuerySet[CaseParty]:
        """The interested persons who are meant and who acts for them; never those whose identity is reserved.

        Of every case: whoever reads them names the cases.
        """
        return CaseParty.objects.filter(self._has_run() if self.run else self._is_named(), is_reserved=False)

    def _has_run(self) -> Q:
        meant = Q(organisation__in=list(Organisation.objects.filter(rut=self.run)))
        found = person_by_run(self.run)
        return meant | Q(person=found) | Q(representative=found) if found else meant

    def _is_named(self) -> Q:
        meant = Q()
        for who, names in _NAMES.items():
            meant |= _each_begins([f"{who}__{name}" for name in names], self.words)
        return meant


def read(typed: str) -> Sought:
    """What somebody typed into the search of the bandeja. Raises NothingSought."""
    composed = unicodedata.normalize("NFC", typed.replace("\x00", " "))  # PostgreSQL takes no NUL
    text = " ".join(composed.split())[:LONGEST]
    if not text:
        raise NothingSought(_("Escribe un N° de solicitud, un nombre o un RUN."))
    if number := _number(text):
        return Sought(text, number=number)
    if whole := _WHOLE_NUMBER.search(text):
        return Sought(whole.group(), number=whole.group())
    if whole := _WHOLE_RUN.search(text):
        return Sought(text, run=_run(whole.group()))
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


def _each_begins(names: Iterable[str], words: Iterable[str]) -> Q:
    """That each of the words begins one of the names that stand in these columns."""
    every = Q()
    for word in words:
        some = Q()
        for name in names:
            some |= Q(**{f"{name}__iregex": _begins(word)})
        every &= some
    return every


def _begins(word: str) -> str:
    """A pattern for a name that begins so, with or without its accents, alike for PostgreSQL and for Python."""
    return "(^|[ '’-])" + "".join(_with_accents(char) for char in word)


def _with_accents(char: str) -> str:
    plain = unicodedata.normalize("NFD", char)[0]
    marked = (unicodedata.normalize("NFC", plain + mark) for mark in _MARKS)
    same = plain + "".join(one for one in marked if len(one) == 1)
    return f"[{same.lower()}{same.upper()}]"
