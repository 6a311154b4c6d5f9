"""Recorrido: where a case is, where it went and where it will not go, drawn and as a list that says the same."""

import re
from typing import Any

import pytest

from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from tests.workflows.flows import begin, report, waiting
from workflows.models import Case
from workflows.presenting.course import Course, Line

pytestmark = pytest.mark.django_db


def kinds(case: Case) -> dict[str, str]:
    return {step: mark.kind for step, mark in Course(case).marks.items()}


def either(step: str, unfavourable: str, onward: str) -> list[dict[str, Any]]:
    when = {"all": [{"field": f"{step}.favorable", "op": "eq", "value": False}]}
    return [{"when": when, "goto": unfavourable, "label": "No"}, {"otherwise": onward}]


def crossed(story: Story) -> Case:
    """A case that may go two ways, waits for an event on one of them and has two reports at once on the other."""
    wait = {"id": "espera", "kind": "wait", "title": "Espera", "event": "la toma de razón", "role": "revision"}
    both = [[report("obra", "obras")], [report("salubridad", "salud")]]
    block = {"id": "informes", "kind": "parallel", "title": "Informes", "join": "all", "branches": both}
    return begin(
        story,
        report("revisa", following=either("revisa", "espera", "informes")),
        {**wait, "next": "sello"},
        {**block, "next": "sello"},
    )


def flat(lines: list[Line]) -> list[Line]:
    return [found for line in lines for found in (line, *(one for branch in line.branches for one in flat(branch)))]


def test_what_was_done_where_it_is_and_what_it_will_not_do(story: Story) -> None:
    case = crossed(story)
    assert kinds(case) == {"inicio": "done", "revisa": "current"}
    story.do(case, "revisa", favorable=True)
    assert kinds(case) == {
        **{"inicio": "done", "revisa": "done", "espera": "skipped"},
        **{"informes": "current", "obra": "current", "salubridad": "current"},
    }
    story.do(case, "obra", favorable=True)
    assert kinds(case)["obra"] == "done"
    story.do(case, "salubridad", favorable=True)
    story.work()
    case.refresh_from_db()
    assert case.finished
    assert {step for step, kind in kinds(case).items() if kind != "done"} == {"espera"}


def test_a_wait_says_what_it_waits_for_and_the_ways_taken_are_drawn_heavy(story: Story) -> None:
    case = crossed(story)
    story.do(case, "revisa", favorable=False)
    assert waiting(case) == {"espera"}
    course = Course(case)
    assert course.marks["espera"].text == "… espera la toma de razón"
    assert {"informes", "obra", "salubridad"} == {step for step, mark in course.marks.items() if mark.kind == "skipped"}
    assert {("inicio", "revisa"), ("revisa", "espera")} <= course.taken
    assert course.picture().count("is-taken") == 2


def test_the_list_has_every_step_of_the_picture_with_the_same_words(story: Story, visitor: Visitor) -> None:
    case = crossed(story)
    story.do(case, "revisa", favorable=True)
    page = visitor("Beto").get(at("desk_case", case.ref), {"ver": "recorrido"})
    said = text_of(page)
    drawn = " ".join(re.sub(r"<[^>]+>", " ", page.context["recorrido"]["picture"]).split())
    listed = flat(page.context["recorrido"]["lines"])
    assert {line.item.step_id for line in listed} == set(Course(case).bundle.steps_by_id)
    for line in listed:
        assert f"{line.item.number}. {line.item.title}" in said
        assert line.mark is None or (line.mark.text in said and line.mark.text in drawn)
    assert "Siguió en: 4, Informes." in said


def test_the_applicant_reads_every_step_where_the_page_explains_the_way(story: Story, visitor: Visitor) -> None:
    case = crossed(story)
    said = text_of(visitor("Ana").get(at("why", case.ref)))
    assert "Todos los pasos, y por dónde va" in said
    assert "▶ en este paso ahora" in said


def test_a_step_that_stopped_for_a_problem_says_so(story: Story) -> None:
    broken = [{"when": {"cel": "1 / (revisa.favorable ? 0 : 1) == 1"}, "goto": "sello"}, {"otherwise": "sello"}]
    case = begin(story, report("revisa", following=broken))
    story.do(case, "revisa", favorable=True)
    assert Course(case).marks["revisa"].text == "▶ detenido aquí por un problema"


def test_the_branches_that_a_case_went_on_in_are_named_in_their_order(story: Story) -> None:
    """They were sorted by how long their names are: the second branch was told first."""
    both = [[{**report("obra", "obras"), "title": "Informe de la Dirección de Obras"}], [report("salubridad", "salud")]]
    block = {"id": "informes", "kind": "parallel", "title": "Informes", "join": "all", "branches": both}
    case = begin(story, report("revisa", following="informes"), {**block, "next": "sello"})
    story.do(case, "revisa")
    said = [line.went_on for line in flat(Course(case).lines()) if line.item.step_id == "informes"]
    assert said == ["3.1.1, Informe de la Dirección de Obras; 3.2.1, salubridad"]
