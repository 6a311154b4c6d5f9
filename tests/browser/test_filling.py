"""What the citizen's path promises on the product: nothing is lost or sent twice, everything can be changed."""

from __future__ import annotations

import gzip
import re
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from bench.walk import PDF
from tests.browser.axe import violations

pytestmark = pytest.mark.browser
CERTIFICATE = "/tramites/muni-ejemplo/certificado_patente_vigente/"
LICENCE = "/tramites/muni-ejemplo/patente_comercial/"
PLACE = "/tramites/muni-ejemplo/ocupacion_espacio_publico/"
BRUNO = "42.222.222-7"
CONTRACT = {"name": "contrato.pdf", "mimeType": "application/pdf", "buffer": PDF}


@pytest.fixture
def bruno(product_context: Any) -> Page:
    """Bruno el ciudadano, at the site and signed in."""
    page: Page = product_context().new_page()
    page.goto("/mis-tramites/")
    be(page, BRUNO)
    return page


def be(page: Page, run: str) -> None:
    """Choose oneself at the demonstration identity provider."""
    page.locator(f"button[name=person][value='{run}']").click()


def begin(page: Page, ficha: str) -> str:
    """A new draft; returns its reference."""
    page.goto(ficha)
    page.get_by_role("button", name=re.compile("^Empezar (ahora|otra)")).click()
    page.wait_for_url("**/p/1/")
    return page.url.split("/")[-4]


def go_on(page: Page) -> None:
    """Press "Continuar"."""
    page.locator(".button-row .button", has_text="Continuar").click()


