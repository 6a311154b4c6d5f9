"""A N° de solicitud and a RUN never break in two at their hyphen, on whatever page and in whatever sentence."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from config.middleware import whole_numbers

NUMBER = "2026-000012"


def sent(page: str, content_type: str = "text/html; charset=utf-8") -> str:
    """What a browser gets of a page."""
    answer = whole_numbers(lambda _request: HttpResponse(page, content_type=content_type))(RequestFactory().get("/"))
    return answer.content.decode()


@pytest.mark.parametrize("number", [NUMBER, "12.345.678-5", "9.345.678-k", "76.543.210-K"])
def test_a_number_in_a_sentence_is_kept_whole(number: str) -> None:
    assert sent(f"<p>La {number}, de ayer.</p>") == f'<p>La <span class="nowrap">{number}</span>, de ayer.</p>'
    assert sent(f"<b>N° {number}</b>") == f'<b><span class="nowrap">N° {number}</span></b>'


@pytest.mark.parametrize(
    "page",
    [
        f'<input value="La {NUMBER}">',
        f"<title>Solicitud N° {NUMBER}</title>",
        f'<select><option value="{NUMBER}">La {NUMBER}</option></select>',
        f"<textarea>\nLa {NUMBER}</textarea>",
        f"<svg><text>La {NUMBER}</text></svg>",
        f'<script type="application/json">"{NUMBER}"</script>',
        f'<span class="nowrap">N° {NUMBER}</span>',
    ],
)
def test_what_takes_no_element_inside_or_is_whole_already_stays_as_it_is(page: str) -> None:
    assert sent(page) == page


@pytest.mark.parametrize("text", ["2026-11-23", "+56 2 2345-6789", "A-2026-000012", "2026-0000123", "1.000.000-50"])
def test_nothing_else_with_a_hyphen_is_taken_for_one(text: str) -> None:
    assert sent(f"<p>{text}</p>") == f"<p>{text}</p>"


def test_only_pages_are_touched() -> None:
    assert sent(f"<p>{NUMBER}</p>", "text/csv") == f"<p>{NUMBER}</p>"
