"""The form with which people ask not to be dealt with electronically is written on a card of its own."""

from __future__ import annotations

import pytest
from django.test import Client

from designer import operations, tree
from designer.errors import StillUsed
from designer.models import ProcedureDraft
from procedures.api import changes, check_data
from tests.designer.conftest import Desk
from tests.designer.hands import Hands

CARD = "parte/exemption/"
EXAMPLE = "excepcion_medios_electronicos"


@pytest.fixture
def hands(desk: Desk) -> Hands:
    client = Client()
    client.force_login(desk.story.user("Inés"), backend="accounts.backends.VerifiedIdentityBackend")
    return Hands(client, desk.example(EXAMPLE))


def draft_of(hands: Hands) -> ProcedureDraft:
    return ProcedureDraft.objects.get(pk=int(hands.at.split("/")[2]))


def test_what_is_asked_for_is_said_on_its_card_and_is_what_the_file_said_r47(hands: Hands) -> None:
    """Ley 19.880, arts. 18 and 46; DS 4 of 2020, art. 32."""
    wanted = draft_of(hands).content
    assert hands.send("parte/exemption/", "quitar/exemption/").startswith("pasos/")
    assert "exemption" not in draft_of(hands).content
    shown = hands.page(CARD)
    assert "artículos 18 y 46" in shown.text_content()
    assert not shown.xpath("//form[contains(@action, 'quitar/exemption')]")
    assert shown.xpath("//select[@name='address']/option[@value='inicio.domicilio']/text()") == ["Dónde vives"]
    conditions = {"papel": ("inicio.pide", "contains", "papel"), "carta": ("inicio.forma", "eq", "carta"),
                  "oficina": ("inicio.forma", "eq", "oficina")}  # fmt: skip
    for name, (field, op, value) in conditions.items():
        row = {f"{name}-mode": "all", f"{name}-0-field": field, f"{name}-0-op": op, f"{name}-0-value": value}
        hands.send(CARD, "card", row)
    hands.send(CARD, "card", {"address": "inicio.domicilio"})
    found = check_data(draft_of(hands).content)
    assert found.errors == []
    assert draft_of(hands).content == wanted


def test_half_of_it_says_on_the_card_and_on_the_home_what_is_missing(hands: Hands) -> None:
    hands.send(CARD, "quitar/exemption/")
    hands.send(CARD, "card", {"address": "inicio.domicilio"})
    told = hands.page(CARD).text_content()
    for missing in ("presentar en papel", "por carta certificada", "en la oficina"):
        assert f"Falta cuándo se pide {missing}" in told or f"Falta cuándo se pide ser notificado {missing}" in told
    rows = [" ".join(row.text_content().split()) for row in hands.page("").xpath("//ul[@class='task-list']/li")]
    assert any(row.startswith("Pasos y responsables") and "la excepción a los medios electrónicos" in row
               for row in rows), rows  # fmt: skip


def test_a_card_saved_empty_makes_no_procedure_that_form(desk: Desk, hands: Hands) -> None:
    draft = desk.example("acceso_informacion")
    begun = draft.content
    Hands(hands.client, draft).send(CARD, "card")
    draft.refresh_from_db()
    assert draft.content == begun


def test_the_answer_with_the_address_is_not_removed_under_its_feet(desk: Desk, hands: Hands) -> None:
    where = tree.parse("forms/solicitud/pages/quien/fields/domicilio")
    with pytest.raises(StillUsed, match="la excepción a los medios electrónicos"):
        desk.do(operations.remove_item, draft_of(hands), address=where)


def test_a_change_of_it_is_told_among_others_before_publishing(hands: Hands) -> None:
    old = draft_of(hands).content
    paper = {"all": [{"field": "inicio.circunstancia", "op": "eq", "value": "edad"}]}
    new = {**old, "title": "Otro nombre", "exemption": {**old["exemption"], "paper": paper}}
    told = [change.text for change in changes(old, new)]
    assert "En la excepción a los medios electrónicos cambió cuándo se pide presentar en papel." in told
    gone = {key: value for key, value in new.items() if key != "exemption"}
    assert len([text for text in (change.text for change in changes(old, gone)) if "la excepción" in text]) == 4
