"""The interested persons of a case besides whoever applied (Ley 19.880 arts. 21 and 55)."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.models import Person
from notifications.api import Said
from workflows import deadlines, messages
from workflows.models import CaseParty, Deadline
from workflows.runtime import Run

ANSWER_IN = 5
"""Business days in which the others may answer an appeal (art. 55)."""


def join_together(run: Run, people: Iterable[Person]) -> None:
    """Those who apply together with the first applicant: each an applicant of their own (R18)."""
    for person in people:
        CaseParty.objects.create(
            case=run.case,
            agency_id=run.case.agency_id,
            kind=CaseParty.Kind.APPLICANT,
            person=person,
            email=person.email,
            joined_at=run.now,
        )


def hear_about_appeal(run: Run, start_id: str) -> None:
    """Bring the original's other interested persons into an appeal, each with their own five days to answer (R67).

    Who only informed is no interested person (art. 21).
    """
    original = run.case.original
    if original is None:
        return
    here = {(one.person_id, one.organisation_id) for one in run.case.parties.all()}
    others = original.parties.filter(left_at=None).exclude(kind=CaseParty.Kind.INFORMER)
    for party in others.order_by("pk"):
        if (party.person_id, party.organisation_id) in here:
            continue
        here.add((party.person_id, party.organisation_id))
        party.pk, party.case, party.kind, party.joined_at = None, run.case, CaseParty.Kind.AFFECTED, run.now
        party.save(force_insert=True)
        clock = Deadline(
            party=party,
            kind=Deadline.Kind.ANSWER,
            binds_applicant=True,
            amount=ANSWER_IN,
            unit=Deadline.Unit.BUSINESS_DAYS,
            trigger=f"notified({start_id})",
            legal_source="Ley N° 19.880, artículo 55",
            may_halve=False,
        )
        deadlines.open_clock(run, clock, None)
        messages.tell(run, party, lambda: _appealed(run.case.number))


def _appealed(number: str) -> Said:
    return Said(
        _("Se presentó un recurso en un caso en que tienes interés: %(number)s") % {"number": number},
        _("Puedes responder lo que estimes dentro de cinco días hábiles desde que se te notifique (art. 55)."),
    )
