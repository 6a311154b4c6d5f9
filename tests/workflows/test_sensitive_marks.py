"""A file with sensitive or personal data of one interested person is not read by the others (D10 art. 37)."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from documents.models import Document
from notifications.api import Notified
from notifications.models import Notice
from tests.story import PDF, Story
from tests.workflows.desk import Visitor, at, text_of
from tests.workflows.test_paper_answers import attended, scan
from workflows.commands import counter, originals, overlooked, paper_answers, physical, sensitive
from workflows.commands.notification import record_notification
from workflows.commands.physical import Handing, Undigitised
from workflows.errors import NotAllowed
from workflows.models import Case, CaseMessage, CaseParty, SensitiveMark, Submission, SubmissionValue
from workflows.papers import OnPaper
from workflows.uploads import keep_paper
from workflows.withholding import SCANNED, AlreadyMarked, handed_in, withheld

pytestmark = pytest.mark.django_db
SECRET = "Tengo la enfermedad que dice el certificado."
KEPT = "Datos sensibles o personales de otra persona"


@pytest.fixture
def carla(story: Story, case: Case) -> CaseParty:
    """A neighbour who has an interest in Ana's case."""
    return CaseParty.objects.create(
        case=case, agency=case.agency, kind="joined", person=story.people["Carla"], joined_at=story.now
    )


def send(visitor: Visitor, case: Case, who: str, **more: Any) -> Document:
    upload = SimpleUploadedFile("certificado medico.pdf", PDF)
    page = at("measure", case.ref, "escribir")
    assert visitor(who).post(page, {"reason": SECRET, "files": upload, **more}).status_code == 302
    return CaseMessage.objects.latest("pk").documents.get()


def reads(visitor: Visitor, case: Case, who: str, document: Document) -> bool:
    """Whether somebody reads it: on the page, by its address and in their copy, all three or none."""
    client = visitor(who)
    page = text_of(client.get(at("case", case.ref)))
    archive = ZipFile(io.BytesIO(client.get(at("download_all", case.ref)).content))
    index = json.loads(archive.read("indice.json"))
    part = next(one for one in index["parts"] if one["seq"] == document.item.seq)
    named = document.title in archive.read("indice.json").decode() + archive.read("indice.html").decode()
    answers = {
        document.title in page,
        client.get(at("document", case.ref, document.pk)).status_code == 200,
        part["name"] in archive.namelist(),
        named,
    }
    assert len(answers) == 1, "withheld in one place and open in another"
    return answers.pop()


def test_what_the_person_marks_is_read_by_them_and_the_officials_and_by_no_other_interested_person_r41(
    story: Story, case: Case, carla: CaseParty, visitor: Visitor
) -> None:
    document = send(visitor, case, "Ana", private="on")
    assert reads(visitor, case, "Ana", document)
    assert not reads(visitor, case, "Carla", document)
    page = text_of(visitor("Carla").get(at("case", case.ref)))
    assert SECRET not in page
    assert KEPT in page
    desk = visitor("Beto")
    assert SECRET in text_of(desk.get(at("desk_case", case.ref) + "?ver=mensajes"))
    assert "solo lo lee Ana" in text_of(desk.get(at("desk_case", case.ref) + "?ver=expediente"))
    assert desk.get(at("desk_document", case.ref, document.pk)).status_code == 200
    assert document.title not in text_of(visitor("Carla").get(at("who_saw", case.ref)))


def test_whoever_applied_does_not_read_what_another_interested_person_marked_r41(
    story: Story, case: Case, carla: CaseParty, visitor: Visitor
) -> None:
    document = send(visitor, case, "Carla", private="on")
    assert reads(visitor, case, "Carla", document)
    assert not reads(visitor, case, "Ana", document)
    assert SECRET not in text_of(visitor("Ana").get(at("case", case.ref)))


def test_what_nobody_marked_is_open_to_every_interested_person_r41(
    story: Story, case: Case, carla: CaseParty, visitor: Visitor
) -> None:
    document = send(visitor, case, "Ana")
    assert reads(visitor, case, "Carla", document)
    assert SECRET in text_of(visitor("Carla").get(at("case", case.ref)))


def test_a_message_without_files_is_kept_too_r41(story: Story, case: Case, carla: CaseParty, visitor: Visitor) -> None:
    visitor("Ana").post(at("measure", case.ref, "escribir"), {"reason": SECRET, "private": "on"})
    assert SECRET not in text_of(visitor("Carla").get(at("case", case.ref)))
    assert SECRET in text_of(visitor("Ana").get(at("case", case.ref)))


