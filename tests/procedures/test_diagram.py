"""The picture of a flow: nothing overlaps, everything is said in words, and big flows are drawn at once."""

import re
import time
from itertools import combinations
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procedures.diagram import Mark, outline, render_diagram
from procedures.diagram.blocks import Strand
from procedures.diagram.layout import Box, Line, Picture, lay_out
from procedures.diagram.measures import text_width
from procedures.schema import Bundle
from tests.procedures.bundles import licence, with_steps

SVG = "{http://www.w3.org/2000/svg}"
Rectangle = tuple[float, float, float, float]


def lookup(name: str, following: Any) -> dict[str, Any]:
    return {
        "id": name,
        "kind": "lookup",
        "title": f"Paso {name}",
        "fact": "hecho",
        "key": "inicio.rut",
        "next": following,
    }


def either(first: str, second: str) -> list[dict[str, Any]]:
    condition = {"all": [{"field": "inicio.motivo", "op": "eq", "value": "banco"}]}
    return [{"when": condition, "goto": first, "label": "Para un banco"}, {"otherwise": second}]


def many_alternatives(count: int) -> Bundle:
    """So many either-or in a row that following every way through them would take 2**count turns."""
    steps = []
    for number in range(count):
        after = f"paso{number + 1}" if number < count - 1 else "fin"
        steps += [lookup(f"paso{number}", either(f"si{number}", f"no{number}"))]
        steps += [lookup(f"si{number}", after), lookup(f"no{number}", after)]
    return with_steps(*steps, {"id": "fin", "kind": "end", "title": "Fin", "outcome": "issued"})


