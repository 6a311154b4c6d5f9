"""After filing: writing and adding documents, who saw it, three views, the state without an account, how it went."""

from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from lxml import html
from PIL import Image

from audit.models import PersonalValue
from documents.api import format_code, items_of
from notifications.models import Notice
from tests.story import PDF, Story
from tests.workflows.permissions import BACKEND
from workflows.commands import correspondence as commands
from workflows.errors import NotAllowed
from workflows.models import Case, CaseMessage, CaseParty, SatisfactionCount

Page = tuple[Client, Case]


@pytest.fixture
def story(db: None) -> Story:
    return Story.begin()


@pytest.fixture
def case(story: Story) -> Case:
    return story.file()


def browser(story: Story, name: str) -> Client:
    client = Client()
    client.force_login(story.user(name), backend=BACKEND)
    return client


def at(name: str, *args: object) -> str:
    return reverse(f"workflows:{name}", args=args)


def write(client: Client, case: Case, page: str = "measure", **data: Any) -> Any:
    return client.post(at(page, case.ref, "escribir"), data)


@pytest.mark.parametrize(("way", "said"), [("desistirme", "retirar esta solicitud"), ("renunciar", "renunciar")])
def test_whoever_asks_to_leave_is_not_greeted_as_if_they_had_just_filed_r18(
    story: Story, case: Case, way: str, said: str
) -> None:
    ana, page = browser(story, "Ana"), at("case", case.ref)
    Case.objects.filter(pk=case.pk).update(filed_at=timezone.now())
    assert "Solicitud enviada" in ana.get(page).content.decode()
    ana.post(at("measure", case.ref, way), {"reason": "Ya no lo necesito.", "sure": "on"})
    told = ana.get(page).content.decode()
    assert "Solicitud enviada" not in told
    assert f"Pediste {said}" in told
    block = "law_withdrawal" if way == "desistirme" else "law_waiver"
    story.now = timezone.now()
    story.do(case, block, declara=False, fundamento="Pidió seguir.")
    assert f"Pediste {said}" not in ana.get(page).content.decode()


def test_the_person_adds_arguments_and_documents_before_the_decision(story: Story, case: Case) -> None:
    """R22."""
    before = case.file.last_seq
    files = [SimpleUploadedFile("plano.pdf", PDF), SimpleUploadedFile("foto.pdf", PDF)]
    write(browser(story, "Ana"), case, reason="Agrego el plano que faltaba.", files=files)
    message = CaseMessage.objects.get(case=case)
    assert [document.title for document in message.documents.all()] == ["plano.pdf", "foto.pdf"]
    assert [item.document.title for item in items_of(case.file)][before:] == ["plano.pdf", "foto.pdf"]
    page = browser(story, "Beto").get(at("desk_case", case.ref) + "?ver=mensajes").content.decode()
    assert "Agrego el plano que faltaba." in page
    assert "Mensajes (1)" in page


def test_whoever_only_adds_a_document_writes_nothing_r22(story: Story, case: Case) -> None:
    assert write(browser(story, "Ana"), case, files=[SimpleUploadedFile("plano.pdf", PDF)]).status_code == 302
    assert [document.title for document in CaseMessage.objects.get(case=case).documents.all()] == ["plano.pdf"]
    for who, page in (("Ana", at("case", case.ref)), ("Beto", at("desk_case", case.ref) + "?ver=mensajes")):
        assert "plano.pdf" in browser(story, who).get(page).content.decode()


def test_the_list_of_documents_says_the_format_of_each(story: Story, case: Case) -> None:
    picture = BytesIO()
    Image.new("RGB", (40, 30)).save(picture, "JPEG")
    files = [SimpleUploadedFile("plano.pdf", PDF), SimpleUploadedFile("foto.jpg", picture.getvalue())]
    write(browser(story, "Ana"), case, reason="Agrego lo que faltaba.", files=files)
    page: Any = html.fromstring(browser(story, "Ana").get(at("case", case.ref)).content.decode())
    rows = [" ".join(row.text_content().split()) for row in page.xpath("//ul[@class='documents']/li")]
    assert [row.split(")")[0] for row in rows[:2]] == ["foto.jpg (JPG", "plano.pdf (PDF"]


