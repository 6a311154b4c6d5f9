"""The sealed certificate of a legal notification (R27, R32): in the file, for the applicant and for officials."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Person
from documents.api import items_of
from documents.models import Document
from jobs.models import Job
from notifications.api import Notified
from notifications.models import NotificationCertificate
from procedures.api import bundle_of
from tests.story import MORNING, Story
from tests.workflows.permissions import BACKEND
from workflows.commands.notification import preview_notification, record_notification
from workflows.models import Case, CaseParty
from workflows.notified import whom
from workflows.presenting.notified import notified_rows

pytestmark = pytest.mark.django_db
BETO = "Beto"
FOR_BRUNO = "Ana, en representación de Bruno"
ANA, BRUNO = Person(pk=1, given_names="Ana"), Person(pk=2, given_names="Bruno")


@pytest.fixture
def story(db: None) -> Story:
    return Story.begin()


def observed(story: Story) -> Case:
    case = story.file()
    story.do(case, "admision", resultado="observar", observaciones="Corrige.")
    return case


def tell(story: Story, case: Case, medium: str = "letter", evidence: str = "Carta 1180") -> Document:
    told = Notified(story.people["Ana"], medium, story.now, evidence, departure="La Plataforma estuvo caída.")
    record_notification(case=case, step_id="correccion", notified=told, by=story.people[BETO], now=story.now)
    return NotificationCertificate.objects.select_related("document").get(record__file=case.file).document


def rows(document: Document) -> dict[str, str]:
    return {row["label"]: row["value"] for block in document.content["blocks"] for row in block.get("rows", ())}


def page_of(story: Story, name: str, address: str) -> str:
    client = Client()
    client.force_login(story.user(name), backend=BACKEND)
    return client.get(address).content.decode()


def test_recording_a_notification_puts_its_sealed_certificate_into_the_file(story: Story) -> None:
    case = observed(story)
    document = tell(story, case)
    said = rows(document)
    assert said["N° de solicitud"] == case.number
    assert said["A quién"].startswith("Ana María Pérez Soto, RUN ")
    assert (said["Medio"], said["Prueba"]) == ("Carta certificada", "Carta 1180")
    assert said["Vale desde"] == "9 de marzo de 2026"
    assert said["La registró"].startswith("Beto")
    assert "hasta el 16 de marzo de 2026" in said["Plazo que empezó"]
    assert document.required_signature == "seal"
    assert [item.document for item in items_of(case.file)][-1] == document
    assert Job.objects.filter(case_id=case.pk, payload__document=document.pk).exists()


def test_the_applicant_and_the_official_find_it(story: Story) -> None:
    case = observed(story)
    document = tell(story, case, "office", "")
    waiting = page_of(story, "Ana", reverse("workflows:case", args=[case.ref]))
    assert "la constancia se está sellando" in waiting
    other = Document.objects.filter(file=case.file, kind="attachment").earliest("pk")
    Document.objects.filter(pk=document.pk).update(blob=other.blob)
    for who, page in (("Ana", "case"), (BETO, "desk_case")):
        shown = page_of(story, who, reverse(f"workflows:{page}", args=[case.ref]) + "?ver=expediente")
        assert "Notificaciones" in shown
        kind = "document" if page == "case" else "desk_document"
        assert reverse(f"workflows:{kind}", args=[case.ref, document.pk]) in shown


def test_who_keeps_their_identity_back_is_not_named(story: Story) -> None:
    case = observed(story)
    CaseParty.objects.filter(case=case).update(is_reserved=True)
    said = rows(tell(story, case, evidence="Carta 1180 a Ana María Pérez"))
    assert said["A quién"] == "Persona con identidad reservada"
    assert "Prueba" not in said, "every party may open it, and what an official wrote may name them"


def test_who_acts_for_them_gives_them_away_neither_in_the_certificate_nor_on_the_page(story: Story) -> None:
    case = observed(story)
    CaseParty.objects.filter(case=case).update(
        is_reserved=True, person=story.people["Bruno"], representative=story.people["Ana"]
    )
    assert rows(tell(story, case))["A quién"] == "Persona con identidad reservada"
    shown = notified_rows(case, bundle_of(case.version), "workflows:desk_document")
    assert [row["who"] for row in shown] == ["Persona con identidad reservada"]


@pytest.mark.parametrize(
    ("parties", "said"),
    [
        ([{"person": BRUNO, "representative": ANA}], FOR_BRUNO),
        ([{"person": BRUNO, "representative": ANA, "left_at": MORNING}], "Ana"),
        ([{"person": BRUNO, "representative": ANA}, {"person": ANA}], "Ana"),
        (
            [{"person": BRUNO, "representative": ANA}, {"person": ANA, "left_at": MORNING}],
            FOR_BRUNO,
        ),
        ([{"person": ANA, "is_reserved": True, "left_at": MORNING}], "Persona con identidad reservada"),
    ],
)
def test_for_whom_somebody_acts_is_said_while_they_do_and_have_no_standing_of_their_own(
    parties: list[dict[str, Any]], said: str
) -> None:
    assert whom([CaseParty(**party) for party in parties], ANA, "Ana") == said


def test_of_a_case_that_has_ended_it_still_enters_the_file(story: Story) -> None:
    case = observed(story)
    story.now = story.now.replace(hour=15)
    type(case.file).objects.filter(pk=case.file_id).update(closed_at=story.now)
    document = tell(story, case)
    assert [item.document for item in items_of(case.file)][-1] == document


def test_looking_at_what_would_start_leaves_nothing(story: Story) -> None:
    case = observed(story)
    told = Notified(story.people["Ana"], "office", story.now, "")
    preview_notification(case=case, step_id="correccion", notified=told, by=story.people[BETO], now=story.now)
    assert not NotificationCertificate.objects.exists()
    assert not Document.objects.filter(kind=Document.Kind.NOTIFICATION).exists()
