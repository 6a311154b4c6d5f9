"""A case ends, or goes on, while others still work for it: they are told, and nothing stays open unseen (R61, R63)."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Agency
from notifications.models import Notice
from procedures.api import bundle_of
from tests.story import Story
from tests.workflows.desk import Visitor, at
from tests.workflows.flows import begin, ended, flow, offer, report, waiting
from tests.workflows.test_joins import block
from tests.workflows.test_law_blocks import read
from tests.workflows.test_linked_late import TOLD, pass_term
from workflows.commands import endings, official_letters
from workflows.commands.linked import not_awaited
from workflows.commands.locking import locked
from workflows.models import Case, Exchange
from workflows.steps import law

pytestmark = pytest.mark.django_db
CLOSED, ALONE = "Ya no hace falta", "Ya nadie espera su resultado"


def told(story: Story, who: str, subject: str) -> list[Notice]:
    return list(Notice.objects.filter(person=story.people[who], subject__startswith=subject).order_by("pk"))


def test_another_unit_that_had_taken_its_report_reads_that_it_is_not_needed_r18(story: Story, case: Case) -> None:
    """The person withdrew: the Works department would go on with a report that nobody reads."""
    story.do(case, "admision", resultado="admitir")
    task = story.claim(case, "informe_obras", "Carla")
    endings.withdraw(case=case, reason="Ya no", by=story.people["Ana"], now=story.now)
    assert told(story, "Carla", CLOSED) == []
    story.do(case, "law_withdrawal", declara=True, fundamento="Consta.")
    [notice] = told(story, "Carla", CLOSED)
    assert task.step_title in notice.subject
    assert "No tienes que hacer nada" in notice.body
    assert told(story, "Dora", CLOSED) == [], "nobody had taken the other report"


def test_who_had_a_branch_that_the_case_does_not_wait_for_is_told(story: Story) -> None:
    case = begin(story, block("any"), report("decision", "jefatura", "sello"))
    story.claim(case, "dos", "Carla")
    story.do(case, "uno")
    [notice] = told(story, "Carla", CLOSED)
    assert "la solicitud siguió sin esperarlo" in notice.body
    assert told(story, "Beto", CLOSED) == [], "who did the first one knows"


class TestSubcases:
    def opened(self, story: Story) -> tuple[Case, Case]:
        """A case with a subcase of another institution in a branch, beside one of its own; and the subcase."""
        code = offer(story, {**flow(report("informar", "obras", "sello")), "code": "informe", "title": "Informe"})
        asked = bundle_of(story.offering(code).version).fields_of("inicio")
        answers = {field.id: f"inicio.{field.id}" for field in asked if field.is_question}
        step: dict[str, Any] = {"id": "otro", "kind": "subcase", "title": "Otro", "procedure": code}
        other = {**step, "answers": answers, "next": "join"}
        case = begin(story, block("any", [[report("uno")], [other]]), report("decision", "jefatura", "sello"))
        story.work()
        child = Case.objects.exclude(pk=case.pk).get()
        Case.objects.filter(pk=child.pk).update(agency=Agency.objects.exclude(pk=story.agency.pk).earliest("pk"))
        return case, child

    def test_of_a_case_that_goes_on_are_told_and_go_on_as_what_they_are(self, story: Story, visitor: Visitor) -> None:
        case, child = self.opened(story)
        story.do(case, "uno")
        story.work()
        [notice] = told(story, "Carla", ALONE)
        assert case.number in notice.body
        [hers] = told(story, "Ana", ALONE)
        assert hers.case_ref == child.ref
        assert waiting(child) == {"informar"}, "only its own body ends it, with an act (arts. 8 and 14)"
        for who, page in (("Ana", at("case", child.ref)), ("Carla", at("desk_case", child.ref))):
            assert "La solicitud que pidió esta ya no la espera" in read(story, visitor, who, page)
        Case.objects.filter(pk=child.pk).update(agency=story.agency)
        story.do(child, "informar")
        assert ended(story, child)
        assert waiting(case) == {"decision"}

    def test_are_told_once_and_nothing_once_they_ended(self, story: Story) -> None:
        from jobs.models import Job
        from workflows.needless import NOT_AWAITED

        case, child = self.opened(story)
        story.do(case, "uno")
        job = Job.objects.get(kind=NOT_AWAITED)
        assert job.case_id == child.pk
        Case.objects.filter(pk=child.pk).update(finished=story.now)
        assert not_awaited(job, story.now) == {}
        assert told(story, "Carla", ALONE) == []

    def test_of_a_case_that_ends_otherwise_are_told_too_r18(self, story: Story) -> None:
        case, _child = self.opened(story)
        with locked(case.pk, by=story.people["Beto"], now=story.now) as run:
            law.stop_others(run)
        story.work()
        assert len(told(story, "Carla", ALONE)) == 1

    def test_are_late_for_nobody_who_does_not_wait_for_them(self, story: Story, visitor: Visitor) -> None:
        case, child = self.opened(story)
        story.do(case, "uno")
        story.work()
        pass_term(story, child)
        assert not Notice.objects.filter(subject__contains=TOLD).exists()
        assert TOLD not in read(story, visitor, "Elena", at("desk_case", case.ref))


def test_who_wrote_to_another_body_is_asked_to_tell_it_that_the_case_ended_r61(story: Story, visitor: Visitor) -> None:
    case = begin(story, report("decision", "jefatura", "sello"))
    letter = official_letters.Letter(
        addressee="Servicio de Salud",
        addressee_code="",
        medium="DocDigital 123",
        matter="Informe sanitario",
        text="Pido informe.",
        due_on=story.now.date() + timedelta(days=20),
        is_sensitive=False,
    )
    sent = official_letters.send_letter(case=case, letter=letter, by=story.people["Elena"], now=story.now)
    story.do(case, "decision")
    assert ended(story, case)
    sent.refresh_from_db()
    assert sent.result == Exchange.Result.NEEDLESS
    [notice] = told(story, "Elena", "Avísale a Servicio de Salud")
    assert "Informe sanitario" in notice.body
    assert "DocDigital 123" in notice.body
    assert not official_letters.pending_letters(case).exists()


def test_a_referral_goes_on_whatever_becomes_of_the_case_that_made_it_r24(story: Story) -> None:
    """Art. 14: the other body is the competent one, and the person's application is there."""
    code = offer(story, {**flow(report("informar", "obras", "sello")), "code": "informe", "title": "Informe"})
    asked = bundle_of(story.offering(code).version).fields_of("inicio")
    answers = {field.id: f"inicio.{field.id}" for field in asked if field.is_question}
    step = {"id": "derivar", "kind": "referral", "title": "Derivar", "agency": "muni-ejemplo", "procedure": code}
    case = begin(story, {**step, "answers": answers, "next": "sello"})
    assert ended(story, case)
    child = Case.objects.exclude(pk=case.pk).get()
    assert waiting(child) == {"informar"}
    assert Notice.objects.filter(subject__startswith=ALONE).count() == 0
    assert not Exchange.objects.filter(case=case, result=Exchange.Result.NEEDLESS).exists()