def fill_certificate(page: Page) -> str:
    """A certificate's draft up to the review; returns its reference."""
    ref = begin(page, CERTIFICATE)
    page.locator("[name=rut]").fill(BRUNO)
    page.locator("[name=motivo]").first.check()
    go_on(page)
    page.locator("[name=correo]").fill("bruno@correo.example")
    go_on(page)
    page.locator("[name=peticion]").first.check()
    page.locator("[name=autoriza_sensibles][value=yes]").check()
    go_on(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Revisa tus respuestas antes de enviar")
    return ref


def test_what_is_typed_survives_closing_the_tab(bruno: Page) -> None:
    """Check 7; and a button of another form, such as that of the language."""
    begin(bruno, LICENCE)
    bruno.get_by_label("Tu nombre completo").fill("Bruno Díaz, almacenero")
    expect(bruno.locator("[data-save-status]")).to_contain_text("Borrador guardado a las")
    address = bruno.url
    bruno.close()
    again = bruno.context.new_page()
    again.goto(address)
    expect(again.get_by_label("Tu nombre completo")).to_have_value("Bruno Díaz, almacenero")
    again.locator("[name=nombre]").fill("Bruno Díaz Riquelme")
    again.get_by_role("button", name="English").click()
    again.get_by_role("button", name="Español").click()
    expect(again.get_by_label("Tu nombre completo")).to_have_value("Bruno Díaz Riquelme")


def test_a_question_opens_below_the_answer_that_asks_it_and_keeps_the_focus(bruno: Page) -> None:
    """Checks 13 and 27: it is also said; and what closed again is not kept."""
    ref = begin(bruno, LICENCE)
    chosen = bruno.locator("[name=por_empresa][value=yes]")
    bruno.locator("[data-save-status]").evaluate("place => place.dataset.same = 'yes'")
    chosen.check()
    opened = bruno.get_by_label("Razón social de la empresa")
    expect(opened).to_be_visible()
    expect(bruno.locator("[data-save-status]")).to_contain_text(
        "Ahora se pregunta también: «Razón social de la empresa», "
    )
    expect(bruno.locator("[data-save-status][data-same]")).to_have_count(1)  # drawn again, no reader would say it
    expect(chosen).to_be_focused()
    assert violations(bruno) == []
    opened.fill("Almacenes Díaz SpA")
    bruno.locator("[name=por_empresa][value=no]").check()
    expect(opened).to_have_count(0)
    go_on(bruno)
    expect(bruno).to_have_url(re.compile("/p/2/$"))
    bruno.goto(f"/s/{ref}/p/1/")
    bruno.locator("[name=por_empresa][value=yes]").check()
    expect(bruno.get_by_label("Razón social de la empresa")).to_have_value("")


SAID = """() => new MutationObserver(seen => seen.filter(one => one.type === 'characterData').forEach(
    one => { document.body.dataset.said = one.target.data; }
)).observe(document.body, {subtree: true, characterData: true, childList: true})"""


def test_a_file_that_was_kept_is_said_in_place_of_that_it_was_being_sent(bruno: Page) -> None:
    """Check 36: one text turns into the other; Orca says nothing of a text that comes to an empty place."""
    ref = begin(bruno, LICENCE)
    bruno.goto(f"/s/{ref}/p/5/")
    bruno.evaluate(SAID)
    bruno.locator("#q-titulo_local").set_input_files(CONTRACT)  # type: ignore[arg-type]
    expect(bruno.locator("body[data-said^='Archivo guardado: contrato.pdf']")).to_have_count(1)


def test_a_row_opens_its_own_questions_and_takes_its_own_file(bruno: Page) -> None:
    """By keyboard: what opened is in its row, the focus stays, and the totals follow."""
    ref = begin(bruno, PLACE)
    bruno.goto(f"/s/{ref}/p/3/")
    bruno.locator("[name=lugares-r1-superficie]").fill("40")
    bruno.locator("[name=lugares-r1-dias]").fill("2")
    expect(bruno.locator("#box-lugares-r1-ocupacion output")).to_have_text("80 m²")
    expect(bruno.locator("#totals-lugares")).to_contain_text("80 m²")
    chosen = bruno.locator("[name=lugares-r1-estructura][value=yes]")
    chosen.focus()
    bruno.keyboard.press("Space")
    opened = bruno.locator("#box-lugares-r1-plano input[type=file]")
    expect(opened).to_be_attached()
    expect(chosen).to_be_focused()
    assert violations(bruno) == []
    opened.set_input_files({**CONTRACT, "name": "plano.pdf"})  # type: ignore[arg-type]
    expect(bruno.locator("#box-lugares-r1-plano")).to_contain_text("Archivo guardado: plano.pdf")
    bruno.locator("[name=lugares-r1-estructura][value=no]").check()
    expect(opened).not_to_be_attached()
    chosen.check()
    expect(bruno.locator("#box-lugares-r1-plano")).not_to_contain_text("plano.pdf")  # what closed was forgotten


def test_without_script_a_file_in_a_row_does_not_widen_a_narrow_page(product_context: Any) -> None:
    page: Page = product_context(java_script_enabled=False, viewport={"width": 320, "height": 700}).new_page()
    page.goto("/mis-tramites/")
    be(page, BRUNO)
    ref = begin(page, PLACE)
    page.goto(f"/s/{ref}/p/3/")
    page.locator("[name=lugares-r1-estructura][value=yes]").check()
    go_on(page)
    expect(page.locator("#box-lugares-r1-plano input[type=file]")).to_be_visible()
    box, room = page.locator("#q-lugares-r1-plano").bounding_box(), 320
    assert box is not None
    assert box["x"] + box["width"] <= room


def test_a_control_is_described_by_its_unit_and_by_where_its_answer_came_from(bruno: Page) -> None:
    ref = begin(bruno, LICENCE)
    named = bruno.get_by_label("Tu nombre completo")
    expect(named).to_have_accessible_description("Lo tomamos de tus datos de identidad. Puedes cambiarlo.")
    bruno.goto(f"/s/{ref}/p/3/")
    expect(bruno.get_by_label("Superficie del local")).to_have_accessible_description("m²")


def test_a_file_survives_an_error_elsewhere_and_can_be_taken_away(bruno: Page) -> None:
    """Checks 7 and 36."""
    ref = begin(bruno, LICENCE)
    bruno.goto(f"/s/{ref}/p/1/")
    bruno.locator("[name=por_empresa][value=yes]").check()
    bruno.get_by_label("Documento que acredita tu poder").set_input_files(CONTRACT)  # type: ignore[arg-type]
    stored = bruno.get_by_text("Archivo guardado: contrato.pdf")
    expect(stored).to_be_visible()
    go_on(bruno)
    expect(bruno.locator(".error-summary a")).to_have_text(["Completa «Razón social de la empresa»"])
    expect(stored).to_be_visible()
    bruno.get_by_role("button", name="Quitar contrato.pdf").click()
    expect(stored).to_have_count(0)


def test_a_photo_of_several_pieces_is_kept(bruno: Page) -> None:
    """As a telephone takes them: of more than one megabyte."""
    photo = BytesIO()
    Image.effect_noise((1500, 1200), 90).convert("RGB").save(photo, "JPEG", quality=90)
    assert len(photo.getvalue()) > 1024 * 1024
    ref = begin(bruno, LICENCE)
    bruno.goto(f"/s/{ref}/p/5/")
    sent = {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": photo.getvalue()}
    bruno.locator("#q-titulo_local").set_input_files(sent)  # type: ignore[arg-type]
    expect(bruno.get_by_text("Archivo guardado: foto.jpg")).to_be_visible()


def test_a_file_of_another_kind_is_refused_in_words(bruno: Page) -> None:
    """Check 36."""
    ref = begin(bruno, LICENCE)
    bruno.goto(f"/s/{ref}/p/5/")
    wrong = {"name": "foto.pdf", "mimeType": "application/pdf", "buffer": b"GIF89a"}
    bruno.locator("#q-titulo_local").set_input_files(wrong)  # type: ignore[arg-type]
    expect(bruno.locator(".error-text")).to_contain_text("El archivo debe ser PDF")


def test_a_wrong_page_says_so_and_leads_to_each_place(bruno: Page) -> None:
    """Check 4: status, title, focus, one link per error with the same words, and what was typed."""
    ref = begin(bruno, LICENCE)
    bruno.goto(f"/s/{ref}/p/3/")
    bruno.get_by_label("Dirección del local").fill("Calle Uno 1")
    with bruno.expect_response(lambda answer: answer.request.is_navigation_request()) as posted:
        go_on(bruno)
    assert posted.value.status == 422
    expect(bruno).to_have_title(re.compile("^Error: El local"))
    expect(bruno.locator(".error-summary")).to_be_focused()
    expect(bruno.get_by_label("Dirección del local")).to_have_value("Calle Uno 1")
    links = bruno.locator(".error-summary a")
    beside = bruno.locator(".error-text").evaluate_all("all => all.map(one => one.lastChild.textContent.trim())")
    assert [text.strip() for text in links.all_inner_texts()] == beside != []
    for link in links.all():
        target = str(link.get_attribute("href")).removeprefix("#")
        link.click()
        expect(bruno.locator(f"[id='{target}']")).to_be_focused()


def test_a_lost_connection_is_said_and_made_good(bruno: Page) -> None:
    """Check 13: in a status that was on the page, empty, before anything changed."""
    begin(bruno, LICENCE)
    expect(bruno.locator("[data-save-status][aria-live=polite]")).to_have_count(1)
    lost = [True]

    def fall(route: Route) -> None:
        route.abort("internetdisconnected") if lost[0] else route.continue_()

    bruno.route("**/guardar/", fall)
    bruno.get_by_label("Tu nombre completo").fill("Bruno Díaz")
    status = bruno.locator("[data-save-status]")
    expect(status).to_have_text("No se pudo guardar. Revisa tu conexión: seguiremos intentando.")
    lost[0] = False
    expect(status).to_contain_text("Borrador guardado a las")


def test_a_session_that_ended_keeps_the_text_until_one_is_back(bruno: Page) -> None:
    """Check 7: signed out, the page says so; after signing in elsewhere it saves and goes on by itself."""
    begin(bruno, LICENCE)
    bruno.context.clear_cookies(name="sp")
    bruno.get_by_label("Tu nombre completo").fill("Bruno que vuelve")
    status = bruno.locator("[data-save-status]")
    expect(status).to_contain_text("Tu sesión se cerró.")
    expect(status.get_by_role("link", name="Entrar de nuevo")).to_have_attribute("target", "_blank")
    other = bruno.context.new_page()
    other.goto("/mis-tramites/")  # the provider still knows Bruno
    expect(other.get_by_role("heading", level=1)).to_have_text("Mis trámites")
    expect(status).to_contain_text("Borrador guardado a las")
    bruno.locator("[name=por_empresa][value=no]").check()
    go_on(bruno)
    expect(bruno).to_have_url(re.compile("/p/2/$"))


def test_every_answer_can_be_changed_from_the_review(bruno: Page) -> None:
    """Check 9: "Cambiar" comes with the value, and going on returns to the review."""
    fill_certificate(bruno)
    bruno.get_by_role("link", name="Cambiar Correo electrónico").click()
    mail = bruno.locator("[name=correo]")
    expect(mail).to_have_value("bruno@correo.example")
    mail.fill("otro@correo.example")
    bruno.get_by_role("button", name="Guardar y volver a revisar").click()
    expect(bruno.get_by_role("heading", level=1)).to_have_text("Revisa tus respuestas antes de enviar")
    expect(bruno.get_by_text("otro@correo.example")).to_be_visible()


def test_signing_twice_files_once_and_the_receipt_stays_at_its_address(bruno: Page) -> None:
    """Checks 11 and 26: a double click makes one case; its page has number, next step, date, PDF and contact."""
    ref = fill_certificate(bruno)
    bruno.get_by_role("link", name="Continuar a la firma").click()
    bruno.locator("[name=declaro]").check()
    bruno.get_by_role("button", name="Firmar y enviar").dblclick()
    bruno.locator(f"button[name=person][value='{BRUNO}']").dblclick()
    bruno.wait_for_url(f"**/s/{ref}/")
    number = bruno.locator("strong.nowrap").inner_text()
    bruno.goto(f"/s/{ref}/firmar/")
    expect(bruno).to_have_url(re.compile(f"/s/{ref}/$"))
    expect(bruno.get_by_text(number).first).to_be_visible()
    expect(bruno.get_by_role("heading", name="¿Necesitas ayuda?")).to_be_visible()
    expect(bruno.get_by_role("heading", name="Tu solicitud y sus documentos")).to_be_visible()
    bruno.goto("/mis-tramites/")
    expect(bruno.get_by_text(f"N° de solicitud {number}")).to_have_count(1)


def test_controls_are_large_enough_to_hit(bruno: Page) -> None:
    """Check 19: 24 by 24 pixels, and 44 for buttons and radios with their label."""
    ref = begin(bruno, LICENCE)
    bruno.set_viewport_size({"width": 320, "height": 640})
    for number in range(1, 7):
        bruno.goto(f"/s/{ref}/p/{number}/")
        assert bruno.evaluate(SMALL) == []


SMALL = """() => [...document.querySelectorAll(
    'main button, main input:not([type=hidden]), main select, main textarea, nav a, footer a, .choice')]
  .filter(part => part.checkVisibility() && !part.matches('.visually-hidden, .file-input'))
  .map(part => [part, part.getBoundingClientRect(), part.matches('.button, .choice') ? 44 : 24])
  .filter(([, box, least]) => box.height < least || box.width < least)
  .map(([part, box]) => `${part.outerHTML.slice(0, 90)} ${box.width}x${box.height}`)"""


def test_the_page_is_light(bruno: Page) -> None:
    """Check 37: style and script of a page of questions in 25 KB compressed, in six requests."""
    ref = begin(bruno, LICENCE)
    bodies: dict[str, bytes] = {}
    bruno.on("response", lambda answer: bodies.update({answer.url: answer.body()}))
    bruno.goto(f"/s/{ref}/p/1/", wait_until="networkidle")
    heavy = [len(gzip.compress(body)) for url, body in bodies.items() if re.search(r"\.(css|js)(\?|$)", url)]
    assert heavy
    assert sum(heavy) <= 25 * 1024
    assert len(bodies) <= 6
