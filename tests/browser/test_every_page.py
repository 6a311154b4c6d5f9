"""Every page in every role and state that a whole story passes, kept while it was walked and looked at afterwards."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from lxml import html
from playwright.sync_api import Page, Route
from ruamel.yaml import YAML
from tinyhtml5.parser import HTMLParser  # type: ignore[import-untyped]

from bench.walk import SCENARIO
from tests.browser.axe import violations
from tests.browser.conftest import DESKTOP
from tests.browser.tour import Seen, Tour

pytestmark = pytest.mark.browser
NARROW = {"width": 320, "height": 640}
HALF = {"width": 640, "height": 640}
LARGE_TEXT = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`html { font-size: 200% !important }
    * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
    p { margin-bottom: 2em !important }`);
  document.adoptedStyleSheets = [sheet];
  const wide = document.documentElement.scrollWidth > innerWidth ? ["scrolls sideways"] : [];
  const cut = [...document.querySelectorAll("body *")].filter(part => {
    const style = getComputedStyle(part);
    return part.checkVisibility() && !part.closest(".visually-hidden, svg") && !part.matches("input, select, textarea")
      && (style.overflowX === "hidden" || style.overflowX === "clip") && part.scrollWidth > part.clientWidth + 1;
  });
  const low = [...document.querySelectorAll("body *")].filter(part => {
    const style = getComputedStyle(part);
    const own = [...part.childNodes].some(one => one.nodeType === Node.TEXT_NODE && one.data.trim());
    return own && part.checkVisibility() && style.display !== "inline" && !part.closest(".visually-hidden, svg")
      && !part.matches("input, select, textarea, summary") && part.scrollHeight > part.clientHeight + 2;
  });
  return [...wide, ...cut.map(part => `cuts ${part.outerHTML.slice(0, 90)}`),
    ...low.map(part => `text out of its box ${part.outerHTML.slice(0, 90)}`)];
}"""
"""Text twice as large, spaced as WCAG 1.4.12 asks: what is cut or leaves its box, and what scrolls sideways."""
EXPECTED = {
    "Mis trámites", "Mis avisos", "Revisa tus respuestas antes de enviar", "Firma tu solicitud", "Solicitud enviada",
    "¿Por qué esta fecha?", "Bandeja", "Examen de admisibilidad", "Registrar la notificación", "Redactar el decreto",
    "Firma del decreto", "¿Quién eres?", "Correo de la demostración", "Auténtico e íntegro", "Alterado",
    "Firmar varios documentos", "Repartir el trabajo de tu unidad", "Dictar una orden de despacho",
    "Qué diría la orden", "Incidentes", "Nadie puede tomar el paso", "Registrar una interrupción", "Ausencias",
    "Versiones y solicitudes", "Abrir varias desde una planilla", "Documento auténtico", "No puedes ver esta página",
    "No encontramos esta página", "No pudiste entrar", "Recibir lo que trae la persona", "Qué abriría cada fila",
    "Mesón: ¿a quién atiendes?", "Actuar por otra persona", "Pedir intérprete",
    "Escribir a otra institución (oficio)",
}  # fmt: skip
"""Headings that the tour must have met, so that a shorter tour cannot pass for a whole one."""


@pytest.fixture(scope="session")
def album(product: str) -> list[Seen]:
    """Of all pages of the tour, those that show something new."""
    tour = Tour(product)
    tour.scenario(YAML(typ="safe").load(SCENARIO))
    kept: list[Seen] = []
    known: dict[Any, set[str]] = {}
    for seen in tour.album:
        kind, parts = _kind(seen)
        if kind not in known or not parts <= known[kind]:
            kept.append(seen)
            known.setdefault(kind, set()).update(parts)
    return kept


def _kind(seen: Seen) -> tuple[Any, set[str]]:
    """The kind of page, by its address without references, status and heading; and the parts that it is made of."""
    address = re.sub(r"[0-9A-Z]{16}|[0-9a-f.]{12,}|(?<=/)\d+(?=/)|\?.*", "*", seen.path)
    page = _parsed(seen)
    heading = re.sub(r"[\d-]+", "*", " ".join(page.xpath("//h1//text()")))
    return (address, seen.status, heading), set(" ".join(page.xpath("//main//@class")).split())


def _parsed(seen: Seen) -> Any:
    return html.fromstring(seen.html)


def show(page: Page, seen: Seen) -> None:
    """Draw a kept page at its own address and under its own policy, so that style and script are those of the site."""

    def answer(route: Route) -> None:
        headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": seen.policy}
        route.fulfill(status=seen.status, body=seen.html, headers=headers)

    page.context.unroute_all()
    page.context.route(lambda address: address == seen.url, answer)
    page.goto(seen.url)


