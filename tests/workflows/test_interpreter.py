"""Whoever understands another language better asks for an interpreter, and officials read it in the case."""

import pytest
from django.test import Client

from tests.story import Story
from tests.workflows.desk import Visitor, at
from workflows.models import Case

pytestmark = pytest.mark.django_db


def test_the_request_enters_the_case_in_spanish_whatever_the_language_of_the_page(
    story: Story, visitor: Visitor, case: Case
) -> None:
    ana: Client = visitor("Ana")
    where = at("measure", case.ref, "interprete")
    assert ana.post(where, {}).status_code == 422
    english = {"HTTP_ACCEPT_LANGUAGE": "en"}
    ana.post(where, {"language": "arn", "reason": "Para la visita."}, **english)  # type: ignore[arg-type]
    page = visitor("Beto").get(at("desk_case", case.ref), {"ver": "mensajes"}).content.decode()
    assert "Pido un intérprete. Lengua: Mapudungun." in page
    assert "Para la visita." in page
