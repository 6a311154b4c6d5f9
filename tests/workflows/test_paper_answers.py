"""At the counter, an official enters what a person brings on paper in answer to a correction (art. 31; DS4 7 and 8)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.api import run_of
from accounts.models import Agency
from audit.models import Event
from documents.api import items_of
from documents.models import Document, Scan
from notifications.api import Notified
from notifications.models import Notice
from tests.story import PDF, Story
from tests.workflows.desk import Visitor, at, text_of
from tests.workflows.permissions import BACKEND
from workflows import drafts, uploads
from workflows.access import correctable_by
from workflows.commands import corrections, counter, originals, paper_answers
from workflows.commands.notification import record_notification
from workflows.errors import CommandRefused, FileInfected, NotAllowed, TaskFinished, TooManyFiles
from workflows.models import (
    Attendance,
    Case,
    CaseAccess,
    CaseParty,
    Channel,
    Draft,
    PaperAnswer,
    Submission,
)
from workflows.papers import NotReceivedThen, OnPaper
from workflows.uploads import keep_paper

pytestmark = pytest.mark.django_db
DECIDES = "sin_corregir"
CHILE = ZoneInfo("America/Santiago")
PROOF = {"identity": "card", "document_number": "A123.456.789"}


@pytest.fixture
def case(story: Story) -> Case:
    """Bruno's application, of which Beto asked to correct the address."""
    case = story.file("patente_comercial", "Bruno")
    story.do(case, "admision", observe={"direccion": "Falta el número"}, resultado="observar", observaciones="Corrige.")
    story.now += timedelta(hours=2)
    return case


def attended(story: Story, run: str = "42.222.222-7") -> Attendance:
    names = {"given_names": "", "family_names": ""}
    by = story.people["Julia"]
    return counter.attend(run=run, **names, **PROOF, by=by, on=story.now.date(), now=story.now)


def typed(story: Story, case: Case) -> Draft:
    """The answers of the paper, as Julia types them."""
    here = attended(story)
    return paper_answers.begin(attendance=here, case=case, by=story.people["Julia"], now=story.now)


def paper(story: Story, received_at: datetime | None = None) -> OnPaper:
    return OnPaper(keep_paper(scan(), now=story.now), received_at or story.now)


def scan() -> SimpleUploadedFile:
    return SimpleUploadedFile("respuesta.pdf", PDF)


def enter(story: Story, draft: Draft, received_at: datetime | None = None) -> PaperAnswer:
    by, on = story.people["Julia"], story.now.date()
    paper_answers.answer(draft=draft, paper=paper(story, received_at), by=by, on=on, now=story.now)
    return PaperAnswer.objects.get()


def kinds(case: Case) -> list[str]:
    return list(Event.objects.filter(stream=f"case:{case.ref}").order_by("seq").values_list("kind", flat=True))


def told_at_the_office(story: Story, case: Case) -> None:
    """Bruno is notified of what to correct."""
    record_notification(
        case=case,
        step_id="correccion",
        notified=Notified(person=story.people["Bruno"], medium="office", occurred_at=story.now, evidence="Firmó."),
        by=story.people["Beto"],
        now=story.now,
    )


def expired(story: Story, case: Case) -> None:
    """Nobody answered in five business days: an official decides what follows."""
    told_at_the_office(story, case)
    story.now += timedelta(days=20)
    story.work()


def test_the_paper_answers_the_correction_and_the_case_goes_on_r10(story: Story, case: Case) -> None:
    answer = enter(story, typed(story, case))
    done = case.task_set.get(step_id="correccion")
    assert (done.status, story.task(case, "admision").status) == ("DONE", "NEW"), "back with who asked"
    filed = Submission.objects.get(step_id="correccion")
    assert (filed.channel, filed.author, answer.submission) == (Channel.COUNTER, story.people["Julia"], filed)
    assert answer.is_in_time
    case.refresh_from_db()
    assert case.channel == Channel.WEB, "the application itself came another way"
    assert Notice.objects.filter(person=story.people["Bruno"], subject__contains="en papel").exists()


