"""The whole path: supports, the threshold, the case in the engine, the answer, and who is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from jobs.models import Job
from notifications.models import Notice
from participation.errors import KindNotOffered, NoSlotLeft, NotAllowed, NothingToContest, SubjectClosed
from participation.models import Answer, Count, Stage, Subject, Support
from participation.operations import answering, counting, proposing, roadmap, supporting
from participation.operations.subjects import stored
from participation.queries.finding import subject_for
from participation.queries.subjects import slots_used, supports_held
from participation.rules.thresholds import SLOTS
from procedures.models import CatalogueEntry
from tests.story import Story
from workflows.models import Case, Channel

pytestmark = pytest.mark.django_db
CROWD = ("Ana", "Carla", "Dora")


@pytest.fixture
def story() -> Story:
    story = Story.begin()
    story.adhere()
    return story


def crossed(story: Story) -> Subject:
    """A request whose three supports cross the municipality's own floor."""
    subject = story.request("Permiso para cerrar un pasaje")
    for name in CROWD:
        assert story.support(subject, name)
    counting.fold(now=story.now)
    story.work()
    return Subject.objects.get(pk=subject.pk)


def answered(story: Story, subject: Subject, **said: Any) -> Answer:
    """The agency's people work the case to its end."""
    case = subject.answers.latest("round").case
    assert case is not None
    story.do(case, "estudio", **{"texto": "Lo haremos.", **said})
    story.finish_draft(case, "redaccion")
    story.work()
    story.sign(case, "firma")
    story.work()
    answering.settle(now=story.now)
    return subject.answers.latest("round")


def test_one_person_supports_a_request_once_however_often_they_press(story: Story) -> None:
    subject = story.request("Hora para el retiro de ramas")
    assert [story.support(subject, "Ana") for _press in range(3)] == [True, False, False]
    assert Support.objects.filter(subject=subject).count() == 1


def test_a_ficha_gets_its_subject_with_its_first_support(story: Story) -> None:
    entry = CatalogueEntry.objects.select_related("institution__agency").get(code="patente_comercial")
    subject = stored(subject=subject_for(entry), now=story.now)
    assert story.support(subject, "Ana", "improve")
    assert stored(subject=subject_for(entry), now=story.now).pk == subject.pk


def test_a_digital_procedure_is_asked_to_improve_not_to_be_digital(story: Story) -> None:
    entry = CatalogueEntry.objects.select_related("institution__agency").get(code="patente_comercial")
    with pytest.raises(KindNotOffered):
        story.support(stored(subject=subject_for(entry), now=story.now), "Ana", "digitise")


def test_the_eighth_support_waits_until_one_is_taken_back(story: Story) -> None:
    subjects = [
        story.request(f"Petición número {place}", who) for place, who in enumerate(["Ana", "Bruno", "Beto"] * 3)
    ]
    for subject in subjects[:SLOTS]:
        story.support(subject, "Ana")
    with pytest.raises(NoSlotLeft, match="Retira uno"):
        story.support(subjects[SLOTS], "Ana")
    assert supporting.withdraw(subject=subjects[0], by=story.people["Ana"], now=story.now)
    assert story.support(subjects[SLOTS], "Ana")


def test_a_support_comes_back_when_its_request_is_settled(story: Story) -> None:
    subject = story.request("Hora para el retiro de ramas")
    story.support(subject, "Ana")
    roadmap.set_stage(subject=subject, stage=Stage.LIVE, reason="Abierto.", actor="system:test", now=story.now)
    assert slots_used(supports_held(story.people["Ana"])) == 0
    with pytest.raises(SubjectClosed):
        story.support(Subject.objects.get(pk=subject.pk), "Beto")


def test_the_threshold_is_frozen_by_the_first_support(story: Story) -> None:
    subject = story.request("Hora para el retiro de ramas")
    story.support(subject, "Ana")
    subject.refresh_from_db()
    frozen = subject.threshold
    Subject.objects.filter(pk=subject.pk).update(users_a_year=90_000)
    story.support(Subject.objects.get(pk=subject.pk), "Beto")
    subject.refresh_from_db()
    assert subject.threshold == frozen == 3


def test_crossing_opens_one_case_of_own_motion_due_in_business_days(story: Story) -> None:
    subject = crossed(story)
    counting.fold(now=story.now)
    story.work()
    answer = subject.answers.get()
    case = answer.case
    assert case is not None
    assert case.channel == Channel.OWN_MOTION
    assert answer.due_on == case.due_on
    assert answer.due_on is not None
    assert (answer.due_on - story.now.date()).days > 40  # thirty business days
    assert Case.objects.filter(channel=Channel.OWN_MOTION).count() == 1
    assert subject.stage == Stage.RECEIVED
    assert "3 personas" in str(case.data)


