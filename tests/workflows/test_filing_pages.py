"""Every example, filed by posting its pages one by one as a browser without script does, and its receipt afterwards."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.models import SigningIntent
from procedures.api import Field, bundle_of, offerings_on
from procedures.models import Offering
from tests.story import PDF, Story
from tests.workflows.desk import Visitor, at, text_of
from workflows import drafts
from workflows.commands import filing
from workflows.models import Case, Draft
from workflows.views.filling import filing_confirmed

pytestmark = pytest.mark.django_db


def offered(story: Story) -> list[Offering]:
    """What people may file by themselves, of any institution."""
    offerings = offerings_on(story.now.date()).select_related("version", "agency")
    return [one for one in offerings if "web" in bundle_of(one.version).ficha.channels]


def posted(model: Draft, page: int) -> dict[str, Any]:
    """A page as it is sent: the boxes that it draws, filled in as in `model`, and its files themselves."""
    form = drafts.page_form(model, page, stored=True)
    data: dict[str, Any] = dict(form.data.lists())  # type: ignore[attr-defined]
    return {**data, **{box.name: _file(box.question) for box, held in form.each_file() if held}}


def _file(question: Field) -> SimpleUploadedFile:
    if "pdf" in (question.accept or ("pdf",)):
        return SimpleUploadedFile("papel.pdf", PDF)
    photo = io.BytesIO()
    Image.new("RGB", (400, 300)).save(photo, "JPEG")
    return SimpleUploadedFile("foto.jpg", photo.getvalue())


def filed_by_hand(story: Story, ana: Client, offering: Offering) -> Case:
    """From the ficha's button to the receipt."""
    model = story.draft(offering)
    begun = ana.post(at("begin", offering.agency.code, offering.version.procedure.code))
    ref = begun["Location"].split("/")[2]
    for page in drafts.pages_asked(model):
        answer = ana.post(at("page", ref, page), posted(model, page))
        assert answer.status_code == 302, f"{offering} page {page}: {text_of(answer)[:1500]}"
    assert "Continuar a la firma" in text_of(ana.get(at("review", ref)))
    shown = ana.get(at("sign", ref)).context["shown"]
    assert ana.post(at("sign", ref), {"shown": shown, "declaro": "1"}).status_code == 302
    intent = SigningIntent.objects.latest("pk")
    story.sign_in_for(intent)
    request: Any = ana.get(at("my_cases")).wsgi_request
    assert filing_confirmed(request, intent)["Location"] == at("case", ref)
    return Case.objects.get(ref=ref)


def test_every_example_is_filed_without_script_page_by_page(story: Story, visitor: Visitor) -> None:
    """Check 1 of pages.md, for each sample procedure; the browser itself walks one of them whole."""
    ana, found = visitor("Ana"), offered(story)
    assert len(found) >= 7
    for offering in found:
        assert filed_by_hand(story, ana, offering).number


def test_the_receipt_says_what_comes_next_with_its_date_and_is_still_there_a_month_later(
    story: Story, visitor: Visitor, case: Case
) -> None:
    """Check 26 of pages.md: number, next step with a date, PDF, contact, and the same address afterwards."""
    story.work()
    first = visitor("Ana").get(at("case", case.ref))
    page = text_of(first)
    assert "Solicitud enviada" in page
    with time_machine.travel(story.now + timedelta(days=31), tick=False):
        later = text_of(visitor("Ana").get(at("case", case.ref)))
    phone = bundle_of(case.version).ficha.contact.phone
    for said in (case.number, "debe responder a más tardar el", "¿Necesitas ayuda?", phone):
        assert said in page
        assert said in later
    papers = [row for row in first.context["documents"] if row["ready"]]
    assert {row["format"] for row in papers} == {"PDF"}
    assert all(visitor("Ana").get(row["url"])["Content-Type"] == "application/pdf" for row in papers)


def test_who_names_no_medium_is_told_which_one_is_used_and_so_is_the_official(story: Story, visitor: Visitor) -> None:
    """DS 4 de 2020, art. 18: the digital domicile that everybody has."""
    draft = story.draft(story.offering("organizacion_comunitaria"))
    drafts.save(draft=draft, changed={}, removed={"correo"}, now=story.now)
    draft.refresh_from_db()
    case = filing.start(draft=draft, by=story.people["Ana"], signature=story.signature(draft), now=story.now)
    said = "Correo electrónico Domicilio digital único (Casilla Única)"
    assert said in text_of(visitor("Gloria").get(at("desk_case", case.ref)))
    assert said in text_of(visitor("Ana").get(at("answers", case.ref)))
