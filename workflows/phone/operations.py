"""A call: the person is asked what only they should know, and is helped as far as they proved who they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Person
from signatures.api import Limit, count_attempt
from workflows import rules
from workflows.access import own_cases
from workflows.commands.counter import begun
from workflows.models import Attendance, CaseParty, Channel, IdentityQuestion

CALLS = Limit("counter.phone.person", 5, 60)
"""Calls in an hour in which somebody may try to prove that they are one same person."""
ANSWERED = Limit("counter.phone.official", 30, 60)
"""Calls that one official may take in an hour."""
About = IdentityQuestion.About


@dataclass(frozen=True)
class Told:
    """What the caller answered; empty where it was not asked or not known."""

    email: str = ""
    number: str = ""
    card_is_valid: bool = False
    """Whether the official saw at the Registro Civil that the number of the card is that of the RUN, and in force."""


def answer_call(
    *, run: str, given_names: str, family_names: str, told: Told, by: Person, on: date, now: datetime
) -> Attendance:
    """Begins to help somebody who calls. What they answered is compared and forgotten; what was asked is kept.

    Raises NotAllowed, NamesMissing, AttendsOneself, accounts.api.InvalidRun and signatures.api.TooManyAttempts.
    """
    count_attempt(ANSWERED, f"person:{by.pk}", now)
    with transaction.atomic():
        found = begun(run, given_names, family_names, by=by, on=on, now=now)
        count_attempt(CALLS, f"person:{found.person_id}", now)
        results = dict(compared(found.person, told))
        others = [is_right for about, is_right in results.items() if about != About.CARD]
        proved = rules.proves_by_phone(card=About.CARD in results, others=others)
        found.channel = Channel.PHONE
        found.identity = Attendance.Identity.QUESTIONS if proved else Attendance.Identity.NOBODY
        found.save(force_insert=True)
        IdentityQuestion.objects.bulk_create(
            IdentityQuestion(attendance=found, about=about, is_right=is_right) for about, is_right in results.items()
        )
    return found


def compared(person: Person, told: Told) -> Iterator[tuple[str, bool]]:
    """Each question that was asked and can be answered, and whether the answer is what this site knows of the person.

    The number of an application with other persons neither proves nor disproves: they know it as well.
    """
    cases = own_cases(person)
    if told.email:
        mine = Q(parties__person=person, parties__email__iexact=told.email)
        yield About.EMAIL, person.email.lower() == told.email.lower() or cases.filter(mine).exists()
    if told.number:
        numbered = cases.filter(number=told.number)
        is_right = numbered.filter(~Exists(_others(person))).exists()
        if is_right or not numbered.exists():
            yield About.NUMBER, is_right
    if told.card_is_valid:
        yield About.CARD, True


def _others(person: Person) -> QuerySet[CaseParty]:
    """Parties of a case that are somebody else or act through somebody else, also those who left it."""
    alone = Q(person=person, organisation=None) & (Q(representative=None) | Q(representative=person))
    return CaseParty.objects.filter(case=OuterRef("pk")).exclude(alone)
