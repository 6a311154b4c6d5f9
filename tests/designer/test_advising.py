"""Suggestions stand beside what they are about, are dismissed with a reason, and never block."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Membership
from designer import operations, tree
from designer.models import DismissedAdvice, ProcedureDraft
from designer.presenting.findings import said_of
from tests.designer.conftest import Desk
from tests.workflows.permissions import BACKEND

NAME = ("forms", "solicitud", "pages", "quien", "fields", "nombre")


@pytest.fixture
def browser(desk: Desk) -> Client:
    client = Client()
    client.force_login(desk.story.user("Inés"), backend=BACKEND)
    return client


@pytest.fixture
def draft(desk: Desk) -> ProcedureDraft:
    """The licence with one question in the words of an office, and roles that people fill."""
    version = desk.story.offering("patente_comercial").version
    draft = operations.open_version(version=version, agency=desk.agency, by=desk.by, now=desk.story.now)
    field = tree.get(draft.content, NAME)
    return desk.do(operations.put_item, draft, address=NAME, item={**field, "hint": "Adjúntese completo"}, seen="")


def said(draft: ProcedureDraft) -> list[str]:
    return [one.text for one in said_of(draft) if not one.is_error]


def test_a_suggestion_stands_beside_its_question_and_is_asked_for_again_after_saving_while_typing(
    draft: ProcedureDraft, browser: Client
) -> None:
    url = reverse("designer:item", args=[draft.pk, tree.written(NAME)])
    assert "lenguaje de oficina" in browser.get(url).content.decode()
    saved = browser.post(f"{url}?guardar=1", {"label": "Nombre", "hint": "A fin de que te llamemos"})
    assert saved["HX-Trigger"] == "preview"
    assert "Guardado a las" in saved.content.decode()
    advice = browser.get(f"{url}?consejos=1").content.decode()
    assert 'hx-trigger="preview from:body"' in advice
    assert "«A fin de que» es lenguaje de oficina" in advice


def test_what_was_typed_wrong_and_not_kept_is_said_when_saving_while_typing(
    draft: ProcedureDraft, browser: Client
) -> None:
    url = reverse("designer:item", args=[draft.pk, tree.written(NAME)])
    saved = browser.post(f"{url}?guardar=1", {"label": "Otro nombre", "max_length": "muchas"}).content.decode()
    assert "No se guardó todo: Escribe un número entero" in saved
    draft.refresh_from_db()
    assert tree.get(draft.content, NAME)["label"] == "Otro nombre"


def test_a_suggestion_is_dismissed_with_a_reason_while_its_text_stays_the_same(
    desk: Desk, draft: ProcedureDraft, browser: Client
) -> None:
    url = reverse("designer:quality", args=[draft.pk])
    mark = next(one.mark for one in said_of(draft) if "oficina" in one.text)
    assert browser.post(url, {"cual": mark, "razon": " "}).status_code == 422
    browser.post(url, {"cual": mark, "razon": "Así se llama en la ordenanza"})
    assert not any("oficina" in text for text in said(draft))
    assert "Así se llama en la ordenanza" in browser.get(url).content.decode()
    field = tree.get(draft.content, NAME)
    desk.do(operations.put_item, draft, address=NAME, item={**field, "hint": "Subsane si falta algo"}, seen="")
    assert any("oficina" in text for text in said(draft))
    browser.post(url, {"cual": mark, "mostrar": "1"})
    assert not DismissedAdvice.objects.exists()
    browser.post(url, {"cual": "otra", "razon": "x"})
    assert not DismissedAdvice.objects.exists()


def test_a_role_that_one_person_fills_is_told_and_one_with_two_is_not(desk: Desk, draft: ProcedureDraft) -> None:
    title = draft.content["roles"][0]["title"]
    alone = f"Una sola persona ocupa hoy el cargo «{title}»: si falta, sus pasos se detienen."
    assert alone in said(draft)
    other = Membership.objects.filter(role=draft.bindings[draft.content["roles"][0]["id"]]).get()
    Membership.objects.create(person=desk.by, role=other.role, post="Apoyo", starts_on=other.starts_on)
    assert alone not in said(draft)
