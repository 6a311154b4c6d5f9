"""Recorrido: every route of a procedure on one page, and trying one of them."""

from __future__ import annotations

from itertools import pairwise
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


def told(bundle: Any) -> list[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    """Of each detour, the questions that decide and what each of its routes asks."""
    found = routes.form_journey(bundle).detours
    return [(detour.deciding, [route.asked for route in detour.routes]) for detour in found]


def test_routes_are_told_once_each_with_what_is_asked_on_them() -> None:
    options = [{"id": name, "label": name} for name in ("mio", "ajeno", "empresa")]
    bundle = application(
        question("quien", "choice", options=options),
        question("poder", "text", visible_when=only_if("quien", "ne", "mio")),
        question("socios", "yes_no", visible_when=only_if("quien", "eq", "empresa")),
        question("lista", "text", visible_when=only_if("socios", "eq", True)),
    )
    found = routes.form_journey(bundle)
    assert found.always == ("quien",)
    [detour] = found.detours
    assert [route.asked for route in detour.routes] == [
        (),
        ("poder",),
        ("poder", "socios", "lista"),
        ("poder", "socios"),
    ]
    assert detour.routes[2].answers == [{"quien": "empresa", "socios": True}]
    assert not found.is_cut


def test_answers_that_have_nothing_to_do_with_each_other_are_told_apart() -> None:
    """Three questions that each open one: three short detours, not eight routes that are nearly the same."""
    fields = []
    for name in ("a", "b", "c"):
        fields += [question(name, "yes_no"), question(f"mas_{name}", "text", visible_when=only_if(name, "eq", True))]
    assert told(application(*fields)) == [((name,), [(f"mas_{name}",), ()]) for name in ("a", "b", "c")]


def test_answers_that_decide_on_the_same_are_told_together() -> None:
    both = {"all": [*only_if("a", "eq", True)["all"], *only_if("b", "eq", True)["all"]]}
    found = told(
        application(question("a", "yes_no"), question("b", "yes_no"), question("c", "text", visible_when=both))
    )
    assert found == [(("a", "b"), [("c",), ()])]


def test_a_skip_decides_on_every_page_that_it_passes() -> None:
    bundle = application(question("a", "yes_no"), skip=[{"when": only_if("a", "eq", False), "goto": "r"}])
    pages = [*bundle.forms[0].model_dump(mode="json", exclude_defaults=True)["pages"]]
    pages += [{"id": name, "title": name, "fields": [question(f"en_{name}", "text")]} for name in ("q", "r")]
    step = bundle.steps[0].model_dump(mode="json", exclude_defaults=True)
    whole = partial_bundle({"forms": [{"id": "f", "title": "F", "pages": pages}], "steps": [{**step, "kind": "start"}]})
    assert routes.form_journey(whole).always == ("a", "en_r")
    assert told(whole) == [(("a",), [("en_q",), ()])]


def test_a_number_is_tried_on_both_sides_of_what_it_is_compared_with() -> None:
    bundle = application(
        question("metros", "decimal"), question("plano", "file", visible_when=only_if("metros", "gt", 100))
    )
    [detour] = routes.form_journey(bundle).detours
    assert [route.asked for route in detour.routes] == [(), ("plano",)]
    assert detour.routes[1].answers == [{"metros": "101"}]


def test_a_way_out_of_the_form_ends_its_route_and_is_named() -> None:
    way = {"id": "no", "when": only_if("chile", "eq", False), "title": "No puedes seguir", "text": "Por eso.",
           "instead": [{"label": "Ve a la oficina"}]}  # fmt: skip
    [detour] = routes.form_journey(application(question("chile", "yes_no"), exits=[way])).detours
    assert [route.exit_title for route in detour.routes] == ["", "No puedes seguir"]


def test_a_form_with_too_many_routes_is_cut_and_says_so_at_once() -> None:
    names = [f"q{number}" for number in range(8)]
    either = [{"any": [*only_if(a, "eq", True)["all"], *only_if(b, "eq", True)["all"]]} for a, b in pairwise(names)]
    found = routes.form_journey(
        application(
            *(question(name, "yes_no") for name in names),
            *(question(f"r{number}", "text", visible_when=condition) for number, condition in enumerate(either)),
        )
    )
    assert found.is_cut
    assert len(found.detours[0].routes) == routes.MOST_ROUTES


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


def test_the_page_tells_each_cause_in_the_words_of_its_answers(branching: tuple[Hands, ProcedureDraft]) -> None:
    hands, _draft = branching
    [business, surface, activity] = hands.page("recorrido/").xpath("//ul[@class='route-list']/li")
    assert [" ".join(li.text_content().split()[:2]) for li in surface.xpath("ul/li")] == ["Hasta 100", "Más de"]
    card = hands.page("recorrido/").xpath("//details[contains(@class,'route-card')]")[0]
    assert card.xpath(".//select[@name='abre-no']/option[1]")[0].text.startswith("Siguiente: 5.")
    assert "se preguntan además la 3, 4" in " ".join(business.text_content().split())
    assert "Alimentos se pregunta además la 14" in " ".join(activity.text_content().split())