def test_it_enters_with_the_hour_at_which_the_paper_was_received_r2(story: Story, case: Case) -> None:
    received = story.now - timedelta(minutes=40)
    enter(story, typed(story, case), received)
    entered = {item.document.title: item for item in items_of(case.file)}
    for title in ("Respuesta a la corrección", "Respuesta firmada en papel.pdf"):
        assert (entered[title].received_at, entered[title].entered_at) == (received, story.now)
    sequence = [item.seq for item in items_of(case.file)]
    assert sequence == list(range(1, len(sequence) + 1)), "strict order, without gaps"
    receipt = str(entered["Comprobante de respuesta recibida en papel"].document.content)
    hour = received.astimezone(CHILE).strftime("%H:%M")
    assert f"{hour} horas" in receipt
    assert "Bruno Díaz Riquelme, RUN" in receipt
    assert "Julia Lagos Maturana, en el mesón" in receipt


def test_the_original_of_what_the_counter_scanned_and_keeps_is_not_asked_for_r50(story: Story, case: Case) -> None:
    """DS 4 art. 34: the office has the paper; of what the person attached it may be asked."""
    enter(story, typed(story, case))
    titles = {document.title for document in originals.askable(case)}
    assert "titulo_local.pdf" in titles
    assert "Respuesta firmada en papel.pdf" not in titles
    scanned = Document.objects.get(file=case.file, title="Respuesta firmada en papel.pdf")
    by = story.people["Beto"]
    with pytest.raises(originals.AlreadyAsked):
        originals.ask_original(case=case, document_id=scanned.pk, reason="x", days=None, by=by, now=story.now)


def test_what_came_on_a_saturday_counts_from_monday_r6(story: Story, case: Case) -> None:
    saturday = datetime(2026, 3, 7, 11, 30, tzinfo=CHILE)
    story.now = datetime(2026, 3, 9, 10, 0, tzinfo=CHILE)
    answer = enter(story, typed(story, case), saturday)
    assert answer.received_at == saturday
    assert answer.effective_at == datetime(2026, 3, 9, 0, 0, tzinfo=CHILE)


def test_an_hour_at_which_it_cannot_have_come_is_refused(story: Story, case: Case) -> None:
    draft = typed(story, case)
    with pytest.raises(NotReceivedThen, match="todavía no llega"):
        enter(story, draft, story.now + timedelta(minutes=1))
    with pytest.raises(NotReceivedThen, match="no pudo llegar antes"):
        enter(story, draft, story.now - timedelta(hours=3))
    assert not PaperAnswer.objects.exists()
    assert not Submission.objects.filter(step_id="correccion").exists()


def test_a_late_paper_waits_for_the_official_who_decides_r11(story: Story, case: Case) -> None:
    expired(story, case)
    answer = enter(story, typed(story, case))
    assert not answer.is_in_time
    assert kinds(case)[-4:].count("correction.answered_late") == 1
    assert story.task(case, DECIDES).status == "NEW", "the machine decides nothing"


def test_a_paper_received_in_time_and_typed_late_says_so_to_who_decides_r11(
    story: Story, case: Case, visitor: Visitor
) -> None:
    received = story.now
    expired(story, case)
    answer = enter(story, typed(story, case), received)
    assert answer.is_in_time
    assert "correction.answered_late" not in kinds(case)
    assert "correction.answered_in_time" in kinds(case)
    task = story.task(case, DECIDES)
    page = text_of(visitor(story.holder(task)).get(at("desk_step", case.ref, task.pk)))
    assert "dentro del plazo" in page


