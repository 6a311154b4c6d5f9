"""Whatever is sent where a number is expected gets an answer that says so, and no page breaks."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import get_resolver

from designer import tree
from designer.numbers import plain_number
from designer.presenting.routes import _is_number
from tests.designer.conftest import Desk

BAD = ("²", "٣", "-1", "--5", "1.5", "", " 7", "1e9", "9" * 25, "9" * 5000)
STREET = "forms/solicitud/pages/local/fields/direccion"
FEW = ("²", "-1", "9" * 25, "9" * 4000)
"""Of each way of being no number, one: to be sent everywhere."""
PLACE = re.compile(r"<int:\w+>")
ADDRESSES = sorted(
    str(pattern.pattern) for pattern in get_resolver("designer.urls").url_patterns if PLACE.search(str(pattern.pattern))
)
SENT = (
    ("publicar/", {"revision": "#"}),
    ("publicar/", {"desde": "fecha", "fecha-dia": "#", "fecha-mes": "1", "fecha-anio": "2027"}),
    ("publicar/", {"desde": "fecha", "fecha-dia": "1", "fecha-mes": "1", "fecha-anio": "#"}),
    ("publicar/", {"para": "oficina", "oficina": "#"}),
    ("publicar/", {"para": "parte", "parte": "#"}),
    ("publicar/piloto/", {"que": "ampliar", "parte": "#"}),
    ("historial/volver/", {"version": "#"}),
    ("historial/volver/", {"revision": "#"}),
    ("revision/", {"que": "resolver", "comentario": "#"}),
    ("revision/", {"que": "cerrar", "enlace": "#"}),
    ("revision/", {"que": "exigir", "aprobaciones": "#"}),
    ("casos/terminados/", {"cuantas": "#"}),
    ("deshacer/", {"revision": "#"}),
    (f"mover/{STREET}/", {"lugar": "#"}),
    ("agregar/documents/decreto_patente/blocks/", {"clase": "paragraph", "lugar": "#"}),
    ("parte/documents/decreto_patente/blocks/#/", {"text": "Hola"}),
    ("parte/steps/revision/", {"deadline-amount": "#"}),
    ("parte/forms/solicitud/pages/local/fields/tipo_local/", {"_opcion": "subir:#"}),
    (f"parte/{STREET}/", {"max_length": "#", "si-mode": "all", "si-0-field": "inicio.capital", "si-0-op": "eq",
                          "si-0-value": "#"}),
    ("ficha/", {"term-amount": "#", "ficha-minutes": "#", "norma-#": "Ley"}),
    ("cargos/", {"cargo-revision": "#"}),
    ("casos/#/", {"que": "aceptar"}),
    ("idiomas/en/?hoja=#", {"antes.title": "#"}),
)  # fmt: skip
"""Everything of these pages that is read as a number; # stands for it."""


@pytest.fixture
def browser(desk: Desk) -> Client:
    """Inés, signed in; an error of the page is an answer, as it is to people."""
    client = Client(raise_request_exception=False)
    client.force_login(desk.story.user("Inés"), backend="accounts.backends.VerifiedIdentityBackend")
    return client


@pytest.mark.parametrize(("written", "number"), [("0", 0), ("12", 12), ("007", 7), *((bad, -1) for bad in BAD)])
def test_a_plain_number_is_digits_and_nothing_else(written: str, number: int) -> None:
    assert plain_number(written, -1) == number


def test_only_numbers_are_taken_for_numbers() -> None:
    assert [value for value in ("5", "-5", "1.5", "--5", "-", ".", "5.", "²", True, 7) if _is_number(value)] == [
        "5",
        "-5",
        "1.5",
        7,
    ]


def test_no_address_with_a_number_breaks_by_what_stands_in_its_place(browser: Client) -> None:
    assert len(ADDRESSES) > 30
    broken = [
        (address, bad[:30])
        for address in ADDRESSES
        for bad in FEW
        if browser.get("/diseno/" + _filled(address, bad)).status_code >= 500
    ]
    assert broken == []


def _filled(address: str, number: str) -> str:
    """The address with a number in every place for one, and words in the others."""
    return re.sub(r"<\w+:\w+>", "nada", PLACE.sub(number, address))


def test_no_page_breaks_by_what_is_sent_as_a_number(desk: Desk, browser: Client) -> None:
    draft = desk.example()
    broken = []
    for path, sent in SENT:
        for bad in FEW:
            data = {name.replace("#", bad[:40]): value.replace("#", bad) for name, value in sent.items()}
            answer = browser.post(f"/diseno/{draft.pk}/{path.replace('#', bad[:40] or 'x')}", data)
            if answer.status_code not in (200, 302, 404, 409, 422):
                broken.append((path, [*sent], bad[:30], answer.status_code))
    assert broken == []
    draft.refresh_from_db()
    numbers = [value for _at, value in tree.leaves(draft.content) if isinstance(value, int)]
    assert all(abs(value) < 2**53 for value in numbers), "no larger number has canonical bytes"
    assert browser.get(f"/diseno/{draft.pk}/").status_code == 200
