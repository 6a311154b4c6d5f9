"""The parts of pages and the pages of questions, in a real browser."""

import gzip
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.axe import violations
from tests.pages import gallery

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = [
    "galeria/",
    "galeria/bandeja/",
    "galeria/todas/",
    "galeria/respondidas/",
    "galeria/una/",
    "galeria/filas/",
    "galeria/comparar/",
]
PHONE = {"width": 320, "height": 640}
PDF = {"name": "cuenta.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n" + b"0" * 400_000}


@pytest.fixture(autouse=True)
def _gallery(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.pages.gallery"
    gallery.kept.clear()


@pytest.mark.parametrize("address", PAGES)
def test_no_part_breaks_an_accessibility_rule_on_a_desktop_or_a_phone(page: Page, address: str) -> None:
    """R76, checks 3 and 6 of pages.md."""
    page.goto(f"/{address}")
    assert violations(page) == []
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_checker_does_find_planted_faults(page: Page) -> None:
    page.goto("/galeria/")
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend',"
        "'<img src=\"/static/icon.svg\"><input><p id=main class=pale>x</p>')"
    )
    names = {fault.split(":")[0] for fault in violations(page)}
    assert {"image-alt", "label"} <= names


def test_a_wrong_page_says_so_in_its_title_and_takes_the_focus_to_its_errors(page: Page) -> None:
    """Check 4 of pages.md."""
    page.goto("/galeria/todas/")
    page.get_by_role("textbox", name="Nombre completo", exact=True).fill("Ana Pérez")
    with page.expect_response(lambda response: response.request.is_navigation_request()) as posted:
        page.get_by_role("button", name="Continuar").last.click()
    assert posted.value.status == 422
    expect(page).to_have_title("Error: Página 1 – Trámites de Municipalidad de Ejemplo")
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("#q-nombre")).to_have_value("Ana Pérez")
    links = page.locator(".error-summary a")
    beside = [text.removeprefix("Error: ").strip() for text in page.locator(".error-text").all_inner_texts()]
    listed = [text.strip().removeprefix("Socio 1: ") for text in links.all_inner_texts()]
    assert listed == [text.split("\n")[-1].strip() for text in beside]
    for link in links.all():
        target = page.locator(str(link.get_attribute("href")).replace("#", "[id='") + "']")
        link.click()
        expect(target).to_be_focused()
    assert violations(page) == []


def test_without_script_an_answer_that_opens_a_question_brings_the_page_back(new_context: Any) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/galeria/depende/")
    page.get_by_label("Sí, represento a otra persona").check()
    page.get_by_label("Tu nombre").fill("Ana")
    page.get_by_role("button", name="Continuar").last.click()
    expect(page.get_by_role("heading", name="Necesitamos un dato más")).to_be_visible()
    expect(page.locator(".error-summary")).to_have_count(0)
    page.get_by_label("RUN de la persona que representas").fill("11.111.111-1")
    page.get_by_role("button", name="Continuar").last.click()
    expect(page.get_by_role("heading", name="Listo")).to_be_visible()
    assert gallery.kept["depende"] == {"para_quien": "otro", "run_otro": "11111111-1", "nombre": "Ana"}


def test_with_script_the_question_opens_in_place_and_the_focus_stays(page: Page) -> None:
    """Check 27 of pages.md."""
    page.goto("/galeria/depende/")
    chosen = page.get_by_label("Sí, represento a otra persona")
    chosen.check()
    hidden = page.get_by_label("RUN de la persona que representas")
    expect(hidden).to_be_visible()
    expect(chosen).to_be_focused()
    expect(page.locator("[data-save-status]")).to_have_text("Borrador guardado a las 16:47.")
    page.get_by_label("No, es para mí").check()
    expect(hidden).to_have_count(0)
    page.get_by_label("Tu nombre").fill("Ana")
    page.get_by_role("button", name="Continuar").last.click()
    expect(page.get_by_role("heading", name="Listo")).to_be_visible()


