"""Recorrido: every route of a procedure on one page, and trying one of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from designer import operations, routes, starting
from designer.models import ProcedureDraft
from procedures.api import partial_bundle
from tests.designer.conftest import Desk
from tests.designer.hands import Hands
from tests.designer.test_trying import here
from tests.story import MORNING


def question(name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "type": kind, "label": f"¿{name}?", **more}


def only_if(name: str, op: str, value: Any) -> dict[str, Any]:
    return {"all": [{"field": f"inicio.{name}", "op": op, "value": value}]}


def application(*fields: dict[str, Any], **page: Any) -> Any:
    """The readable bundle of an application with these questions on one page."""
    start = {"id": "inicio", "kind": "start", "title": "S", "form": "f", "statement": "S", "next": "fin"}
    end = {"id": "fin", "kind": "end", "title": "F", "outcome": "other"}
    pages = [{"id": "p", "title": "P", "fields": list(fields), **page}]
    return partial_bundle({"forms": [{"id": "f", "title": "F", "pages": pages}], "steps": [start, end]})


def test_routes_are_told_once_each_with_what_is_asked_on_them() -> None:
    options = [{"id": name, "label": name} for name in ("mio", "ajeno", "empresa")]
    bundle = application(
        question("quien", "choice", options=options),
        question("poder", "text", visible_when=only_if("quien", "ne", "mio")),
        question("socios", "yes_no", visible_when=only_if("quien", "eq", "empresa")),
        question("lista", "text", visible_when=only_if("socios", "eq", True)),
    )
    found = routes.form_routes(bundle)
    assert [route.asked for route in found.routes] == [
        ("quien",), ("quien", "poder"), ("quien", "poder", "socios", "lista"), ("quien", "poder", "socios"),
    ]  # fmt: skip
    assert found.routes[2].answers == [{"quien": "empresa", "socios": True}]
    assert not found.is_cut


def test_a_number_is_tried_on_both_sides_of_what_it_is_compared_with() -> None:
    bundle = application(
        question("metros", "decimal"), question("plano", "file", visible_when=only_if("metros", "gt", 100))
    )
    found = routes.form_routes(bundle).routes
    assert [route.asked for route in found] == [("metros",), ("metros", "plano")]
    assert found[1].answers == [{"metros": "101"}]


def test_a_way_out_of_the_form_ends_its_route_and_is_named() -> None:
    way = {"id": "no", "when": only_if("chile", "eq", False), "title": "No puedes seguir", "text": "Por eso.",
           "instead": [{"label": "Ve a la oficina"}]}  # fmt: skip
    found = routes.form_routes(application(question("chile", "yes_no"), exits=[way])).routes
    assert [route.exit_title for route in found] == ["", "No puedes seguir"]


def test_a_form_with_too_many_routes_is_cut_and_says_so_at_once() -> None:
    fields = []
    for number in range(30):
        fields.append(question(f"q{number}", "yes_no"))
        fields.append(question(f"r{number}", "text", visible_when=only_if(f"q{number}", "eq", True)))
    found = routes.form_routes(application(*fields))
    assert found.is_cut
    assert len(found.routes) == routes.MOST_ROUTES


def test_after_filing_each_end_is_reached_by_its_steps_with_their_terms() -> None:
    example = starting.example("patente_comercial").bundle
    assert example is not None
    found = routes.flow_routes(example).routes
    assert all(example.steps_by_id[route.steps[-1]].kind == "end" for route in found)
    granted = next(route for route in found if route.steps[-1] == "otorgada" and "sin_corregir" not in route.steps)
    assert granted.steps[granted.steps.index("informes") :][:2] == ("informes", "decision")
    assert dict(granted.deadlines)["business_days"] >= 3 + 15 + 20 + 5  # the longer of both reports


@pytest.fixture
def branching(desk: Desk) -> tuple[Hands, ProcedureDraft]:
    """Inés before a draft that is ready, whose second question opens the third."""
    draft = desk.example("patente_comercial")
    client = Client()
    client.force_login(desk.story.user("Inés"), backend="accounts.backends.VerifiedIdentityBackend")
    return Hands(client, draft), draft


def test_where_an_answer_leads_is_changed_on_the_page_of_routes(branching: tuple[Hands, ProcedureDraft]) -> None:
    hands, draft = branching
    page = hands.page("recorrido/")
    card = page.xpath("//details[contains(@class,'route-card')]")[0]
    address = card.xpath(".//input[@name='pregunta']")[0].get("value")
    select = card.xpath(".//select")[0]
    target = [option.get("value") for option in select.iter("option") if option.get("value")][-1]
    sent = {"pregunta": address, select.get("name"): target}
    assert hands.client.post(reverse("designer:routes", args=[draft.pk]), sent).status_code == 302
    draft.refresh_from_db()
    found = [field for form in draft.content["forms"] for page in form["pages"] for field in page["fields"]]
    assert next(field for field in found if field["id"] == target)["visible_when"]


def test_a_route_is_tried_from_its_page(
    branching: tuple[Hands, ProcedureDraft], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("designer.trying.rehearse_apart", here)
    hands, _draft = branching
    page = hands.page("recorrido/")
    form = next(form for form in page.forms if (form.get("action") or "").endswith("/probar/"))
    answer = hands.client.post(form.get("action"), dict(form.form_values()))
    assert answer.status_code == 200
    drawn = html.fromstring(answer.content.decode())
    assert drawn.xpath("//ol[@class='timeline']/li")


def test_a_page_of_routes_of_an_empty_procedure_says_that_there_is_one_way(desk: Desk, client: Client) -> None:
    draft = desk.empty()
    operations.remove_item(draft=draft, address=("steps", "inicio"), by=desk.by, now=MORNING)
    client.force_login(desk.story.user("Inés"), backend="accounts.backends.VerifiedIdentityBackend")
    page = client.get(reverse("designer:routes", args=[draft.pk]))
    assert "Todavía no hay preguntas" in page.content.decode()
