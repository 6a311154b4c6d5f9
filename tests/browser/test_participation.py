"""Participation on the product: search, support, tell what it costs, take it back; without script, and by axe."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations

pytestmark = pytest.mark.browser
ANA = "41.111.111-3"
INES = "40.800.900-6"
WANTED = "Hora para el retiro de ramas y muebles"


@pytest.fixture
def visitor(product_context: Any) -> Page:
    """A person on a narrow phone without script, not signed in yet."""
    page: Page = product_context(viewport={"width": 320, "height": 800}, java_script_enabled=False).new_page()
    return page


def be(page: Page, run: str) -> None:
    """Choose oneself at the demonstration identity provider."""
    page.locator(f"button[name=person][value='{run}']").click()


def supports(page: Page) -> int:
    """The number the panel shows."""
    return int(page.locator(".support-count strong").inner_text())


def test_search_support_tell_what_it_costs_and_take_it_back_without_script(visitor: Page) -> None:
    visitor.goto("/participa/")
    visitor.get_by_label("Buscar").fill("ramas")
    visitor.get_by_role("button", name="Ver", exact=True).click()
    visitor.get_by_role("link", name=WANTED).click()
    before = supports(visitor)
    visitor.get_by_role("button", name=re.compile("^Apoyar")).click()
    be(visitor, ANA)
    visitor.get_by_role("button", name=re.compile("^Apoyar")).click()
    expect(visitor.locator(".support-mine")).to_contain_text("Apoyas esta petición.")
    assert supports(visitor) == before + 1
    assert visitor.url.endswith("#apoyar")
    visitor.get_by_role("link", name="Cuenta cuánto te cuesta hoy").click()
    visitor.get_by_label("¿Cuántas veces al año lo haces?").fill("muchas")
    visitor.get_by_role("button", name="Guardar").click()
    expect(visitor.locator(".error-summary")).to_contain_text("sin letras")
    visitor.get_by_label("¿Cuántas veces al año lo haces?").fill("4")
    visitor.get_by_label("Certificado de nacimiento").check()
    visitor.get_by_role("button", name="Guardar").click()
    visitor.get_by_role("link", name="Cambiar lo que contaste").click()
    expect(visitor.get_by_label("¿Cuántas veces al año lo haces?")).to_have_value("4")
    visitor.goto("/participa/mis-apoyos/")
    expect(visitor.locator("main")).to_contain_text("Usas 1 de 7 apoyos.")
    visitor.get_by_role("button", name=re.compile("^Retirar mi apoyo")).click()
    expect(visitor.locator("main")).to_contain_text("No apoyas nada todavía.")


PAGES = (
    *(
        "/participa/",
        "/participa/?orden=apoyos",
        "/participa/?q=zapato",
        "/participa/respuestas/",
        "/participa/reglas/",
    ),
    *("/participa/recuento/", "/participa/proponer/?q=pasaje", "/participa/mis-apoyos/", "/participa/moderar/"),
    *("/participa/prioridades/", "/avance/", "/avance/?institucion=muni-ejemplo"),
)


@pytest.mark.parametrize("width", [320, 1280])
def test_every_page_is_accessible_and_fits(width: int, product_context: Any) -> None:
    page: Page = product_context(viewport={"width": width, "height": 900}).new_page()
    page.goto("/participa/moderar/")
    be(page, INES)
    page.goto("/participa/?estado=respuesta")
    answered = page.locator(".card-list h2 a").first.get_attribute("href")
    wrong = {}
    for path in (*PAGES, answered):
        page.goto(str(path))
        found = violations(page)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append("wider than the screen")
        if found:
            wrong[path] = found
    assert wrong == {}
