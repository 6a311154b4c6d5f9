"""A request that is not of the institution that was asked: the one it names is asked, or its silence is public."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Agency, Role
from notifications.models import Notice
from participation.errors import AlreadyPassedOn, NotAllowed
from participation.models import Answer, Commitment, Stage, Subject
from participation.operations import answering, counting, passing
from participation.queries.answers import unanswerable
from participation.queries.passing import agency_called
from participation.queries.subjects import Wanted, ordered_ids
from procedures.models import Offering
from tests.story import Story
from workflows.models import Case

pytestmark = pytest.mark.django_db
CROWD = ("Ana", "Carla", "Dora")


@pytest.fixture
def story() -> Story:
    story = Story.begin()
    story.adhere()
    return story


@pytest.fixture
def subject(story: Story) -> Subject:
    """A request that three people brought over the municipality's threshold, and that it must answer."""
    subject = story.request("Permiso para cerrar un pasaje")
    for name in CROWD:
        story.support(subject, name)
    counting.fold(now=story.now)
    story.work()
    return Subject.objects.get(pk=subject.pk)


def other(story: Story) -> Agency:
    """Another municipality of the demonstration."""
    return Agency.objects.get(code="muni-otra")


def adhere(story: Story, agency: Agency) -> None:
    """It promises to answer, with the same procedure."""
    mine = Commitment.objects.get(agency=story.agency).offering
    offering = Offering.objects.create(agency=agency, version=mine.version, effective_from=mine.effective_from)
    role = Role.objects.get(unit__agency=agency, code="revision")
    for binding in mine.role_bindings.all():
        offering.role_bindings.create(slot=binding.slot, role=role)
    Commitment.objects.create(
        agency=agency, act="Decreto 7 de 2026", adhered_on=story.now.date(), offering=offering, floor=3
    )


def passed_on(story: Story, subject: Subject, to: str) -> Answer:
    """The agency's people say that it is not theirs, and name another."""
    case = Answer.objects.get(subject=subject, answered_at=None).case
    assert case is not None
    said: dict[str, Any] = {"respuesta": "transfer", "institucion": to, "texto": "El pasaje está en otra comuna."}
    story.do(case, "estudio", **said)
    story.finish_draft(case, "redaccion")
    story.work()
    story.sign(case, "firma")
    story.work()
    story.now += timedelta(days=1)
    answering.settle(now=story.now)
    story.work()
    return Answer.objects.get(subject=subject, case=case)


def test_the_institution_that_is_named_is_asked_with_a_case_and_a_last_day_of_its_own(
    story: Story, subject: Subject, client: Client
) -> None:
    adhere(story, other(story))
    first = passed_on(story, subject, other(story).name.upper())
    owed = Answer.objects.get(subject=subject, answered_at=None)
    assert (owed.agency, owed.previous, owed.round) == (other(story), first, 1)
    assert owed.case is not None
    assert owed.case.agency == other(story)
    assert owed.due_on == owed.case.due_on != first.due_on
    assert "derivó a esta institución" in str(owed.case.data)
    subject.refresh_from_db()
    assert (subject.stage, subject.agency, subject.closed_at) == (Stage.RECEIVED, other(story), None)
    told = Notice.objects.filter(subject__startswith="Otra institución debe responder")
    assert {notice.person.given_names.split()[0] for notice in told} == set(CROWD)
    page = client.get(f"/participa/t/{subject.code}/").content.decode()
    assert f"La derivó {story.agency.name}" in page
    assert f"Dice que corresponde a {other(story).name}. Se le pide responder." in page
    assert f"derivada por {story.agency.name}" in client.get("/participa/respuestas/").content.decode()


