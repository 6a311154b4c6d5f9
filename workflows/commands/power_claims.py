"""Powers that rest on a document: shown by who holds them, checked by an official, registered or refused (R43)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.api import (
    get_or_create_person,
    has_capability,
    keep_organisation,
    normalise_rut,
    register_mandate,
)
from accounts.models import Agency, AgencyCapability, Mandate, Organisation, Person
from audit.api import append_to_stream
from notifications.api import Said, tell_person
from workflows.commands.powers import BadDates, PowerToOneself
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import PowerClaim
from workflows.powers import SOLEMN
from workflows.uploads import keep_paper

STREAM = "mandates"
MOST_WAITING = 10
"""Claims of one person that may wait at once."""


class AlreadyDecided(CommandRefused):
    """Another official decided on it first."""

    message = gettext_lazy("Otra persona ya decidió sobre este poder. No se cambió nada.")


class TooManyClaims(CommandRefused):
    """The person has as many claims waiting as anybody may have."""

    message = gettext_lazy("Ya tienes demasiados poderes por comprobar. Espera a que los revisen.")


@dataclass(frozen=True)
class Claim:
    """What the person says of the document: whose power it is, and how far it goes."""

    agency: Agency
    form: str
    details: str
    scope: str = ""
    ends_on: date | None = None
    rut: str = ""
    organisation_name: str = ""
    run: str = ""
    given_names: str = ""
    family_names: str = ""

    def grantor(self) -> dict[str, object]:
        """The columns that say whose power it is. Raises InvalidRun, InvalidRut."""
        if self.rut:
            return {"organisation_rut": normalise_rut(self.rut), "organisation_name": self.organisation_name}
        return {"grantor_person": get_or_create_person(self.run, self.given_names, self.family_names)}


@transaction.atomic
def ask(*, claim: Claim, document: UploadedFile[bytes], by: Person, on: date, now: datetime) -> PowerClaim:
    """Send a document for an official to check. It gives no power until then.

    Raises BadDates, PowerToOneself, TooManyClaims, accounts.api.InvalidRun and InvalidRut, documents.api.UploadRefused.
    """
    if claim.ends_on is not None and claim.ends_on < on:
        raise BadDates
    if PowerClaim.objects.filter(representative=by, decided_at=None).count() >= MOST_WAITING:
        raise TooManyClaims
    grantor = claim.grantor()
    if grantor.get("grantor_person") == by:
        raise PowerToOneself
    made = PowerClaim.objects.create(
        agency=claim.agency,
        representative=by,
        form=claim.form,
        details=claim.details,
        scope=claim.scope,
        ends_on=claim.ends_on,
        blob=keep_paper(document, now=now),
        asked_at=now,
        **grantor,
    )
    _tell(made, "power_claim.asked", by, now)
    return made


@transaction.atomic
def accept(*, claim_id: int, governs: bool, by: Person, on: date, now: datetime) -> Mandate:
    """The document says what was claimed: the power counts from today on. `governs`: it lets its holder give others.

    Raises NotAllowed, AlreadyDecided.
    """
    claim = _undecided(claim_id, by, on)
    grantor: Person | Organisation
    if claim.grantor_person is not None:
        grantor = claim.grantor_person
    else:
        grantor = keep_organisation(rut=claim.organisation_rut, name=claim.organisation_name)
    claim.mandate = register_mandate(
        grantor=grantor,
        representative=claim.representative,
        starts_on=on,
        ends_on=claim.ends_on,
        scope=claim.scope,
        is_solemn=claim.form in SOLEMN,
        governs=governs and isinstance(grantor, Organisation),
        by=f"person:{by.pk}",
        now=now,
    )
    _decide(claim, by, now)
    _notify(claim, claim.representative, gettext_lazy("Tu poder quedó registrado"), _ACCEPTED, now)
    if isinstance(grantor, Person):
        _notify(claim, grantor, gettext_lazy("Alguien registró un poder para actuar por ti"), _GIVEN, now)
    return claim.mandate


@transaction.atomic
def refuse(*, claim_id: int, reason: str, by: Person, on: date, now: datetime) -> None:
    """The document does not give that power. Raises NotAllowed, AlreadyDecided."""
    claim = _undecided(claim_id, by, on)
    claim.reason = reason
    _decide(claim, by, now)
    _notify(claim, claim.representative, gettext_lazy("No pudimos registrar tu poder"), _REFUSED, now)


_ACCEPTED = gettext_lazy("Desde hoy puedes actuar por %(grantor)s. Empieza desde la ficha del trámite.")
_GIVEN = gettext_lazy(
    "%(representative)s mostró un documento (%(form)s) por el que puede actuar por ti, y lo comprobamos. "
    "Si no lo reconoces, quítalo en «Poderes» y avísanos."
)
_REFUSED = gettext_lazy(
    "El documento que enviaste para actuar por %(grantor)s no basta: %(reason)s Puedes enviar otro."
)


def _undecided(claim_id: int, by: Person, on: date) -> PowerClaim:
    """The claim, locked. Nobody decides on their own power (art. 12)."""
    rows = PowerClaim.objects.select_for_update(of=("self",))
    claim = rows.select_related("agency", "representative", "grantor_person").get(pk=claim_id)
    if not has_capability(by, claim.agency, AgencyCapability.POWERS, on):
        raise NotAllowed
    if by in (claim.representative, claim.grantor_person):
        raise NotAllowed(_("No puedes decidir sobre un poder tuyo. Pide que lo revise otra persona."))
    if claim.decided_at is not None:
        raise AlreadyDecided
    return claim


def _decide(claim: PowerClaim, by: Person, now: datetime) -> None:
    claim.decided_at, claim.decided_by = now, by
    claim.save(update_fields=["decided_at", "decided_by", "reason", "mandate"])
    _tell(claim, "power_claim.accepted" if claim.mandate else "power_claim.refused", by, now)


def _notify(claim: PowerClaim, person: Person, subject: Promise, body: Promise, now: datetime) -> None:
    def said() -> Said:
        words = {
            "grantor": claim.grantor if claim.mandate else claim.as_written,
            "representative": str(claim.representative),
            "form": claim.get_form_display(),
            "reason": claim.reason,
        }
        return Said(str(subject), str(body) % words, _("Ver los poderes"))

    tell_person(
        person=person,
        agency=claim.agency,
        say=said,
        action_path=reverse("workflows:powers"),
        email=person.email,
        now=now,
    )


def open_document(*, claim: PowerClaim, by: Person, now: datetime) -> None:
    """Note who opened the document (R40)."""
    _tell(claim, "power_claim.document_opened", by, now)


def _tell(claim: PowerClaim, kind: str, by: Person, now: datetime) -> None:
    body: dict[str, object] = {"claim": claim.pk, "agency": claim.agency_id}
    append_to_stream(stream=STREAM, kind=kind, actor=f"person:{by.pk}", at=now, body=body)
