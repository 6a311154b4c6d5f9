"""Persons, posts, capabilities, powers and the sample people."""

from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from pytest_django import Settings

from accounts.api import (
    InvalidRun,
    agencies_where,
    appoint,
    dismiss,
    get_or_create_person,
    has_capability,
    may_represent,
    memberships_of,
    normalise_run,
    note_absence,
    person_by_run,
    register_mandate,
    revoke_mandate,
    roles_of,
    run_of,
    shorten_absence,
)
from accounts.models import Agency, Membership, Organisation, Person, Role, User
from accounts.operations import keep_language, keep_person
from accounts.sample import demo_people, seed_people
from audit.api import verify_all
from audit.models import Event

NOON = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
pytestmark = pytest.mark.django_db


@pytest.fixture
def sample() -> None:
    """The agencies and people of the demonstration."""
    seed_people(now=NOON)


def known(name: str) -> Person:
    """A person of the sample by first name."""
    return Person.objects.get(given_names__startswith=name)


def agency(code: str = "muni-ejemplo") -> Agency:
    return Agency.objects.get(code=code)


def role(path: str) -> Role:
    unit, _, code = path.partition("/")
    return Role.objects.get(unit__agency__code="muni-ejemplo", unit__code=unit, code=code)


def test_a_person_is_found_by_run_in_any_spelling_and_made_once() -> None:
    ana = get_or_create_person("41.111.111-3", "Ana", "Pérez")
    assert get_or_create_person("41111111-3", "Otra", "Cosa") == ana
    assert person_by_run(" 41 111 111 - 3 ") == ana
    assert person_by_run("42.222.222-7") is None
    assert run_of(ana) == "41111111-3"


def test_a_run_stands_nowhere_in_the_database_in_the_clear() -> None:
    get_or_create_person("41.111.111-3", "Ana", "Pérez")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_person")
        stored = repr([bytes(value) if isinstance(value, memoryview) else value for value in cursor.fetchone()])
    assert "41111111" not in stored
    assert "41.111.111" not in stored


def test_a_mistyped_run_makes_nobody() -> None:
    with pytest.raises(InvalidRun):
        get_or_create_person("41.111.111-4", "Ana")
    assert not Person.objects.exists()


def test_a_person_is_keyed_by_the_number_and_keeps_the_digit_of_its_source() -> None:
    """R37: ClaveÚnica's own sample has a digit that does not match."""
    person = keep_person(number=12345678, digit="9", given_names="María", family_names="Del Río")
    assert run_of(person) == "12345678-9"
    assert person_by_run("12.345.678-5") == person


def test_a_person_with_another_document_has_no_run() -> None:
    visitor = Person.objects.create(document_kind="pasaporte", document_index="x", given_names="Jean")
    assert run_of(visitor) == ""


def test_an_account_has_no_password_to_guess() -> None:
    user = User.objects.create_for(get_or_create_person("41.111.111-3", "Ana"))
    assert not user.has_usable_password()


def test_roles_count_from_the_first_day_to_the_last(sample: None) -> None:
    ana = known("Ana")
    post = appoint(person=ana, role=role("dom/revision"), post="Revisora (S)", starts_on=TODAY, by="person:1", now=NOON)
    dismiss(membership=post, ends_on=TODAY + timedelta(days=2), by="person:1", now=NOON)
    days = [TODAY + timedelta(days=shift) for shift in (-1, 0, 2, 3)]
    assert [len(roles_of(ana, day)) for day in days] == [0, 1, 1, 0]
    assert memberships_of(ana, TODAY).get().role.unit.agency == agency()


def test_giving_and_ending_a_role_is_told_to_the_log(sample: None) -> None:
    post = appoint(
        person=known("Ana"), role=role("dom/revision"), post="Revisora", starts_on=TODAY, by="person:7", now=NOON
    )
    dismiss(membership=post, ends_on=TODAY, by="person:7", now=NOON)
    told = Event.objects.filter(actor="person:7").values_list("kind", flat=True)
    assert sorted(told) == ["role.ended", "role.given"]
    assert all(verdict.ok for verdict in verify_all())


def test_capabilities_belong_to_one_agency_and_to_a_time_in_office(sample: None) -> None:
    ines, beto = known("Inés"), known("Beto")
    assert has_capability(ines, agency(), "publish", TODAY)
    assert not has_capability(ines, agency("muni-otra"), "publish", TODAY)
    assert not has_capability(ines, agency(), "counter", TODAY)
    assert not has_capability(beto, agency(), "publish", TODAY)
    assert not has_capability(ines, agency(), "publish", date(2020, 1, 1))
    assert list(agencies_where(ines, "operate", TODAY)) == [agency()]
    with pytest.raises(ValueError, match="teleport"):
        has_capability(ines, agency(), "teleport", TODAY)


