"""Who sees to a case learns that one which it opened is late in its own time (Ley 19.880 arts. 7, 14 and 27)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import Agency
from notifications.models import Notice
from procedures.api import bundle_of
from tests.story import Story
from tests.workflows.desk import Visitor, at
from tests.workflows.flows import begin, ended, flow, offer, report, waiting
from workflows import deadlines
from workflows.commands.locking import locked
from workflows.commands.separation import abstain
from workflows.models import Case, Deadline

pytestmark = pytest.mark.django_db
TOLD = "no resolvió a tiempo"


def opened(story: Story, kind: str, after: str) -> tuple[Case, Case]:
    """A case whose head reported and which then opened another one, of another institution; both."""
    code = offer(story, {**flow(report("informar", "obras", "sello")), "code": "informe", "title": "Informe técnico"})
    asked = bundle_of(story.offering(code).version).fields_of("inicio")
    answers = {field.id: f"inicio.{field.id}" for field in asked if field.is_question}
    step = {"id": "otro", "kind": kind, "title": "Otro", "procedure": code, "answers": answers, "next": after}
    more: dict[str, Any] = {"agency": "muni-ejemplo"} if kind == "referral" else {}
    last = [report("decision", "jefatura", "sello")] if after == "decision" else []
    case = begin(story, report("examen", "jefatura", "otro"), {**step, **more}, *last)
    story.do(case, "examen")
    story.work()
    child = Case.objects.exclude(pk=case.pk).get()
    other = Agency.objects.exclude(pk=story.agency.pk).earliest("pk")
    Case.objects.filter(pk=child.pk).update(agency=other)
    return case, child


def pass_term(story: Story, child: Case) -> None:
    """To the morning after the child's last day."""
    due_on = child.deadlines.get(kind=Deadline.Kind.TERM).due_on
    assert due_on is not None
    story.now = datetime.combine(due_on + timedelta(days=1), time(13), UTC)
    story.work()


def page(story: Story, visitor: Visitor, case: Case, who: str = "Elena") -> str:
    with time_machine.travel(story.now, tick=False):
        return visitor(who).get(at("desk_case", case.ref)).content.decode()


def told(who: str, story: Story) -> int:
    return Notice.objects.filter(person=story.people[who], subject__contains=TOLD).count()


def test_of_a_subcase_that_the_case_waits_for_once(story: Story, visitor: Visitor) -> None:
    case, child = opened(story, "subcase", "decision")
    assert waiting(case) == {"otro"}
    assert TOLD not in page(story, visitor, case)
    pass_term(story, child)
    assert told("Elena", story) == 1
    assert told("Ana", story) == 0
    notice = Notice.objects.get(person=story.people["Elena"], subject__contains=TOLD)
    assert child.number in notice.body
    assert "Ana" not in notice.body
    shown = page(story, visitor, case)
    assert child.number in shown
    assert TOLD in shown
    assert at("desk_measure", case.ref, "oficio") in shown
    story.now += timedelta(days=9)
    story.work()
    assert told("Elena", story) == 1, "it is told once; the page goes on saying it"
    Case.objects.filter(pk=child.pk).update(agency=story.agency)
    story.do(child, "informar")
    assert ended(story, child)
    assert TOLD not in page(story, visitor, case)


def test_of_a_referral_though_the_case_that_made_it_ended(story: Story, visitor: Visitor) -> None:
    """Art. 14: who derives does not wait, and the person left it there."""
    case, child = opened(story, "referral", "sello")
    assert ended(story, case)
    assert waiting(child) == {"informar"}
    assert TOLD not in page(story, visitor, case)
    pass_term(story, child)
    assert told("Elena", story) == 1
    shown = page(story, visitor, case)
    assert "Se le derivó (Ley 19.880, art. 14)" in shown
    assert at("desk_measure", case.ref, "oficio") not in shown, "its file is closed"


def test_of_a_case_decided_elsewhere_where_the_day_begins_before(story: Story, visitor: Visitor) -> None:
    """On the island it is still the day before when the last day ends on the continent."""
    case, child = opened(story, "subcase", "decision")
    Agency.objects.filter(pk=case.agency_id).update(time_zone="Pacific/Easter")
    due_on = child.deadlines.get(kind=Deadline.Kind.TERM).due_on
    assert due_on is not None
    story.now = datetime.combine(due_on + timedelta(days=1), time(4, 30), UTC)
    story.work()
    assert told("Elena", story) == 1


def test_nobody_reads_that_one_is_late_which_was_decided_late_and_is_being_carried_out(
    story: Story, visitor: Visitor
) -> None:
    case, child = opened(story, "subcase", "decision")
    pass_term(story, child)
    assert TOLD in page(story, visitor, case)
    with locked(child.pk, by=None, now=story.now) as run:
        deadlines.decided(run, run.today)
    assert TOLD not in page(story, visitor, case)


def test_nobody_is_told_who_keeps_out(story: Story) -> None:
    case, child = opened(story, "subcase", "decision")
    abstain(case=case, by=story.user("Elena"), reason="Es mi hermana", now=story.now)
    pass_term(story, child)
    assert told("Elena", story) == 0


def test_nobody_is_told_of_what_was_decided_in_time(story: Story) -> None:
    case, child = opened(story, "subcase", "decision")
    Case.objects.filter(pk=child.pk).update(agency=story.agency)
    story.do(child, "informar")
    assert ended(story, child)
    pass_term(story, child)
    assert waiting(case) == {"decision"}
    assert told("Elena", story) == 0