def test_the_tour_met_every_page(album: list[Seen]) -> None:
    headings = {
        re.sub(r"\s+", " ", heading.xpath("string()")).strip()
        for seen in album
        for heading in _parsed(seen).xpath("//h1 | //h2")
    }
    assert {wanted for wanted in EXPECTED if not any(wanted in heading for heading in headings)} == set()


SLOW_NETWORK = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 160_000 / 8}
"""A telephone far from its antenna: milliseconds, and bytes a second."""
FIRST_TEXT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def test_the_first_page_is_read_soon_on_a_slow_telephone(product: str, product_context: Any) -> None:
    """Check 37, with a processor four times slower: text in 3 seconds, of 16 KB in three requests."""
    page = product_context(viewport={"width": 360, "height": 640}).new_page()
    wire, received = page.context.new_cdp_session(page), []
    wire.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    wire.send("Network.enable")
    wire.send("Network.emulateNetworkConditions", SLOW_NETWORK)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto("/", wait_until="load")
    page.wait_for_function(FIRST_TEXT)
    assert page.evaluate(FIRST_TEXT) < 3000
    assert sum(received) <= 16 * 1024
    assert len(received) <= 3


def test_no_page_breaks_an_accessibility_rule_nor_scrolls_sideways(album: list[Seen], product_context: Any) -> None:
    """R76 and checks 3, 6, 8, 16, 18 and 30 of pages.md: at 1280 and 320 pixels, and at 640 with large text.

    The context also fails on any error of the console, request to another host or breach of the page's own policy.
    """
    page, faults = product_context().new_page(), []
    for seen in album:
        show(page, seen)
        for size in (DESKTOP, NARROW):
            page.set_viewport_size(size)
            found = violations(page)
            if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
                found.append("scrolls sideways")
            faults += [f"{seen.who} {seen.path} ({seen.status}), {size['width']} px: {fault}" for fault in found]
        page.set_viewport_size(HALF)
        faults += [
            f"{seen.who} {seen.path} ({seen.status}), large text: {fault}" for fault in page.evaluate(LARGE_TEXT)
        ]
    assert faults == []


def test_pages_name_themselves_and_begin_the_same_way(album: list[Seen]) -> None:
    """Checks 16, 29 and 30: one h1, a title of its own, the skip link first, help at the end."""
    faults = []
    for seen in album:
        if "/openid/" in seen.path:
            continue
        page = _parsed(seen)
        first = page.xpath("(//a|//button|//input[not(@type='hidden')])[1]/@href")
        help_is_last = bool(page.xpath("//footer//a[@href='/ayuda/']"))
        title = page.findtext(".//title") or ""
        wrong = seen.status == 422
        if (
            len(page.xpath("//h1")) != 1
            or first != ["#main"]
            or not help_is_last
            or " – " not in title
            or (wrong and not title.startswith("Error: "))
        ):
            faults.append(f"{seen.path} ({seen.status}): {title}")
    assert faults == []


FIRST_VIEWS = ("ver=mias", "ver=solicitud", "ver=abiertos", "q=")
"""What a page shows where nothing was chosen."""


def _shown(seen: Seen) -> tuple[str, str]:
    """What tells a page from another: its address without references, with the view of it that was chosen."""
    path, _, query = seen.path.partition("?")
    chosen = "&".join(part for part in query.split("&") if part.startswith(("ver=", "q=")) and part not in FIRST_VIEWS)
    return re.sub(r"[0-9A-Z]{16}|[0-9a-f.]{12,}|(?<=/)\d+(?=/)", "*", path), chosen


def test_no_two_pages_have_the_same_title(album: list[Seen]) -> None:
    """Check 16: in somebody's tabs and history, and for a screen reader, pages are told apart by their title alone."""
    places: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for seen in album:
        if "/openid/" not in seen.path and seen.status == 200:
            title = _parsed(seen).findtext(".//title") or ""
            places.setdefault((seen.who, title), set()).add(_shown(seen))
    assert {one: sorted(found) for one, found in places.items() if len(found) > 1} == {}


def test_every_table_says_what_it_is_of(album: list[Seen]) -> None:
    """Check 32, on the pages themselves: also tables that no template writes."""
    tables = [(seen.path, table) for seen in album for table in _parsed(seen).xpath("//main//table")]
    assert tables
    assert [path for path, table in tables if not (table.findtext("caption") or "").strip()] == []


def test_each_control_has_a_label_that_can_be_seen(album: list[Seen]) -> None:
    """Check 5: a label for each control that everybody sees, and no placeholder in its stead."""
    faults = []
    for seen in album:
        page = _parsed(seen)
        for control in page.xpath("//main//*[self::input or self::select or self::textarea][not(@type='hidden')]"):
            labels = page.xpath("//label[@for=$id]", id=control.get("id", ""))
            if not labels or not labels[0].text_content().strip() or control.get("placeholder") or _hidden(labels[0]):
                faults.append(f"{seen.path}: {control.get('name')}")
    assert faults == []