def test_the_person_marks_later_what_they_handed_in_and_only_that_r41(
    story: Story, case: Case, carla: CaseParty, visitor: Visitor
) -> None:
    mine, hers = send(visitor, case, "Ana"), send(visitor, case, "Carla")
    page = at("measure", case.ref, "reservar-documento")
    assert visitor("Ana").post(page, {"document": ""}).status_code == 422
    assert visitor("Ana").post(page, {"document": hers.pk}).status_code == 422
    assert visitor("Ana").post(page, {"document": mine.pk}).status_code == 302
    assert withheld(case, story.people["Carla"]) == [mine.pk]
    with pytest.raises(NotAllowed):
        sensitive.mark_own(case=case, document_id=hers.pk, by=story.people["Ana"], now=story.now)
    with pytest.raises(AlreadyMarked):
        sensitive.mark_own(case=case, document_id=mine.pk, by=story.people["Ana"], now=story.now)


def test_a_file_of_an_answer_is_kept_on_the_page_of_answers_too_r41(
    story: Story, carla: CaseParty, case: Case, visitor: Visitor
) -> None:
    value = case.submissions.get().values.filter(document__isnull=False).earliest("pk")
    assert value.document is not None
    before = text_of(visitor("Carla").get(at("answers", case.ref)))
    assert value.document.title in before
    sensitive.mark_own(case=case, document_id=value.document.pk, by=story.people["Ana"], now=story.now)
    page = visitor("Carla").get(at("answers", case.ref)).content.decode()
    assert value.document.title not in page
    assert at("document", case.ref, value.document.pk) not in page
    assert value.document.title in text_of(visitor("Ana").get(at("answers", case.ref)))


def test_the_sealed_papers_that_name_a_kept_file_are_kept_with_it_r41(
    story: Story, carla: CaseParty, case: Case, visitor: Visitor
) -> None:
    """The application as a document says the name of each file, and the receipt carries them for machines."""
    story.work()
    value = case.submissions.get().values.filter(document__isnull=False).earliest("pk")
    assert value.document is not None
    papers = Document.objects.filter(file=case.file, kind__in=("application", "receipt"))

    def opened(who: str) -> set[int]:
        return {visitor(who).get(at("document", case.ref, one.pk)).status_code for one in papers}

    assert opened("Carla") == {200}
    sensitive.mark_own(case=case, document_id=value.document.pk, by=story.people["Ana"], now=story.now)
    assert opened("Carla") == {404}
    assert opened("Ana") == {200}
    archive = ZipFile(io.BytesIO(visitor("Carla").get(at("download_all", case.ref)).content))
    assert not [name for name in archive.namelist() if "solicitud-patente" in name.lower()]
    assert "Lo que presentaste" in text_of(visitor("Carla").get(at("answers", case.ref)))


def test_an_official_marks_it_for_its_owner_and_lifts_the_mark_with_reasons_r41(
    story: Story, case: Case, carla: CaseParty, visitor: Visitor
) -> None:
    document = send(visitor, case, "Carla")
    beto, ana = visitor("Beto"), case.parties.get(kind="applicant")
    page = at("desk_measure", case.ref, "reservar-documento")
    given = {"document": document.pk, "party": ana.pk}
    assert beto.post(page, given).status_code == 422, "without a reason"
    assert beto.post(page, {**given, "reason": "Trae la ficha clínica de Ana."}).status_code == 302
    assert withheld(case, story.people["Carla"]) == [document.pk]
    assert withheld(case, story.people["Ana"]) == []
    mark = SensitiveMark.objects.get()
    lift = at("desk_measure", case.ref, "quitar-reserva")
    assert beto.post(lift, {"mark": mark.pk, "reason": "Carla lo necesita para defenderse."}).status_code == 302
    assert withheld(case, story.people["Carla"]) == []
    assert Notice.objects.filter(person=story.people["Ana"], body__contains="para defenderse").exists()
    assert beto.get(lift).status_code == 404
    with pytest.raises(sensitive.NotMarked):
        sensitive.lift(case=case, mark_id=mark.pk, reason="Otra vez.", by=story.people["Beto"], now=story.now)
    with pytest.raises(NotAllowed):
        sensitive.mark_by_official(
            case=case, document_id=document.pk, party_id=ana.pk, reason="x", by=story.people["Ana"], now=story.now
        )


