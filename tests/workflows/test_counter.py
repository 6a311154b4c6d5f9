"""The counter: an official files for a person who is there, and afterwards sees only what to say (DS4 art. 30)."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Person
from documents.api import items_of
from documents.models import Document
from notifications.models import Notice
from tests.story import PDF, Story
from tests.workflows.permissions import BACKEND
from workflows import drafts
from workflows.access import filed_at_counter
from workflows.commands import counter, filing
from workflows.errors import NotAllowed
from workflows.models import Attendance, Case, CaseParty, Channel, Draft

PROOF = {"identity": "card", "document_number": "A123.456.789"}


@pytest.fixture
def story(db: None) -> Story:
    return Story.begin()


def attended(story: Story, run: str = "42.222.222-7", **names: str) -> Attendance:
    who = {"given_names": "", "family_names": "", **names}
    by, today = story.people["Julia"], story.now.date()
    return counter.attend(run=run, **who, **PROOF, by=by, on=today, now=story.now)


def ready(story: Story, code: str = "patente_comercial") -> Draft:
    draft = counter.begin(attendance=attended(story), offering=story.offering(code), now=story.now)
    story.fill(draft)
    return draft


def scan() -> SimpleUploadedFile:
    return SimpleUploadedFile("firma.pdf", PDF)


def julia(story: Story) -> Client:
    client = Client()
    client.force_login(story.user("Julia"), backend=BACKEND)
    return client


def test_what_is_filed_at_the_counter_belongs_to_the_person_attended(story: Story) -> None:
    case = counter.file_signed_on_paper(draft=ready(story), paper=scan(), by=story.people["Julia"], now=story.now)
    party = CaseParty.objects.get(case=case)
    assert (party.person, party.representative) == (story.people["Bruno"], None)
    assert case.channel == Channel.COUNTER
    assert "Solicitud firmada en papel.pdf" in [item.document.title for item in items_of(case.file)]


def test_the_known_data_are_those_of_the_person_not_of_the_official(story: Story) -> None:
    draft = counter.begin(attendance=attended(story), offering=story.offering("patente_comercial"), now=story.now)
    assert "Lagos" not in str(drafts.read(draft))
    assert "Bruno" in str(drafts.read(draft))


def test_the_receipt_says_who_presents_and_who_receives(story: Story) -> None:
    """R4."""
    case = counter.file_signed_on_paper(draft=ready(story), paper=scan(), by=story.people["Julia"], now=story.now)
    text = str(Document.objects.get(file=case.file, kind=Document.Kind.RECEIPT).content)
    assert "Bruno Díaz Riquelme, RUN" in text
    assert "Julia Lagos Maturana, en el mesón" in text


def test_the_official_sees_the_state_and_the_receipt_and_nothing_else_of_the_case(story: Story) -> None:
    case = counter.file_signed_on_paper(draft=ready(story), paper=scan(), by=story.people["Julia"], now=story.now)
    client = julia(story)
    page = client.get(reverse("workflows:counter_attendance", args=[Attendance.objects.get().pk])).content.decode()
    assert case.number in page
    assert "Guarde este comprobante" in page
    for name in ("case", "desk_case", "answers"):
        assert client.get(reverse(f"workflows:{name}", args=[case.ref])).status_code == 404


def test_the_receipt_opens_and_no_other_document(story: Story) -> None:
    case = counter.file_signed_on_paper(draft=ready(story), paper=scan(), by=story.people["Julia"], now=story.now)
    where = reverse("workflows:counter_receipt", args=[Attendance.objects.get().pk, case.ref])
    assert julia(story).get(where).status_code == 404, "not sealed yet"
    other = Document.objects.filter(file=case.file, kind=Document.Kind.ATTACHMENT).earliest("pk")
    Document.objects.filter(file=case.file, kind=Document.Kind.RECEIPT).update(blob=other.blob)
    assert julia(story).get(where).status_code == 200


def test_the_person_sees_the_case_in_the_same_history_as_those_of_the_web(story: Story) -> None:
    counter.file_signed_on_paper(draft=ready(story), paper=scan(), by=story.people["Julia"], now=story.now)
    story.file(who="Bruno")
    client = Client()
    client.force_login(story.user("Bruno"), backend=BACKEND)
    page = client.get(reverse("workflows:my_cases")).content.decode()
    for number in Case.objects.values_list("number", flat=True):
        assert number in page


def test_handed_over_the_person_signs_and_it_still_came_by_the_counter(story: Story) -> None:
    draft = counter.hand_over(draft=ready(story), by=story.people["Julia"], now=story.now)
    assert draft.person == story.people["Bruno"]
    signature = story.signature(draft)
    case = filing.start(draft=draft, by=story.people["Bruno"], signature=signature, now=story.now)
    assert case.channel == Channel.COUNTER
    assert julia(story).get(reverse("workflows:page", args=[draft.ref, 1])).status_code == 404


def test_what_the_person_began_goes_back_as_it_was_and_the_official_sees_no_more_of_it(story: Story) -> None:
    """R44: who helped one day opens nothing that was filed at home another day."""
    own = drafts.begin(offering=story.offering("patente_comercial"), by=story.people["Bruno"], now=story.now)
    here = attended(story)
    taken = counter.take_up(draft=own, attendance=here, by=story.people["Julia"], now=story.now)
    assert Notice.objects.filter(person=story.people["Bruno"], case_ref=own.ref).exists()
    story.fill(taken)
    counter.end(attendance=here, now=story.now)
    back = Draft.objects.get(pk=own.pk)
    assert (back.person, back.attendance, back.taken_up_at) == (story.people["Bruno"], None, None)
    again = counter.take_up(draft=back, attendance=attended(story), by=story.people["Julia"], now=story.now)
    assert again.taken_up_at == story.now


def test_help_given_before_is_put_back_when_what_was_taken_up_goes_back(story: Story) -> None:
    first = counter.hand_over(draft=ready(story), by=story.people["Julia"], now=story.now)
    helped = first.attendance
    taken = counter.take_up(draft=first, attendance=attended(story), by=story.people["Julia"], now=story.now)
    assert taken.attendance != helped
    assert counter.hand_over(draft=taken, by=story.people["Julia"], now=story.now).attendance == helped


def test_what_is_filed_after_the_attendance_shows_neither_state_nor_receipt(story: Story) -> None:
    draft = ready(story)
    here = Attendance.objects.get()
    counter.end(attendance=here, now=story.now)
    draft, later = Draft.objects.get(pk=draft.pk), story.now + timedelta(minutes=1)
    case = filing.start(draft=draft, by=story.people["Bruno"], signature=story.signature(draft), now=later)
    here.refresh_from_db()
    assert not filed_at_counter(here).exists()
    page = julia(story).get(reverse("workflows:counter_attendance", args=[here.pk])).content.decode()
    assert case.number not in page
    assert julia(story).get(reverse("workflows:counter_receipt", args=[here.pk, case.ref])).status_code == 404


def test_what_was_filed_at_the_counter_can_be_printed_after_it_ended(story: Story) -> None:
    case = counter.file_signed_on_paper(draft=ready(story), paper=scan(), by=story.people["Julia"], now=story.now)
    here = Attendance.objects.get()
    counter.end(attendance=here, now=story.now + timedelta(minutes=1))
    here.refresh_from_db()
    assert list(filed_at_counter(here)) == [case]


def test_somebody_new_needs_names_and_then_is_known(story: Story) -> None:
    with pytest.raises(counter.NamesMissing):
        attended(story, "11.111.112-K")
    before = Person.objects.count()
    assert str(attended(story, "11.111.112-K", given_names="Rosa", family_names="Vera").person) == "Rosa Vera"
    assert Person.objects.count() == before + 1


def test_only_the_counter_attends_and_nobody_attends_themselves(story: Story) -> None:
    with pytest.raises(counter.AttendsOneself):
        attended(story, "40.900.100-9")
    with pytest.raises(NotAllowed):
        counter.attend(
            run="42.222.222-7",
            given_names="",
            family_names="",
            **PROOF,
            by=story.people["Beto"],
            on=story.now.date(),
            now=story.now,
        )


def test_the_whole_attendance_by_its_pages(story: Story) -> None:
    client = julia(story)
    here = client.post(reverse("workflows:counter"), {"run": "42222222-7", **PROOF})["Location"]
    assert "Patente comercial" in client.get(here + "?q=patente").content.decode()
    begun = client.post(f"{here}empezar/muni-ejemplo/patente_comercial/")["Location"]
    page = client.get(begun).content.decode()
    assert "Mesón: atiendes a Bruno" in page
    assert "Lee cada pregunta en voz alta" in page
    draft = Draft.objects.get()
    story.fill(draft)
    signing = client.get(reverse("workflows:sign", args=[draft.ref]))["Location"]
    assert client.post(signing, {}).status_code == 422
    assert client.post(signing, {"paper": scan(), "conforms": "on"})["Location"] == here
    assert client.post(f"{here}terminar/").status_code == 302
    assert "Empezar</" not in client.get(here).content.decode()


def test_an_unknown_person_is_asked_for_names_and_nothing_typed_is_lost(story: Story) -> None:
    answer = julia(story).post(reverse("workflows:counter"), {"run": "11111112-K", **PROOF})
    assert answer.status_code == 422
    assert "primera vez" in answer.content.decode()
    assert "A123.456.789" in answer.content.decode()