def test_an_answered_or_missing_correction_is_refused(story: Story, case: Case) -> None:
    draft = typed(story, case)
    story.correct(case, "Bruno")
    with pytest.raises(TaskFinished):
        enter(story, draft)
    assert paper_answers.find(attendance=attended(story), number=case.number) == case, "the paper can still be kept"
    with pytest.raises(paper_answers.NothingToCorrect):
        typed(story, case)
    never_asked = story.file("patente_comercial", "Bruno")
    with pytest.raises(paper_answers.NothingToCorrect):
        paper_answers.find(attendance=attended(story), number=never_asked.number)
    with pytest.raises(paper_answers.NothingToCorrect):
        typed(story, never_asked)


def test_only_the_persons_own_and_only_of_this_agency(story: Story, case: Case) -> None:
    with pytest.raises(paper_answers.NotTheirs):
        paper_answers.find(attendance=attended(story), number="2026-999999")
    here = attended(story)
    Attendance.objects.filter(pk=here.pk).update(agency=Agency.objects.exclude(pk=here.agency_id).first())
    here.refresh_from_db()
    with pytest.raises(paper_answers.OtherAgency, match="envíalo hoy"):
        paper_answers.find(attendance=here, number=case.number)


def test_another_official_types_nothing_into_it(story: Story, case: Case) -> None:
    draft = typed(story, case)
    with pytest.raises(NotAllowed):
        paper_answers.answer(
            draft=draft, paper=paper(story), by=story.people["Beto"], on=story.now.date(), now=story.now
        )


def test_nothing_is_taken_when_the_attendance_is_over_and_the_person_goes_on_alone(story: Story, case: Case) -> None:
    draft = typed(story, case)
    story.fill(draft, direccion="Los Aromos 455")
    counter.end(attendance=Attendance.objects.get(), now=story.now)
    draft = Draft.objects.get(pk=draft.pk)
    assert draft.person == story.people["Bruno"]
    with pytest.raises(CommandRefused):
        enter(story, draft)
    mine = drafts.begin_answer(task=draft.task, by=story.people["Bruno"], now=story.now)  # type: ignore[arg-type]
    assert (mine.pk, drafts.read(mine)["direccion"]) == (draft.pk, "Los Aromos 455")


def julia(story: Story) -> Client:
    client = Client()
    client.force_login(story.user("Julia"), backend=BACKEND)
    return client


def test_the_whole_answer_by_its_pages_and_nothing_typed_is_lost(story: Story, case: Case) -> None:
    client = julia(story)
    here = client.post(at("counter"), {"run": "42222222-7", **PROOF})["Location"]
    assert case.number in text_of(client.get(here))
    found = client.post(f"{here}corregir/", {"number": case.number})["Location"]
    assert "Falta el número" in text_of(client.get(found))
    assert CaseAccess.objects.filter(case=case, person=story.people["Julia"]).exists(), (
        "the person sees who read it (R40)"
    )
    page = client.post(found)["Location"]
    assert "Lo que se pidió corregir en esta página" in text_of(client.get(page))
    draft = Draft.objects.get(task__isnull=False)
    wrong = client.post(page, {"direccion": ""})
    assert wrong.status_code == 422
    story.fill(Draft.objects.get(pk=draft.pk), direccion="Los Aromos 455")
    signing = client.get(at("sign", draft.ref))["Location"]
    local = timezone.localtime()
    tomorrow = {"day": f"{local + timedelta(days=1):%d/%m/%Y}", "hour": "09:15", "conforms": "on"}
    refused = client.post(signing, {**tomorrow, "paper": scan()})
    assert refused.status_code == 422
    assert "todavía no llega" in text_of(refused)
    assert "09:15" in refused.content.decode()
    assert "Ya está guardado: respuesta.pdf" in text_of(refused), "the scan need not be chosen again"
    good = {"day": f"{local:%d/%m/%Y}", "hour": f"{local:%H:%M}", "conforms": "on"}
    assert client.post(signing, good)["Location"] == here
    said = text_of(client.get(here))
    assert f"Respuesta recibida en papel: N° {case.number}" in said
    story.now = timezone.now()
    story.work()
    receipt = client.get(at("counter_answer_receipt", Attendance.objects.get().pk, PaperAnswer.objects.get().pk))
    assert receipt["Content-Type"] == "application/pdf"
    assert client.get(at("desk_case", case.ref)).status_code == 404, "and nothing else of the case opens"