def test_a_late_answer_is_told_once_to_the_institution_and_to_its_supporters(story: Story) -> None:
    subject = crossed(story)
    due = subject.answers.get().due_on
    assert due is not None
    assert answering.escalate(now=story.now) == 0
    story.now += timedelta(days=(due - story.now.date()).days + 1)
    assert (answering.escalate(now=story.now), answering.escalate(now=story.now)) == (1, 0)
    story.work()
    assert Notice.objects.filter(subject__startswith="Respuesta atrasada").get().person == story.people["Inés"]
    assert Notice.objects.filter(subject__startswith="La respuesta está atrasada").count() == len(CROWD)


def test_yes_with_a_date_is_published_planned_and_told_to_each_supporter(story: Story) -> None:
    subject = crossed(story)
    answer = answered(story, subject, respuesta="yes", fecha="2026-09-01")
    assert (answer.said, str(answer.by_date)) == ("yes", "2026-09-01")
    subject.refresh_from_db()
    assert subject.stage == Stage.PLANNED
    story.work()
    told = Notice.objects.filter(subject__startswith="La institución respondió")
    assert {notice.person.given_names.split()[0] for notice in told} == set(CROWD)
    answering.settle(now=story.now)
    story.work()
    assert told.count() == len(CROWD)


def test_a_no_gives_supports_back_and_can_be_contested_once(story: Story) -> None:
    subject = crossed(story)
    answer = answered(story, subject, respuesta="no", motivo="recursos")
    subject.refresh_from_db()
    assert (answer.said, answer.code, subject.stage) == ("no", "recursos", Stage.REFUSED)
    assert answering.contest(answer=answer, by=story.people["Ana"], now=story.now)
    story.work()
    assert subject.answers.count() == 2
    with pytest.raises(NothingToContest):
        answering.contest(answer=answer, by=story.people["Carla"], now=story.now)


def test_who_did_not_support_cannot_object(story: Story) -> None:
    subject = crossed(story)
    answer = answered(story, subject, respuesta="no", motivo="recursos")
    with pytest.raises(Exception, match="Solo puede hacerlo quien apoya"):
        answering.contest(answer=answer, by=story.people["Beto"], now=story.now)


def test_without_a_commitment_the_silence_is_public_and_no_case_opens() -> None:
    story = Story.begin()
    subject = story.request("Permiso para cerrar un pasaje")
    Subject.objects.filter(pk=subject.pk).update(threshold=2, spread=0)
    for name in ("Ana", "Carla"):
        story.support(Subject.objects.get(pk=subject.pk), name)
    counting.fold(now=story.now)
    story.work()
    assert Answer.objects.count() == 0
    assert Subject.objects.get(pk=subject.pk).crossed_at is not None


def test_a_fold_run_twice_counts_nothing_twice(story: Story) -> None:
    subject = crossed(story)
    for minutes in (0, 1, 2):
        counting.fold(now=story.now + timedelta(minutes=minutes))
    assert Count.objects.get(subject=subject).total == len(CROWD)
    assert Job.objects.filter(kind=counting.OPEN_CASE).count() == 1


def test_a_count_changed_by_hand_is_mended_and_the_difference_published(story: Story) -> None:
    subject = crossed(story)
    Count.objects.filter(subject=subject).update(total=999, own=999)
    later = story.now + timedelta(hours=5)
    assert counting.recount_all(now=later) == 1
    difference = subject.differences.get()
    assert (difference.shown, difference.recounted) == (999, len(CROWD))
    assert Count.objects.get(subject=subject).total == len(CROWD)


def test_only_moderators_publish_and_only_with_the_text_unsupported_does_it_change(story: Story) -> None:
    pending = story.request("Otra petición", publish=False).proposal
    with pytest.raises(NotAllowed):
        proposing.moderate(proposal=pending, publish=True, reason="", by=story.people["Beto"], now=story.now)
    subject = story.request("Hora para el retiro de ramas")
    story.support(subject, "Ana")
    with pytest.raises(Exception, match="Agrega una aclaración"):
        proposing.edit(
            proposal=subject.proposal, title="Otra cosa", text="Otra", by=story.people["Bruno"], now=story.now
        )
