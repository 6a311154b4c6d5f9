"""The designer's pages: each opens, saves what was typed, and says what is missing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from accounts.models import Role
from designer import operations, tree
from designer.models import ProcedureDraft
from participation.models import Count, Subject
from procedures.models import CatalogueEntry
from tests.designer.conftest import Desk
from tests.designer.hands import Hands

BACKEND = "accounts.backends.VerifiedIdentityBackend"


@pytest.fixture
def browser(desk: Desk) -> Client:
    """Inés, signed in."""
    client = Client()
    client.force_login(desk.story.user("Inés"), backend=BACKEND)
    return client


@pytest.mark.parametrize("name", ["home", "ficha", "questions", "steps", "documents", "publish", "history", "whole"])
def test_the_pages_of_a_whole_procedure_open(desk: Desk, browser: Client, name: str) -> None:
    draft = desk.example()
    page = browser.get(reverse(f"designer:{name}", args=[draft.pk]))
    assert page.status_code == 200
    assert draft.title in page.content.decode()


def all_items(draft: ProcedureDraft) -> list[tree.Address]:
    from designer.presenting.findings import is_item

    found: set[tree.Address] = set()
    for address, _value in tree.leaves(draft.content):
        found |= {address[:size] for size in range(2, len(address)) if is_item(draft.content, address[:size])}
    return [("law",), *sorted(found)]


def test_every_card_opens_and_saving_it_untouched_changes_nothing(desk: Desk, browser: Client) -> None:
    from lxml import html

    draft = desk.example()
    before = draft.content
    for address in all_items(draft):
        url = reverse("designer:item", args=[draft.pk, tree.written(address)])
        page = browser.get(url)
        assert page.status_code == 200, address
        drawn: Any = html.fromstring(page.content.decode())
        form = drawn.xpath("//form[@id='card']")[0]
        answer = browser.post(url, dict_of(form))
        assert answer.status_code == 302, (address, answer.context["errors"])
        draft.refresh_from_db()
        assert draft.content == before, address


def dict_of(form: Any) -> dict[str, list[str]]:
    """What a browser would send of a form as it stands."""
    sent: dict[str, list[str]] = {}
    for name, value in form.form_values():
        sent.setdefault(name, []).append(value)
    return sent


def test_the_home_of_a_published_procedure_tells_what_people_ask_to_be_better(desk: Desk, browser: Client) -> None:
    offering = desk.story.offering("patente_comercial")
    draft = operations.open_version(version=offering.version, agency=desk.agency, by=desk.by, now=desk.story.now)
    url = reverse("designer:home", args=[draft.pk])
    assert "piden que mejore" not in browser.get(url).content.decode()
    entry = CatalogueEntry.objects.get(procedure=offering.version.procedure)
    subject = Subject.objects.create(code="patente", entry=entry, title=entry.name, opened_at=desk.story.now)
    counted = {"simplify": 9, "improve": 3}
    Count.objects.create(subject=subject, total=12, own=12, by_kind=counted, folded_at=desk.story.now)
    page = browser.get(url).content.decode()
    assert "12 personas piden que mejore" in page
    assert "Que pida menos cosas o menos pasos: 9" in page
    assert "/participa/t/patente/" in page


def test_a_procedure_just_begun_says_what_is_optional_what_to_do_and_what_its_ficha_lacks(
    desk: Desk, browser: Client
) -> None:
    draft = desk.empty()
    home = browser.get(reverse("designer:home", args=[draft.pk])).content.decode()
    for words in ("Opcional: ninguno todavía", "Ninguno todavía", "Agrega antes la firma o el sello de un documento."):
        assert words in home
    assert "Ver la página que ve la ciudadanía" not in home
    ficha = browser.get(reverse("designer:ficha", args=[draft.pk])).content.decode()
    assert "cosas de esta página" in ficha
    assert "Falta a quién está dirigido." in ficha


def test_what_was_not_filled_in_to_begin_is_said_beside_its_control_too(browser: Client) -> None:
    answer = browser.post(reverse("designer:create"), {"titulo": "", "desde": "preguntas", "preguntas": "¿Qué?"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("Escribe el nombre del trámite") == 2
    assert 'aria-describedby="titulo-hint error-titulo" aria-invalid="true"' in page
    assert "¿Qué?" in page


def test_the_procedure_to_copy_stays_chosen_when_something_else_was_wrong(desk: Desk, browser: Client) -> None:
    draft = desk.example()
    page = browser.post(reverse("designer:create"), {"titulo": "", "desde": "copia", "copia": draft.code})
    assert f'<option value="{draft.code}" selected>' in page.content.decode()
    page = browser.post(reverse("designer:create"), {"titulo": "Otro", "desde": "copia"})
    assert 'name="copia" aria-invalid="true" aria-describedby="error-copia"' in page.content.decode()
    assert 'id="error-copia"' in page.content.decode()
    for way in ("copia", "ejemplo"):
        page = browser.post(reverse("designer:create"), {"titulo": "Otro", "desde": way, way: "no-existe"})
        assert f'id="error-{way}"' in page.content.decode()


def test_steps_are_added_one_after_another_from_the_card_of_the_one_before(desk: Desk, browser: Client) -> None:
    draft = desk.empty()
    hands = Hands(browser, draft)
    review = hands.send("pasos/", "/agregar/steps/", {"clase": "task"})
    told = hands.send(review, "/agregar/steps/", {"clase": "notify"})
    hands.send(review, "/agregar/steps/", {"clase": "task"})
    draft.refresh_from_db()
    first, second, third, *_ends = draft.content["steps"][1:]
    assert [step["kind"] for step in (first, second, third)] == ["task", "task", "notify"]
    assert told == f"parte/steps/{third['id']}/"
    assert (first["next"], second["next"]) == (second["id"], third["id"])
    end = next(step["id"] for step in draft.content["steps"] if step["kind"] == "end")
    assert "Agregar un paso después" not in browser.get(f"{hands.at}parte/steps/{end}/").content.decode()


def test_a_step_says_in_one_line_that_it_has_no_term_or_which(desk: Desk, browser: Client) -> None:
    draft = desk.example()
    step = next(step for _at, step in tree.all_steps(draft.content) if step.get("deadline") and step["kind"] == "task")
    hands = Hands(browser, draft)
    path = f"parte/steps/{step['id']}/"
    assert "Plazo: " in folded(hands, path)
    hands.send(path, "card", {"deadline-amount": ""})
    assert folded(hands, path) == "Sin plazo para este paso"


def folded(hands: Hands, path: str) -> str:
    """The words under which the term stands, closed."""
    found = hands.page(path).xpath("//details[not(@open)][.//*[@id='d-deadline-amount']]/summary")
    return str(found[0].text_content())


def test_the_data_of_a_text_are_called_as_people_call_them_wherever_it_is_listed(desk: Desk, browser: Client) -> None:
    draft = desk.example()
    start = next(step for step in draft.content["steps"] if step["kind"] == "start")
    field = next(field for _at, field in tree.fields_of_form(tree.get(draft.content, ("forms", start["form"]))))
    notice = draft.content["notices"][0]["id"]
    subject = f"Sobre {{{start['id']}.{field['id']}}}, N° {{case.number}} y {{nadie.sabe}}"
    parts = {
        "notices": [{**one, "subject": subject} if one["id"] == notice else one for one in draft.content["notices"]]
    }
    draft = desk.do(operations.put_parts, draft, parts=parts, seen="", summary="x")
    listed = browser.get(reverse("designer:documents", args=[draft.pk])).content.decode()
    assert f"Sobre {{{field['label']}}}, N° {{número de la solicitud}} y {{nadie.sabe}}" in listed
    card = browser.get(reverse("designer:item", args=[draft.pk, f"notices/{notice}"])).content.decode()
    assert f'value="{subject}"' in card, "where it is written it stands as it is"


def test_a_table_of_answers_is_called_by_the_step_whose_answers_it_shows(desk: Desk, browser: Client) -> None:
    draft = desk.example()
    place, block = next(
        (f"documents/{document['id']}/blocks/{place}", block)
        for document in draft.content["documents"]
        for place, block in enumerate(document["blocks"])
        if block["kind"] == "answers"
    )
    step = next(step for _at, step in tree.all_steps(draft.content) if step["id"] == block["step"])
    page = browser.get(reverse("designer:item", args=[draft.pk, place])).content.decode()
    assert f"Quitar «Respuestas de «{step['title']}»»" in page
    assert "#bloque-" in page, "its preview shows this block"


def test_what_somebody_else_changed_of_the_same_question_stays_and_is_told(desk: Desk, browser: Client) -> None:
    draft = desk.example()
    address, field = next(
        (at, one) for at, one in tree.fields_of_form(draft.content["forms"][0]) if one["type"] == "text"
    )
    hands, path = Hands(browser, draft), f"parte/{tree.written(address)}/"
    opened = dict_of(hands.page(path).get_element_by_id("card"))
    elena = desk.story.people["Elena"]
    desk.do(operations.put_item, draft, address=address, item={**field, "hint": "Otra ayuda"}, seen="", by=elena)
    typed = {**opened, "label": ["Otro texto"]}
    assert "mientras lo editabas" in browser.post(f"{hands.at}{path}?guardar=1", typed).content.decode()
    saved = browser.post(f"{hands.at}{path}", typed, follow=True).content.decode()
    assert "junto con lo que otra persona cambió" in saved
    draft.refresh_from_db()
    kept = tree.get(draft.content, address)
    assert (kept["label"], kept["hint"]) == ("Otro texto", "Otra ayuda")


def test_texts_take_the_charges_and_the_appeals_of_their_procedure_and_previews_show_them(
    desk: Desk, browser: Client
) -> None:
    hands = Hands(browser, desk.example("ocupacion_espacio_publico"))
    draft = ProcedureDraft.objects.get(pk=int(hands.at.split("/")[2]))
    document = next(one for one in draft.content["documents"] if "{fee.derechos}" in str(one))
    place = next(n for n, block in enumerate(document["blocks"]) if "{fee.derechos}" in block.get("text", ""))
    card = hands.page(f"parte/documents/{document['id']}/blocks/{place}/")
    offered = card.xpath("//button/@data-insert")
    assert "{fee.derechos}" in offered
    assert ("{law.appeal_term}" in offered) == ("appeals" in draft.content["law"])
    shown = hands.page(f"documentos/{document['id']}/vista/").text_content()
    assert "Los derechos, 0,1 UTM" in shown
    assert "{fee.derechos}" not in shown


def test_the_list_is_narrowed_by_words_without_their_accents_and_by_state(desk: Desk, browser: Client) -> None:
    draft = desk.empty("Permiso para botar un árbol")

    def shown(query: str) -> list[str]:
        page: Any = html.fromstring(browser.get(f"/diseno/{query}").content.decode())
        return [row.text_content().strip() for row in page.xpath("//tbody/tr/th")]

    assert len(shown("")) > 1
    assert shown("?buscar=ARBOL+permiso") == [draft.title]
    assert draft.title in shown("?estado=falta")
    assert draft.title not in shown("?estado=publicado")
    assert shown("?estado=publicado&buscar=arbol") == []
    assert "Ningún trámite de tu institución es así" in browser.get("/diseno/?buscar=nada").content.decode()


def test_what_is_used_stays_and_each_use_is_a_link_to_where_it_is_changed(desk: Desk, browser: Client) -> None:
    draft = desk.example("excepcion_medios_electronicos")
    url = reverse("designer:remove", args=[draft.pk, "forms/solicitud/pages/peticion/fields/forma"])
    page: Any = html.fromstring(browser.post(url, follow=True).content.decode())
    links = page.xpath("//p[contains(@class, 'message-error')]/a")
    card = reverse("designer:item", args=[draft.pk, "exemption"])
    assert (card, "la excepción a los medios electrónicos") in [(one.get("href"), one.text) for one in links]


def test_an_example_says_on_its_home_who_is_still_missing_and_stops_saying_it(desk: Desk, browser: Client) -> None:
    hands = Hands(browser, desk.example())
    draft = ProcedureDraft.objects.get(pk=int(hands.at.split("/")[2]))
    titles = [slot["title"] for slot in draft.content["roles"]]
    told = hands.page("").text_content()
    assert all(f"Falta quién ocupa el cargo «{title}»." in told for title in titles)
    role = Role.objects.filter(unit__agency=desk.agency).earliest("pk")
    hands.send("pasos/", "cargos/", {f"cargo-{slot['id']}": str(role.pk) for slot in draft.content["roles"]})
    assert "Falta quién ocupa" not in hands.page("").text_content()


def test_a_role_chosen_for_steps_in_parallel_is_one_role_of_the_procedure(desk: Desk, browser: Client) -> None:
    hands = Hands(browser, desk.empty())
    role = Role.objects.get(unit__agency=desk.agency, unit__code="dom")
    hands.send("pasos/", "agregar/steps/", {"clase": "parallel", "cargo": f"funcion:{role.pk}"})
    content = ProcedureDraft.objects.get(pk=int(hands.at.split("/")[2])).content
    assert [slot["title"] for slot in content["roles"]] == [role.name]


def test_a_step_that_still_names_nothing_says_what_to_choose_and_not_the_shape_of_a_file(
    desk: Desk, browser: Client
) -> None:
    hands = Hands(browser, desk.empty())
    path = hands.send("pasos/", "agregar/steps/", {"clase": "for_each"})
    card = hands.page(path)
    assert "Falta la lista cuyas filas se recorren." in card.text_content()
    assert "esquema" not in card.text_content()
    assert card.xpath("//select[@name='over']/option/@value") == [""]