def test_what_an_official_writes_to_one_of_several_is_told_to_nobody_else_r41(
    story: Story, case: Case, carla: CaseParty, visitor: Visitor
) -> None:
    upload = SimpleUploadedFile("ficha.pdf", PDF)
    page = at("desk_measure", case.ref, "escribir")
    said: dict[str, Any] = {"reason": SECRET, "files": upload, "private_to": carla.pk}
    assert visitor("Beto").post(page, said).status_code == 302
    assert Notice.objects.filter(person=story.people["Carla"], body__contains=SECRET).exists()
    assert not Notice.objects.filter(person=story.people["Ana"], body__contains=SECRET).exists()
    document = CaseMessage.objects.get().documents.get()
    assert not reads(visitor, case, "Ana", document)
    assert reads(visitor, case, "Carla", document)


def test_what_tells_of_a_kept_document_is_kept_with_it_r41(
    story: Story, case: Case, carla: CaseParty, visitor: Visitor
) -> None:
    document, by = send(visitor, case, "Ana", private="on"), story.people["Beto"]
    said: dict[str, Any] = {"case": case, "by": by, "now": story.now}
    request = originals.ask_original(document_id=document.pk, reason="No se lee.", days=None, **said)
    entry = physical.receive(
        thing=Undigitised("Radiografía de Ana", "format", "Es una placa."),
        handing=Handing("Ana", "Beto", story.now.date(), "Bodega"),
        **said,
    )
    sensitive.mark_by_official(
        document_id=entry.document_id, party_id=case.parties.get(kind="applicant").pk, reason="Es de salud.", **said
    )
    moved = physical.move(
        first_id=entry.pk, handing=Handing("Beto", "Carla", story.now.date(), "Archivo"), reason="Se archiva.", **said
    )
    kept = {document.pk, request.order_id, entry.document_id, moved.document_id}
    assert set(withheld(case, story.people["Carla"])) == kept
    page = text_of(visitor("Carla").get(at("case", case.ref)))
    assert "Radiografía" not in page
    assert "certificado medico" not in page
    assert f"original del documento N° {document.item.seq}" not in page
    index = ZipFile(io.BytesIO(visitor("Carla").get(at("download_all", case.ref)).content)).read("indice.json").decode()
    assert "Radiografía" not in index
    assert "Bodega" not in index
    assert "Radiografía de Ana" in text_of(visitor("Ana").get(at("case", case.ref)))


def test_where_a_kept_thing_went_is_told_to_its_owner_alone_r41(story: Story, case: Case, carla: CaseParty) -> None:
    said: dict[str, Any] = {"case": case, "by": story.people["Beto"], "now": story.now}
    thing = Undigitised("Radiografía de Carla", "format", "Es una placa.")
    told = physical.announce(case=case, thing=thing, by=story.people["Carla"], now=story.now)
    sensitive.mark_by_official(document_id=told.document_id, party_id=carla.pk, reason="Es de salud.", **said)
    handing = Handing("Carla", "Beto", story.now.date(), "Bodega de salud")
    physical.receive(thing=thing, handing=handing, announced_id=told.pk, **said)
    physical.move(first_id=told.pk, handing=handing, reason="Se archiva.", **said)
    about = Notice.objects.filter(body__contains="Radiografía")
    assert {notice.person for notice in about} == {story.people["Carla"]}
    assert about.count() == 2


def test_whoever_is_asked_for_an_original_opens_the_request_though_the_data_are_of_another_r50(
    story: Story, case: Case, carla: CaseParty, visitor: Visitor
) -> None:
    document = send(visitor, case, "Carla")
    said: dict[str, Any] = {"case": case, "by": story.people["Beto"], "now": story.now}
    ana = case.parties.get(kind="applicant")
    sensitive.mark_by_official(document_id=document.pk, party_id=ana.pk, reason="Es la ficha de Ana.", **said)
    asked = originals.ask_original(document_id=document.pk, reason="No se lee.", days=None, **said)
    assert asked.party == carla
    assert withheld(case, story.people["Carla"]) == [document.pk]
    assert visitor("Carla").get(at("case", case.ref)).status_code == 200


def filed_on_paper(story: Story, code: str, **answers: Any) -> tuple[Case, Document]:
    """Ana's application, typed at the counter, with the paper that she signed; Carla has an interest in it."""
    draft = counter.begin(attendance=attended(story, "41.111.111-3"), offering=story.offering(code), now=story.now)
    story.fill(draft, **answers)
    case = counter.file_signed_on_paper(draft=draft, paper=scan(), by=story.people["Julia"], now=story.now)
    kind = CaseParty.Kind.JOINED
    row: dict[str, Any] = {"case": case, "agency": case.agency, "kind": kind, "joined_at": story.now}
    CaseParty.objects.create(person=story.people["Carla"], **row)
    story.work()
    return case, Document.objects.get(file=case.file, item__origin=SCANNED)