def test_what_is_written_is_kept_without_pressing_anything(page: Page, new_context: Any) -> None:
    """Check 7 of pages.md."""
    page.goto("/galeria/depende/")
    page.get_by_label("Tu nombre").press_sequentially("Ana Pérez")
    expect(page.locator("[data-save-status]")).to_have_text("Borrador guardado a las 16:47.")
    page.close()
    again = new_context().new_page()
    again.goto("/galeria/depende/")
    expect(again.get_by_label("Tu nombre")).to_have_value("Ana Pérez")


def test_a_lost_connection_is_said_and_saving_goes_on_when_it_returns(page: Page) -> None:
    page.goto("/galeria/depende/")
    lost = [True]

    def fall(route: Route) -> None:
        route.abort("internetdisconnected") if lost[0] else route.continue_()

    page.route("**/guardar/", fall)
    page.get_by_label("Tu nombre").fill("Ana")
    status = page.locator("[data-save-status]")
    expect(status).to_have_text("No se pudo guardar. Revisa tu conexión: seguiremos intentando.")
    lost[0] = False
    expect(status).to_have_text("Borrador guardado a las 16:47.")


def test_a_file_is_stored_when_it_is_chosen_and_survives_an_error_elsewhere(page: Page) -> None:
    page.goto("/galeria/archivo/")
    page.get_by_label("Cuenta de luz").set_input_files(PDF)  # type: ignore[arg-type]
    expect(page.get_by_text("Archivo guardado: cuenta.pdf (391 KB)")).to_be_visible()
    page.get_by_role("button", name="Continuar").last.click()
    expect(page.locator(".error-summary a")).to_have_text(["Completa «Tu nombre»"])
    expect(page.get_by_text("Archivo guardado: cuenta.pdf (391 KB)")).to_be_visible()
    page.get_by_role("button", name="Quitar cuenta.pdf").click()
    expect(page.get_by_text("Archivo guardado")).to_have_count(0)


def test_a_file_goes_on_by_itself_when_the_connection_returns(page: Page) -> None:
    """Check 36 of pages.md: each failure has its own words, and none costs the file."""
    page.goto("/galeria/archivo/")
    lost = [True]

    def fall(route: Route) -> None:
        route.abort("internetdisconnected") if lost[0] else route.continue_()

    page.route("**/archivo/archivo/", fall)
    page.get_by_label("Cuenta de luz").set_input_files(PDF)  # type: ignore[arg-type]
    expect(page.get_by_text("Sin conexión. Seguiremos donde quedó.")).to_be_visible()
    lost[0] = False
    expect(page.get_by_text("Archivo guardado: cuenta.pdf (391 KB)")).to_be_visible()


def test_saving_while_a_button_has_the_focus_does_not_press_it(page: Page) -> None:
    page.goto("/galeria/archivo/")
    page.get_by_label("Cuenta de luz").set_input_files(PDF)  # type: ignore[arg-type]
    page.get_by_role("button", name="Quitar cuenta.pdf").focus()
    with page.expect_response("**/guardar/"):
        page.evaluate("document.querySelector('form[data-autosave]').dispatchEvent(new Event('change'))")
    assert "cuenta" in gallery.kept["archivo"]


def test_a_wrong_file_is_explained_beside_its_question(page: Page) -> None:
    page.goto("/galeria/archivo/")
    wrong = {"name": "foto.pdf", "mimeType": "application/pdf", "buffer": b"GIF89a"}
    page.get_by_label("Cuenta de luz").set_input_files(wrong)  # type: ignore[arg-type]
    expect(page.locator(".error-text")).to_contain_text("El archivo debe ser PDF")