def _hidden(label: Any) -> bool:
    """Whether only screen readers get it."""
    return bool(label.xpath("ancestor-or-self::*[contains(concat(' ', @class, ' '), ' visually-hidden ')]"))


VAGUE = {"", "aquí", "ver", "más", "ver más", "leer más", "abrir", "enlace", "pincha aquí", "haz clic aquí", "ir"}
"""Names that say nothing when they are read alone, as screen readers list them."""


def _name(control: Any) -> str:
    """What a screen reader calls a link or a button: its label, or its words without what is hidden from it."""
    label = control.get("aria-label") or " ".join(control.xpath(".//text()[not(ancestor::*[@aria-hidden='true'])]"))
    return " ".join(label.split())


def _effect(control: Any) -> str:
    """Where a link leads, or what a button sends and where to."""
    if control.tag == "a":
        return str(control.get("href"))
    where = control.get("formaction") or "".join(control.xpath("ancestor::form[1]/@action"))
    hidden = "ancestor::form[1]//input[@type='hidden'][not(@name='csrfmiddlewaretoken')]"
    inside = " ".join(control.xpath(f"{hidden}/@value"))
    return f"{where} {inside} {control.get('name')}={control.get('value')}"


def test_links_and_buttons_make_sense_alone(album: list[Seen]) -> None:
    """Check 34: none without words or with words that say nothing, and none called like another that does otherwise."""
    faults = set()
    for seen in album:
        effects: dict[tuple[str, str], set[str]] = {}
        for control in _parsed(seen).xpath("(//a[@href] | //button)[not(@aria-hidden)]"):
            name = _name(control)
            if name.lower().strip(" .:«»") in VAGUE:
                faults.add(f"{seen.path}: «{name}»")
            effects.setdefault((control.tag, name), set()).add(_effect(control))
        faults |= {
            f"{seen.path}: «{name}» {sorted(found)}" for (_tag, name), found in effects.items() if len(found) > 1
        }
    assert sorted(faults) == []


COLOURED = {
    "tag": ".",
    "count": ".",
    "message": ".",
    "notice": ".",
    "field-error": ".//*[contains(concat(' ', @class, ' '), ' error-text ')]",
    "timeline-mark": "../*[contains(concat(' ', @class, ' '), ' soft ')]",
}
"""What the style sheet colours to say something, and where the words stand that say it as well."""


def test_nothing_is_said_by_colour_alone(album: list[Seen]) -> None:
    """Check 15: whoever sees no colours reads every state; a mark of the timeline also differs in its shape."""
    met, faults = set(), []
    for seen in album:
        for kind, words in COLOURED.items():
            for mark in _parsed(seen).xpath(f"//*[contains(concat(' ', @class, ' '), ' {kind} ')]"):
                met.add(kind)
                if not "".join(said.text_content() for said in mark.xpath(words)).strip():
                    faults.append(f"{seen.path}: {html.tostring(mark, encoding='unicode')[:120]}")
    assert faults == []
    assert met == set(COLOURED)


CITIZENS = ("ana", "bruno", "nadie")
OWN_DATA = ("email", "tel")


def test_personal_data_may_be_filled_in_by_the_browser_and_codes_pasted(album: list[Seen]) -> None:
    """Check 24: `autocomplete` on what people type of themselves, and nothing on any page that stops pasting."""
    asked = [
        (seen.path, control.get("name"), control.get("autocomplete"))
        for seen in album
        if seen.who in CITIZENS
        for control in _parsed(seen).xpath("//main//input")
        if control.get("type") in OWN_DATA or control.get("inputmode") in OWN_DATA
    ]
    assert asked
    assert [one for one in asked if one[2] in (None, "off")] == []
    scripts = "".join(path.read_text(encoding="utf-8") for path in (settings.BASE_DIR / "static" / "js").glob("*.js"))
    assert not re.search(r"paste|oncopy|contextmenu", scripts)


def test_the_html_is_valid_and_no_id_stands_twice(album: list[Seen]) -> None:
    """Check 33: what the HTML standard calls a parse error, and ids that would lead a label or link astray."""
    faults = set()
    for seen in album:
        parser = HTMLParser()
        parser.parse(seen.html, transport_encoding="utf-8")
        faults |= {f"{seen.path}: {place} {code} {values}" for place, code, values in parser.errors}
        ids = _parsed(seen).xpath("//@id")
        faults |= {f"{seen.path}: id {one} twice" for one in set(ids) if ids.count(one) > 1}
    assert sorted(faults) == []
