"""Simple powers: somebody lets another person act for them or for what they govern, in a session or at the counter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.api import (
    bears_another_name,
    counts,
    format_run,
    get_or_create_person,
    in_force,
    organisations_governed,
    person_by_run,
    register_mandate,
    revoke_mandate,
    run_of,
    within_reach,
)
from accounts.models import Mandate, Membership, Organisation, Person
from notifications.api import Said, tell_person
from workflows import powers
from workflows.access import others_at_counter
from workflows.commands import lapsed_powers
from workflows.commands.locking import locked
from workflows.commands.parties import OTHER_NAME
from workflows.errors import CommandRefused, NotAllowed, PowerEnded
from workflows.models import Attendance, Case, CaseParty, PowerPaper
from workflows.representation import remember
from workflows.uploads import keep_paper


class PowerToOneself(CommandRefused):
    """Nobody represents themselves."""

    message = gettext_lazy("Ese RUN es el tuyo. Escribe el de quien va a actuar por ti.")


class PowerToOfficial(CommandRefused):
    """Whoever attends the counter receives no power for themselves: they would attest their own (art. 12).

    `others`: names of who else attends it.
    """

    def __init__(self, others: str) -> None:
        if others:
            text = _(
                "Ese RUN es el tuyo: no puedes recibir un poder para ti (Ley 19.880, art. 12). Puede recibirlo en el "
                "mesón: %(others)s. O la persona te lo da con su ClaveÚnica."
            )
        else:
            text = _(
                "Ese RUN es el tuyo: no puedes recibir un poder para ti (Ley 19.880, art. 12). Hoy nadie más atiende "
                "el mesón: la persona puede dártelo con su ClaveÚnica."
            )
        super().__init__(text % {"others": others})


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

    Raises NotAllowed, PowerToOfficial, and CommandRefused for the RUN of somebody with another name, besides what
    `grant` raises, and documents.api.FilesUnavailable.
    """
    if not may_attend(attendance, by):
        raise NotAllowed
    if person_by_run(power.run) == by:
        here = Membership.objects.filter(in_force(on), within_reach(on))
        raise PowerToOfficial(others_at_counter(here, by, attendance.agency_id))
    if bears_another_name(power.run, power.given_names, power.family_names):
        raise CommandRefused(str(OTHER_NAME))
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
        named=(power.given_names, power.family_names),
        by=actor,
        now=now,
    )


def revocable(by: Person, on: date) -> QuerySet[Mandate]:
    """The powers that somebody gave, holds, or may take back for an organisation that they govern."""
    governed = Q(grantor_organisation__in=organisations_governed(by, on))
    return Mandate.objects.filter(Q(grantor_person=by) | Q(representative=by, is_misnamed=False) | governed)


def others_of_organisation(mandate: Mandate, on: date) -> QuerySet[Mandate]:
    """The other powers in force of the organisation that gave one; none where a person gave it."""
    given = Mandate.objects.filter(counts(on), grantor_organisation__isnull=False)
    return given.filter(grantor_organisation=mandate.grantor_organisation_id).exclude(pk=mandate.pk)


def is_last(mandate: Mandate, on: date) -> bool:
    """Whether without it nobody would govern an organisation here, or nobody act for it at all."""
    if mandate.grantor_organisation_id is None or mandate.revoked_at is not None:
        return False
    others = others_of_organisation(mandate, on)
    return not (others.filter(governs=True) if mandate.governs else others).exists()


def revoke(*, mandate_id: int, by: Person, on: date, now: datetime) -> Mandate:
    """Whoever gave a power takes it back, or whoever holds it gives it up; a job takes their cases from them.

    An organisation's is taken back by whoever governs it. Where nobody else acts for it, its cases wait, and who gave
    the power up reads nothing more. Raises CommandRefused when the person has no part in it.
    """
    with transaction.atomic():
        mandate = _locked(revocable(by, on), mandate_id)
        revoke_mandate(mandate=mandate, by=f"person:{by.pk}", now=now)
        lapsed_powers.ask_to_end(mandate=mandate, by=by, now=now)
    return mandate


def revoke_at_counter(*, mandate_id: int, attendance: Attendance, by: Person, on: date, now: datetime) -> Mandate:
    """The person attended takes back a power that they gave, as `revoke`: they are told, in case it was not them.

    With the power stays who attended and which document they saw. Raises NotAllowed, CommandRefused.
    """
    if not may_attend(attendance, by):
        raise NotAllowed
    with transaction.atomic():
        mandate = _locked(Mandate.objects.filter(grantor_person=attendance.person), mandate_id)
        if mandate.revoked_at is None:
            _tell_giver(mandate, attendance, now)
        seen: dict[str, object] = {"attendance": attendance.pk, "identity": attendance.identity}
        revoke_mandate(mandate=mandate, by=f"person:{by.pk}", now=now, seen=seen)
        lapsed_powers.ask_to_end(mandate=mandate, by=by, now=now)
    return mandate


def _locked(theirs: QuerySet[Mandate], mandate_id: int) -> Mandate:
    locking = theirs.select_for_update(of=("self",))
    mandate = locking.filter(pk=mandate_id).select_related("representative", "grantor_organisation").first()
    if mandate is None:
        raise CommandRefused(_("Ese poder no es tuyo o ya no existe."))
    return mandate


def _tell_giver(mandate: Mandate, attendance: Attendance, now: datetime) -> None:
    """Whose power it was, not by name: whoever gave it typed a RUN and does not learn here whose that is."""

    def say() -> Said:
        words = {
            "run": format_run(run_of(mandate.representative)),
            "official": str(attendance.official),
            "agency": attendance.agency.name,
            "seen": attendance.get_identity_display(),
        }
        body = _(
            "%(official)s, de %(agency)s, quitó en el mesón el poder que tenía el RUN %(run)s para actuar por ti "
            "(%(seen)s). Desde ahora no vale. Si no fuiste tú, avisa a la institución; puedes darlo otra vez."
        )
        return Said(_("Quitaste un poder en el mesón"), body % words, _("Ver los poderes"))

    tell_person(
        person=attendance.person,
        agency=attendance.agency,
        say=say,
        action_path=reverse("workflows:powers"),
        email=attendance.person.email,
        now=now,
    )


def take_over(*, case: Case, by: Person, on: date, now: datetime) -> CaseParty:
    """Whoever governs an organisation goes on with its application from now on, in place of who filed it.

    Raises NotAllowed, SolemnPowerNeeded, and CommandRefused when their power is for another procedure.
    """
    with locked(case.pk, by=by, now=now) as run:
        governed = organisations_governed(by, on)
        theirs = run.case.parties.filter(organisation__in=governed, left_at=None).select_related("organisation")
        party = theirs.order_by("pk").first()
        if party is None:
            raise NotAllowed
        if party.representative_id != by.pk:
            remember(party, run.now)
            lapsed_powers.hand_on(party, _power_over(party, by, on))
            run.record("party.represented", {"party": party.pk, "by": by.pk})
        return party


def _power_over(party: CaseParty, by: Person, on: date) -> Mandate:
    assert party.organisation is not None
    try:
        return powers.check(by, party.organisation, party.case.version, on)
    except PowerEnded as outside:
        raise CommandRefused(_("Tu poder no es para este trámite: no puedes llevar esta solicitud.")) from outside
