"""Helping by phone: who calls proves it with answers, is helped as far as that goes, and signs alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Person
from audit.models import Event
from notifications.models import Notice
from signatures.api import TooManyAttempts
from tests.story import PDF, Story
from tests.workflows.permissions import BACKEND
from workflows import drafts, rules
from workflows.commands import counter, filing
from workflows.errors import NotAllowed
from workflows.models import Attendance, Case, CaseParty, Channel, Draft, IdentityQuestion
from workflows.phone.operations import CALLS, Told, answer_call

pytestmark = pytest.mark.django_db
BRUNO = "42.222.222-7"
LICENCE = "patente_comercial"


@pytest.fixture
def story(db: None) -> Story:
    return Story.begin()


def known(story: Story) -> Told:
    """What Bruno answers rightly: he filed once, and gave his address."""
    case = story.file(who="Bruno")
    Person.objects.filter(pk=story.people["Bruno"].pk).update(email="bruno@correo.example")
    return Told(email="Bruno@correo.example", number=case.number, card_is_valid=True)


def call(story: Story, told: Told, run: str = BRUNO, **names: str) -> Attendance:
    who = {"given_names": "", "family_names": "", **names}
    return answer_call(run=run, **who, told=told, by=story.people["Julia"], on=story.now.date(), now=story.now)


def julia(story: Story) -> Client:
    client = Client()
    client.force_login(story.user("Julia"), backend=BACKEND)
    return client


@pytest.mark.parametrize(
    ("card", "others", "proved"),
    [
        (True, [True], True),
        (True, [True, True], True),
        (True, [], False),
        (True, [True, False], False),
        (False, [True, True], False),
    ],
)
def test_the_card_and_a_right_answer_and_no_wrong_one_prove_who_calls(
    card: bool, others: list[bool], proved: bool
) -> None:
    assert rules.proves_by_phone(card=card, others=others) is proved


def test_what_a_neighbour_reads_on_the_receipt_does_not_make_them_the_applicant(story: Story) -> None:
    """R75: N° de solicitud and e-mail are known to every party of the case."""
    told = replace(known(story), card_is_valid=False)
    assert call(story, told).identity == Attendance.Identity.NOBODY


def test_the_number_of_an_application_with_others_in_it_says_nothing_of_who_calls(story: Story) -> None:
    told = replace(known(story), email="")
    assert call(story, told).is_identified
    case = Case.objects.get(number=told.number)
    party = CaseParty.objects.get(case=case)
    CaseParty.objects.filter(pk=party.pk).update(representative=story.people["Ana"])
    shared = call(story, told)
    assert not shared.is_identified
    assert [one.about for one in shared.questions.all()] == ["card"], "neither right nor wrong"
    CaseParty.objects.filter(pk=party.pk).update(representative=None)
    CaseParty.objects.create(
        case=case,
        agency=case.agency,
        person=story.people["Ana"],
        kind=CaseParty.Kind.JOINED,
        joined_at=story.now,
        left_at=story.now,
    )
    assert not call(story, told).is_identified, "also who left knows it"
    assert call(story, replace(told, email="bruno@correo.example")).is_identified


def test_what_nobody_can_answer_is_not_asked(story: Story) -> None:
    """No telephone of anybody is kept, so a right one would be taken for wrong."""
    page = julia(story).get(reverse("workflows:counter_call")).content.decode()
    assert "qué correo" in page.lower()
    assert "qué teléfono" not in page.lower()


def test_what_was_asked_is_kept_and_what_was_answered_is_not(story: Story) -> None:
    found = call(story, known(story))
    assert found.identity == Attendance.Identity.QUESTIONS
    kept = IdentityQuestion.objects.filter(attendance=found).values_list("about", "is_right")
    assert set(kept) == {("email", True), ("number", True), ("card", True)}


def test_a_caller_who_proved_it_hears_how_things_stand_and_goes_on_with_their_draft(story: Story) -> None:
    told = known(story)
    own = drafts.begin(offering=story.offering(LICENCE), by=story.people["Bruno"], now=story.now)
    found = call(story, told)
    page = julia(story).get(reverse("workflows:counter_attendance", args=[found.pk])).content.decode()
    assert told.number in page
    assert "Lo que la persona dejó sin terminar" in page
    taken = julia(story).post(reverse("workflows:counter_take_up", args=[found.pk, own.ref]))
    assert taken["Location"] == reverse("workflows:page", args=[own.ref, 1])
    assert "Por teléfono: atiendes a Bruno" in julia(story).get(taken["Location"]).content.decode()
    told_of_it = Notice.objects.get(person=own.person, case_ref=own.ref)
    assert "Julia Lagos" in told_of_it.body, "somebody else may have called"


def test_a_caller_who_did_not_prove_it_is_told_nothing_and_only_begins_anew(story: Story) -> None:
    told = known(story)
    own = drafts.begin(offering=story.offering(LICENCE), by=story.people["Bruno"], now=story.now)
    found = call(story, replace(told, email="otro@correo.example"))
    page = julia(story).get(reverse("workflows:counter_attendance", args=[found.pk])).content.decode()
    assert "No se comprobó quién es" in page
    assert told.number not in page
    assert "Bruno" not in page
    assert julia(story).post(reverse("workflows:counter_take_up", args=[found.pk, own.ref])).status_code == 404
    draft = counter.begin(attendance=found, offering=story.offering(LICENCE), now=story.now)
    assert "Bruno" not in str(drafts.read(draft))
    assert "Bruno" not in julia(story).get(reverse("workflows:page", args=[draft.ref, 1])).content.decode()


def test_nobody_signs_by_phone_and_the_person_finds_it_ready(story: Story) -> None:
    found = call(story, known(story))
    draft = counter.begin(attendance=found, offering=story.offering(LICENCE), now=story.now)
    story.fill(draft)
    paper = SimpleUploadedFile("firma.pdf", PDF)
    with pytest.raises(counter.NotByPhone):
        counter.file_signed_on_paper(draft=draft, paper=paper, by=story.people["Julia"], now=story.now)
    page = julia(story).get(reverse("workflows:counter_paper", args=[found.pk, draft.ref])).content.decode()
    assert "Por teléfono no se firma" in page
    assert "Si firma en papel" not in page
    counter.end(attendance=found, now=story.now)
    handed = Draft.objects.get(pk=draft.pk)
    assert handed.person == story.people["Bruno"]
    assert Notice.objects.filter(person=handed.person, case_ref=draft.ref).exists()


def test_signed_at_home_it_came_by_phone_and_the_history_says_who_helped(story: Story) -> None:
    """R75: counted under its channel."""
    found = call(story, known(story))
    draft = counter.begin(attendance=found, offering=story.offering(LICENCE), now=story.now)
    story.fill(draft)
    draft = counter.hand_over(draft=draft, by=story.people["Julia"], now=story.now)
    case = filing.start(draft=draft, by=draft.person, signature=story.signature(draft), now=story.now)
    assert case.channel == Channel.PHONE
    said = julia(story).get(reverse("workflows:counter_attendance", args=[found.pk])).content.decode()
    assert f"Solicitud N° {case.number}" not in said, "it was signed at home"
    assert julia(story).get(reverse("workflows:counter_receipt", args=[found.pk, case.ref])).status_code == 404
    assert Event.objects.filter(stream=f"case:{case.ref}", kind="phone.helped").exists()
    client = Client()
    client.force_login(story.user("Bruno"), backend=BACKEND)
    mine = client.get(reverse("workflows:my_cases")).content.decode()
    assert all(number in mine for number in Case.objects.values_list("number", flat=True))
    assert "teléfono: Julia Lagos" in mine


def test_ended_at_home_after_the_call_it_came_by_the_web_and_the_history_still_says_who_helped(story: Story) -> None:
    found = call(story, known(story))
    draft = counter.begin(attendance=found, offering=story.offering(LICENCE), now=story.now)
    story.fill(draft)
    counter.end(attendance=found, now=story.now)
    draft.refresh_from_db()
    case = filing.start(draft=draft, by=draft.person, signature=story.signature(draft), now=story.now)
    assert case.channel == case.submissions.get().channel == Channel.WEB
    assert Event.objects.filter(stream=f"case:{case.ref}", kind="phone.helped").exists()


def test_when_the_call_ends_early_the_person_is_told_what_is_true(story: Story) -> None:
    found = call(story, known(story))
    ready, begun, mistaken = (
        counter.begin(attendance=found, offering=story.offering(LICENCE), now=story.now) for _each in range(3)
    )
    story.fill(ready)
    drafts.save(draft=begun, changed={"giro": "comercio"}, removed=set(), now=story.now)
    counter.end(attendance=found, now=story.now)
    told = dict(Notice.objects.filter(person=found.person).values_list("case_ref", "subject"))
    assert "lista para que la revises" in told[ready.ref]
    assert "Quedó empezada" in told[begun.ref]
    assert mistaken.ref not in told
    assert not Draft.objects.filter(pk=mistaken.pk).exists(), "nobody answered anything"


def test_what_the_person_began_goes_back_to_them_though_nobody_answered(story: Story) -> None:
    told = known(story)
    own = drafts.begin(offering=story.offering(LICENCE), by=story.people["Bruno"], now=story.now - timedelta(days=1))
    found = call(story, told)
    counter.take_up(draft=own, attendance=found, by=story.people["Julia"], now=story.now)
    counter.end(attendance=found, now=story.now)
    assert Draft.objects.get(pk=own.pk).person == story.people["Bruno"]


def test_what_was_left_ready_is_taken_up_at_the_counter_and_signed_there(story: Story) -> None:
    draft = counter.begin(attendance=call(story, known(story)), offering=story.offering(LICENCE), now=story.now)
    story.fill(draft)
    draft = counter.hand_over(draft=draft, by=story.people["Julia"], now=story.now)
    proof = {"identity": "card", "document_number": "A1", "given_names": "", "family_names": ""}
    by, today = story.people["Julia"], story.now.date()
    here = counter.attend(run=BRUNO, **proof, by=by, on=today, now=story.now)
    taken = counter.take_up(draft=draft, attendance=here, by=by, now=story.now)
    paper = SimpleUploadedFile("firma.pdf", PDF)
    assert counter.file_signed_on_paper(draft=taken, paper=paper, by=by, now=story.now).channel == Channel.COUNTER


def test_only_the_drafts_of_the_caller_can_be_taken_up(story: Story) -> None:
    found = call(story, known(story))
    of_ana = drafts.begin(offering=story.offering(LICENCE), by=story.people["Ana"], now=story.now)
    with pytest.raises(NotAllowed):
        counter.take_up(draft=of_ana, attendance=found, by=story.people["Julia"], now=story.now)


def test_guessing_is_stopped(story: Story) -> None:
    for _try in range(CALLS.count):
        call(story, Told(number="2026-000001"))
    with pytest.raises(TooManyAttempts):
        call(story, Told(number="2026-000001"))
    assert Attendance.objects.count() == CALLS.count


def test_the_page_of_a_call_keeps_what_was_typed_when_something_is_missing(story: Story) -> None:
    client = julia(story)
    answer = client.post(reverse("workflows:counter_call"), {"run": "11111112-K", "email": "rosa@correo.example"})
    assert answer.status_code == 422
    assert "primera vez" in answer.content.decode()
    assert "rosa@correo.example" in answer.content.decode()
    who = {"run": "11111112-K", "given_names": "Rosa", "family_names": "Vera"}
    assert client.post(reverse("workflows:counter_call"), who)["Location"].startswith("/meson/")
