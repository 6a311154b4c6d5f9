"""The examples in English: no text that people read lacks its words, and a page marks whatever stays in Spanish."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from lxml import html

from notifications.models import Notice
from procedures.api import read_yaml
from procedures.schema import Bundle
from procedures.schema.overlay import texts_of
from tests.story import Story

EXAMPLES = sorted(path for path in (settings.BASE_DIR / "examples").glob("*.yaml") if path.stem != "offerings")
SENT = re.compile(r"documents\.\w+\.blocks\.")
"""The wording of acts and certificates: they are issued in Spanish."""
UNMARKED = "//body//text()[not(ancestor::*[@lang and not(self::html)])]"
"""The words of a page that are in its own language, as far as it says."""
BACKEND = "accounts.backends.VerifiedIdentityBackend"


def bundle_at(path: Path) -> Bundle:
    return Bundle.model_validate(read_yaml(path.read_text(encoding="utf-8")).data)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_text_of_an_example_is_also_in_english(path: Path) -> None:
    bundle = bundle_at(path)
    english = bundle.translations.get("en", {})
    texts = {where: text for where, text in texts_of(bundle) if not SENT.match(where)}
    missing = [f"    {where}: {text}" for where, text in texts.items() if where not in english]
    assert not missing, f"{path.name}, under translations: en:, lacks the English of\n" + "\n".join(missing)
    gone = sorted(english.keys() - texts.keys())
    assert not gone, f"{path.name} translates what no longer exists: {', '.join(gone)}"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_no_step_nor_question_stays_in_spanish_those_of_branches_and_of_the_law_included(path: Path) -> None:
    spoken = bundle_at(path).spoken("en", "en")
    steps = [step.title for step in spoken.every_step() if step.lang]
    forms = (*spoken.forms, *spoken.blocks.forms)
    fields = [field.label for form in forms for field in form.fields if field.lang]
    assert not steps + fields, "what the law adds is said in procedures/schema/ley_19880_en.yaml"


@pytest.fixture
def english(db: None) -> tuple[Story, Client]:
    story = Story.begin()
    client = Client(headers={"accept-language": "en"})
    client.force_login(story.user("Ana"), backend=BACKEND)
    return story, client


def spanish_in(page: str, bundle: Bundle) -> list[str]:
    """Texts of the procedure that a page in English shows in Spanish without saying so."""
    words: Any = html.fromstring(page).xpath(UNMARKED)
    english, shown = bundle.translations["en"], " ".join(" ".join(words).split())
    return [text for path, text in texts_of(bundle) if len(text) > 9 and text in shown and english.get(path) != text]


def test_pages_in_english_say_the_procedure_in_english_and_mark_what_is_left(english: tuple[Story, Client]) -> None:
    """Check 17 of pages.md; WCAG 3.1.2."""
    story, client = english
    offering = story.offering("patente_comercial")
    bundle = bundle_at(settings.BASE_DIR / "examples" / "patente_comercial.yaml")
    draft = story.draft(offering)
    case = story.file()
    notice = Notice.objects.filter(person=story.people["Ana"]).earliest("pk")
    pages = [
        reverse("workflows:catalogue"),
        reverse("workflows:catalogue") + "?q=patente",
        reverse("workflows:ficha", args=["muni-ejemplo", "patente_comercial"]),
        reverse("workflows:page", args=[draft.ref, 2]),
        reverse("workflows:review", args=[draft.ref]),
        reverse("workflows:sign", args=[draft.ref]),
        reverse("workflows:my_cases"),
        reverse("workflows:case", args=[case.ref]),
        reverse("workflows:answers", args=[case.ref]),
        reverse("notifications:inbox"),
        reverse("notifications:notice", args=[notice.pk]),
    ]
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, page
        assert '<html lang="en">' in answer.content.decode()
        assert not spanish_in(answer.content.decode(), bundle), page
    ficha = client.get(pages[2]).content.decode()
    assert "Permanent business licence" in ficha
    assert '<span lang="es">Departamento de Rentas y Patentes</span>' in ficha


def test_the_test_of_the_pages_can_fail(english: tuple[Story, Client]) -> None:
    """The control: the same page in Spanish is found out."""
    _story, client = english
    bundle = bundle_at(settings.BASE_DIR / "examples" / "patente_comercial.yaml")
    ficha = reverse("workflows:ficha", args=["muni-ejemplo", "patente_comercial"])
    assert spanish_in(client.get(ficha, headers={"accept-language": "es"}).content.decode(), bundle)