class TestPowers:
    """R43; Ley 19.880 art. 22."""

    @pytest.fixture
    def people(self, sample: None) -> tuple[Person, Person]:
        return known("Ana"), known("Bruno")

    def test_nobody_represents_anybody_without_a_power(self, people: tuple[Person, Person]) -> None:
        ana, bruno = people
        assert not may_represent(bruno, ana, "patente", TODAY)

    def test_a_power_without_scope_covers_everything_and_only_one_way(self, people: tuple[Person, Person]) -> None:
        ana, bruno = people
        register_mandate(grantor=ana, representative=bruno, starts_on=TODAY, by="person:1", now=NOON)
        assert may_represent(bruno, ana, "patente", TODAY)
        assert not may_represent(ana, bruno, "patente", TODAY)

    def test_a_power_for_one_procedure_covers_no_other(self, people: tuple[Person, Person]) -> None:
        ana, bruno = people
        register_mandate(grantor=ana, representative=bruno, scope="patente", starts_on=TODAY, by="person:1", now=NOON)
        assert may_represent(bruno, ana, "patente", TODAY)
        assert not may_represent(bruno, ana, "permiso", TODAY)

    def test_a_power_lasts_from_day_to_day_and_until_revoked(self, people: tuple[Person, Person]) -> None:
        ana, bruno = people
        power = register_mandate(
            grantor=ana, representative=bruno, starts_on=TODAY, ends_on=TODAY, by="person:1", now=NOON
        )
        days = [TODAY + timedelta(days=shift) for shift in (-1, 0, 1)]
        assert [may_represent(bruno, ana, "patente", day) for day in days] == [False, True, False]
        revoke_mandate(mandate=power, by="person:1", now=NOON)
        assert not may_represent(bruno, ana, "patente", TODAY)

    def test_a_simple_power_does_not_serve_a_solemn_procedure(self, people: tuple[Person, Person]) -> None:
        ana, bruno = people
        register_mandate(grantor=ana, representative=bruno, starts_on=TODAY, by="person:1", now=NOON)
        assert not may_represent(bruno, ana, "patente", TODAY, solemn=True)
        register_mandate(grantor=ana, representative=bruno, is_solemn=True, starts_on=TODAY, by="person:1", now=NOON)
        assert may_represent(bruno, ana, "patente", TODAY, solemn=True)

    def test_a_company_is_represented_like_a_person(self, people: tuple[Person, Person]) -> None:
        company = Organisation.objects.create(rut="76543210-3", name="Panadería Ejemplo SpA")
        register_mandate(grantor=company, representative=people[1], starts_on=TODAY, by="person:1", now=NOON)
        assert may_represent(people[1], company, "patente", TODAY)
        assert not may_represent(people[0], company, "patente", TODAY)

    def test_powers_are_told_to_the_log_without_names(self, people: tuple[Person, Person]) -> None:
        ana, bruno = people
        power = register_mandate(grantor=ana, representative=bruno, starts_on=TODAY, by="person:1", now=NOON)
        for _ in range(2):
            revoke_mandate(mandate=power, by="person:1", now=NOON)
        told = Event.objects.filter(stream="mandates")
        assert [event.kind for event in told] == ["mandate.registered", "mandate.revoked"]
        assert not any("Pérez" in bytes(event.body).decode() for event in told)


def test_a_person_cannot_hold_the_same_role_twice_at_once(sample: None) -> None:
    beto = known("Beto")
    with pytest.raises(IntegrityError):
        Membership.objects.create(person=beto, role=role("rentas/revision"), post="x", starts_on=TODAY)


def test_seeding_twice_changes_nothing(sample: None) -> None:
    before = [model.objects.count() for model in (Agency, Person, Role, Membership, Event)]
    seed_people(now=NOON)
    assert [model.objects.count() for model in (Agency, Person, Role, Membership, Event)] == before


def test_the_sample_people_have_right_and_different_runs() -> None:
    runs = [normalise_run(person.run) for person in demo_people()]
    assert len(set(runs)) == len(runs) >= 9


def test_one_of_them_reads_in_english_until_they_choose_another_language(sample: None) -> None:
    reader = person_by_run("43.333.333-0")
    assert reader is not None
    assert reader.language == "en"
    keep_language(person=reader, language="es")
    seed_people(now=NOON)
    reader.refresh_from_db()
    assert reader.language == "es"


def test_the_command_lists_the_people_with_what_they_are_for() -> None:
    out = StringIO()
    call_command("seed_people", stdout=out)
    assert "Beto Araya Molina: revisa patentes" in out.getvalue()
    assert len(out.getvalue().splitlines()) == len(demo_people())


def test_there_are_no_sample_people_in_production(settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError):
        call_command("seed_people")
    assert not Person.objects.exists()


def test_posts_noted_before_they_were_linked_to_their_absence_end_with_it(sample: None) -> None:
    beto, carla, days = known("Beto"), known("Carla"), (TODAY, TODAY + timedelta(days=9))
    away = note_absence(person=beto, starts_on=days[0], ends_on=days[1], substitute=carla, by=beto, now=NOON)
    substitution = away.substitutions.get()
    away.substitutions.update(absence=None)
    same: dict[str, Any] = {"person": carla, "starts_on": days[0], "ends_on": days[1]}
    foreign = Membership.objects.create(**same, role=role("salud/inspeccion"), post="Inspectora (S)")
    own = Membership.objects.create(**same, role=role("rentas/revision"), post="Revisora a plazo")
    import_module("accounts.migrations.0006_link_substitutions").link(apps, None)
    assert list(away.substitutions.all()) == [substitution]
    shorten_absence(absence=away, ends_on=TODAY, reason="Alta", by=beto, today=TODAY, now=NOON)
    for post in (substitution, foreign, own):
        post.refresh_from_db()
    assert (substitution.ends_on, foreign.ends_on, own.ends_on) == (TODAY, days[1], days[1])
