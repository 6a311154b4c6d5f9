"""Terms at the edge of a day: what is asked, declared or decided around midnight (arts. 25 and 26; R12, R52)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import Person
from documents.models import Document
from jobs.models import Job
from notifications.models import Notice
from tests.story import Story
from tests.workflows.desk import Visitor, at
from tests.workflows.refusals import notify, write_and_sign
from tests.workflows.test_law_blocks import read
from workflows.commands import clocks, expiry, outages, silence
from workflows.errors import CommandRefused
from workflows.models import Case, Deadline, DeadlineChange
from workflows.models.cases import NEVER

pytestmark = pytest.mark.django_db
LAST_MINUTE = datetime(2026, 3, 12, 2, 59, tzinfo=UTC)
"""23:59 in Chile on Wednesday the 11th, the last day of what was notified on the 4th."""
MIDNIGHT = datetime(2026, 3, 12, 3, 0, tzinfo=UTC)
ASKED, GIVEN = "No se alcanzó a resolver", "Se amplió un plazo"


@pytest.fixture
def patient(story: Story, case: Case) -> Case:
    """A case that waits for Ana's correction until the end of the 11th."""
    story.do(case, "admision", resultado="observar", observaciones="Corrige.")
    notify(story, case, "correccion")
    assert clock(case).due_on == date(2026, 3, 11)
    return case


def clock(case: Case) -> Deadline:
    return Deadline.objects.get(case=case, step_id="correccion")


def told(person: Person, subject: str) -> list[Notice]:
    return list(Notice.objects.filter(person=person, subject__startswith=subject))


def ask(story: Story, case: Case, at: datetime) -> DeadlineChange:
    story.now = at
    return clocks.ask_extension(
        case=case, deadline_id=clock(case).pk, reason="Viajo", by=story.people["Ana"], now=story.now
    )


class TestMoreTimeAskedInTheLastMinute:
    def test_is_answered_in_words_when_the_day_ends_without_an_answer_r12(
        self, story: Story, patient: Case, visitor: Visitor
    ) -> None:
        """Nobody can grant it any more (art. 26): it must not stay asked for ever, nor vanish from the page."""
        change = ask(story, patient, LAST_MINUTE)
        story.now = MIDNIGHT + timedelta(hours=9)
        story.work()
        change.refresh_from_db()
        assert (change.state, change.decided_by, change.decided_at) == ("refused", None, story.now)
        [notice] = told(story.people["Ana"], ASKED)
        assert "un plazo vencido no se puede ampliar" in notice.body
        order = Document.objects.get(file=patient.file, title="Plazo que no se amplía")
        assert order.item.seq
        page = read(story, visitor, "Ana", at("case", patient.ref))
        assert "todavía no te responden" not in page
        with pytest.raises(clocks.TooLate):
            clocks.extend(
                case=patient,
                deadline_id=clock(patient).pk,
                amount=1,
                reason="x",
                by=story.people["Beto"],
                now=story.now,
            )

    def test_is_granted_in_the_same_minute_r12(self, story: Story, patient: Case) -> None:
        ask(story, patient, LAST_MINUTE)
        beto = story.people["Beto"]
        clocks.extend(case=patient, deadline_id=clock(patient).pk, amount=2, reason="Sí", by=beto, now=story.now)
        story.now = MIDNIGHT + timedelta(minutes=1)
        story.work()
        assert (clock(patient).state, clock(patient).due_on) == (Deadline.State.RUNNING, date(2026, 3, 13))
        assert told(story.people["Ana"], ASKED) == []

    def test_cannot_be_asked_a_minute_later_r12(self, story: Story, patient: Case) -> None:
        with pytest.raises(clocks.TooLate):
            ask(story, patient, MIDNIGHT)

    def test_and_answered_before_says_nothing_more_r12(self, story: Story, patient: Case) -> None:
        ask(story, patient, LAST_MINUTE - timedelta(hours=3))
        beto = story.people["Beto"]
        clocks.refuse_extension(case=patient, deadline_id=clock(patient).pk, reason="Es breve", by=beto, now=story.now)
        story.now = MIDNIGHT + timedelta(minutes=1)
        story.work()
        assert told(story.people["Ana"], ASKED) == []


