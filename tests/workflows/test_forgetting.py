"""What nobody finished is forgotten after thirty days, with whoever began it without signing in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import DECLARED, Person
from documents.handlers import ScanUpload
from documents.models import Blob, Document
from jobs.models import Job
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from workflows import declared, drafts
from workflows.commands import filing, forgetting
from workflows.commands.forgetting import forget_drafts
from workflows.models import Case, CaseParty, Draft, DraftFile
from workflows.queries import correction_to_answer

pytestmark = pytest.mark.django_db
MONTH = timedelta(days=30, seconds=1)


@pytest.fixture
def story(db: None) -> Story:
    return Story.begin()


def nameless() -> int:
    return Person.objects.filter(document_kind=DECLARED, given_names="").count()


def test_drafts_untouched_for_a_month_go_with_their_files(story: Story) -> None:
    old = story.draft(story.offering("patente_comercial"))
    later = story.now + MONTH
    fresh = drafts.begin(offering=story.offering("patente_comercial"), by=story.people["Ana"], now=later)
    assert forget_drafts(Job(), later)["removed"] == 1
    assert list(Draft.objects.values_list("pk", flat=True)) == [fresh.pk]
    assert not old.files.exists()


def test_the_bytes_of_a_forgotten_draft_go_too_and_those_that_something_else_names_stay(story: Story) -> None:
    old = story.draft(story.offering("patente_comercial"))
    own = old.files.earliest("pk").blob
    shared = Document.objects.filter(file=story.file().file, kind=Document.Kind.ATTACHMENT).earliest("pk").blob
    assert shared is not None
    DraftFile.objects.create(draft=old, field_id="otros", blob=shared, name="otro.pdf", created_at=story.now)
    forget_drafts(Job(), story.now + MONTH)
    assert not Draft.objects.filter(pk=old.pk).exists()
    assert not Blob.objects.filter(pk=own.pk).exists(), "the sweep takes the bytes that no row names"
    assert Blob.objects.filter(pk=shared.pk).exists()


class TestAnAnswerToACorrection:
    @pytest.fixture
    def case(self, story: Story) -> Case:
        case = story.file()
        story.do(case, "admision", {"titulo_local": "Falta una hoja."}, resultado="observar")
        return case

    def begun(self, story: Story, case: Case, who: str) -> Draft:
        waiting = correction_to_answer(case)
        assert waiting is not None
        return drafts.begin_answer(task=waiting.task, by=story.people[who], now=story.now)

    def test_one_begun_by_who_may_not_give_it_shows_nothing_and_goes_at_once_r41(
        self, story: Story, case: Case, visitor: Visitor
    ) -> None:
        """It opens with all that was filed: another interested person could begin one before."""
        CaseParty.objects.create(
            case=case, agency=case.agency, kind="joined", person=story.people["Carla"], joined_at=story.now
        )
        theirs, own = self.begun(story, case, "Carla"), self.begun(story, case, "Ana")
        page = visitor("Carla").get(at("page", theirs.ref, 1))
        assert page.status_code == 403
        assert "La corrección la responde quien presentó la solicitud" in text_of(page)
        assert "Ana María" not in text_of(page)
        assert visitor("Ana").get(at("page", own.ref, 1)).status_code == 200
        assert forget_drafts(Job(), story.now)["removed"] == 1
        assert list(Draft.objects.filter(filed_at=None)) == [own]

    def test_one_that_nobody_sent_goes_a_month_after_when_the_case_is_over(self, story: Story, case: Case) -> None:
        own = self.begun(story, case, "Ana")
        assert forget_drafts(Job(), story.now + MONTH)["removed"] == 0, "the case waits for it"
        Case.objects.filter(pk=case.pk).update(finished=story.now, outcome=Case.Outcome.REJECTED)
        assert forget_drafts(Job(), story.now)["removed"] == 0
        assert forget_drafts(Job(), story.now + MONTH)["removed"] == 1
        assert not Draft.objects.filter(pk=own.pk).exists()


def test_a_draft_that_the_person_deletes_leaves_no_file(story: Story) -> None:
    draft = story.draft(story.offering("patente_comercial"))
    blob = draft.files.earliest("pk").blob
    filing.discard(draft=draft, by=story.people["Ana"], now=story.now)
    assert not Blob.objects.filter(pk=blob.pk).exists()
    scan, job = ScanUpload(), Job(payload={"blob": blob.pk})
    assert scan.finish(job, scan.call(scan.prepare(job), "key"), story.now) == {}, "an antivirus asks of it no more"


def test_what_others_sign_what_was_filed_and_answers_to_corrections_stay(story: Story) -> None:
    signing = story.draft(story.offering("patente_comercial"))
    Draft.objects.filter(pk=signing.pk).update(signing_since=story.now)
    case = story.file()
    story.do(case, "admision", resultado="observar", observaciones="Corrige.")
    task = case.task_set.get(step_id="correccion")
    drafts.begin_answer(task=task, by=story.people["Ana"], now=story.now)
    before = Draft.objects.count()
    assert forget_drafts(Job(), story.now + MONTH) == {"removed": 0, "people": 0}
    assert Draft.objects.count() == before == 3


def test_who_began_without_signing_in_and_never_filed_leaves_no_row(story: Story) -> None:
    offering = story.offering("acceso_informacion")
    declared.begin(offering=offering, now=story.now, locale="es")
    filed = declared.begin(offering=offering, now=story.now, locale="es")
    story.fill(filed)
    declared.file(draft=filed, now=story.now)
    assert forget_drafts(Job(), story.now)["people"] == 0, "it is still being filled in"
    assert forget_drafts(Job(), story.now + MONTH)["people"] == 1
    assert nameless() == 0
    assert Person.objects.filter(document_kind=DECLARED).count() == 1


def test_however_many_there_are_they_go_the_same_day_and_who_must_stay_holds_up_nobody(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "AT_ONCE", 1)
    offering = story.offering("acceso_informacion")
    begun = [declared.begin(offering=offering, now=story.now, locale="es") for _each in range(3)]
    story.file()
    CaseParty.objects.update(representative=begun[0].person)
    story.now += MONTH
    forget_drafts(Job(), story.now)
    story.work()
    assert not Draft.objects.filter(pk__in=[one.pk for one in begun]).exists()
    assert list(Person.objects.filter(document_kind=DECLARED)) == [begun[0].person]
