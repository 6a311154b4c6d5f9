"""Conditions put together on a card: groups inside one another, CEL and back, and every place that has one."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from designer import operations, tree
from designer.models import ProcedureDraft
from designer.queries import findings_of
from tests.designer.conftest import Desk
from tests.designer.hands import Hands
from tests.workflows.permissions import BACKEND


@pytest.fixture
def at_work(desk: Desk, client: Client) -> tuple[Hands, ProcedureDraft]:
    """Inés with patente_comercial open."""
    client.force_login(desk.story.user("Inés"), backend=BACKEND)
    draft = desk.example()
    return Hands(client, draft), draft


def stored(draft: ProcedureDraft, address: str) -> Any:
    draft.refresh_from_db()
    return tree.find(draft.content, tree.parse(address))


def question(draft: ProcedureDraft) -> str:
    """The address of the last question of the application."""
    form = draft.content["forms"][0]
    return tree.written([at for at, field in tree.fields_of_form(form) if field["type"] != "info"][-1])


def test_a_group_is_added_inside_a_sentence_and_inside_a_group_without_script(
    at_work: tuple[Hands, ProcedureDraft],
) -> None:
    hands, draft = at_work
    here, url = question(draft), f"parte/{question(draft)}/"
    first = next(iter(paths(hands, url)))
    hands.send(url, "card", {"si-mode": "all", "si-0-field": first, "si-0-op": "filled"})
    sent = form_of(hands, url) | {"_grupo": "si"}
    answer = hands.client.post(hands.at + url, sent)
    assert answer.status_code == 200  # the page with an empty group, which is not kept until it says something
    assert stored(draft, here)["visible_when"] == {"all": [{"field": first, "op": "filled"}]}
    sent |= {"si-1-mode": "none", "si-1-0-field": first, "si-1-0-op": "empty"}
    del sent["_grupo"]
    hands.client.post(hands.at + url, sent | {"_grupo": "si-1", "seen": ""})
    sent |= {"si-1-1-mode": "any", "si-1-1-0-field": first, "si-1-1-0-op": "filled", "seen": ""}
    assert hands.client.post(hands.at + url, sent).status_code == 302
    row = {"field": first, "op": "filled"}
    empty = {"field": first, "op": "empty"}
    assert stored(draft, here)["visible_when"] == {"all": [row, {"none": [empty, {"any": [row]}]}]}
    before = stored(draft, here)
    hands.send(url, "card")
    assert stored(draft, here) == before
    hands.send(url, "card", {"_quitar": "si-1-1"})
    assert stored(draft, here)["visible_when"] == {"all": [row, {"none": [empty]}]}


def test_an_expression_becomes_sentences_where_they_say_the_same_and_stays_where_not(
    at_work: tuple[Hands, ProcedureDraft],
) -> None:
    hands, draft = at_work
    here, url = question(draft), f"parte/{question(draft)}/"
    first = next(iter(paths(hands, url)))
    hands.send(url, "card", {"si-mode": "expert", "si-cel": f"!({first} == null)"})
    assert "En frases dice lo mismo" in hands.page(url).text_content()
    hands.send(url, "card", {"_frases": "si"})
    assert stored(draft, here)["visible_when"] == {"all": [{"field": first, "op": "filled"}]}
    hands.send(url, "card", {"_experto": "si"})
    assert "cel" in stored(draft, here)["visible_when"]
    odd = f"{first} == null ? true : false"
    hands.send(url, "card", {"si-mode": "expert", "si-cel": odd})
    assert "Las frases no alcanzan a decir exactamente esto" in hands.page(url).text_content()
    assert stored(draft, here)["visible_when"] == {"cel": odd}


def test_a_sentence_that_is_begun_under_always_is_kept(at_work: tuple[Hands, ProcedureDraft]) -> None:
    hands, draft = at_work
    here, url = question(draft), f"parte/{question(draft)}/"
    first = next(iter(paths(hands, url)))
    hands.send(url, "card", {"si-mode": "", "si-0-field": first, "si-0-op": "filled"})
    assert stored(draft, here)["visible_when"] == {"all": [{"field": first, "op": "filled"}]}


def test_every_other_place_that_decides_by_answers_has_its_card(at_work: tuple[Hands, ProcedureDraft]) -> None:
    """Ways out of a form, jumps, rules between answers, terms by date (R78), other posts, formalities."""
    hands, draft = at_work
    form = draft.content["forms"][0]
    page = f"forms/{form['id']}/pages/{form['pages'][0]['id']}"
    task = next(step for step in draft.content["steps"] if step["kind"] == "task" and step.get("deadline"))
    made = {
        into: hands.send(f"parte/{holder}/" if holder != "ficha" else "ficha/", f"agregar/{into}/")
        for holder, into in (
            (page, f"{page}/exits"), (page, f"{page}/skip"), (f"forms/{form['id']}", f"forms/{form['id']}/rules"),
            (f"steps/{task['id']}", f"steps/{task['id']}/deadline/amounts"),
            (f"steps/{task['id']}", f"steps/{task['id']}/role_when"), ("ficha", "term/amounts"),
            ("law", "law/formalities"),
        )
    }  # fmt: skip
    for path in made.values():
        hands.send(path, "card")
    hands.send(made["term/amounts"], "card",
               {"amount": 20, "source": "Ley 1", "since": "01/03/2027", "si-mode": ""})  # fmt: skip
    assert stored(draft, "term/amounts/0") == {"amount": 20, "source": "Ley 1", "since": "2027-03-01"}
    assert "desde el 01/03/2027" in hands.page("ficha/").text_content()
    exit_ = stored(draft, made[f"{page}/exits"].removeprefix("parte/").rstrip("/"))
    assert exit_["instead"] == [{"label": "Pregunta en nuestra oficina"}]
    hands.send(f"parte/{page}/", f"quitar/{page}/skip/0/")
    assert stored(draft, f"{page}/skip") == []


def test_what_is_charged_has_its_card_with_other_amounts_by_date_r78(at_work: tuple[Hands, ProcedureDraft]) -> None:
    hands, draft = at_work
    fee = hands.send("ficha/", "agregar/fees/")
    hands.send(fee, "card", {"title": "Derechos", "amount": "0,5", "unit": "utm", "source": "Ordenanza 1"})
    address = fee.removeprefix("parte/").rstrip("/")
    other = hands.send(fee, f"agregar/{address}/amounts/")
    hands.send(other, "card", {"amount": "0,75", "source": "Ordenanza 9", "since": "01/03/2027", "si-mode": ""})
    kept = stored(draft, address)
    assert (kept["title"], kept["amount"], kept["unit"]) == ("Derechos", "0,5", "utm")
    assert kept["amounts"] == [{"amount": "0,75", "source": "Ordenanza 9", "since": "2027-03-01"}]
    assert "Derechos" in hands.page("ficha/").text_content()
    length = hands.send("parte/law/", "agregar/law/appeals/amounts/")
    hands.send(length, "card", {"amount": 3, "source": "Ley 2", "until": "01/03/2027", "si-mode": ""})
    assert stored(draft, "law/appeals/amounts/0") == {"amount": 3, "source": "Ley 2", "until": "2027-03-01"}
    assert not [one for one in findings_of(draft.content).errors if one.path.startswith(("fees", "law"))]


def test_a_condition_on_what_is_asked_later_stays_until_somebody_mends_it(
    at_work: tuple[Hands, ProcedureDraft], desk: Desk
) -> None:
    hands, draft = at_work
    here, asked = next((at, field) for at, field in _asked(draft) if "visible_when" in field)
    condition, into = asked["visible_when"], here[:-1]
    desk.do(operations.move_item, draft, address=here, into=into, place=0)
    address = tree.written(here)
    before = findings_of(draft.content).errors
    assert any("visible_when" in finding.path for finding in before)
    hands.send(f"parte/{address}/", "card", {"label": "Otras palabras"})
    assert stored(draft, address)["label"] == "Otras palabras"
    assert stored(draft, address)["visible_when"] == condition
    assert findings_of(draft.content).errors == before
    chosen = hands.page(f"parte/{address}/").xpath("//select[@name='si-0-field']/option[@selected]")
    assert [option.text for option in chosen] == ["«¿Haces el trámite por una empresa?» se responde después"]


def test_a_condition_on_what_is_gone_says_so_and_stays(at_work: tuple[Hands, ProcedureDraft]) -> None:
    hands, draft = at_work
    here = next(at for at, field in _asked(draft) if "visible_when" in field)
    condition = {"all": [{"field": "inicio.ya_no_esta", "op": "eq", "value": "x"}]}
    draft.content = tree.put(draft.content, (*here, "visible_when"), condition)
    draft.save()
    page = f"parte/{tree.written(here)}/"
    assert "inicio.ya_no_esta (ya no existe)" in hands.page(page).text_content()
    hands.send(page, "card", {"label": "Otras palabras"})
    assert stored(draft, tree.written(here))["visible_when"] == condition


def test_a_number_that_may_be_two_is_asked_again(at_work: tuple[Hands, ProcedureDraft]) -> None:
    hands, draft = at_work
    here = next(at for at, field in _asked(draft) if field["id"] == "plano")
    url = f"parte/{tree.written(here)}/"
    answer = hands.client.post(hands.at + url, form_of(hands, url) | {"si-0-value": "1.500"})
    assert answer.status_code == 422
    assert 'value="1.500"' in answer.content.decode()
    assert stored(draft, tree.written(here))["visible_when"]["all"][0]["value"] != "1.500"


def _asked(draft: ProcedureDraft) -> list[tuple[tuple[str, ...], dict[str, Any]]]:
    return list(tree.fields_of_form(draft.content["forms"][0]))


def paths(hands: Hands, url: str) -> list[str]:
    """The data that the card offers for a condition."""
    return [value for value in hands.page(url).xpath("//select[@name='si-0-field']//option/@value") if value]


def form_of(hands: Hands, url: str) -> dict[str, Any]:
    form = hands.page(url).xpath("//form[@id='card']")[0]
    sent: dict[str, Any] = {}
    for name, value in form.form_values():
        sent.setdefault(name, []).append(value)
    return sent


def test_the_card_of_an_act_asks_when_it_leaves_the_person_worse_off(at_work: tuple[Hands, ProcedureDraft]) -> None:
    """R15."""
    hands, draft = at_work
    here, url = "documents/decreto_rechazo", "parte/documents/decreto_rechazo/"
    hands.send(url, "card", {"peor-mode": "all", "peor-0-field": "decision.aprueba", "peor-0-op": "filled"})
    assert stored(draft, here)["worse_when"] == {"all": [{"field": "decision.aprueba", "op": "filled"}]}
    assert "se avisa a quien redacta y a quien firma" in hands.client.get(hands.at + url).content.decode()
