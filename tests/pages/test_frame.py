"""What every page has around its content, and what no template may contain."""

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils import translation

from tests.translations.catalogue import texts

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
ON_SCREEN = [
    path for path in TEMPLATES if path.parts[-2:] != ("documents", "document.html") and path.name != "email.html"
]
CSS = (ROOT / "static/css/site.css").read_text()


class Ana:
    is_authenticated = True

    def __str__(self) -> str:
        return "Ana Pérez"


def page(template: str = "site/help.html", path: str = "/ayuda/", **context: Any) -> str:
    """A page with what the context processors would give it, stated by the test."""
    shared = {"request": RequestFactory().get(path), "user": AnonymousUser()}
    return get_template(template).render({**shared, **context})


def test_a_stranger_may_sign_in_and_verify_and_sees_nothing_personal() -> None:
    html = page()
    assert ">Entrar</a>" in html
    assert "Verificar un documento" in html
    assert not re.search(r"Mis trámites</a>|Mis avisos|Bandeja</a>", html)


def test_a_citizen_sees_their_own_pages_and_how_many_notices_are_unread() -> None:
    html = page(user=Ana(), unread_notices=2)
    assert "Ana Pérez" in html
    assert "Mis trámites</a>" in html
    assert "2 sin leer" in html
    assert "Bandeja</a>" not in html


def test_an_official_also_sees_the_desk() -> None:
    assert "Bandeja</a>" in page(user=Ana(), is_official=True)


def test_every_link_of_the_frame_leads_somewhere() -> None:
    assert 'href=""' not in page(user=Ana(), is_official=True)
    assert 'action=""' not in page(user=Ana(), is_official=True)


def test_the_header_carries_the_institution_and_never_the_engine() -> None:
    html = page(institution="Municipalidad de Ejemplo")
    header = html[: html.index("<main")]
    assert "Trámites de Municipalidad de Ejemplo" in header
    assert "Sin Papeleo" not in header
    assert "Sin Papeleo" in html[html.index("<footer") :]


def test_the_footer_offers_the_source_code() -> None:
    """AGPL, section 13."""
    assert re.search(r'<a href="[^"]+">Código fuente</a>', page(source_url="https://ejemplo.cl/fuente"))


def test_the_demonstration_says_so_on_every_page() -> None:
    assert "Demostración: datos y firmas sin valor legal" in page(demo=True)


def test_the_language_of_the_page_is_declared_and_the_other_is_offered_in_its_own_words() -> None:
    assert '<html lang="es-CL">' in page()
    assert 'value="en" lang="en">English</button>' in page()
    with translation.override("en"):
        assert '<html lang="en">' in page()
        assert 'value="es" lang="es">Español</button>' in page()


def test_the_page_in_use_is_marked_in_the_navigation() -> None:
    assert re.search(r'<a href="/" aria-current="page">', page(path="/"))


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "413.html", "500.html"])
def test_an_error_page_is_drawn_without_request_nor_database(name: str) -> None:
    html = get_template(name).render({})
    assert html.count("<h1") == 1
    assert "<title>" in html
    assert "Error" not in html


@pytest.mark.parametrize("path", ON_SCREEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_carries_style_script_or_handlers_inside(path: Path) -> None:
    """Check 33 of pages.md: the content security policy would block them."""
    source = path.read_text()
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:|hx-on|js:", source)
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)
    assert not re.search(r"(src|href)=\"(https?:)?//", source)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_table_begins_with_its_title(path: Path) -> None:
    """Check 32 of pages.md."""
    assert re.findall(r"<table[^>]*>(?!\s*({% if block.caption %})?<caption[^>]*>\s*[^<\s])", path.read_text()) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_template_parses(path: Path) -> None:
    get_template(str(path.relative_to(ROOT / "templates")))


def test_no_text_blames_the_person_or_speaks_in_jargon() -> None:
    """Checks 20 and 21 of pages.md."""
    jargon = re.compile(
        r"\b(inválid[oa]s?|requerid[oa]s?|subsane|adjúntese|el/la|workflow|gateway|schema|formulario dinámico)\b", re.I
    )
    assert [text.singular for text in texts() if jargon.search(text.singular)] == []


def test_style_and_script_stay_within_their_budget() -> None:
    """pages.md 4.1."""
    assert len(gzip.compress(CSS.encode(), 9)) <= 12 * 1024
    assert len(gzip.compress((ROOT / "static/js/site.js").read_bytes(), 9)) <= 6 * 1024


def tokens() -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", CSS))


def contrast(first: str, second: str) -> float:
    """WCAG 2 contrast ratio of two colours written #rgb or #rrggbb."""

    def luminance(colour: str) -> float:
        digits = colour.lstrip("#")
        digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
        parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *[
            (text, ground)
            for text in ("text", "text-soft", "link", "link-visited")
            for ground in ("paper", "wash", "info-wash")
        ],
        *[(f"{kind}", f"{kind}-wash") for kind in ("error", "success", "warning")],
        *[("text", f"{kind}-wash") for kind in ("error", "success", "warning")],
        ("error", "paper"),
        ("on-brand", "brand"),
        ("paper", "accent"),
        ("accent-dark", "info-wash"),
        ("text", "focus"),
    ],
)
def test_every_text_colour_stands_out_from_its_ground(text: str, ground: str) -> None:
    """Check 12 of pages.md: 4.5 to 1."""
    assert contrast(tokens()[text], tokens()[ground]) >= 4.5


@pytest.mark.parametrize("edge", ["line-strong", "accent", "error", "success", "warning", "focus-ring"])
def test_every_edge_that_carries_meaning_stands_out_from_the_page(edge: str) -> None:
    """WCAG 1.4.11: 3 to 1."""
    assert contrast(tokens()[edge], tokens()["paper"]) >= 3
