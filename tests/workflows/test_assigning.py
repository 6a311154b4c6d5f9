"""Whoever leads a unit hands out its steps: several at once, each case with its own outcome."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.api import appoint, get_or_create_person, note_absence
from accounts.models import Membership, Person, Role, Unit
from notifications.models import Notice
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from workflows.commands.assigning import assign, assign_several
from workflows.commands.locking import locked
from workflows.errors import CommandRefused, NotAllowed
from workflows.incidents import examine
from workflows.models import Case, CaseTask
from workflows.presenting.history import history

pytestmark = pytest.mark.django_db
LINK = "Repartir el trabajo de tu unidad"


@pytest.fixture
def cases(story: Story) -> list[Case]:
    """Three applications that nobody has taken, in the order in which they arrived."""
    filed = []
    for place in range(3):
        story.now += timedelta(minutes=1)
        filed.append(story.file(rol_sii=f"{place}-1"))
    return filed


@pytest.fixture
def pia(story: Story) -> Person:
    """A second reviewer, who never signed in."""
    role = Role.objects.get(unit__agency=story.agency, unit__code="rentas", code="revision")
    person = get_or_create_person("11.111.112-K", "Pía", "Soto")
    appoint(person=person, role=role, post="Revisora", starts_on=story.now.date(), by="system:test", now=story.now)
    return person


def steps(story: Story, cases: list[Case]) -> list[CaseTask]:
    return [story.task(case, "admision") for case in cases]


def owners(cases: list[Case]) -> list[str]:
    tasks = (case.task_set.get(step_id="admision") for case in cases)
    return [task.owner.person.given_names.split()[0] if task.owner else "" for task in tasks]


def send(visitor: Visitor, tasks: list[CaseTask], to: Person | None, reason: str = "", **more: Any) -> Any:
    data = {"steps": [task.pk for task in tasks], "to": to.pk if to else "", "reason": reason}
    return visitor("Elena").post(at("assign"), data, **more)


def test_the_head_gives_several_and_each_is_in_its_history(
    story: Story, cases: list[Case], pia: Person, visitor: Visitor
) -> None:
    elena = visitor("Elena")
    assert LINK in text_of(elena.get(at("inbox")))
    assert all(case.number in text_of(elena.get(at("assign"))) for case in cases)
    page = send(visitor, steps(story, cases)[:2], pia, follow=True)
    assert "Encargaste 2 pasos a Pía Soto." in text_of(page)
    assert owners(cases) == ["Pía", "Pía", ""]
    assert cases[0].number not in text_of(page)  # the page shows what nobody has
    first = history(cases[0])[0]
    assert (first.who, first.what) == ("Elena Tapia Fuentes", "Encargó «Examen de admisibilidad» a Pía Soto")


def test_who_gets_a_step_and_who_had_it_are_told_but_nobody_of_what_they_did(
    story: Story, cases: list[Case], pia: Person
) -> None:
    [first, *_others] = steps(story, cases)
    elena, beto = story.user("Elena"), story.people["Beto"]
    assign(task=first, to=pia, by=elena, now=story.now)
    assign(task=first, to=beto, by=elena, now=story.now)
    told = Notice.objects.filter(case_ref=cases[0].ref, person__in=[pia, beto, elena.person]).order_by("pk")
    assert [(one.person, one.subject.split(":")[0]) for one in told] == [
        (pia, "Te encargaron un paso"),
        (beto, "Te encargaron un paso"),
        (pia, "Un paso tuyo pasó a otra persona"),
    ]


def test_one_that_cannot_be_given_says_why_and_stops_none_of_the_others(
    story: Story, cases: list[Case], pia: Person, visitor: Visitor
) -> None:
    tasks = steps(story, cases)
    story.do(cases[0], "admision", resultado="admitir")
    page = send(visitor, tasks, pia)
    assert page.status_code == 422  # one of the marked is not in the list any more: nothing happened
    assert owners(cases[1:]) == ["", ""]
    given = assign_several(tasks=tasks, to=pia, by=story.user("Elena"), now=story.now)
    assert [bool(one.refusal) for one in given] == [True, False, False]
    assert "ya resolvió este paso" in given[0].refusal
    assert owners(cases[1:]) == ["Pía", "Pía"]


def test_skipping_older_ones_needs_a_reason_that_stays_in_the_case(
    story: Story, cases: list[Case], pia: Person, visitor: Visitor
) -> None:
    """R21."""
    last = steps(story, cases)[2:]
    page = send(visitor, last, pia)
    assert page.status_code == 409
    assert f"{cases[2].number}: Hay otras que van antes en este paso" in text_of(page)
    assert f'value="{last[0].pk}" checked' in page.content.decode()
    assert owners(cases) == ["", "", ""]
    assert send(visitor, last, pia, "El local abre el lunes.").status_code == 302
    assert owners(cases) == ["", "", "Pía"]
    assert history(cases[2])[0].detail == "El local abre el lunes."


def test_marked_in_any_order_they_are_given_as_they_came(story: Story, cases: list[Case], pia: Person) -> None:
    tasks = list(reversed(steps(story, cases)))
    given = assign_several(tasks=tasks, to=pia, by=story.user("Elena"), now=story.now)
    assert [one.task.process_id for one in given] == [case.pk for case in cases]
    assert not any(one.refusal for one in given)


def test_a_step_that_somebody_has_goes_to_another(story: Story, cases: list[Case], pia: Person) -> None:
    """Without a reason, though older ones wait: it had left the queue in its order."""
    first, second, _third = steps(story, cases)
    story.claim(cases[0], "admision")
    story.claim(cases[1], "admision")
    assign(task=first, to=pia, by=story.user("Elena"), now=story.now)
    assign(task=second, to=pia, by=story.user("Elena"), now=story.now)
    assert owners(cases) == ["Pía", "Pía", ""]


def test_giving_a_step_of_somebody_who_left_closes_its_incident_at_once(
    story: Story, cases: list[Case], pia: Person
) -> None:
    task = story.claim(cases[0], "admision")
    story.people["Beto"].memberships.update(ends_on=story.now.date() - timedelta(days=1))
    with locked(cases[0].pk, by=None, now=story.now) as run:
        examine(run)
    assert cases[0].incidents.filter(closed_at=None).exists()
    assign(task=task, to=pia, by=story.user("Elena"), now=story.now)
    assert not cases[0].incidents.filter(closed_at=None).exists()


@pytest.mark.parametrize("who", ["Beto", "Carla", "Gloria", "Hugo"])
def test_only_who_leads_the_unit_hands_out_its_steps(
    story: Story, cases: list[Case], pia: Person, visitor: Visitor, who: str
) -> None:
    """Beto has the role, Gloria leads another unit of the same procedure, Hugo is of another agency."""
    with pytest.raises(NotAllowed):
        assign(task=steps(story, cases)[0], to=pia, by=story.user(who), now=story.now)
    page = visitor(who).get(at("assign"))
    assert page.status_code == 200 if who == "Gloria" else 403
    assert cases[0].number not in text_of(page)
    assert (LINK in text_of(visitor(who).get(at("inbox")))) is (who == "Gloria")


def test_nobody_is_given_a_step_that_is_not_of_their_role_nor_while_away(
    story: Story, cases: list[Case], pia: Person
) -> None:
    task, elena, today = steps(story, cases)[0], story.user("Elena"), story.now.date()
    with pytest.raises(CommandRefused, match="Carla Muñoz Leiva no tiene hoy el cargo"):
        assign(task=task, to=story.people["Carla"], by=elena, now=story.now)
    note_absence(person=pia, starts_on=today, ends_on=today, substitute=None, by=elena.person, now=story.now)
    with pytest.raises(CommandRefused, match="Pía Soto está ausente hoy"):
        assign(task=task, to=pia, by=elena, now=story.now)
    Membership.objects.filter(person=pia).update(ends_on=today - timedelta(days=1), starts_on=today - timedelta(days=9))
    with pytest.raises(CommandRefused, match="no tiene hoy el cargo"):
        assign(task=task, to=pia, by=elena, now=story.now)


def test_who_keeps_out_of_a_case_is_not_given_its_steps(story: Story, cases: list[Case], pia: Person) -> None:
    cases[0].recusals.create(agency=cases[0].agency, person=pia, at=story.now)
    with pytest.raises(CommandRefused, match="declaró un conflicto de interés"):
        assign(task=steps(story, cases)[0], to=pia, by=story.user("Elena"), now=story.now)


def test_who_leads_but_keeps_out_of_a_case_hands_out_none_of_its_steps(
    story: Story, cases: list[Case], pia: Person
) -> None:
    """Ley 19.880, art. 12."""
    cases[0].recusals.create(agency=cases[0].agency, person=story.people["Elena"], at=story.now)
    with pytest.raises(NotAllowed, match="Declaraste un conflicto de interés"):
        assign(task=steps(story, cases)[0], to=pia, by=story.user("Elena"), now=story.now)
    assert owners(cases) == ["", "", ""]


def test_nothing_marked_or_nobody_chosen_says_what_is_missing(
    story: Story, cases: list[Case], visitor: Visitor
) -> None:
    page = send(visitor, [], None, "Porque sí")
    assert page.status_code == 422
    said = text_of(page)
    assert "Marca los pasos que vas a encargar." in said
    assert "Elige a quién se los encargas" in said
    assert "Porque sí" in said


def test_what_somebody_has_is_one_choice_away(story: Story, cases: list[Case], pia: Person, visitor: Visitor) -> None:
    assign(task=steps(story, cases)[0], to=pia, by=story.user("Elena"), now=story.now)
    page = text_of(visitor("Elena").get(at("assign"), {"quien": pia.pk}))
    assert cases[0].number in page
    assert cases[1].number not in page
    assert "Pía Soto (tiene 1 paso)" in page


def test_what_a_colleague_does_for_other_units_is_not_told(
    story: Story, cases: list[Case], pia: Person, visitor: Visitor
) -> None:
    first, second, _third = steps(story, cases)
    for task in (first, second):
        assign(task=task, to=pia, by=story.user("Elena"), now=story.now)
    CaseTask.objects.filter(pk=second.pk).update(unit=Unit.objects.exclude(agency=story.agency)[0])
    assert "Pía Soto (tiene 1 paso)" in text_of(visitor("Elena").get(at("assign")))