def test_a_case_filed_at_the_counter_and_answered_there_still_prints_its_first_receipt(story: Story) -> None:
    here = attended(story)
    draft = counter.begin(attendance=here, offering=story.offering("patente_comercial"), now=story.now)
    story.fill(draft)
    case = counter.file_signed_on_paper(draft=draft, paper=scan(), by=story.people["Julia"], now=story.now)
    story.do(case, "admision", resultado="observar", observaciones="Corrige.")
    draft = paper_answers.begin(attendance=here, case=case, by=story.people["Julia"], now=story.now)
    enter(story, draft)
    assert Document.objects.filter(file=case.file, kind=Document.Kind.RECEIPT).count() == 2
    story.work()
    where = at("counter_receipt", here.pk, case.ref)
    assert julia(story).get(where).status_code == 200


def test_who_only_has_an_interest_neither_reads_the_answers_nor_gives_them_for_who_applied_r41(
    story: Story, case: Case, visitor: Visitor
) -> None:
    carla = story.people["Carla"]
    CaseParty.objects.create(case=case, agency=case.agency, kind="joined", person=carla, joined_at=story.now)
    here = attended(story, run_of(carla))
    with pytest.raises(paper_answers.NotTheirs):
        paper_answers.begin(attendance=here, case=case, by=story.people["Julia"], now=story.now)
    with pytest.raises(paper_answers.NotTheirs):
        paper_answers.find(attendance=here, number=case.number)
    assert visitor("Julia").get(at("counter_correction", here.pk, case.ref)).status_code == 404
    page = visitor("Julia").get(at("counter_attendance", here.pk)).content.decode()
    assert at("counter_correction", here.pk, case.ref) not in page
    assert "Corregir ahora" not in text_of(visitor("Carla").get(at("case", case.ref)))
    said = visitor("Carla").post(at("correct", case.ref), follow=True)
    assert "La corrección la responde quien presentó la solicitud" in text_of(said)
    assert not Draft.objects.filter(task__isnull=False).exists()


def test_who_began_an_answer_without_having_applied_cannot_send_it(story: Story, case: Case) -> None:
    carla = story.people["Carla"]
    CaseParty.objects.create(case=case, agency=case.agency, kind="joined", person=carla, joined_at=story.now)
    draft = drafts.begin_answer(task=story.task(case, "correccion"), by=carla, now=story.now)
    with pytest.raises(NotAllowed):
        corrections.answer_correction(draft=draft, by=carla, signature=None, now=story.now)
    assert not Submission.objects.filter(step_id="correccion").exists()


def test_where_nobody_applied_the_affected_person_answers_and_the_informer_does_not(story: Story, case: Case) -> None:
    bruno = story.people["Bruno"]
    case.parties.update(kind="affected")
    assert correctable_by(bruno).get() == case
    case.parties.update(kind="informer")
    assert not correctable_by(bruno).exists()


def test_a_kept_scan_in_which_a_virus_was_found_is_not_filed(story: Story, case: Case) -> None:
    kept = keep_paper(scan(), now=story.now)
    kept.scan = Scan.INFECTED
    with pytest.raises(FileInfected):
        keep_paper(kept, now=story.now)


def test_more_scans_than_fit_are_refused_on_the_page_and_the_person_s_files_do_not_count(
    story: Story, case: Case, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = typed(story, case)
    uploads.keep(draft=draft, name="direccion", upload=scan(), now=story.now)
    monkeypatch.setattr(uploads, "MOST_FILES", 1)
    page, julia = at("counter_paper", draft.attendance_id, draft.ref), visitor("Julia")
    assert julia.post(page, {"paper": scan()}).status_code == 422
    assert uploads.kept_scan(draft) is not None
    again = julia.post(page, {"paper": scan()})
    assert again.status_code == 422
    assert str(TooManyFiles()) in text_of(again)
