"""The table of a decision step: its cells in words, and what is wrong with a row beside it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.test import Client

from designer import tree
from designer.models import ProcedureDraft
from tests.designer.conftest import Desk
from tests.designer.hands import Hands
from tests.workflows.permissions import BACKEND

TABLES = ["ayuda_social", "organizacion_comunitaria"]


@pytest.fixture
def table(desk: Desk, client: Client) -> tuple[Hands, ProcedureDraft, str]:
    """Inés with the table of organizacion_comunitaria open."""
    client.force_login(desk.story.user("Inés"), backend=BACKEND)
    draft = desk.example("organizacion_comunitaria")
    return Hands(client, draft), draft, address_of(draft)


def address_of(draft: ProcedureDraft) -> str:
    return next(tree.written(at) for at, step in tree.all_steps(draft.content) if step["kind"] == "decision")


def rows(draft: ProcedureDraft, address: str) -> Any:
    draft.refresh_from_db()
    return tree.get(draft.content, tree.parse(address))["rows"]


def test_what_a_table_or_a_service_gives_is_called_in_words(desk: Desk, client: Client) -> None:
    """An internal name is what nobody wrote: `monto_total` reads «Monto total», and saving the card keeps it."""
    client.force_login(desk.story.user("Inés"), backend=BACKEND)
    draft = desk.example("ayuda_social")
    here, content = address_of(draft), copy.deepcopy(draft.content)
    step = tree.get(content, tree.parse(here))
    step["values"]["monto_total"] = step["values"].pop("tope")
    for row in step["rows"]:
        row["then"]["monto_total"] = row["then"].pop("tope")
    [(where, service)] = [(at, one) for at, one in tree.all_steps(content) if one["kind"] == "service"]
    service["values"]["otro_dato"] = {"path": "hogar.otro", "type": "text"}
    ProcedureDraft.objects.filter(pk=draft.pk).update(content=content)
    hands = Hands(client, draft)
    table = hands.page(f"parte/{here}/").text_content()
    assert "Da Monto total" in table
    assert "monto_total" not in table
    offered = {one.text_content() for one in hands.page(f"parte/{here}/").xpath("//*[@id='columna-nueva']//option")}
    assert "Tramo de calificación socioeconómica" in table
    assert "Otro dato" in offered
    hands.send(f"parte/{here}/", "card")
    hands.send(f"parte/{tree.written(where)}/", "card")
    draft.refresh_from_db()
    assert draft.content == content


def test_a_datum_of_a_service_is_named_in_words(desk: Desk, client: Client) -> None:
    client.force_login(desk.story.user("Inés"), backend=BACKEND)
    draft = desk.example("ayuda_social")
    hands = Hands(client, draft)
    where = next(tree.written(at) for at, one in tree.all_steps(draft.content) if one["kind"] == "service")
    count = len(tree.get(draft.content, tree.parse(where))["values"])
    new = {f"values-{count}-{key}": said for key, said in NEW_DATUM.items()}
    hands.send(f"parte/{where}/", "card", new)
    draft.refresh_from_db()
    values = tree.get(draft.content, tree.parse(where))["values"]
    assert values["tiene_deuda_de_alimentos"] == {
        "path": "deuda", "type": "yes_no", "label": "¿Tiene deuda de alimentos?"
    }  # fmt: skip


NEW_DATUM = {"name": "¿Tiene deuda de alimentos?", "path": "deuda", "type": "yes_no"}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_saved_untouched_stays_as_it_was(desk: Desk, client: Client, name: str) -> None:
    client.force_login(desk.story.user("Inés"), backend=BACKEND)
    draft = desk.example(name)
    hands, here, before = Hands(client, draft), address_of(draft), draft.content
    hands.send(f"parte/{here}/", "card")
    draft.refresh_from_db()
    assert draft.content == before


def test_a_case_without_a_row_and_one_with_two_are_said_beside_them(table: tuple[Hands, ProcedureDraft, str]) -> None:
    hands, _draft, here = table
    url = f"parte/{here}/"
    assert not hands.page(url).xpath("//*[@class='row-says']/*")
    hands.send(url, "card", {"f-0-1-desde": "20"})
    said = hands.page(url).xpath("//*[@id='dice-']/*/text()")
    assert len(said) == 1
    assert "Ninguna fila" in said[0]
    assert "es 15" in said[0]
    hands.send(url, "card", {"f-0-1-desde": "10"})
    [said] = hands.page(url).xpath("//*[@id='dice-1']/*/text()")
    assert "Las filas 1 y 2 sirven a la vez cuando" in said
    hands.client.post(f"{hands.at}{url}?guardar=1", form_of(hands, url) | {"f-0-1-desde": "15"})
    told = hands.client.get(f"{hands.at}{url}?consejos=1").content.decode()
    assert 'id="dice-1" aria-live="polite" hx-swap-oob="true"></span>' in told


def test_rows_columns_and_results_are_added_moved_and_removed(table: tuple[Hands, ProcedureDraft, str]) -> None:
    hands, draft, here = table
    url, before = f"parte/{here}/", rows(draft, here)
    hands.send(url, "card", {"_fila": "bajar:0"})
    assert rows(draft, here)[:2] == [before[1], before[0]]
    hands.send(url, "card", {"_fila": "otra"})
    assert rows(draft, here)[-1] == {"then": {}}
    assert "no da exactamente los resultados" in hands.page(url).text_content()
    hands.send(url, "card", {"_fila": f"quitar:{len(before)}"})
    more = hands.page(url).xpath("//select[@name='columna-nueva']//option/@value")[1]
    hands.send(url, "card", {"columna-nueva": more, "_columna": "agregar"})
    assert rows(draft, here)[0]["when"][-1] == {"data": more}
    hands.send(url, "card", {"_columna": "quitar:2"})
    assert rows(draft, here)[:2] == [before[1], before[0]]
    hands.send(url, "card", {"da-2-nombre": "Plazo en días", "da-2-tipo": "integer"})
    hands.send(url, "card", {"f-0-da-2": "30"})
    assert rows(draft, here)[0]["then"]["plazo_en_dias"] == 30
    hands.send(url, "card", {"_resultado": "quitar:2"})
    assert rows(draft, here)[:2] == [before[1], before[0]]


def test_a_bound_that_is_no_number_is_said_and_kept_on_the_page(table: tuple[Hands, ProcedureDraft, str]) -> None:
    hands, _draft, here = table
    url = f"parte/{here}/"
    answer = hands.client.post(hands.at + url, form_of(hands, url) | {"f-0-1-desde": "quince"})
    assert answer.status_code == 422
    assert 'value="quince"' in answer.content.decode()
    assert "con números y sin decimales" in answer.content.decode()


def form_of(hands: Hands, url: str) -> dict[str, Any]:
    form = hands.page(url).xpath("//form[@id='card']")[0]
    sent: dict[str, Any] = {}
    for name, value in form.form_values():
        sent.setdefault(name, []).append(value)
    return sent
