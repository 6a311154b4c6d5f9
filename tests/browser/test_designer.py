"""A clerk builds and publishes a procedure with the pages only, and a citizen completes it (pages.md check 39)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from bench.walk import Walk
from tests.browser.axe import violations

pytestmark = pytest.mark.browser
WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 320, "height": 640}
INES = "40.800.900-6"
MOST_ACTIONS = 40
TITLE = "Permiso para una feria libre"
QUESTIONS = """¿Cuál es tu RUN?
¿Qué vas a vender? (Frutas y verduras / Ropa / Otra cosa)
Describe lo que vas a vender
¿Ya tienes un puesto? (Sí / No)
¿Cuántas personas van a atender?"""
FICHA = {
    "Qué se obtiene": "Un permiso para vender en la feria libre de la comuna.",
    "A quién está dirigido": "Personas que quieren un puesto en la feria.",
    "Cuánto cuesta": "No tiene costo.",
    "Cuándo y cómo se responde": "Dentro de un mes, por correo.",
    "Plazo legal para decidir": "1",
    "Norma que fija el plazo": "Ley N° 19.880, artículo 27",
    "Norma que lo dice": "Ley N° 19.880, artículo 65",
    "Norma": "Ordenanza de ferias libres",
    "Artículo": "artículo 4",
    "Cuánto se guarda el expediente": "5",
    "Norma o política que lo fija": "Política de gestión documental",
}
STORY = [
    {
        "who": "ana",
        "file": "permiso_para_una_feria_libre",
        "answers": {
            "cual_es_tu_run": "41.111.111-3",
            "que_vas_a_vender": "otra_cosa",
            "describe_lo_que_vas_a_vender": "Miel y quesos.",
            "ya_tienes_un_puesto": False,
            "cuantas_personas_van_a_atender": 2,
            "nombre": "Ana María Pérez Soto",
            "correo": "ana.perez@correo.example",
            "peticion": "Un puesto en la feria.",
            "hechos": "Produzco miel en la comuna.",
            "autoriza_envio": True,
        },
    },
    {"who": "elena", "step": "revision", "answers": {"aprueba": True, "fundamento": "Que hay puestos libres."}},
    {"who": "fabian", "sign": "firma_de_la_resolucion"},
    {
        "who": "ana",
        "ends": "Trámite terminado",
        "act": "Resolución",
        "mail": ["Hay novedades de tu solicitud"],
    },
]
PEOPLE = {"ana": "41.111.111-3", "elena": "40.400.500-6", "fabian": "40.500.600-6"}


class Clerk:
    """Somebody who has never programmed; every click, choice and text is an action."""

    def __init__(self, tab: Page) -> None:
        self.tab, self.actions = tab, 0

    def press(self, words: str) -> None:
        """Follow a link or press a button."""
        self.actions += 1
        by_link = self.tab.locator("main").get_by_role("link", name=words, exact=True)
        control = by_link if by_link.count() else self.tab.get_by_role("button", name=words, exact=True)
        with self.tab.expect_navigation():
            control.first.click()

    def write(self, label: str, text: str) -> None:
        """Type into a control."""
        self.actions += 1
        self._control(label).fill(text)

    def pick(self, label: str, words: str) -> None:
        """Choose from a list."""
        self.actions += 1
        self._control(label).select_option(label=words)

    def _control(self, label: str) -> Locator:
        return (
            self.tab.get_by_label(label, exact=True).or_(self.tab.get_by_label(f"{label} (opcional)", exact=True)).first
        )


@pytest.fixture
def clerk(product_context: Any) -> Clerk:
    """Inés at the list of procedures, signed in."""
    tab: Page = product_context().new_page()
    tab.goto("/diseno/")
    tab.locator(f"button[name=person][value='{INES}']").click()
    tab.wait_for_url("**/diseno/")
    return Clerk(tab)


def begin(clerk: Clerk) -> None:
    """A procedure from five pasted questions."""
    clerk.press("Crear un trámite")
    clerk.write("Nombre del trámite", TITLE)
    clerk.write("Tus preguntas", QUESTIONS)
    clerk.press("Crear el trámite")


def branch(clerk: Clerk) -> None:
    """One answer asks one question more."""
    clerk.press("Preguntas")
    clerk.press("¿Qué vas a vender?")
    clerk.actions += 1
    clerk.tab.locator("#opcion-2-sigue").select_option(label="3. Describe lo que vas a vender")
    clerk.press("Guardar")


def decide_sign_and_tell(clerk: Clerk) -> None:
    """A review, a signed document and a notice, each added on the card of the one before."""
    clerk.press("Pasos")
    clerk.pick("Quién lo hace o firma", "Jefatura de Rentas (Departamento de Rentas y Patentes)")
    clerk.press("Agregar paso")
    clerk.pick("Qué pasa", "Firma de un documento")
    clerk.pick("Quién lo hace o firma", "Alcalde o alcaldesa (Alcaldía)")
    clerk.press("Agregar paso")
    clerk.pick("Qué pasa", "Aviso a la persona")
    clerk.press("Agregar paso")


def tell_of_it(clerk: Clerk) -> None:
    """The ficha, with the term, the silence and the norms that a person decides."""
    clerk.press("Ficha")
    for label, text in FICHA.items():
        clerk.write(label, text)
    clerk.pick("El plazo se cuenta en", "meses")
    clerk.pick("Si no se decide a tiempo, la solicitud", "se entiende rechazada (silencio negativo)")
    clerk.press("Guardar la ficha")


def try_it(clerk: Clerk) -> None:
    """The application filed in the trial, on the engine that serves people."""
    clerk.press("Probar")
    clerk.press("Hacerlo")
    expect(clerk.tab.locator("main")).to_contain_text("Revisión")


def test_a_clerk_publishes_in_forty_actions_what_a_citizen_completes(
    product: str, product_context: Any, clerk: Clerk
) -> None:
    begin(clerk)
    branch(clerk)
    expect(clerk.tab.locator("#opcion-2-sigue option:checked")).to_have_text("3. Describe lo que vas a vender")
    decide_sign_and_tell(clerk)
    tell_of_it(clerk)
    try_it(clerk)
    clerk.press("Revisar y publicar")
    expect(clerk.tab.locator("main")).to_contain_text("Sin errores")
    clerk.press("Publicar la versión 1")
    expect(clerk.tab.locator(".messages")).to_contain_text("Publicaste la versión 1")
    print(f"{clerk.actions} actions, of at most {MOST_ACTIONS}")
    assert clerk.actions <= MOST_ACTIONS
    walk = Walk(product, {})
    walk.scenario({"agency": "muni-ejemplo", "people": PEOPLE, "story": STORY})


def test_a_saved_test_keeps_a_broken_draft_from_being_published_until_it_is_mended(clerk: Clerk) -> None:
    tab, main = clerk.tab, clerk.tab.locator("main")
    clerk.press("Crear un trámite")
    tab.get_by_label("Un ejemplo").check()
    clerk.pick("Ejemplo", "Certificado de patente vigente")
    clerk.write("Nombre del trámite", "Certificado de prueba")
    clerk.press("Crear el trámite")
    notice = f"{tab.url}parte/notices/entrega_negativa/"
    clerk.press("Probar")
    clerk.press("Hacerlo")
    tab.get_by_text("Guardar como caso de prueba").click()
    clerk.write("Nombre del caso de prueba", "Se entrega al momento")
    clerk.press("Guardar el caso de prueba")
    tab.goto(notice)
    subject = tab.get_by_label("Asunto", exact=True).input_value()
    for words in ("Otra cosa: solicitud N° {case.number}", subject):
        tab.goto(notice)
        clerk.write("Asunto", words)
        clerk.press("Guardar")
        clerk.press("Revisar y publicar")
        clerk.press("Publicar la versión 1")
        if words != subject:
            expect(main).to_contain_text("no pasan estos casos de prueba: «Se entrega al momento»")
    expect(tab.locator(".messages")).to_contain_text("Publicaste la versión 1")


PAGES = [
    "", "ficha/", "preguntas/", "pasos/", "documentos/", "publicar/", "historial/", "completo/", "archivo/traer/",
    "parte/law/", "parte/forms/solicitud/pages/actividad/fields/giro/", "parte/steps/admision/",
    "parte/documents/decreto_patente/", "parte/documents/decreto_patente/blocks/4/", "parte/notices/otorgada/",
    "vista/forms/solicitud/pages/actividad/fields/giro/?estado=error", "documentos/decreto_patente/vista/",
    "preguntas/solicitud/planilla/", "parte/forms/solicitud/pages/actividad/",
]  # fmt: skip


def test_no_page_of_the_designer_breaks_an_accessibility_rule_nor_scrolls_sideways(clerk: Clerk) -> None:
    """R76 and checks 3, 6, 16 and 31 of pages.md, at 1280 and at 320 pixels."""
    tab, faults = clerk.tab, []
    home = home_of(tab, "Patente comercial definitiva")
    for path in ["/diseno/", "/diseno/crear/", *(home + path for path in PAGES)]:
        tab.goto(path)
        for size in (WIDE, NARROW):
            tab.set_viewport_size(size)
            found = violations(tab)
            if tab.evaluate("document.documentElement.scrollWidth") > size["width"]:
                found.append("scrolls sideways")
            faults += [f"{path}, {size['width']} px: {fault}" for fault in found]
    assert faults == []


def home_of(tab: Page, title: str) -> str:
    """The address of the draft of a procedure, opened from the list."""
    row = tab.locator("tr", has_text=title)
    if row.get_by_role("button", name="Cambiarlo").count():
        row.get_by_role("button", name="Cambiarlo").click()
    else:
        row.get_by_role("link").first.click()
    tab.wait_for_load_state()
    return tab.url


def test_a_table_says_what_is_wrong_while_one_types_and_a_question_falls_where_it_is_dropped(clerk: Clerk) -> None:
    tab = clerk.tab
    home = home_of(tab, "Constitución de una organización comunitaria")
    tab.goto(f"{home}parte/steps/minimo/")
    tab.locator("[name='f-0-1-desde']").fill("20")
    expect(tab.locator("#dice-")).to_contain_text("Ninguna fila de esta tabla sirve cuando")
    tab.locator("[name='f-0-1-desde']").fill("15")
    expect(tab.locator("#dice-")).to_have_text("")
    tab.goto(f"{home}preguntas/")
    rows = tab.locator(".question-list").first.locator("[data-drag]")
    first, second = (rows.nth(place).locator("a").first.inner_text() for place in (0, 1))
    box = rows.nth(1).bounding_box()
    assert box is not None
    with tab.expect_navigation():
        rows.nth(0).drag_to(rows.nth(1), target_position={"x": 200, "y": box["height"] - 4})
    assert [rows.nth(place).locator("a").first.inner_text() for place in (0, 1)] == [second, first]


@pytest.mark.parametrize("part", ["preguntas/", "pasos/"])
def test_whatever_is_dragged_may_be_moved_with_a_button(clerk: Clerk, part: str) -> None:
    """Check 14: each thing that can be dragged has, beside it, the buttons that do the same, by keyboard too."""
    tab = clerk.tab
    tab.goto(f"{home_of(tab, 'Certificado de patente vigente')}{part}")
    rows = tab.locator("[data-drag]")
    assert rows.count() > 1
    for place in range(rows.count()):
        where = rows.nth(place).get_attribute("data-move")
        assert rows.nth(place).locator(f"form[action='{where}'] button").count() >= 2
    siblings = tab.locator("[data-drag-into]").first.locator("> [data-drag], > * > [data-drag]")
    before = siblings.evaluate_all("all => all.map(one => one.dataset.drag)")
    first, second = (siblings.nth(place).locator("a").first.inner_text() for place in (0, 1))
    with tab.expect_navigation():
        siblings.first.locator("button[value=bajar]").first.press("Enter")
    assert len(before) > 1
    assert [siblings.nth(place).locator("a").first.inner_text() for place in (0, 1)] == [second, first]
    pressed = siblings.nth(1).locator("button[value=bajar]").first
    expect(pressed).to_be_focused()
    expect(pressed).to_have_accessible_description(re.compile(r"^Quedó en el lugar [23] de \d+\.$"))
