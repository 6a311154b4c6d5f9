"""The questions that are more than a box, driven as people do: touch, photo, several files, code from the real mail."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.test_filling import BRUNO, be, begin, go_on

pytestmark = pytest.mark.browser
STALL = "/tramites/muni-ejemplo/permiso_feria_libre/"
SHOTS: Path | None = None
"""Folder of the pictures; none in ordinary runs."""
PHONE = {"width": 390, "height": 844}


def photo(name: str) -> Any:
    """A real JPEG."""
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "#8aa").save(out, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": out.getvalue()}


def look(page: Page, name: str) -> None:
    """No fault that axe knows, nothing cut off; a picture of the page for whoever wants to look."""
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if SHOTS is not None:
        page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


def prove_email(page: Page) -> None:
    """Ask for the code, read it in the mail that was sent, and type it."""
    page.get_by_label("Correo electrónico").fill("bruno.puesto@correo.example")
    go_on(page)
    expect(page.get_by_label("Código que enviamos a bruno.puesto@correo.example")).to_be_visible()
    look(page, "codigo")
    mail = page.context.new_page()
    for _try in range(400):
        mail.goto("/correo-demo/")
        found = mail.get_by_role("link", name=re.compile("código", re.I))
        if found.count():
            break
        mail.wait_for_timeout(250)
    found.first.click()
    code = re.search(r"\b(\d{6})\b", mail.locator("main").inner_text())
    assert code
    mail.close()
    page.get_by_label("Código que enviamos a").fill(code.group(1))
    go_on(page)


def choose_stall(page: Page) -> None:
    """Two lists, the second of what the first says, and the place on the map: touched, then nearer."""
    page.get_by_label("Feria Poniente (sábado)").check()
    page.locator("#box-sector").get_by_label("Frutas y verduras").check()
    page.locator(".map-face input").click(position={"x": 140, "y": 120})
    point = page.get_by_label("¿Dónde te gustaría ponerte?")
    expect(point).to_have_value(re.compile(r"^-36\.\d{5}, -7[12]\.\d{5}$"))
    first = point.input_value()
    expect(page.locator(".map-face .pin")).to_have_count(1)
    page.get_by_role("button", name="Acercar el mapa").click()
    page.locator(".map-face input").click(position={"x": 200, "y": 140})
    expect(point).not_to_have_value(first)
    near = [abs(float(a) - float(b)) for a, b in zip(first.split(","), point.input_value().split(","), strict=True)]
    assert max(near) < 0.1
    look(page, "mapa")
    page.get_by_label("Frutas y verduras").last.check()
    go_on(page)


def draw(page: Page) -> None:
    """A stroke across the pad."""
    pad = page.locator(".pad canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 60)
    page.mouse.down()
    for step in range(1, 6):
        page.mouse.move(box["x"] + 20 + step * 40, box["y"] + 60 + (20 if step % 2 else -20), steps=3)
    page.mouse.up()


def make_card(page: Page) -> None:
    """A photo, both sides of the identity card, and the signature: drawn, or typed."""
    page.locator("#q-retrato-foto").set_input_files(photo("retrato.jpg"))
    expect(page.get_by_text("Archivo guardado: retrato.jpg")).to_be_visible()
    page.locator("#q-cedula").set_input_files([photo("frente.jpg"), photo("dorso.jpg")])
    expect(page.get_by_text("2 archivos guardados")).to_be_visible()
    draw(page)
    page.get_by_role("button", name="Usar esta firma").click()
    expect(page.get_by_text("Archivo guardado: firma.png")).to_be_visible()
    look(page, "firma-dibujada")
    page.get_by_label("O escribe tu nombre completo").fill("Bruno Díaz Riquelme")
    page.get_by_role("button", name="Usar mi nombre como firma").click()
    expect(page.get_by_text("Archivo guardado: Firma escrita de Bruno Díaz Riquelme.png")).to_be_visible()
    look(page, "firma-escrita")
    go_on(page)


def test_the_questions_of_a_stall_are_answered_on_a_telephone(product_context: Any) -> None:
    """Checks 1, 3, 6 and 36: the whole form, up to the review that shows what was given."""
    page: Page = product_context(viewport=PHONE, has_touch=True).new_page()
    page.goto("/mis-tramites/")
    be(page, BRUNO)
    begin(page, STALL)
    prove_email(page)
    choose_stall(page)
    look(page, "ayudantes")
    go_on(page)
    make_card(page)
    page.get_by_label("¿Por qué pides el puesto?").fill("Vendo lo que cosecho.")
    page.get_by_label("¿Qué le pides a la Municipalidad?").fill("Un puesto los sábados.")
    page.locator("[name=autoriza_sensibles][value=no]").check()
    go_on(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Revisa tus respuestas antes de enviar")
    for said in ("Feria Poniente (sábado)", "latitud -36.", "frente.jpg", "Firma escrita de Bruno Díaz Riquelme.png"):
        expect(page.get_by_text(said).first).to_be_visible()
    look(page, "revision")


def test_map_and_signature_need_no_script(product_context: Any) -> None:
    """Check 1: the map is an image that sends where it was touched; the name is typed."""
    page: Page = product_context(viewport=PHONE, java_script_enabled=False).new_page()
    page.goto("/mis-tramites/")
    be(page, "41.111.111-3")
    ref = begin(page, STALL)
    page.goto(f"/s/{ref}/p/2/")
    page.locator(".map-face input").click(position={"x": 140, "y": 120})
    expect(page.get_by_label("¿Dónde te gustaría ponerte?")).to_have_value(re.compile(r"^-36\.\d{5}, -7[12]\.\d{5}$"))
    page.goto(f"/s/{ref}/p/4/")
    page.get_by_label("O escribe tu nombre completo").fill("Ana Pérez Soto")
    page.get_by_role("button", name="Usar mi nombre como firma").click()
    expect(page.get_by_text("Archivo guardado: Firma escrita de Ana Pérez Soto.png")).to_be_visible()
