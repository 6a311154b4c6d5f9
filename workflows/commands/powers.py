"""Simple powers: somebody lets another person act for them, from their own session or at the counter (art. 22)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.api import get_or_create_person, register_mandate, revoke_mandate
from accounts.models import Mandate, Person
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import Attendance, PowerPaper
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
def grant(*, power: Power, by: Person, on: date, now: datetime) -> Mandate:
    """The person of the session lets somebody act for them from today on (art. 22; revocable at any time).

    Raises PowerToOneself, BadDates and accounts.api.InvalidRun.
    """
    return _register(power, by, f"person:{by.pk}", on, now)


@transaction.atomic
def grant_at_counter(
    *, power: Power, attendance: Attendance, paper: UploadedFile[bytes], by: Person, on: date, now: datetime
) -> Mandate:
    """The person attended signs the power on paper before the official, who keeps its scan.

    Raises NotAllowed besides what `grant` raises, and documents.api.FilesUnavailable.
    """
    if attendance.official_id != by.pk or attendance.ended_at is not None:
        raise NotAllowed
    mandate = _register(power, attendance.person, f"person:{by.pk}", on, now)
    blob = keep_paper(paper, now=now)
    PowerPaper.objects.create(mandate=mandate, attendance=attendance, blob=blob)
    return mandate


def _register(power: Power, grantor: Person, actor: str, on: date, now: datetime) -> Mandate:
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


@transaction.atomic
def revoke(*, mandate_id: int, by: Person, now: datetime) -> Mandate:
    """Whoever gave a power takes it back, or whoever holds it gives it up; cases already filed keep it.

    Raises CommandRefused when the person has no part in it.
    """
    mine = Mandate.objects.select_for_update(of=("self",)).filter(Q(grantor_person=by) | Q(representative=by))
    mandate = mine.filter(pk=mandate_id).first()
    if mandate is None:
        raise CommandRefused(_("Ese poder no es tuyo o ya no existe."))
    return revoke_mandate(mandate=mandate, by=f"person:{by.pk}", now=now)
