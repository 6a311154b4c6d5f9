"""The decision is signed while something else asks to end the case: what was asked is answered and ends nothing."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist

from documents.models import Document
from jobs.operations import make_recurring_due
from notifications.models import Notice
from tests.story import Story
from tests.workflows.desk import Visitor, at
from tests.workflows.refusals import act_of, permit_decided, write_and_sign
from tests.workflows.test_law_blocks import days_later, read
from workflows import deadlines
from workflows.commands import endings, silence
from workflows.commands.deciding import END_DECIDED, look_for_decided
from workflows.commands.locking import locked
from workflows.errors import CommandRefused
from workflows.models import Case, Deadline

pytestmark = pytest.mark.django_db
CAUSE = "Se perdió el lugar"


@pytest.fixture
def written(story: Story) -> Case:
    """A permit whose decree is written and waits for its signature."""
    case = permit_decided(story)
    story.finish_draft(case, "redaccion_permiso")
    return case


def sign(story: Story, case: Case) -> None:
    story.sign(case, "firma_permiso")
    story.work()
    case.refresh_from_db()


def leave(story: Story, case: Case, how: Callable[..., bool]) -> None:
    assert how(case=case, reason="Ya no", by=story.people["Ana"], now=story.now)


@pytest.mark.parametrize(
    ("how", "block", "words"),
    [
        (endings.withdraw, "law_withdrawal", "La decisión se firmó antes de resolver tu desistimiento"),
        (endings.waive, "law_waiver", "La decisión se firmó antes de resolver tu renuncia"),
    ],
)
def test_a_decided_case_does_not_end_as_withdrawn_nor_waived_and_both_sides_read_why_r18(
    story: Story, written: Case, visitor: Visitor, how: Callable[..., bool], block: str, words: str
) -> None:
    leave(story, written, how)
    task = story.claim(written, block, "Carla")
    sign(story, written)
    assert set(written.task_set.filter(finished=None).values_list("step_id", flat=True)) == {"actividad"}
    answer = Notice.objects.get(person=story.people["Ana"], case_ref=written.ref, subject__startswith=words)
    assert act_of(written).title in answer.body
    told = Notice.objects.get(person=story.people["Carla"], subject__startswith="Ya no hace falta")
    assert task.step_title in told.subject
    record = Document.objects.get(file=written.file, title__startswith="Constancia de un escrito")
    assert record.item.seq
    assert record.title in read(story, visitor, "Ana", at("case", written.ref))
    with pytest.raises(CommandRefused):
        story.do_claimed(written, task, declara=True, fundamento="Consta.")
    with pytest.raises(CommandRefused, match="ya se resolvió"):
        how(case=written, reason="Otra vez", by=story.people["Ana"], now=story.now)


def test_a_decided_case_does_not_end_as_impossible_r16(story: Story, written: Case, visitor: Visitor) -> None:
    carla = story.people["Carla"]
    endings.declare_impossible(case=written, reason=CAUSE, by=carla, now=story.now)
    sign(story, written)
    assert not written.task_set.filter(step_id="law_impossibility", finished=None).exists()
    subject = "Ya no se estudia si es imposible continuar"
    assert Notice.objects.filter(person=story.people["Ana"], subject__startswith=subject).count() == 1
    with pytest.raises(CommandRefused, match="ya se resolvió"):
        endings.declare_impossible(case=written, reason=CAUSE, by=carla, now=story.now)
    assert visitor("Carla").get(at("desk_measure", written.ref, "imposible-continuar")).status_code != 200


def warn(story: Story, case: Case) -> Deadline:
    """A warning of abandonment that was notified, as if the case had stood still for long."""
    with locked(case.pk, by=story.people["Carla"], now=story.now) as run:
        clock = Deadline(
            party=run.case.parties.get(),
            kind=Deadline.Kind.ABANDONMENT,
            binds_applicant=True,
            amount=endings.WARNED_FOR,
            unit=Deadline.Unit.BUSINESS_DAYS,
            trigger="notified(law_abandonment_warning)",
            on_expire="law_abandonment",
            legal_source="Ley N° 19.880, artículo 43",
        )
        return deadlines.open_clock(run, clock, run.today)


def test_a_warning_of_abandonment_ends_with_the_decision_r17(story: Story, written: Case) -> None:
    clock = warn(story, written)
    sign(story, written)
    days_later(story, 9)
    story.work()
    clock.refresh_from_db()
    assert clock.state == Deadline.State.MET
    assert not written.task_set.filter(step_id="law_abandonment").exists()
    subject = "Ya no se puede declarar abandonada"
    assert Notice.objects.filter(person=story.people["Ana"], subject__startswith=subject).count() == 1


def test_who_has_to_declare_the_abandonment_finds_it_closed_by_the_decision_r17(story: Story, written: Case) -> None:
    warn(story, written)
    days_later(story, 9)
    story.work()
    task = story.claim(written, "law_abandonment", "Carla")
    sign(story, written)
    with pytest.raises(CommandRefused):
        story.do_claimed(written, task, declara=True, fundamento="Consta.")
    assert set(written.task_set.filter(finished=None).values_list("step_id", flat=True)) == {"actividad"}


def test_nobody_is_warned_in_a_decided_case_r17(story: Story, written: Case) -> None:
    sign(story, written)
    with pytest.raises(CommandRefused, match="ya se resolvió"):
        endings.warn_of_abandonment(case=written, by=story.people["Carla"], now=story.now)


def test_one_who_is_declared_withdrawn_before_the_signature_leaves_nothing_to_sign_r18(
    story: Story, written: Case
) -> None:
    """The other order: what was declared first stands, and nobody signs a decision any more."""
    leave(story, written, endings.withdraw)
    story.do(written, "law_withdrawal", declara=True, fundamento="Consta.")
    with pytest.raises(ObjectDoesNotExist):
        story.sign(written, "firma_permiso")
    write_and_sign(story, written, "law_withdrawal_draft", "law_withdrawal_sign", times=1)
    assert written.outcome == "withdrawn"


def test_who_signs_reads_first_that_the_person_withdrew_r18(story: Story, written: Case, visitor: Visitor) -> None:
    leave(story, written, endings.withdraw)
    page = read(story, visitor, "Fabián", at("desk_case", written.ref))
    assert "La persona se desistió y falta resolverlo" in page


class TestASiteOfAnOlderVersion:
    """It did not end the time to decide with the act: its decided cases that are still open keep it."""

    @pytest.fixture
    def old(self, story: Story, written: Case) -> Case:
        """As that version left it, sixty business days after an act that came in time."""
        term = written.deadlines.get(kind=Deadline.Kind.TERM)
        sign(story, written)
        Deadline.objects.filter(pk=term.pk).update(state=Deadline.State.RUNNING, closed_at=None)
        Case.objects.filter(pk=written.pk).update(due_on=term.due_on)
        written.task_set.filter(finished=None, due_on=None).update(last_day=term.due_on)
        days_later(story, 60)
        story.work()
        assert written.deadlines.get(kind=Deadline.Kind.TERM).state == Deadline.State.EXPIRED
        written.refresh_from_db()
        assert silence.may_certify(written, story.now.date())
        return written

    def start(self, story: Story) -> None:
        """The new version starts: what runs each day runs at once."""
        make_recurring_due(story.now)
        story.work()

    def test_ends_it_as_a_case_that_is_decided_today_r20(self, story: Story, old: Case, visitor: Visitor) -> None:
        self.start(story)
        old.refresh_from_db()
        assert old.due_on is None
        assert old.deadlines.get(kind=Deadline.Kind.TERM).state == Deadline.State.MET
        term = old.deadlines.get(kind=Deadline.Kind.TERM)
        assert term.due_on not in old.task_set.filter(finished=None).values_list("last_day", flat=True)
        page = read(story, visitor, "Ana", at("case", old.ref))
        assert "Tu solicitud ya se resolvió" in page
        assert "no decidieron" not in page
        with pytest.raises(CommandRefused):
            silence.certify(case=old, by=story.people["Ana"], now=story.now)

    def test_does_it_once(self, story: Story, old: Case) -> None:
        self.start(story)
        closed = old.deadlines.get(kind=Deadline.Kind.TERM).closed_at
        story.now += timedelta(days=2)
        self.start(story)
        assert old.deadlines.get(kind=Deadline.Kind.TERM).closed_at == closed

    def test_keeps_what_came_late_as_late(self, story: Story, old: Case) -> None:
        Deadline.objects.filter(case=old, kind=Deadline.Kind.TERM).update(due_on=date(2026, 3, 3))
        self.start(story)
        old.refresh_from_db()
        assert old.due_on is None
        assert old.deadlines.get(kind=Deadline.Kind.TERM).state == Deadline.State.EXPIRED

    def test_answers_a_withdrawal_that_was_pending_then_r18(self, story: Story, old: Case) -> None:
        leave(story, old, endings.withdraw)
        self.start(story)
        assert set(old.task_set.filter(finished=None).exclude(status="DONE").values_list("step_id", flat=True)) <= {
            "actividad",
            "devolucion",
        }
        assert Notice.objects.filter(person=story.people["Ana"], subject__contains="tu desistimiento").exists()

    def test_leaves_a_case_that_nobody_decided_alone(self, story: Story) -> None:
        case = story.file("ocupacion_espacio_publico")
        days_later(story, 60)
        self.start(story)
        case.refresh_from_db()
        assert case.due_on is not None

    def test_leaves_one_alone_that_an_appeal_sent_back_r66(self, story: Story, old: Case) -> None:
        """Its time runs again since then, and the act of before does not end it."""
        with locked(old.pk, by=None, now=story.now) as run:
            deadlines.run_case_term_again(run)
        self.start(story)
        old.refresh_from_db()
        assert old.due_on is not None

    def test_looks_at_many_with_a_constant_number_of_statements(
        self, story: Story, old: Case, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from jobs.models import Job

        with django_assert_num_queries(3):
            assert look_for_decided(Job(kind="", payload={}), story.now) == {"cases": 1}
        assert Job.objects.filter(kind=END_DECIDED, case_id=old.pk).count() == 1
        monkeypatch.setattr("workflows.commands.deciding.MOST", 1)
        look_for_decided(Job(kind="", payload={}), story.now)
        assert Job.objects.filter(kind="workflows.look_for_decided", payload__has_key="act").count() == 1