def test_the_paper_of_an_application_is_withheld_with_its_sensitive_answers_r41(story: Story, visitor: Visitor) -> None:
    case, paper = filed_on_paper(story, "ayuda_social", salud="Tengo VIH")
    assert reads(visitor, case, "Ana", paper)
    assert not reads(visitor, case, "Carla", paper)
    assert visitor("Fabián").get(at("document", case.ref, paper.pk)).status_code == 404


def test_whoever_applied_on_paper_marks_the_paper_and_no_other_does_r41(story: Story, visitor: Visitor) -> None:
    case, paper = filed_on_paper(story, "patente_comercial")
    assert reads(visitor, case, "Carla", paper), "nothing of it is sensitive"
    told: dict[str, Any] = {"case": case, "document_id": paper.pk, "now": story.now}
    with pytest.raises(NotAllowed):
        sensitive.mark_own(by=story.people["Carla"], **told)
    assert str(paper.pk) in visitor("Ana").get(at("measure", case.ref, "reservar-documento")).content.decode()
    sensitive.mark_own(by=story.people["Ana"], **told)
    assert not reads(visitor, case, "Carla", paper)
    assert reads(visitor, case, "Ana", paper)


def test_an_answer_on_paper_is_withheld_in_time_or_too_late_and_is_of_who_brought_it_r41(
    story: Story, visitor: Visitor
) -> None:
    """It opens with all that was filed, so what is sensitive there is in the paper too."""
    case, late = filed_on_paper(story, "patente_comercial")
    ana, julia = story.people["Ana"], story.people["Julia"]
    story.do(case, "admision", observe={"direccion": "Falta el número"}, resultado="observar", observaciones="Corrige.")
    story.now += timedelta(hours=2)
    typed = paper_answers.begin(attendance=attended(story, "41.111.111-3"), case=case, by=julia, now=story.now)
    brought = OnPaper(keep_paper(scan(), now=story.now), story.now)
    paper_answers.answer(draft=typed, paper=brought, by=julia, on=story.now.date(), now=story.now)
    answer = Document.objects.get(file=case.file, title__startswith="Respuesta firmada en papel")
    assert answer in handed_in(case, case.parties.get(person=ana))
    assert answer not in handed_in(case, case.parties.get(person=story.people["Carla"]))
    story.work()
    assert reads(visitor, case, "Carla", answer), "nothing of it is sensitive"
    correction = Submission.objects.get(case=case, step_id="correccion")
    SubmissionValue.objects.filter(submission=correction, field_id="direccion").update(sealed=b"x", value=None)
    kept_back = withheld(case, story.people["Carla"])
    assert answer.pk in kept_back
    assert late.pk not in kept_back, "of another submission, in which nothing is sensitive"
    assert answer.pk not in withheld(case, ana)


def test_a_paper_that_came_too_late_is_withheld_like_the_application_r41(story: Story) -> None:
    case, _paper = filed_on_paper(story, "patente_comercial")
    ana, carla = story.people["Ana"], story.people["Carla"]
    story.do(case, "admision", observe={"direccion": "Falta el número"}, resultado="observar", observaciones="Corrige.")
    story.now += timedelta(hours=2)
    told = Notified(person=ana, medium="office", occurred_at=story.now, evidence="Firmó.")
    record_notification(case=case, step_id="correccion", notified=told, by=story.people["Beto"], now=story.now)
    story.now += timedelta(days=20)
    story.work()
    story.do(case, "sin_corregir", declara=True, fundamento="No corrigió.")
    brought = OnPaper(keep_paper(scan(), now=story.now), story.now)
    here, julia = attended(story, "41.111.111-3"), story.people["Julia"]
    kept = overlooked.keep(attendance=here, case=case, paper=brought, by=julia, on=story.now.date(), now=story.now)
    assert kept.document in handed_in(case, case.parties.get(person=ana))
    assert kept.document_id not in withheld(case, carla)
    first = Submission.objects.filter(case=case).earliest("seq")
    SubmissionValue.objects.filter(submission=first, field_id="direccion").update(sealed=b"x", value=None)
    assert kept.document_id in withheld(case, carla)
    assert kept.document_id not in withheld(case, ana)
