"""Finished cases are played again through a draft: those that would end elsewhere are listed, nobody is named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from procedures.api import Bundle, bundle_of, check_data
from tests.story import Story
from workflows.api import replay
from workflows.models import Case
from workflows.rehearsal.replay import story_of

pytestmark = pytest.mark.django_db

NAME = "Rosamaría Undurraga"


@pytest.fixture
def story() -> Story:
    return Story.begin()


def granted(story: Story) -> Case:
    """A licence that was granted after two reports."""
    case = story.file(nombre=NAME)
    story.work()
    story.do(case, "admision", resultado="admitir")
    story.do(case, "informe_obras", favorable=True)
    story.do(case, "informe_salud", favorable=True)
    story.do(case, "decision", aprueba=True)
    story.finish_draft(case, "redaccion_decreto")
    for _turn in range(2):
        story.sign(case, "firma_decreto")
        story.work()
    case.refresh_from_db()
    assert case.get_outcome_display() == "aprobada"
    return case


def changed(case: Case, change: Any) -> Bundle:
    """The case's own definition with a change."""
    data = json.loads(bundle_of(case.version).canonical())
    change(data)
    bundle = check_data(data).bundle
    assert bundle is not None
    return bundle


def step(data: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in data["steps"] if one["id"] == name)


def test_a_draft_that_changes_nothing_ends_every_case_as_it_ended(story: Story) -> None:
    case = granted(story)
    [one] = replay(draft=bundle_of(case.version), cases=[case])
    assert one.comparable, one.why
    assert one.same
    assert one.would_end == "aprobada"


def test_a_case_that_would_take_another_way_is_listed_with_the_place(story: Story) -> None:
    case = granted(story)

    def refuse_everything(data: dict[str, Any]) -> None:
        ways = step(data, "decision")["next"]
        for way in ways:
            way[next(key for key in ("goto", "otherwise") if key in way)] = (
                ways[-1].get("otherwise") or ways[-1]["goto"]
            )

    [one] = replay(draft=changed(case, refuse_everything), cases=[case])
    assert one.comparable, one.why
    assert not one.same
    assert one.differs_at == "step decision"


def test_a_step_that_the_draft_no_longer_has_is_where_the_case_would_stop(story: Story) -> None:
    case = granted(story)

    def straight_to_reports(data: dict[str, Any]) -> None:
        step(data, "admision")["title"] = "Otro título"
        step(data, "admision")["next"] = "decision"

    [one] = replay(draft=changed(case, straight_to_reports), cases=[case])
    assert one.differs_at == "step admision"


def test_the_story_tells_nobody_s_name(story: Story) -> None:
    """R-privacy: what could tell who somebody is does not leave the case."""
    told = json.dumps(story_of(granted(story)).as_data(), ensure_ascii=False)
    assert NAME not in told
    assert "41111111" not in told


def test_a_correction_is_part_of_the_story(story: Story) -> None:
    case = story.file()
    story.do(case, "admision", {"rol_sii": "Escríbelo completo."}, resultado="observar")
    story.correct(case, rol_sii="1234-56")
    entries = [entry.action for entry in story_of(case).story]
    assert entries == ["file", "step", "correct"]