def stated(story: Story, ends_at: datetime) -> None:
    """The platform was down that evening, and the head of service gives more time for it."""
    down = outages.Stated(
        starts_at=ends_at - timedelta(hours=4),
        ends_at=ends_at,
        cause="Corte de luz",
        resolution="Resolución exenta N° 8",
        gives_time=True,
    )
    outages.record_outage(agency=story.agency, stated=down, by=story.people["Inés"], now=story.now)


class TestAnOutageOnTheLastDay:
    def test_stated_that_evening_gives_time_though_its_note_comes_after_midnight_r52(
        self, story: Story, patient: Case
    ) -> None:
        """Art. 26 looks at when it was decided, and that was before the clock ran out: the queue is no reason."""
        story.now = LAST_MINUTE
        stated(story, LAST_MINUTE - timedelta(minutes=30))
        story.now = MIDNIGHT + timedelta(minutes=1)
        timer = Job.objects.filter(kind="workflows.deadline", payload__deadline=clock(patient).pk).latest("pk")
        expiry.expire(timer, story.now)
        assert (clock(patient).state, clock(patient).due_on) == (Deadline.State.RUNNING, date(2026, 3, 12))
        story.work()
        assert (clock(patient).state, clock(patient).due_on) == (Deadline.State.RUNNING, date(2026, 3, 12))
        assert clock(patient).changes.count() == 1
        assert len(told(story.people["Ana"], GIVEN)) == 1
        story.now += timedelta(days=1)
        story.work()
        assert clock(patient).state == Deadline.State.EXPIRED

    def test_stated_that_evening_gives_time_though_the_timer_did_not_run_either_r52(
        self, story: Story, patient: Case
    ) -> None:
        story.now = LAST_MINUTE
        stated(story, LAST_MINUTE - timedelta(minutes=30))
        note = Job(kind=outages.OUTAGE, case_id=patient.pk, payload={"outage": story.agency.outages.get().pk})
        outages.note_outage(note, MIDNIGHT + timedelta(minutes=1))
        assert clock(patient).due_on == date(2026, 3, 12)

    def test_stated_afterwards_moves_nothing_and_who_decides_reads_it_r52(
        self, story: Story, patient: Case, visitor: Visitor
    ) -> None:
        """A clock that ran out is not extended (art. 26); the late answer may be taken, by who knows why it is late."""
        story.now = MIDNIGHT + timedelta(hours=10)
        story.work()
        page = read(story, visitor, "Elena", at("desk_case", patient.ref))
        assert "la plataforma no funcionó" not in page
        stated(story, LAST_MINUTE - timedelta(minutes=30))
        story.work()
        story.work()
        assert (clock(patient).state, clock(patient).due_on) == (Deadline.State.EXPIRED, date(2026, 3, 11))
        assert Document.objects.filter(file=patient.file, title__startswith="Constancia de interrupción").count() == 1
        page = read(story, visitor, "Elena", at("desk_case", patient.ref))
        assert "ese día la plataforma no funcionó" in page


class TestACaseWithoutATerm:
    @pytest.fixture
    def endless(self, story: Story, case: Case) -> Case:
        """As those of before terms were kept: nothing says until when it is decided."""
        Deadline.objects.filter(case=case).delete()
        Case.objects.filter(pk=case.pk).update(due_on=None)
        case.task_set.update(due_on=None, last_day=NEVER)
        case.refresh_from_db()
        return case

    def test_is_read_and_worked_as_any_other_and_no_silence_follows(
        self, story: Story, endless: Case, visitor: Visitor
    ) -> None:
        for who, page in (("Ana", "case"), ("Beto", "desk_case")):
            said = read(story, visitor, who, at(page, endless.ref))
            assert "ya se resolvió" not in said
            assert "Resuelta: falta cumplir" not in said
        assert endless.number in read(story, visitor, "Beto", f"{at('inbox')}?ver=grupo")
        with pytest.raises(CommandRefused):
            silence.complain(case=endless, reason="", by=story.people["Ana"], now=story.now + timedelta(days=900))
        story.do(endless, "admision", resultado="rechazar", fundamento="Infundada.")
        write_and_sign(story, endless, "redaccion_rechazo_inicial", "firma_infundada")
        assert endless.outcome == "rejected"