def test_the_summary_of_errors_stops_saying_what_was_mended(page: Page) -> None:
    page.goto("/galeria/archivo/")
    page.get_by_role("button", name="Continuar").last.click()
    links = page.locator(".error-summary a")
    expect(links).to_have_text(["Completa «Tu nombre»", "Adjunta «Cuenta de luz»"])
    wrong = {"name": "foto.pdf", "mimeType": "application/pdf", "buffer": b"GIF89a"}
    page.get_by_label("Cuenta de luz").set_input_files(wrong)  # type: ignore[arg-type]
    expect(links.last).to_contain_text("El archivo debe ser PDF")
    page.get_by_label("Tu nombre").fill("Ana")
    page.get_by_role("button", name="Continuar").last.click()
    expect(page).to_have_title(re.compile("^Error: "))
    page.get_by_label("Cuenta de luz").set_input_files(PDF)  # type: ignore[arg-type]
    expect(page.locator(".error-summary")).to_have_count(0)
    expect(page).not_to_have_title(re.compile("Error"))


def test_the_name_of_a_file_that_waits_to_be_sent_is_shown_in_the_language_of_the_page(page: Page) -> None:
    page.goto("/galeria/comparar/")
    page.get_by_label("Archivo PDF").set_input_files(PDF)  # type: ignore[arg-type]
    expect(page.locator("[data-upload-status]")).to_have_text("cuenta.pdf")
    expect(page.get_by_text("Elegir archivo")).to_be_visible()


def test_a_file_goes_with_the_page_where_there_is_no_script(new_context: Any) -> None:
    page = new_context(java_script_enabled=False, viewport=PHONE).new_page()
    page.goto("/galeria/archivo/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, "the browser's own button is a wide one"
    page.get_by_label("Cuenta de luz").set_input_files(PDF)
    page.get_by_role("button", name="Continuar").last.click()
    expect(page.get_by_text("Archivo guardado: cuenta.pdf (391 KB)")).to_be_visible()
    expect(page.locator(".error-summary")).to_be_focused()


@pytest.mark.parametrize("script", [True, False])
def test_rows_are_added_and_removed_by_buttons(new_context: Any, script: bool) -> None:
    page = new_context(java_script_enabled=script).new_page()
    page.goto("/galeria/filas/")
    page.get_by_label("Nombre del socio").fill("Beto")
    page.get_by_role("button", name="Agregar: Socio").click()
    expect(page.locator("fieldset.row")).to_have_count(2)
    expect(page.locator("legend", has_text="Socio 2")).to_be_focused()
    expect(page.get_by_label("Nombre del socio").first).to_have_value("Beto")
    expect(page.locator(".error-summary")).to_have_count(0)
    page.get_by_role("button", name="Quitar Socio 2").click()
    expect(page.locator("fieldset.row")).to_have_count(1)
    expect(page.get_by_label("Nombre del socio")).to_have_value("Beto")


def test_the_enter_key_goes_on_and_removes_nothing(page: Page) -> None:
    page.goto("/galeria/filas/")
    page.get_by_label("Nombre del socio").fill("Beto")
    page.get_by_label("Nombre del socio").press("Enter")
    expect(page.locator(".error-summary a")).to_have_text(["Socio 1: Completa «RUN del socio»"])


def test_a_double_click_sends_the_page_once(page: Page) -> None:
    """Check 11 of pages.md; the server refuses the repeat by itself as well."""
    page.goto("/galeria/una/")
    page.get_by_label("No, es para mí").check()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.is_navigation_request() else None)
    page.get_by_role("button", name="Continuar").last.dblclick()
    expect(page.get_by_role("heading", name="Listo")).to_be_visible()
    assert len(sent) == 1


def test_the_skip_link_comes_first_and_leads_to_the_content(page: Page) -> None:
    page.goto("/galeria/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Saltar al contenido")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_every_control_is_large_enough_to_hit(page: Page) -> None:
    """Check 19 of pages.md: 24 by 24 pixels; links inside a sentence are exempt."""
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto("/galeria/todas/")
    small = page.evaluate(
        """() => [...document.querySelectorAll(
            'button, input:not([type=hidden]), select, textarea, nav a, footer a, .button')]
        .filter(e => !e.closest('.visually-hidden') && !e.matches('.file-input') && e.checkVisibility())
        .map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
        .filter(([, box]) => box.width < 24 || box.height < 24).map(([html]) => html)"""
    )
    assert small == []


