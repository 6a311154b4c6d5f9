"""A point of the map, for whoever reads it: in words and on the outline of the commune."""

from __future__ import annotations

import re

import pytest

from procedures.fields.outlines import SIDE
from tests.story import Story
from tests.workflows.desk import Visitor
from tests.workflows.test_papers import asking
from workflows.models import Case

pytestmark = pytest.mark.django_db
POINT = {"id": "lugar", "type": "point", "label": "Lugar"}
SAID = "con el punto marcado"


def _filed(story: Story, latitude: str) -> Case:
    return story.file(asking(story, POINT), lugar={"lat": latitude, "lon": "-71.95000"})


def test_the_person_and_the_official_see_where_it_is(story: Story, visitor: Visitor) -> None:
    case = _filed(story, "-36.42000")
    for page in (
        visitor("Ana").get(f"/s/{case.ref}/respuestas/").content.decode(),
        visitor("Beto").get(f"/bandeja/{case.ref}/").content.decode(),
    ):
        assert "latitud -36.42000, longitud -71.95000" in page
        assert page.count(SAID) == 1
        assert page.count('class="pin"') == 1
        assert 'type="image"' not in page, "there is nothing to touch"
        answers = "".join(re.findall(r'<dl class="summary-list">.*?</dl>', page, re.DOTALL))
        assert answers.count("\n</dd>") == answers.count("</div>\n</dd>") == 1, "lines are kept, so none may be empty"


def test_a_point_of_another_commune_is_drawn_with_what_is_around_it(story: Story, visitor: Visitor) -> None:
    case = _filed(story, "-36.90000")
    page = visitor("Ana").get(f"/s/{case.ref}/respuestas/").content.decode()
    assert "latitud -36.90000" in page
    pin = re.search(r'class="pin" d="M([\d.]+) ([\d.]+)l', page)
    assert pin is not None
    assert [round(float(side)) for side in pin.groups()] == [SIDE // 2, SIDE // 2], "in the middle"
