"""Joins: a block goes on when enough of its branches have ended, and says what became of the others."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.story import Story
from tests.workflows.flows import begin, days, ended, report, waiting
from workflows.answers import answers_of
from workflows.commands import desk
from workflows.errors import TaskFinished
from workflows.models import Case, CaseTask, Submission
from workflows.nodes.joins import JoinRule
from workflows.presenting.answers import filed
from workflows.presenting.history import history

pytestmark = pytest.mark.django_db
BRANCHES = [[report("uno")], [report("dos", "obras")], [report("tres", "salud", deadline=days(5))]]


def block(join: str, branches: list[Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "id": "bloque",
        "kind": "parallel",
        "title": "Informes",
        "join": join,
        "branches": branches or BRANCHES,
        "next": "decision",
        **more,
    }


def begun(story: Story, join: str, branches: list[Any] | None = None, **more: Any) -> Case:
    return begin(story, block(join, branches, **more), report("decision", "jefatura", "sello"))


def happened(case: Case) -> str:
    return "\n".join(line.what for line in history(case))


def test_any_goes_on_with_the_first_and_closes_the_others_saying_why(story: Story) -> None:
    case = begun(story, "any")
    late = story.claim(case, "dos")
    story.do(case, "uno")
    assert waiting(case) == {"decision"}
    assert "Se cerró «dos» sin resultado: ya estaban los informes" in happened(case)
    with pytest.raises(TaskFinished):
        story.do_claimed(case, late)
    story.do(case, "decision")
    assert ended(story, case)


def test_n_goes_on_with_so_many(story: Story) -> None:
    case = begun(story, "n", n=2)
    story.do(case, "tres")
    assert waiting(case) == {"uno", "dos"}
    story.do(case, "uno")
    assert waiting(case) == {"decision"}


def test_a_late_report_does_not_hold_the_case_and_is_archived_when_it_comes(story: Story) -> None:
    """Ley 19.880 art. 38."""
    case = begun(story, "all_required", required=["uno", "dos"], leftover="accept")
    story.do(case, "uno")
    story.do(case, "dos")
    assert waiting(case) == {"tres"}
    story.now += timedelta(days=10)
    story.work()
    assert waiting(case) == {"tres", "decision"}
    story.do(case, "tres")
    assert waiting(case) == {"decision"}
    assert Submission.objects.filter(case=case, step_id="tres").exists()
    assert "llegó tarde: quedó en el expediente" in happened(case)
    story.do(case, "decision")
    assert ended(story, case)


def test_a_report_within_its_time_is_waited_for_even_if_it_is_not_required(story: Story) -> None:
    case = begun(story, "all_required", required=["uno"])
    story.do(case, "uno")
    assert waiting(case) == {"dos", "tres"}
    story.do(case, "tres")
    assert waiting(case) == {"decision"}


def test_nobody_is_waited_for_once_the_last_report_with_time_came_wherever_it_stands(story: Story) -> None:
    """Thousands of random cases found it: the case waited for «cuatro», which has no time to wait for."""
    inner = {
        **block("all", [[report("tres", deadline=days(5))], [report("cuatro")]]),
        "id": "interno",
        "next": "join",
    }
    case = begun(story, "all_required", [[report("uno")], [inner]], required=["uno"])
    story.do(case, "uno")
    assert waiting(case) == {"tres", "cuatro"}
    story.do(case, "tres")
    assert waiting(case) == {"decision"}
    assert "Se cerró «cuatro» sin resultado: ya estaban los informes" in happened(case)
    story.do(case, "decision")
    assert ended(story, case)


@pytest.mark.parametrize("order", [["uno", "tres"], ["tres", "uno"]])
def test_a_step_without_time_is_not_waited_for_whichever_report_comes_last(story: Story, order: list[str]) -> None:
    branch = [report("tres", following="cuatro", deadline=days(5)), report("cuatro")]
    case = begun(story, "all_required", [[report("uno")], branch], required=["uno"])
    for step in order:
        story.do(case, step)
    assert waiting(case) == {"decision"}


def test_a_report_nobody_sent_is_closed_when_the_case_ends(story: Story) -> None:
    case = begun(story, "any", leftover="accept")
    story.do(case, "uno")
    story.do(case, "decision")
    assert ended(story, case)
    assert "Se cerró «tres» sin resultado: la solicitud terminó" in happened(case)


def test_a_block_inside_a_branch_is_closed_with_it(story: Story) -> None:
    inner = {**block("all", [[report("cuatro")], [report("cinco")]]), "id": "interno", "next": "join"}
    case = begun(story, "any", [[inner], [report("uno")]])
    story.do(case, "cuatro")
    story.do(case, "uno")
    assert waiting(case) == {"decision"}
    assert not case.task_set.filter(flow_task_type="JOIN", status="STARTED").exists()


@pytest.mark.parametrize(("join", "left"), [("all", {"cinco", "decision"}), ("any", {"decision"})])
def test_a_late_report_outlives_the_block_around_unless_that_one_leaves_branches_behind(
    story: Story, join: str, left: set[str]
) -> None:
    inner = {**block("any", [[report("cuatro")], [report("cinco")]], leftover="accept"), "id": "interno"}
    case = begun(story, join, [[{**inner, "next": "sigue"}, report("sigue")], [report("uno")]])
    story.do(case, "cuatro")
    if join == "all":
        story.do(case, "sigue")
    story.do(case, "uno")
    assert waiting(case) == left


def test_the_block_starts_anew_in_each_round(story: Story) -> None:
    again = [
        {"when": {"all": [{"field": "decision.favorable", "op": "eq", "value": False}]}, "goto": "bloque"},
        {"otherwise": "sello"},
    ]
    case = begin(story, block("n", n=2), report("decision", "jefatura", again))
    for favourable in (False, True):
        story.do(case, "uno")
        story.do(case, "dos")
        story.do(case, "decision", favorable=favourable)
    assert ended(story, case)


def rounds_of(story: Story, block_again: dict[str, Any]) -> Case:
    again = [
        {"when": {"all": [{"field": "decision.favorable", "op": "eq", "value": False}]}, "goto": block_again["id"]},
        {"otherwise": "sello"},
    ]
    case = begin(story, block_again, report("decision", "jefatura", again))
    story.do(case, "uno")
    story.do(case, "decision", favorable=False)
    case.refresh_from_db()
    return case


def late_and_asked_again(case: Case, step: str) -> tuple[CaseTask, CaseTask]:
    """The late report of the first round, and the same step of the second."""
    first, second = case.task_set.filter(step_id=step, status="NEW").order_by("pk")
    return first, second


def answer(story: Story, task: CaseTask, favourable: bool) -> None:
    user = story.user(story.holder(task))
    desk.claim(task=task, by=user, now=story.now, reason="Prueba")
    data = story.posted(task.process, task.step_id, {"favorable": favourable})
    desk.complete(task=task, by=user, answered=desk.Answered(data=data), now=story.now)


def test_a_late_report_of_an_earlier_round_stays_in_the_file_and_replaces_nothing(story: Story) -> None:
    """Ley 19.880 art. 38: whatever the order in which both come, rules and acts read the later round."""
    case = rounds_of(story, block("any", leftover="accept"))
    late, again = late_and_asked_again(case, "dos")
    answer(story, again, True)
    answer(story, late, False)
    case.refresh_from_db()
    assert case.data["dos"] == {"favorable": True}
    assert answers_of(case, "dos") == {"favorable": True}
    assert [row.is_overtaken for row in case.submissions.filter(step_id="dos").order_by("seq")] == [False, True]
    assert "«dos» llegó tarde, de una vuelta anterior" in happened(case)
    assert [entry.is_overtaken for entry in filed(case) if entry.step_id == "dos"] == [False, True]


def test_a_late_report_answers_nothing_of_a_round_that_still_waits(story: Story) -> None:
    case = rounds_of(story, block("any", leftover="accept"))
    late, _again = late_and_asked_again(case, "dos")
    answer(story, late, False)
    case.refresh_from_db()
    assert "dos" not in case.data
    assert answers_of(case, "dos") == {}


def test_a_late_report_of_the_last_round_is_read(story: Story) -> None:
    case = begun(story, "any", leftover="accept")
    story.do(case, "uno")
    story.do(case, "dos", favorable=True)
    case.refresh_from_db()
    assert case.data["dos"] == {"favorable": True}


@given(
    arrived=st.frozensets(st.integers(1, 5)),
    awaited=st.frozensets(st.integers(1, 5)),
    required=st.frozensets(st.integers(1, 5), min_size=1),
    n=st.integers(1, 5),
)
def test_one_more_branch_never_takes_a_met_join_back(
    arrived: frozenset[int], awaited: frozenset[int], required: frozenset[int], n: int
) -> None:
    for rule in (JoinRule("all"), JoinRule("any"), JoinRule("n", n), JoinRule("all_required", 0, required)):
        everything = frozenset(range(1, 6))
        assert rule.is_met(everything, 5, awaited)
        if rule.is_met(arrived, 5, awaited):
            assert all(rule.is_met(arrived | {more}, 5, awaited - {more}) for more in everything)
