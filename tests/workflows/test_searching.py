"""Finding cases by N°, by name or by RUN: only those of one's own procedures, and no personal data in an address."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

import pytest

from accounts.api import keep_organisation
from audit.models import Event
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from workflows.bandeja import Bandeja
from workflows.models import Case, CaseParty
from workflows.searching import NothingSought, read

pytestmark = pytest.mark.django_db
ANA = "41.111.111-3"


def found_by(story: Story, typed: str, who: str = "Beto") -> list[Case]:
    return list(Bandeja(story.people[who], story.now.date()).found(read(typed)))


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("2026-000123", "number"),
        ("4517", "number"),
        ("41.111.111-3", "run"),
        ("411111113", "run"),
        ("76.543.210-3", "run"),
        ("ana 41.111.111-3", "run"),
        ("RUN 41111111-3, Ana", "run"),
        ("la 2026-000123, de Ana", "number"),
        ("Carolina Martinez", "words"),  # sixteen letters, as many as a reference has
        ("o'higgins", "words"),
    ],
)
def test_what_is_typed_is_read_as_what_it_is(typed: str, kind: str) -> None:
    sought = read(f"  {typed} ")
    assert [name for name in ("number", "run", "words") if getattr(sought, name)] == [kind]
    assert sought.is_about_people is (kind != "number")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "Escribe un N° de solicitud, un nombre o un RUN."),
        ("\x00", "Escribe un N° de solicitud, un nombre o un RUN."),
        ("41.111.111-4", "El dígito verificador no corresponde al RUN."),
        ("2026/000123", "escríbelo como 2026-000123"),
        ("li", "Escribe al menos tres letras del nombre."),
        ("%%%% ____", "Escribe al menos tres letras del nombre."),
    ],
)
def test_what_looks_for_nothing_says_what_to_type(typed: str, says: str) -> None:
    with pytest.raises(NothingSought, match=says):
        read(typed)


@pytest.mark.parametrize("typed", [ANA, "ana perez", "PÉREZ", "soto an", "pér"])
def test_a_person_is_found_by_run_or_by_the_beginnings_of_their_names_without_accents(
    story: Story, case: Case, typed: str
) -> None:
    story.file(who="Bruno")
    assert found_by(story, typed) == [case]


@pytest.mark.parametrize("typed", ["42.222.222-7", "perez bruno", "erez", "4.*", "García.*"])
def test_others_are_not(story: Story, case: Case, typed: str) -> None:
    if typed == "4.*":
        with pytest.raises(NothingSought):
            read(typed)
    else:
        assert found_by(story, typed) == []


def test_nobody_finds_cases_of_procedures_in_which_they_have_no_part(story: Story, case: Case) -> None:
    """R44."""
    assert found_by(story, ANA, "Hugo") == found_by(story, "Pérez", "Julia") == []


def test_names_are_compared_in_the_cases_of_ones_procedures_alone(story: Story, case: Case) -> None:
    """A million persons are not read to find the parties of a few cases."""
    asked = str(Bandeja(story.people["Beto"], story.now.date()).found(read("Pérez")).query)
    assert set(re.findall(r'(\w+) "accounts_(?:person|organisation)"', asked)) == {"JOIN"}
    assert asked.count('"offering_id" IN') == 2


def test_an_accent_typed_apart_from_its_letter_is_that_letter(story: Story, case: Case) -> None:
    assert found_by(story, unicodedata.normalize("NFD", "Pérez")) == [case]


def test_whoever_speaks_for_a_party_is_found(story: Story, case: Case) -> None:
    CaseParty.objects.filter(case=case).update(representative=story.people["Bruno"])
    assert found_by(story, "bruno diaz") == found_by(story, "42.222.222-7") == [case]
    assert found_by(story, "bruno perez") == []


def test_somebody_whose_identity_is_reserved_is_not_found(story: Story, case: Case) -> None:
    CaseParty.objects.filter(case=case).update(is_reserved=True)
    assert found_by(story, ANA) == found_by(story, "Pérez") == []


def test_an_organisation_is_found_by_its_rut_and_its_name(story: Story, case: Case) -> None:
    company = keep_organisation(rut="76.543.210-3", name="Almacenes del Sur SpA")
    CaseParty.objects.filter(case=case).update(person=None, organisation=company)
    assert found_by(story, "76543210-3") == found_by(story, "almacenes sur") == [case]


class TestThePage:
    def search(self, visitor: Visitor, typed: str, who: str = "Beto") -> Any:
        return visitor(who).post(at("search"), {"q": typed}, follow=True)

    @pytest.mark.parametrize("typed", [ANA, "pérez soto"])
    def test_whom_one_looked_for_stands_in_no_address_and_back_finds_the_results_again(
        self, case: Case, visitor: Visitor, typed: str
    ) -> None:
        page = self.search(visitor, typed)
        assert page.redirect_chain == [(f"{at('inbox')}?buscado=1", 302)]
        assert case.number in text_of(page)
        opened = page.client.get(at("desk_case", case.ref)).content.decode()
        assert f'{at("inbox")}?ver=mias&amp;buscado=1"' in opened
        assert typed not in json.dumps(dict(page.client.session.items()))

    def test_a_number_leads_to_an_address_that_may_be_shared(self, case: Case, visitor: Visitor) -> None:
        page = self.search(visitor, case.number)
        assert page.redirect_chain == [(f"{at('inbox')}?q={case.number}", 302)]
        assert case.number in text_of(page)
        assert not Event.objects.filter(kind="cases.searched").exists()

    def test_a_mistyped_run_says_so_and_is_kept(self, case: Case, visitor: Visitor) -> None:
        page = visitor("Beto").post(at("search"), {"q": "41.111.111-4"})
        assert page.status_code == 422
        assert "El dígito verificador no corresponde al RUN" in text_of(page)
        assert 'value="41.111.111-4"' in page.content.decode()

    @pytest.mark.parametrize(
        ("typed", "says"),
        [("42.222.222-7", "no hay solicitudes de alguien con ese RUN"), ("Zunilda", "Prueba con un solo apellido")],
    )
    def test_finding_none_says_among_which_it_looked(self, case: Case, visitor: Visitor, typed: str, says: str) -> None:
        said = text_of(self.search(visitor, typed))
        assert "En los trámites en que trabajas" in said
        assert says in said

    def test_somebody_who_did_not_apply_is_shown_with_their_part(
        self, story: Story, case: Case, visitor: Visitor
    ) -> None:
        CaseParty.objects.create(
            case=case, agency=case.agency, kind="joined", person=story.people["Bruno"], joined_at=story.now
        )
        assert "Interviene Bruno Díaz Riquelme, tercero interesado" in text_of(self.search(visitor, "Bruno"))

    def test_looking_for_a_person_is_recorded_and_names_no_run(
        self, story: Story, case: Case, visitor: Visitor
    ) -> None:
        """R40."""
        self.search(visitor, ANA)
        self.search(visitor, "Pérez")
        by_run, by_name = Event.objects.filter(stream=f"searches:{case.agency_id}").order_by("seq")
        assert by_run.actor == by_name.actor == f"person:{story.people['Beto'].pk}"
        assert json.loads(bytes(by_run.body))["data"] == {"by": "run", "person": story.people["Ana"].pk}
        assert json.loads(bytes(by_name.body))["data"] == {"by": "name", "person": None}
        assert [json.loads(one.value or "") for one in by_name.personal_values.all()] == ["Pérez"]
        assert not by_run.personal_values.exists()


def test_a_search_that_the_session_no_longer_keeps_is_asked_for_again(visitor: Visitor) -> None:
    page = visitor("Beto").get(at("inbox"), {"buscado": "1"})
    assert page.status_code == 422
    assert "Esa búsqueda ya no está guardada. Escríbela otra vez." in text_of(page)