def test_the_official_who_holds_the_step_is_told(story: Story, case: Case) -> None:
    story.claim(case, "admision")
    write(browser(story, "Ana"), case, reason="Hola")
    assert Notice.objects.filter(person=story.people["Beto"], subject__contains=case.number).exists()


def test_the_official_answers_and_the_person_reads_it(story: Story, case: Case) -> None:
    write(browser(story, "Beto"), case, "desk_measure", reason="Recibimos tu plano, gracias.")
    assert "Recibimos tu plano, gracias." in browser(story, "Ana").get(at("case", case.ref)).content.decode()
    assert Notice.objects.filter(person=story.people["Ana"], subject__contains="Mensaje sobre").exists()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"reason": ""}, "Escribe un mensaje o elige un documento"),
        ({"reason": "Hola", "files": [SimpleUploadedFile("x.pdf", b"MZ\x90")]}, "El archivo debe ser PDF"),
        (
            {"reason": "Hola", "files": [SimpleUploadedFile("a.pdf", PDF), SimpleUploadedFile("b.docx", b"PK")]},
            "«b.docx»: El archivo debe ser PDF",
        ),
        ({"reason": "", "files": [SimpleUploadedFile("a.pdf", b"MZ")]}, "elígelos otra vez"),
        ({"reason": "Hola", "files": [SimpleUploadedFile(f"{n}.pdf", PDF) for n in range(6)]}, "Elige hasta 5"),
    ],
)
def test_what_cannot_be_sent_is_said_and_nothing_typed_is_lost(
    story: Story, case: Case, data: dict[str, Any], problem: str
) -> None:
    answer = write(browser(story, "Ana"), case, **data)
    assert answer.status_code == 422
    assert problem in answer.content.decode()
    assert str(data["reason"]) in answer.content.decode()
    assert not CaseMessage.objects.exists()


def test_the_notice_to_correct_says_what_question_by_question_r10(story: Story, case: Case) -> None:
    story.do(
        case, "admision", {"titulo_local": "Falta la segunda hoja."}, resultado="observar", observaciones="Corrige."
    )
    told = Notice.objects.get(person=story.people["Ana"], subject__startswith="Falta corregir")
    assert told.body.endswith(
        "Lo que hay que corregir:\n• Documento que te permite usar el local: Falta la segunda hoja."
    )


def test_what_was_received_says_of_which_procedure_and_when_it_is_answered_r4(story: Story, case: Case) -> None:
    told = Notice.objects.get(person=story.people["Ana"], subject__startswith="Recibimos")
    assert told.body.startswith("Trámite: Patente comercial definitiva, en Municipalidad de Ejemplo. ")
    assert case.due_on is not None
    assert f"a más tardar el {date_format(case.due_on, 'DATE_FORMAT')}" in told.body


def test_nobody_else_writes_in_a_case(story: Story, case: Case) -> None:
    with pytest.raises(NotAllowed):
        commands.write_to_agency(case=case, text="Hola", uploads=[], by=story.people["Bruno"], now=story.now)
    with pytest.raises(NotAllowed):
        commands.write_to_applicant(case=case, text="Hola", uploads=[], by=story.people["Hugo"], now=story.now)


def test_what_is_written_stands_in_the_log_only_as_a_commitment(story: Story, case: Case) -> None:
    commands.write_to_agency(case=case, text="Tengo 62 años", uploads=[], by=story.people["Ana"], now=story.now)
    assert PersonalValue.objects.filter(value__contains="Tengo 62").exists()


