"""The public verification pages."""

from django.test import Client
from django.urls import reverse

from documents.api import format_code
from documents.models import Document

UNKNOWN = "0000000000000000"


def page(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined,no-any-return]


def test_a_code_in_any_spelling_leads_to_its_page(client: Client, signed_decree: Document) -> None:
    typed = format_code(signed_decree.code or "").lower().replace("-", " ")
    response = client.get(reverse("signatures:verify"), {"codigo": typed}, follow=True)
    assert "Auténtico e íntegro" in page(response)
    assert "Carla Muñoz, Alcaldesa" in page(response)
    assert "DEMOSTRACIÓN, SIN VALOR LEGAL" in page(response)
    print(page(response))