def test_one_that_promised_nothing_is_named_in_public_and_asked_when_it_adheres(
    story: Story, subject: Subject, client: Client
) -> None:
    passed_on(story, subject, other(story).name)
    subject.refresh_from_db()
    assert (subject.stage, subject.agency, subject.closed_at) == (Stage.TRANSFERRED, other(story), None)
    assert list(unanswerable()) == [subject]
    assert Case.objects.filter(agency=other(story)).count() == 0
    assert "nadie se comprometió a responder" in client.get(f"/participa/t/{subject.code}/").content.decode()
    told = Notice.objects.filter(subject__startswith="La institución respondió")
    assert (told.count(), set(told.values_list("agency__code", flat=True))) == (len(CROWD), {story.agency.code})


def test_two_that_name_each_other_leave_it_with_nobody_and_no_third_case_opens(story: Story, subject: Subject) -> None:
    adhere(story, other(story))
    passed_on(story, subject, other(story).code)
    passed_on(story, subject, story.agency.name)
    assert list(Answer.objects.filter(subject=subject).values_list("said", flat=True)) == ["transfer", "transfer"]
    assert list(unanswerable()) == [subject]


def test_one_that_is_not_here_gives_supports_back_until_a_moderator_finds_it(story: Story, subject: Subject) -> None:
    answer = passed_on(story, subject, "Ministerio lejano")
    subject.refresh_from_db()
    assert (answer.to_agency, subject.agency, subject.body_name) == (None, None, "Ministerio lejano")
    assert subject.closed_at is not None
    assert subject.pk in ordered_ids(Wanted(query="ministerio", stage="todas"))
    assert subject.pk not in ordered_ids(Wanted(query=story.agency.name, stage="todas"))
    adhere(story, other(story))
    with pytest.raises(NotAllowed):
        passing.name_receiver(answer=answer, receiver=other(story), by=story.people["Beto"], now=story.now)
    with pytest.raises(AlreadyPassedOn):
        passing.name_receiver(answer=answer, receiver=story.agency, by=story.people["Inés"], now=story.now)
    passing.name_receiver(answer=answer, receiver=other(story), by=story.people["Inés"], now=story.now)
    story.work()
    assert Answer.objects.get(subject=subject, answered_at=None).agency == other(story)
    with pytest.raises(AlreadyPassedOn):
        passing.name_receiver(answer=answer, receiver=other(story), by=story.people["Inés"], now=story.now)


def test_an_institution_is_found_however_its_name_is_written(story: Story) -> None:
    name = other(story).name
    assert {agency_called(said) for said in (name, name.upper(), f" {name.lower()} ", "muni-otra")} == {other(story)}
    assert agency_called("") is None
    assert agency_called("Municipalidad") is None


def answered(story: Story, subject: Subject, **said: Any) -> Answer:
    """The answer that is owed, as the agency gave it."""
    Answer.objects.filter(subject=subject, answered_at=None).update(answered_at=story.now, **said)
    return Answer.objects.filter(subject=subject).latest("pk")


def test_supporters_are_told_when_a_moderator_names_one_that_promised_nothing(story: Story, subject: Subject) -> None:
    answer = answered(story, subject, said="transfer", text="No es nuestro.")
    passing.pass_on(answer=answer, named="Ministerio lejano", now=story.now)
    story.work()
    passing.name_receiver(answer=answer, receiver=other(story), by=story.people["Inés"], now=story.now)
    story.work()
    told = Notice.objects.filter(subject__startswith="Ya se sabe a qué institución corresponde")
    assert {notice.person.given_names.split()[0] for notice in told} == set(CROWD)
    assert {notice.agency for notice in told} == {story.agency}
    assert f"{other(story).name}, que no se ha comprometido a responder" in told[0].body


def test_a_contested_round_quotes_the_last_answer_of_the_one_before(story: Story, subject: Subject) -> None:
    answered(story, subject, said="transfer", text="No es nuestro.")
    Answer.objects.create(
        subject=subject, agency=other(story), round=1, asked_at=story.now, supports=3, said="no",
        text="No hay recursos.", answered_at=story.now,
    )  # fmt: skip
    told = answering.facts_of(subject, 2)["facts"]
    assert "No hay recursos." in told
    assert "No es nuestro." not in told
