"""How people fill in a form: where they leave it, how long it takes, what is not accepted. Never one person alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.api import keep_foreign_person
from accounts.models import Person
from designer.models import ProcedureDraft
from tests.story import MORNING, Story
from tests.workflows.permissions import BACKEND
from workflows import trails
from workflows.api import Figures, form_figures
from workflows.figures import FEWEST_PEOPLE
from workflows.models import Attendance, Draft

PAGES = ("quien", "contacto", "local")
START = datetime(2026, 3, 4, 13, tzinfo=UTC)


def stranger(number: int) -> Person:
    """Somebody from abroad."""
    names = {"given_names": f"Persona {number}", "family_names": "Extranjera"}
    return keep_foreign_person(kind="passport", country="AR", number=f"AR{number}", **names)


def filled(*sent: trails.Sent, every: int = 20) -> dict[str, object]:
    trail: dict[str, object] = {}
    for place, one in enumerate(sent, 1):
        trail = trails.after(trail, one, begun=START, now=START + timedelta(seconds=every * place))
    return trail


def test_a_trail_holds_seconds_and_wrong_questions_and_no_answer() -> None:
    wrong = trails.Sent("contacto", ("correo",), accepted=False)
    trail = filled(trails.Sent("quien"), wrong, trails.Sent("contacto"))
    assert trail["pages"] == {"quien": 20, "contacto": 40}
    assert trail["wrong"] == {"correo": 1}
    assert trail["through"] == ["quien", "contacto"]
    pause = trails.after({}, trails.Sent("quien"), begun=START, now=START + timedelta(days=1))
    assert pause["pages"] == {"quien": trails.LONGEST_PAUSE}


def test_figures_are_of_ten_people_or_more(db: None) -> None:
    story = Story.begin()
    offering = story.offering("patente_comercial")
    common = {"agency": offering.agency, "offering": offering, "version": offering.version, "step_id": "inicio"}
    people = [stranger(place) for place in range(FEWEST_PEOPLE)]
    wrong = trails.Sent("contacto", ("correo",), accepted=False)
    for place, person in enumerate(people):
        if place == FEWEST_PEOPLE - 1:
            found = form_figures(agency=offering.agency, code="patente_comercial", pages=PAGES, now=story.now)
            assert found is None
        Draft.objects.create(
            ref=f"d{place}", person=person, created_at=MORNING, changed_at=MORNING, **common,
            filed_at=MORNING if place < 6 else None,
            trail=filled(trails.Sent("quien"), *([wrong] if place % 2 else [trails.Sent("contacto")])),
        )  # fmt: skip
    later = story.now + timedelta(days=5)
    found = form_figures(agency=offering.agency, code="patente_comercial", pages=PAGES, now=later)
    assert found is not None
    assert (found.begun, found.wrong) == (10, {"correo": 5})
    assert found.left == {"contacto": 2, "local": 2}
    assert found.seconds == {"quien": 20, "contacto": 20}
    designer = Client()
    designer.force_login(story.user("Inés"), backend=BACKEND)
    designer.post(reverse("designer:edit_version", args=[offering.version.pk]))
    Draft.objects.update(created_at=datetime.now(UTC), changed_at=datetime.now(UTC))
    draft = ProcedureDraft.objects.get()
    page = designer.get(f"/diseno/{draft.pk}/preguntas/").content.decode()
    assert "0 de 10 personas la dejaron aquí, toma unos 20 segundos" in page
    assert "Al 50 % no se le aceptó" in page
    card = designer.get(f"/diseno/{draft.pk}/parte/forms/solicitud/pages/contacto/fields/correo/").content.decode()
    assert "de 10 personas la dejaron aquí" in card
    assert "Al 50 % no se le aceptó" in card
    Draft.objects.filter(ref="d0").delete()
    assert "Cuando 10 personas lo hayan llenado" in designer.get(f"/diseno/{draft.pk}/preguntas/").content.decode()


@pytest.mark.django_db
def test_figures_count_people_and_not_how_often_each_began() -> None:
    """Twenty drafts of nine people stay unsaid; of the tenth, with several, only the last counts."""
    story = Story.begin()
    offering = story.offering("patente_comercial")
    common = {"agency": offering.agency, "offering": offering, "version": offering.version, "step_id": "inicio"}
    begun = {"created_at": MORNING, "changed_at": MORNING, "trail": filled(trails.Sent("quien")), **common}
    people = [stranger(place) for place in range(FEWEST_PEOPLE)]
    for place in range(20):
        Draft.objects.create(ref=f"d{place}", person=people[place % 9], **begun)

    def told() -> Figures | None:
        return form_figures(
            agency=offering.agency, code="patente_comercial", pages=PAGES, now=story.now + timedelta(days=5)
        )

    assert told() is None
    attendance = Attendance.objects.create(
        agency=offering.agency, official=people[0], person=people[9], identity="card", document_number="1",
        membership=story.people["Beto"].memberships.get(), started_at=MORNING,
    )  # fmt: skip
    for ref in ("primera", "segunda"):
        Draft.objects.create(ref=ref, person=people[0], attendance=attendance, **begun)
    found = told()
    assert found is not None
    assert (found.begun, found.left) == (10, {"contacto": 10})
    Draft.objects.filter(ref="segunda").update(trail=filled(trails.Sent("local")))
    assert [one.seconds for one in [told()] if one] == [{}]  # nine people sent each page: too few to say how long


@pytest.mark.django_db
def test_sending_a_page_notes_it_in_the_same_write() -> None:
    story = Story.begin()
    draft = story.draft(story.offering("patente_comercial"))
    browser = Client()
    browser.force_login(story.user("Ana"), backend=BACKEND)
    browser.post(reverse("workflows:page", args=[draft.ref, 1]), {"nombre": ""})
    draft.refresh_from_db()
    assert draft.trail["wrong"]["nombre"] == 1
    assert draft.trail["through"] == []
