"""Interested persons who come into a case, what they add to it, and what follows a signature (arts. 21, 45; R23)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.api import bears_another_name, keep_foreign_person, person_by_run, roles_of
from accounts.api import get_or_create_person as person_with_run
from accounts.models import Person
from documents.api import in_spanish
from notifications.api import Said
from workflows import deadlines, messages, receipts
from workflows.access import check_keeps_in, check_official
from workflows.commands.locking import locked
from workflows.errors import CommandRefused, NotAllowed, RoutingError
from workflows.models import ActFormality, Case, CaseParty, Deadline
from workflows.runtime import Run
from workflows.steps import law

HEARING = "law_hearing"
_NO_LENGTH = gettext_lazy(
    "No se sabe cuánto tiempo tiene para oponerse, porque falla la regla que lo decide. Agrégala sin marcar «Puede "
    "oponerse a la decisión», o pide a quien publica el trámite que corrija la regla. %(error)s"
)
OTHER_NAME = gettext_lazy("Ese RUN es de una persona con otro nombre. Revisa el número y los nombres.")
"""It says no more: who has a RUN is told to nobody who guesses it."""
MOST_REASON = 300
"""Letters of why somebody has an interest."""


@dataclass(frozen=True)
class NewParty:
    """Who comes in: by RUN, or by another document where they have none."""

    kind: str
    given_names: str
    family_names: str
    run: str = ""
    document: str = ""
    country: str = ""
    email: str = ""
    postal_address: str = ""
    representative_run: str = ""
    is_reserved: bool = False
    reason: str = ""
    may_oppose: bool = False
    same_person: bool = False
    """Whether an official saw that the RUN is of whoever is named, who changed names since we knew them."""

    def person(self) -> Person:
        """The person, kept if new. Raises InvalidRun, or CommandRefused for a RUN that is somebody else's."""
        names = {"given_names": self.given_names, "family_names": self.family_names}
        if self.run:
            if not self.same_person and bears_another_name(self.run, **names):
                raise CommandRefused(str(OTHER_NAME))
            return person_with_run(self.run, **names)
        return keep_foreign_person(kind="passport", country=self.country, number=self.document, **names)


def add_party(*, case: Case, party: NewParty, by: Person, now: datetime) -> CaseParty:
    """Bring an interested person into the case, at any time before it ends (art. 21, R23).

    One who may oppose has a clock of their own, which waits for their notification. Raises NotAllowed, CommandRefused,
    InvalidRun.
    """
    with locked(case.pk, by=by, now=now) as run:
        check_official(run.case, by, run.today)
        if run.case.finished is not None:
            raise CommandRefused(_("La solicitud ya terminó: no se agregan personas."))
        return bring_in(run, party)


def bring_in(run: Run, party: NewParty) -> CaseParty:
    """Make somebody an interested person of the case of a command, and tell them. Raises CommandRefused, InvalidRun."""
    person = party.person()
    if run.case.parties.filter(person=person, left_at=None).exists():
        raise CommandRefused(_("Esa persona ya es parte de esta solicitud."))
    made, _created = CaseParty.objects.update_or_create(
        case=run.case,
        person=person,
        kind=party.kind,
        defaults={
            "agency_id": run.case.agency_id,
            "email": party.email,
            "postal_address": party.postal_address,
            "representative": _representative(party.representative_run),
            "mandate": None,
            "is_reserved": party.is_reserved,
            "reason": party.reason,
            "joined_at": run.now,
            "left_at": None,
        },
    )
    run.record("party.added", {"party": in_spanish(made.get_kind_display)()})
    if party.same_person:
        run.record("party.renamed", {})
    if party.may_oppose:
        _open_hearing(run, made)
    messages.tell(run, made, lambda: told_to_be_party(run))
    return made


