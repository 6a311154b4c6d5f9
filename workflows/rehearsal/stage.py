"""The scenery of a rehearsal: an agency, its people and what it offers, all of which is rolled back."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import uuid4

from django.db import transaction

from accounts.api import check_digit, consume_intent, create_intent, get_or_create_person
from accounts.models import Agency, Membership, Person, Role, SigningIntent, SignInRecord, Unit, User
from procedures.api import Bundle
from procedures.models import Offering, Procedure, ProcedureVersion, RoleBinding
from workflows.rehearsal.lists import stage_lists

LONG_AGO = date(2000, 1, 3)
SURNAME = "de Ensayo"
RUNS = range(49_000_000, 49_900_000)
"""Numbers that nobody has yet: those given to persons have not come so far."""


@dataclass
class Stage:
    """Where a procedure is played. Only `staged` makes one, inside the transaction that it rolls back."""

    agency: Agency
    names: Mapping[str, str]
    like: Agency | None = None
    """The agency whose place and lists it has."""
    people: dict[str, Person] = field(default_factory=dict)
    offerings: dict[str, Offering] = field(default_factory=dict)

    def person(self, label: str) -> Person:
        """Whoever goes by this label: an invented person."""
        if label not in self.people:
            number = secrets.choice(RUNS)
            given = self.names.get(label) or label.replace("_", " ").capitalize()
            self.people[label] = get_or_create_person(f"{number}-{check_digit(number)}", given, SURNAME)
        return self.people[label]

    def user(self, label: str) -> User:
        """The account of that person."""
        person = self.person(label)
        return getattr(person, "user", None) or User.objects.create_for(person)

    def label_of(self, person: Person | None) -> str:
        """The label of a person of this stage, or nothing."""
        return next((label for label, one in self.people.items() if person and one.pk == person.pk), "")

    def official(self, label: str, role: Role | None) -> User:
        """The person as a holder of the role; appointed when needed."""
        user = self.user(label)
        if role is not None and not role.memberships.filter(person=user.person).exists():
            post = role.name
            Membership.objects.create(person=user.person, role=role, post=post, starts_on=LONG_AGO)
        return user

    def publish(self, bundle: Bundle, now: datetime) -> ProcedureVersion:
        """The bundle as the first version of a procedure of this agency, past the gate and without a drawing."""
        procedure = Procedure.objects.create(owner=self.agency, code=bundle.code, created_at=now)
        return ProcedureVersion.objects.create(
            procedure=procedure,
            number=1,
            schema_version=bundle.schema_version,
            canonical=bundle.canonical(),
            sha256=bundle.sha256(),
            title=bundle.title,
            diagram_svg="",
            published_at=now,
        )

    def offer(self, bundle: Bundle, cast: Mapping[str, Iterable[str]], now: datetime) -> Offering:
        """The bundle as a version that this agency offers. `cast` says who holds each role slot; else somebody does."""
        version = self.publish(bundle, now)
        offering = Offering.objects.create(agency=self.agency, version=version, effective_from=LONG_AGO)
        for slot in bundle.roles:
            unit = Unit.objects.create(agency=self.agency, code=_code(slot.id), name=slot.title)
            role = Role.objects.create(unit=unit, code=_code(slot.id), name=slot.title)
            RoleBinding.objects.create(offering=offering, slot=slot.id, role=role)
            for label in cast.get(slot.id) or [slot.id]:
                self.official(label, role)
        stage_lists(self.agency, self.like, bundle, now)
        self.offerings[bundle.code] = offering
        return offering

    def confirmed_intent(self, user: User, subject: str, shown_sha256: str, now: datetime) -> SigningIntent:
        """What a fresh sign-in would leave behind: nobody can be asked for one here, and nothing of it stays."""
        intent = create_intent(
            user=user, purpose="rehearsal", subject=subject, shown_sha256=shown_sha256, facts={}, now=now
        )
        intent.sign_in = SignInRecord.objects.create(
            user=user,
            at=now,
            issuer="rehearsal",
            auth_time=now,
            id_token_sha256="",
            id_token_sealed=b"",
            purpose="rehearsal",
        )
        intent.save(update_fields=["sign_in"])
        return consume_intent(intent=intent, now=now)


@contextmanager
def staged(*, like: Agency | None, names: Mapping[str, str]) -> Iterator[Stage]:
    """A stage in the place and zone of an agency. Whatever happens on it is rolled back."""
    with transaction.atomic():
        try:
            yield Stage(_agency(like), names, like=like)
        finally:
            transaction.set_rollback(True)


def _agency(like: Agency | None) -> Agency:
    model = like or Agency(name="Institución de ensayo", commune="13101")
    return Agency.objects.create(
        code=f"ensayo-{uuid4().hex[:12]}",
        name=model.name,
        rut=model.rut,
        commune=model.commune,
        time_zone=model.time_zone,
        address=model.address,
        phone=model.phone,
        email=model.email,
        office_hours=model.office_hours,
    )


def _code(slot: str) -> str:
    return slot.replace("_", "-")