def test_after_the_end_nothing_enters_the_file(story: Story, case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(finished=story.now)
    with pytest.raises(commands.CaseEnded):
        commands.write_to_agency(case=case, text="Hola", uploads=[], by=story.people["Ana"], now=story.now)
    assert write(browser(story, "Ana"), case, reason="Hola").status_code == 404


def test_the_person_sees_who_opened_the_case_but_not_their_own_visits(story: Story, case: Case) -> None:
    """R40."""
    browser(story, "Beto").get(at("desk_case", case.ref))
    ana = browser(story, "Ana")
    ana.get(at("case", case.ref))
    page = ana.get(at("who_saw", case.ref)).content.decode()
    assert "Revisor de Patentes, Municipalidad de Ejemplo" in page
    assert "Ana María Pérez Soto</strong>" not in page


def test_three_views_tell_what_was_filed_what_stands_and_why_it_changed(story: Story, case: Case) -> None:
    story.do(case, "admision", resultado="observar", observaciones="Corrige.", observe={"rol_sii": "No existe."})
    story.correct(case, rol_sii="8888-77")
    ana = browser(story, "Ana")
    views = {name: ana.get(at("answers", case.ref) + f"?ver={name}").content.decode() for name in VIEWS}
    assert "8888-77" in views["actual"]
    assert "8888-77" not in views["presentada"]
    assert "8888-77" in views["cambios"]
    assert "/bandeja/" not in views["actual"].partition("<main")[2]


VIEWS = ("presentada", "actual", "cambios")


def test_the_views_show_nothing_that_officials_wrote(story: Story, case: Case) -> None:
    story.do(case, "admision", resultado="observar", observaciones="Nota interna del revisor.")
    page = browser(story, "Ana").get(at("answers", case.ref) + "?ver=actual").content.decode()
    assert "Nota interna del revisor." not in page


def test_number_and_code_tell_the_state_without_an_account_and_nothing_else(story: Story, case: Case) -> None:
    data = {"number": f" {case.number} ", "ref": format_code(case.ref).lower()}
    page = Client().post(at("look_up"), data).content.decode()
    assert "En trámite" in page
    assert "Departamento de Rentas" in page
    for secret in ("Ana", "Pérez", "Beto"):
        assert secret not in page


@pytest.mark.parametrize("wrong", [{"number": "2026-999999"}, {"ref": "7K3M-Q2XW-9D4H-B5TV"}])
def test_a_wrong_number_or_code_tells_nothing(story: Story, case: Case, wrong: dict[str, str]) -> None:
    answer = Client().post(at("look_up"), {"number": case.number, "ref": case.ref, **wrong})
    assert answer.status_code == 422
    assert "En trámite" not in answer.content.decode()


def test_guessing_is_stopped(story: Story, case: Case) -> None:
    with time_machine.travel(story.now, tick=False):
        statuses = [Client().post(at("look_up"), {"number": "1", "ref": case.ref}).status_code for _try in range(21)]
    assert statuses[-1] == 429
    assert statuses[0] == 422


def test_how_it_went_is_counted_once_and_without_who(story: Story, case: Case) -> None:
    ana = browser(story, "Ana")
    assert "¿Qué tan fácil fue" not in ana.get(at("case", case.ref)).content.decode()
    Case.objects.filter(pk=case.pk).update(finished=story.now)
    assert "¿Qué tan fácil fue" in ana.get(at("case", case.ref)).content.decode()
    for score in ("4", "1"):
        ana.post(at("rate", case.ref), {"nota": score})
    counted = SatisfactionCount.objects.get()
    assert (counted.score, counted.count) == (4, 1)
    assert CaseParty.objects.get(case=case).has_rated
    assert "¿Qué tan fácil fue" not in ana.get(at("case", case.ref)).content.decode()


def test_the_agency_sees_totals_and_none_of_a_handful(story: Story, case: Case) -> None:
    procedure = case.version.procedure
    SatisfactionCount.objects.create(
        agency=case.agency, procedure=procedure, month=story.now.date().replace(day=1), score=5, count=4
    )
    beto = browser(story, "Beto")
    assert "Pocas respuestas" in beto.get(at("satisfaction")).content.decode()
    SatisfactionCount.objects.update(count=8)
    assert "100 %" in beto.get(at("satisfaction")).content.decode()
    assert "100 %" not in browser(story, "Hugo").get(at("satisfaction")).content.decode()
