"""Simple powers: somebody lets another person act for them or for what they govern, in a session or at the counter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.api import get_or_create_person, organisations_governed, register_mandate, revoke_mandate
from accounts.models import Mandate, Organisation, Person
from workflows.commands import lapsed_powers
from workflows.commands.locking import locked
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import Attendance, Case, CaseParty, PowerPaper
from workflows.uploads import keep_paper


class PowerToOneself(CommandRefused):
    """Nobody represents themselves."""

    message = gettext_lazy("Ese RUN es el tuyo. Escribe el de quien va a actuar por ti.")


class BadDates(CommandRefused):
    """The power would end before it begins."""

    message = gettext_lazy("La fecha de término debe ser de hoy en adelante.")


@dataclass(frozen=True)
class Power:
    """What is granted: to whom, for which procedure (its code; empty for all), and until when (included)."""

    run: str
    given_names: str
    family_names: str
    scope: str
    ends_on: date | None


@transaction.atomic
def grant(*, power: Power, by: Person, on: date, now: datetime, organisation: Organisation | None = None) -> Mandate:
    """The person of the session lets somebody act from today on, for them or for an organisation that they govern.

    Revocable at any time (art. 22). Raises NotAllowed, PowerToOneself, BadDates and accounts.api.InvalidRun.
    """
    if organisation is None:
        return _register(power, by, f"person:{by.pk}", on, now)
    if not organisations_governed(by, on).filter(pk=organisation.pk).exists():
        raise NotAllowed
    return _register(power, organisation, f"person:{by.pk}", on, now)


@transaction.atomic
def grant_at_counter(
    *, power: Power, attendance: Attendance, paper: UploadedFile[bytes], by: Person, on: date, now: datetime
) -> Mandate:
    """The person attended signs the power on paper before the official, who keeps its scan.

    Raises NotAllowed besides what `grant` raises, and documents.api.FilesUnavailable.
    """
    if not may_attend(attendance, by):
        raise NotAllowed
    mandate = _register(power, attendance.person, f"person:{by.pk}", on, now)
    blob = keep_paper(paper, now=now)
    PowerPaper.objects.create(mandate=mandate, attendance=attendance, blob=blob)
    return mandate


def may_attend(attendance: Attendance, by: Person) -> bool:
    """Whether the person is in front of the official now: by phone nobody gives a power, nor takes one back."""
    return attendance.official_id == by.pk and attendance.ended_at is None and not attendance.is_by_phone


def _register(power: Power, grantor: Person | Organisation, actor: str, on: date, now: datetime) -> Mandate:
    if power.ends_on is not None and power.ends_on < on:
        raise BadDates
    representative = get_or_create_person(power.run, power.given_names, power.family_names)
    if representative == grantor:
        raise PowerToOneself
    return register_mandate(
        grantor=grantor,
        representative=representative,
        starts_on=on,
        ends_on=power.ends_on,
        scope=power.scope,
        by=actor,
        now=now,
    )


def revoke(*, mandate_id: int, by: Person, on: date, now: datetime) -> Mandate:
    """Whoever gave a power takes it back, or whoever holds it gives it up; `end_lapsed` takes their cases from them.

    An organisation's is taken back by whoever governs it. Raises CommandRefused when the person has no part in it.
    """
    governed = Q(grantor_organisation__in=organisations_governed(by, on))
    return _revoke(mandate_id, Q(grantor_person=by) | Q(representative=by) | governed, by, on, now)


def revoke_at_counter(*, mandate_id: int, attendance: Attendance, by: Person, on: date, now: datetime) -> Mandate:
    """The person attended takes back a power that they gave, as `revoke`. Raises NotAllowed, CommandRefused."""
    if not may_attend(attendance, by):
        raise NotAllowed
    return _revoke(mandate_id, Q(grantor_person=attendance.person), by, on, now)


def _revoke(mandate_id: int, theirs: Q, by: Person, on: date, now: datetime) -> Mandate:
    with transaction.atomic():
        mine = Mandate.objects.select_for_update(of=("self",)).filter(theirs)
        mandate = mine.filter(pk=mandate_id).select_related("representative").first()
        if mandate is None:
            raise CommandRefused(_("Ese poder no es tuyo o ya no existe."))
        revoke_mandate(mandate=mandate, by=f"person:{by.pk}", now=now)
    lapsed_powers.end_lapsed(representative=mandate.representative, on=on, now=now, by=by)
    return mandate


def take_over(*, case: Case, by: Person, on: date, now: datetime) -> CaseParty:
    """Whoever governs an organisation goes on with its application from now on, in place of who filed it.

    Raises NotAllowed.
    """
    with locked(case.pk, by=by, now=now) as run:
        governed = organisations_governed(by, on)
        party = run.case.parties.filter(organisation__in=governed, left_at=None).order_by("pk").first()
        if party is None:
            raise NotAllowed
        if party.representative_id != by.pk:
            party.representative = by
            party.save(update_fields=["representative"])
            run.record("party.represented", {"party": party.pk, "by": by.pk})
        return party
