"""The questions of a row on their cards: conditions, calculations, other names, and what changed in them."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.test import Client

from designer import renaming, reusing, tree
from designer.models import ProcedureDraft
from designer.queries import findings_of
from designer.references import users_of
from procedures.api import changes
from tests.designer.conftest import Desk
from tests.designer.hands import Hands
from tests.designer.test_conditions import form_of
from tests.workflows.permissions import BACKEND

GROUP = "forms/solicitud/pages/lugares/fields/lugares"
ROW = f"{GROUP}/fields/"


@pytest.fixture
def at_work(desk: Desk, client: Client) -> tuple[Hands, ProcedureDraft]:
    """Inés with ocupacion_espacio_publico open, whose block over the places is called as their group."""
    client.force_login(desk.story.user("Inés"), backend=BACKEND)
    draft = desk.example("ocupacion_espacio_publico")
    return Hands(client, draft), draft


def _stored(draft: ProcedureDraft, address: str) -> Any:
    draft.refresh_from_db()
    return tree.find(draft.content, tree.parse(address))


def test_a_question_of_a_row_gets_a_condition_on_its_own_row_or_on_what_came_before(
    at_work: tuple[Hands, ProcedureDraft],
) -> None:
    hands, draft = at_work
    url = f"parte/{ROW}limite/"
    offered = hands.page(url).xpath("//select[@name='si-0-field']//option/@value")
    assert "lugares.estructura" in offered
    assert "inicio.alimentos" in offered
    assert {"lugares.limite", "inicio.lugares", "inicio.croquis"}.isdisjoint(offered), "they come later"
    hands.send(url, "card", {"si-mode": "all", "si-0-field": "lugares.estructura", "si-0-op": "filled"})
    assert _stored(draft, f"{ROW}limite")["visible_when"] == {"all": [{"field": "lugares.estructura", "op": "filled"}]}
    assert not findings_of(draft.content).errors
    told = hands.page(url).text_content()
    assert "Se muestra solo si «¿Se instala una tarima, un toldo o una gradería?» tiene respuesta." in told


def test_the_card_of_a_row_says_its_condition_and_keeps_it(at_work: tuple[Hands, ProcedureDraft]) -> None:
    hands, draft = at_work
    before = _stored(draft, f"{ROW}cual_estructura")
    hands.send(f"parte/{ROW}cual_estructura/", "card", {"hint": "Con nombre."})
    assert _stored(draft, f"{ROW}cual_estructura") == {**before, "hint": "Con nombre."}


def test_a_calculation_of_a_row_has_its_formula_and_no_sum(at_work: tuple[Hands, ProcedureDraft]) -> None:
    hands, draft = at_work
    sent = form_of(hands, f"parte/{ROW}ocupacion/")
    assert sent["formula"][0].strip() == "lugares.superficie * double(lugares.dias)"
    assert "sum_of" not in sent
    hands.send(f"parte/{ROW}ocupacion/", "card", {"formula": "lugares.superficie"})
    assert _stored(draft, f"{ROW}ocupacion")["formula"] == "lugares.superficie"
    columns = hands.page(f"parte/{GROUP}/").xpath("//input[@name='totals']/@value")
    assert columns == ["superficie", "dias", "ocupacion"]


def test_an_option_of_a_row_has_its_condition_too(at_work: tuple[Hands, ProcedureDraft]) -> None:
    hands, draft = at_work
    draft.content = copy.deepcopy(draft.content)
    fields = tree.get(draft.content, tree.parse(f"{GROUP}/fields"))
    options = [{"id": "plaza", "label": "Plaza"}, {"id": "tarima", "label": "Tarima"}]
    fields.append({"id": "clase", "type": "choice", "label": "Clase", "options": options})
    draft.save()
    url = f"parte/{ROW}clase/options/tarima/"
    assert "lugares.estructura" in hands.page(url).xpath("//select[@name='si-0-field']//option/@value")
    hands.send(url, "card", {"si-mode": "all", "si-0-field": "lugares.estructura", "si-0-op": "filled"})
    assert "only_when" in _stored(draft, f"{ROW}clase/options/tarima")


class TestNames:
    def test_a_question_of_a_row_takes_another_name_with_all_that_names_it(self, desk: Desk) -> None:
        content = desk.example("ocupacion_espacio_publico").content
        changed = renaming.renamed(content, tree.parse(f"{ROW}estructura"), "armado")
        asked = tree.get(changed, tree.parse(f"{ROW}cual_estructura"))
        assert asked["visible_when"] == {"all": [{"field": "lugares.armado", "op": "eq", "value": True}]}

    def test_a_group_takes_another_name_and_the_block_over_it_keeps_its_own(self, desk: Desk) -> None:
        content = desk.example("ocupacion_espacio_publico").content
        changed = renaming.renamed(content, tree.parse(GROUP), "sitios")
        inside = "forms/solicitud/pages/lugares/fields/sitios/fields/"
        assert tree.get(changed, tree.parse(f"{inside}ocupacion"))["formula"] == (
            "sitios.superficie * double(sitios.dias)"
        )
        assert "sitios.estructura" in str(tree.get(changed, tree.parse(f"{inside}cual_estructura")))
        assert tree.get(changed, ("steps", "lugares"))["over"] == "inicio.sitios"
        assert not findings_of(changed).errors

    def test_the_block_takes_another_name_and_the_rows_keep_theirs(self, desk: Desk) -> None:
        content = desk.example("ocupacion_espacio_publico").content
        changed = renaming.renamed(content, ("steps", "lugares"), "visitas")
        assert "lugares.estructura" in str(tree.get(changed, tree.parse(f"{ROW}cual_estructura")))
        own = tree.get(changed, tree.parse("forms/otro_lugar/pages/detalle/fields/cual_estructura"))
        assert "visitas.estructura" in str(own)
        assert not findings_of(changed).errors

    def test_what_a_row_depends_on_is_not_taken_away_under_its_feet(self, desk: Desk) -> None:
        content = desk.example("ocupacion_espacio_publico").content
        users = [use.address[:8] for use in users_of(content, tree.parse(f"{ROW}estructura"))]
        assert tree.parse(f"{ROW}cual_estructura") in users


def test_a_page_taken_into_another_procedure_keeps_the_conditions_of_its_rows(desk: Desk) -> None:
    draft = desk.empty()
    version = desk.story.offering("ocupacion_espacio_publico").version
    source = reusing.source_named(desk.agency, f"{version.pk}:solicitud:lugares")
    page, lost = reusing.page_from(source, draft.content, "solicitud")
    assert lost == []
    asked = {inner["id"]: inner for inner in page["fields"][0]["fields"]}
    assert asked["cual_estructura"]["visible_when"]["all"][0]["field"] == "lugares.estructura"


def test_what_changed_in_a_row_is_told_by_its_question(desk: Desk) -> None:
    old = desk.example("ocupacion_espacio_publico").content
    new = copy.deepcopy(old)
    asked = tree.get(new, tree.parse(f"{ROW}cual_estructura"))
    asked["visible_when"] = {"all": [{"field": "lugares.estructura", "op": "filled"}]}
    tree.get(new, tree.parse(f"{GROUP}/fields")).append({"id": "nota", "type": "text", "label": "Nota"})
    told = [change.text for change in changes(old, new)]
    group = "la pregunta «Lugares que se ocuparán»"
    assert (
        f"En la pregunta «¿Qué se instala y quién lo arma?» de cada fila de {group} cambió cuándo se muestra." in told
    )
    assert f"Se agregó la pregunta «Nota» de cada fila de {group}." in told
    (change,) = [one for one in changes(old, new) if one.before]
    assert change.after == "«¿Se instala una tarima, un toldo o una gradería?» tiene respuesta"