def test_text_twice_as_large_still_fits(new_context: Any) -> None:
    """Check 18 of pages.md: 200 % zoom of a 1280 px window."""
    page = new_context(viewport={"width": 640, "height": 450}, device_scale_factor=2, bypass_csp=True).new_page()
    page.goto("/galeria/todas/")
    page.add_style_tag(path=str(Path(__file__).parent / "text_spacing.css"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 640


def test_the_page_is_light(page: Page) -> None:
    """Check 37 of pages.md: style and script of a page of questions in 25 KB compressed, six requests."""
    bodies: dict[str, bytes] = {}
    page.on("response", lambda response: bodies.update({response.url: response.body()}))
    page.goto("/galeria/una/", wait_until="networkidle")
    heavy = [len(gzip.compress(body)) for url, body in bodies.items() if urlsplit(url).path.endswith((".css", ".js"))]
    assert heavy
    assert sum(heavy) <= 25 * 1024
    assert len(bodies) <= 6


MOVES = """() => [...document.querySelectorAll('*')].filter(element => {
  const style = getComputedStyle(element);
  const times = `${style.transitionDuration},${style.animationDuration}`.split(',').map(parseFloat);
  return style.scrollBehavior === 'smooth' || times.some(time => time > 0);
}).length"""
BARE = """() => [...document.querySelectorAll('.button, .tag, .notice, .message, .count')].filter(element => {
  const style = getComputedStyle(element);
  return element.checkVisibility() && (style.borderTopStyle === 'none' || parseFloat(style.borderTopWidth) < 1);
}).map(element => element.outerHTML.slice(0, 80))"""
PLAIN_LINKS = """() => [...document.querySelectorAll('main p a:not(.button), main li a:not(.button)')]
  .filter(link => !link.closest('nav, .tabs') && !getComputedStyle(link).textDecorationLine.includes('underline'))
  .map(link => link.outerHTML.slice(0, 80))"""


def test_nothing_moves_for_whoever_asks_so_and_states_have_borders_where_colours_are_forced(new_context: Any) -> None:
    """Checks 15 and 38 of pages.md."""
    page = new_context(reduced_motion="reduce", forced_colors="active").new_page()
    page.goto("/galeria/")
    assert page.evaluate(MOVES) == 0
    assert page.evaluate(BARE) == []
    assert page.evaluate(PLAIN_LINKS) == []
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(MOVES) > 0, "the control: without asking, something moves"


def test_on_paper_the_content_stays_and_what_is_only_pressed_goes(page: Page) -> None:
    """Check 38 of pages.md."""
    page.goto("/galeria/")
    page.emulate_media(media="print")
    for gone in (".site-nav", ".site-footer", ".skip-link", ".button"):
        expect(page.locator(gone).first).to_be_hidden()
    for kept in ("h1", ".site-name", ".summary-list", ".timeline", ".facts"):
        expect(page.locator(kept).first).to_be_visible()
    ground = page.locator(".site-header").evaluate("header => getComputedStyle(header).backgroundColor")
    assert ground == "rgba(0, 0, 0, 0)"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_screen_reader_is_told_what_is_wrong_with_a_question_and_what_to_do(page: Page) -> None:
    """Part of check 40 that needs no person: role, name, description and state, as the browser gives them."""
    page.goto("/galeria/una/")
    page.get_by_role("button", name="Continuar").last.click()
    summary = page.get_by_role("alert", name="Hay un problema")
    expect(summary).to_be_focused()
    expect(page.get_by_role("group", name="¿Lo haces en nombre de otra persona?")).to_have_count(1)
    said = page.get_by_role("group").first.evaluate(
        "group => group.getAttribute('aria-describedby').split(' ')"
        ".map(id => document.getElementById(id).textContent.trim()).join(' ')"
    )
    assert summary.get_by_role("link").first.inner_text() in said
    page.goto("/galeria/archivo/")
    page.get_by_role("button", name="Continuar").last.click()
    name = page.get_by_role("textbox", name="Tu nombre")
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_have_accessible_description("Error: Completa «Tu nombre»")