def told_to_be_party(run: Run) -> Said:
    """In which procedure; whose it is stands on the page, behind the sign-in."""
    words = {"number": run.case.number, "title": messages.case_title(run), "agency": run.agency.name}
    about = _("Trámite: %(title)s, en %(agency)s.") % words
    may = _("Puedes ver en qué va, agregar antecedentes y alegar lo que estimes en cualquier momento.")
    return Said(
        _("Eres parte interesada en la solicitud N° %(number)s") % words, f"{about}\n\n{may}", _("Ver la solicitud")
    )


def _representative(run: str) -> Person | None:
    if not run:
        return None
    found = person_by_run(run)
    if found is None:
        raise CommandRefused(_("No conocemos a quien la representa: pídele que entre una vez con su ClaveÚnica."))
    return found


def _open_hearing(run: Run, party: CaseParty) -> None:
    rules = run.bundle.law.opposition if run.bundle.law else None
    if rules is None:
        raise CommandRefused(_("En este trámite no hay oposición de terceros."))
    if not run.case.task_set.filter(step_id=HEARING).exists():
        law.enter(run, HEARING)
    clock = Deadline(
        party=party,
        kind=Deadline.Kind.OPPOSITION,
        binds_applicant=True,
        amount=rules.amount,
        unit=rules.unit,
        trigger=f"notified({HEARING})",
        legal_source=rules.source,
        may_halve=False,
    )
    try:
        deadlines.choose_length(run, clock, rules.amounts)
    except RoutingError as error:
        raise CommandRefused(_NO_LENGTH % {"error": error.detail}) from error
    deadlines.open_clock(run, clock, None)


def may_oppose(case: Case, person: Person) -> Deadline | None:
    """The clock within which this person may still oppose; one that waits for its notification counts too."""
    open_ones = case.deadlines.filter(kind=Deadline.Kind.OPPOSITION, state__in=deadlines.STILL_OPEN)
    return open_ones.filter(party__person=person).first() or open_ones.filter(party__representative=person).first()


def oppose(*, case: Case, reason: str, by: Person, now: datetime) -> None:
    """A third party opposes, in time and with reasons. Raises NotAllowed, CommandRefused."""
    with locked(case.pk, by=by, now=now) as run:
        clock = may_oppose(run.case, by)
        if clock is None:
            raise NotAllowed
        if clock.due_on is not None and run.today > clock.due_on:
            raise CommandRefused(_("El plazo para oponerte ya venció."))
        receipts.file_writing(run, title=lambda: _("Oposición de tercero"), text=reason)
        clock.state, clock.closed_at = Deadline.State.MET, now
        clock.save(update_fields=["state", "closed_at"])
        run.record("opposition.filed", {})
        for person in messages.attending(run):
            messages.tell_official(run, person, lambda: _opposed(run.case.number))


def _opposed(number: str) -> Said:
    return Said(
        _("Se opusieron en la solicitud N° %(number)s") % {"number": number},
        _(
            "Una persona a quien la decisión puede afectar presentó su oposición. Léela en el expediente antes de "
            "resolver."
        ),
    )


def complete_formality(
    *, case: Case, formality_id: int, done_on: date, evidence: str, by: Person, now: datetime
) -> ActFormality:
    """Leave on record that what must follow a signature was done. Raises NotAllowed, CommandRefused."""
    with locked(case.pk, by=by, now=now) as run:
        found = ActFormality.objects.select_related("document").get(case=run.case, pk=formality_id)
        if not any(role.pk == found.role_id for role in roles_of(by, run.today)):
            raise NotAllowed(_("Solo quien tiene ese cargo puede dejar constancia."))
        check_keeps_in(run.case, by, run.today)
        if found.done_on is not None:
            raise CommandRefused
        issued_on = found.document.issued_on
        if done_on > run.today or (issued_on and done_on < issued_on):
            raise CommandRefused(_("La fecha debe estar entre la del acto y hoy."))
        found.done_on, found.done_at, found.done_by, found.evidence = done_on, now, by, evidence
        found.save(update_fields=["done_on", "done_at", "done_by", "evidence"])
        run.record("formality.done", {"formality": found.title, "done_on": done_on.isoformat()})
        return found