@st.composite
def flows(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Flows with jumps anywhere, sound or not, and sometimes a block of two branches."""
    count = draw(st.integers(2, 9))
    names = [f"p{number}" for number in range(count)]
    target = st.sampled_from([*names, "fin"])
    steps: list[dict[str, Any]] = []
    for name in names:
        following = draw(st.one_of(target, st.tuples(target, target).map(lambda pair: either(*pair))))
        if draw(st.integers(0, 4)) == 0:
            inner = [[lookup(f"{name}a", "join")], [lookup(f"{name}b", f"{name}c"), lookup(f"{name}c", "join")]]
            steps.append(
                {"id": name, "kind": "parallel", "title": name, "join": "all", "branches": inner, "next": following}
            )
        else:
            steps.append(lookup(name, following))
    return [*steps, {"id": "fin", "kind": "end", "title": "Fin", "outcome": "issued"}]


def picture_of(bundle: Bundle) -> Picture:
    return lay_out(Strand(bundle.steps, has_join=False), lambda step: [step.title, "Quién"])


def pictures_in(picture: Picture) -> list[Picture]:
    inner = [part for box in picture.boxes for _, _, branch in box.branches for part in pictures_in(branch)]
    return [picture, *inner]


def outline_of(box: Box) -> Rectangle:
    return box.x - box.width / 2, box.y, box.x + box.width / 2, box.y + box.height


def meet(one: Rectangle, other: Rectangle) -> bool:
    """Whether two rectangles share more than an edge."""
    return min(one[2], other[2]) - max(one[0], other[0]) > 0.5 and min(one[3], other[3]) - max(one[1], other[1]) > 0.5


def stretches(line: Line) -> list[Rectangle]:
    pairs = zip(line.points, line.points[1:], strict=False)
    return [(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])) for a, b in pairs]


def crosses(stretch: Rectangle, box: Rectangle) -> bool:
    """Whether a stretch of line runs inside a box, not just along its edge."""
    inside = (box[0] + 1, box[1] + 1, box[2] - 1, box[3] - 1)
    return (
        min(stretch[2], inside[2]) - max(stretch[0], inside[0])
        >= 0
        <= min(stretch[3], inside[3]) - max(stretch[1], inside[1])
    )


def run_together(one: Rectangle, other: Rectangle) -> bool:
    """Whether two stretches of different lines lie over each other for more than a point."""
    shared = (min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1]))
    return min(shared) >= -0.5 and max(shared) > 1 and (one[0] == one[2]) == (other[0] == other[2])


def assert_readable(picture: Picture) -> None:
    boxes = [outline_of(box) for box in picture.boxes if box.step]
    assert not [pair for pair in combinations(boxes, 2) if meet(*pair)]
    for line in picture.lines:
        assert not [box for box in boxes for stretch in stretches(line) if crosses(stretch, box)]
    for one, other in combinations(picture.lines, 2):
        assert not [(a, b) for a in stretches(one) for b in stretches(other) if run_together(a, b)]
    words = [
        (x, y - 17, x + text_width(line.label), y - 1)
        for line in picture.lines
        if line.label
        for x, y in [line.label_at]
    ]
    assert not [pair for pair in combinations(words, 2) if meet(*pair)]
    assert not [box for box in boxes for word in words if meet(word, box)]
    for x_low, y_low, x_high, y_high in [*boxes, *words, *(part for line in picture.lines for part in stretches(line))]:
        assert -0.5 <= x_low <= x_high <= picture.width + 0.5
        assert -0.5 <= y_low <= y_high <= picture.height + 0.5


@settings(max_examples=60, deadline=None)
@given(flows())
def test_nothing_overlaps_in_any_flow(steps: list[dict[str, Any]]) -> None:
    for part in pictures_in(picture_of(with_steps(*steps))):
        assert_readable(part)


def test_nothing_overlaps_in_the_business_licence() -> None:
    for part in pictures_in(picture_of(licence())):
        assert_readable(part)


def test_eighteen_alternatives_in_a_row_are_drawn_at_once() -> None:
    bundle = many_alternatives(18)
    started = time.process_time()
    drawn = render_diagram(bundle)
    assert drawn.count("<rect") == len(bundle.steps_by_id)
    assert time.process_time() - started < 1


def test_the_good_way_runs_straight_down_the_first_column() -> None:
    picture = picture_of(licence())
    middle = {box.id: box.x for box in picture.boxes}
    good = [
        "inicio",
        "admision",
        "informes",
        "decision",
        "redaccion_decreto",
        "firma_decreto",
        "aviso_otorgada",
        "otorgada",
    ]
    assert len({middle[name] for name in good}) == 1
    assert min(middle.values()) == middle["inicio"]


def test_ways_back_are_drawn_apart() -> None:
    backward = [line for line in picture_of(licence()).lines if line.is_back]
    assert sorted(line.label for line in backward) == [
        "", "Se acepta la respuesta", *["Si se devuelve"] * 4,
    ]  # fmt: skip


def test_the_picture_stands_under_a_strict_content_policy() -> None:
    drawn = render_diagram(licence())
    assert "style=" not in drawn
    assert not re.search(r"<script|\son\w+=|href=", drawn)
    ElementTree.fromstring(drawn)


def test_the_picture_has_a_name_and_a_description() -> None:
    root = ElementTree.fromstring(render_diagram(licence()))
    assert root.get("role") == "img"
    named = [root.find(f".//*[@id='{name}']") for name in (root.get("aria-labelledby") or "").split()]
    assert [part.text is not None for part in named if part is not None] == [True, True]


def test_every_step_is_in_the_picture_and_titles_are_escaped() -> None:
    bundle = with_steps({"id": "fin", "kind": "end", "title": "Fin <b> & más", "outcome": "issued"})
    drawn = render_diagram(bundle)
    assert "Fin &lt;b&gt; &amp; más" in drawn
    assert "<b>" not in drawn


def test_the_state_of_a_step_is_said_in_words() -> None:
    marks = {
        "inicio": Mark("done", "Listo"),
        "informe_obras": Mark("current", "En este paso ahora"),
        "informe_salud": Mark("waiting", "Espera"),
        "firma_infundada": Mark("skipped", "No se tomó"),
        "informes": Mark("current", "Ahora"),
    }
    drawn = render_diagram(licence(), marks=marks, taken={("inicio", "admision")})
    for text in ("✓ Listo", "▶ En este paso ahora", "… Espera", "✕ No se tomó", "(▶ Ahora)"):
        assert drawn.count(text) == 1
    for shape in ("diagram-start is-done", "diagram-task is-current", "diagram-sign is-skipped"):
        assert shape in drawn
    edges = re.findall(r'is-(?:done|current|waiting|skipped)"><rect[^>]*?(stroke-width.*?)/>', drawn)
    assert len(set(edges)) == 4
    assert drawn.count("diagram-way is-taken") == 1


def test_boxes_link_to_the_pages_of_their_steps() -> None:
    root = ElementTree.fromstring(render_diagram(licence(), link=lambda step_id: f"/pasos/{step_id}/"))
    links = {link.get("href") for link in root.iter(f"{SVG}a")}
    assert links == {f"/pasos/{step_id}/" for step_id in licence().steps_by_id}
    assert root.get("role") == "group"


def test_the_list_says_what_the_picture_shows() -> None:
    items = outline(licence())
    assert [item.number for item in items][:5] == ["1", "2", "3", "4", "5"]
    admission, block = items[1], items[4]
    assert admission.who == "Revisión de patentes"
    assert admission.ways[0] == "Con observaciones: sigue en 3, Corregir la solicitud"
    assert [inner.number for branch in block.branches for inner in branch] == ["5.1.1", "5.2.1", "5.2.2"]
    assert block.branches[1][0].ways[1] == "Favorable: termina la rama"


@pytest.mark.parametrize("missing", ["nada", "join"])
def test_an_unsound_flow_is_drawn_without_the_way_that_leads_nowhere(missing: str) -> None:
    bundle = with_steps(lookup("uno", missing), {"id": "fin", "kind": "end", "title": "Fin", "outcome": "issued"})
    assert len(picture_of(bundle).lines) == 1
    assert "no existe" in outline(bundle)[1].ways[0] or "rama" in outline(bundle)[1].ways[0]
