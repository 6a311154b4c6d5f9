"""What cases ask of other bodies: the register that the person reads, their authorisation, and letters with copies."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from zipfile import ZipFile

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.api import run_of
from accounts.models import Membership
from documents.models import Document
from jobs.models import Job
from notifications.models import Notice
from procedures.checking import check_data
from tests.story import PDF, Story
from tests.workflows.asking import asking, offered, sensitive
from tests.workflows.desk import Visitor, at, text_of
from tests.workflows.flows import begin, ended, flow, report, waiting
from workflows.commands import bringing, counter, endings, outside
from workflows.commands import official_letters as letters
from workflows.commands.locking import locked
from workflows.commands.outside import open_aside
from workflows.commands.parties import NewParty, add_party
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import Attendance, Case, CaseParty, CaseTask, Channel, Exchange
from workflows.steps.outside import CALL, bring_name

pytestmark = pytest.mark.django_db


@pytest.fixture
def story() -> Story:
    return Story.begin()


def answer(story: Story, case: Case, **values: Any) -> None:
    """The service answers what it was asked."""
    outside.ServiceHandler().finish(Job.objects.get(kind=CALL, case_id=case.pk), values, story.now)


def upload() -> SimpleUploadedFile:
    return SimpleUploadedFile("cartola.pdf", PDF)


class TestTheRegister:
    def test_an_answer_is_a_document_with_its_source_and_the_person_reads_the_record(
        self, story: Story, visitor: Visitor
    ) -> None:
        """R57, R59."""
        case = asking(story, autoriza_sensibles=True)
        answer(story, case, tramo=40, dependencia=True)
        case.refresh_from_db()
        assert case.data["consulta"] == {"ok": True, "tramo": 40}
        exchange = Exchange.objects.get(case=case)
        assert (exchange.result, exchange.subject) == ("success", story.people["Ana"])
        assert exchange.authorised_by == case.submissions.get()
        assert exchange.official is not None
        document = exchange.documents.get()
        assert (document.item.origin, document.item.entered_by) == ("interoperability", "Ministerio de Ejemplo")
        for said in ("Persona con dependencia", "AI001", "Registro de hogares", str(exchange.trace)):
            assert said in str(document.content)
        page = text_of(visitor("Ana").get(at("exchanges", case.ref)))
        for said in ("AI001", "Registro de hogares", "Persona con dependencia; Tramo", "La dio", str(exchange.trace)):
            assert said in page
        assert visitor("Carla").get(at("exchanges", case.ref)).status_code == 404
        self._another_interested_person_reads_nothing_sensitive(story, case, visitor("Carla"), document.pk)
        tab = visitor("Elena").get(at("desk_case", case.ref) + "?ver=instituciones")
        assert str(exchange.trace) in text_of(tab)

    def _another_interested_person_reads_nothing_sensitive(
        self, story: Story, case: Case, carla: Client, document: int
    ) -> None:
        """R41."""
        person = story.people["Carla"]
        CaseParty.objects.create(case=case, agency=case.agency, kind="joined", person=person, joined_at=story.now)
        page = text_of(carla.get(at("exchanges", case.ref)))
        assert "datos sensibles de quien solicita" in page
        assert "Persona con dependencia" not in page
        assert carla.get(at("document", case.ref, document)).status_code == 404
        assert "Datos recibidos" not in text_of(carla.get(at("case", case.ref)))

    def test_whoever_watches_over_an_agency_lists_its_register_and_no_other(
        self, story: Story, visitor: Visitor
    ) -> None:
        case = asking(story, autoriza_sensibles=True)
        answer(story, case, tramo=40, dependencia=False)
        address = reverse("workflows:exchange_register")
        watches = Membership.objects.filter(role__grants__capability="operate", role__unit__agency=case.agency)
        watcher = watches.earliest("pk").person.given_names.split()[0]
        assert case.number in text_of(visitor(watcher).get(address, {"sensibles": "1"}))
        assert "Ninguno con esos filtros" in text_of(visitor(watcher).get(address, {"pendientes": "1"}))
        sheet = visitor(watcher).get(address, {"formato": "csv"}).content.decode("utf-8-sig")
        assert "Ministerio de Ejemplo (código AI001)" in sheet
        assert str(story.people["Ana"]) not in sheet
        assert visitor("Ana").get(address).status_code == 403


class TestAuthorisation:
    def test_who_says_no_brings_it_and_the_case_goes_on_meanwhile(self, story: Story, visitor: Visitor) -> None:
        """R60: nothing is asked, the case goes on, and it does not end before an official looks at what was brought."""
        case = asking(story, autoriza_sensibles=False)
        story.work()
        case.refresh_from_db()
        assert not Exchange.objects.filter(case=case).exists()
        assert case.data["consulta"] == {"ok": False, "tramo": 60}
        assert waiting(case) == {"consulta", "decision"}
        ana = visitor("Ana")
        said = text_of(ana.get(at("case", case.ref)))
        assert "trae lo que no se pedirá" in said
        assert "No se consultó o no respondió" in said
        page = at("measure", case.ref, "traer-antecedentes")
        assert ana.post(page, {}).status_code == 422
        assert ana.post(page, {"files": upload()}).status_code == 302
        said = text_of(ana.get(at("case", case.ref)))
        assert "Comprobar lo que declaraste" in said, "the office checks; it asks nobody"
        task = story.claim(case, "consulta")
        check = at("desk_step", case.ref, task.pk)
        beto = visitor("Beto")
        assert "Pregunté a otra institución" not in text_of(beto.get(check))
        assert beto.post(check, {"agrees": "si", "how": "asked"}).status_code == 422
        with pytest.raises(CommandRefused, match="no autoriza"):
            outside.verify(task=task, by=story.user("Beto"), agrees=True, note="", asked=True, now=story.now)
        assert beto.post(check, {"agrees": "si", "how": "papers"}).status_code == 302
        story.do(case, "decision")
        assert ended(story, case)

    def test_taking_it_back_stops_what_was_not_asked_yet_and_undoes_nothing_before(self, story: Story) -> None:
        """R60."""
        case = asking(story, autoriza_sensibles=True)
        bringing.withdraw(case=case, reason="Prefiero traerlo.", by=story.people["Ana"], now=story.now)
        assert Exchange.objects.get(case=case).result == "unused"
        answer(story, case, tramo=40, dependencia=True)
        case.refresh_from_db()
        assert case.data["consulta"] == {"ok": False, "tramo": 60}
        assert CaseTask.objects.get(process=case, step_kind="bring").status == "NEW"
        with pytest.raises(bringing.NothingToTakeBack):
            bringing.withdraw(case=case, reason="", by=story.people["Ana"], now=story.now)

    @pytest.mark.parametrize("came", [None, {"tramo": 40, "dependencia": True}], ids=["not asked yet", "answered"])
    def test_an_answer_that_is_no_longer_authorised_is_not_used_and_the_case_goes_on(
        self, story: Story, came: dict[str, Any] | None
    ) -> None:
        """R60: a correction of the application may say no while the question is on its way."""
        case = asking(story, autoriza_sensibles=True)
        asked = Job.objects.get(kind=CALL, case_id=case.pk)
        says_no = {**case.data, "inicio": {**case.data["inicio"], "autoriza_sensibles": False}}
        Case.objects.filter(pk=case.pk).update(data=says_no)
        assert outside.ServiceHandler().prepare(asked) is None
        outside.ServiceHandler().finish(asked, came, story.now)
        story.work()
        case.refresh_from_db()
        assert case.data["consulta"] == {"ok": False, "tramo": 60}
        assert waiting(case) == {"consulta", "decision"}
        assert Exchange.objects.get(case=case).result == "unused"
        assert not case.file.items.filter(origin="interoperability").exists()

    def test_who_does_not_bring_it_loses_nothing_by_waiting(self, story: Story) -> None:
        """R60 against R17: a case that goes on without it is not abandoned."""
        case = asking(story, autoriza_sensibles=False)
        story.work()
        assert CaseTask.objects.get(process=case, step_kind="bring").for_applicant
        assert endings.inactive_since(case) is None

    def test_what_is_still_to_be_brought_is_not_verified_before(self, story: Story, visitor: Visitor) -> None:
        """R60: the service failed, an official has the check, and the person takes their authorisation back."""
        case = asking(story, autoriza_sensibles=True)
        outside.unanswered(Job(payload={"job": Job.objects.get(kind=CALL, case_id=case.pk).pk}), story.now)
        task = story.claim(case, "consulta")
        bringing.withdraw(case=case, reason="", by=story.people["Ana"], now=story.now)
        page = text_of(visitor("Beto").get(at("desk_step", case.ref, task.pk)))
        assert "Todavía no trae sus documentos" in page
        assert "Guardar lo verificado" not in page
        with pytest.raises(CommandRefused, match="todavía no trae"):
            outside.verify(task=task, by=story.user("Beto"), agrees=True, note="", now=story.now)
        bringing.bring(case=case, text="", uploads=[upload()], by=story.people["Ana"], now=story.now)
        outside.verify(task=task, by=story.user("Beto"), agrees=True, note="", now=story.now)
        story.do(case, "decision")
        assert ended(story, case)

    def test_what_a_person_brings_instead_is_not_for_the_other_interested_persons(
        self, story: Story, visitor: Visitor
    ) -> None:
        """R41: neither the list, the message that came with it, who saw it nor the whole copy tells what it is."""
        case = asking(story, autoriza_sensibles=False)
        story.work()
        name = "informe-psiquiatrico"
        brought = SimpleUploadedFile(f"{name}.pdf", PDF)
        ana, carla = story.people["Ana"], story.people["Carla"]
        bringing.bring(case=case, text="Lo que dice mi médico.", uploads=[brought], by=ana, now=story.now)
        CaseParty.objects.create(case=case, agency=case.agency, kind="joined", person=carla, joined_at=story.now)
        document = case.file.items.get(origin="brought").document
        visitor("Elena").get(at("desk_document", case.ref, document.pk))
        assert visitor("Carla").get(at("document", case.ref, document.pk)).status_code == 404
        for page in ("case", "who_saw"):
            said = text_of(visitor("Carla").get(at(page, case.ref)))
            assert name not in said
            assert "mi médico" not in said
        assert "mi médico" in text_of(visitor("Ana").get(at("case", case.ref)))
        for reader, reads in (("Carla", False), ("Ana", True)):
            copy = ZipFile(io.BytesIO(visitor(reader).get(at("download_all", case.ref)).content))
            everything = "".join(
                [*copy.namelist(), copy.read("indice.json").decode(), copy.read("indice.html").decode()]
            )
            assert (name in everything) is reads

    def test_a_sensitive_answer_is_read_by_whoever_gave_it_and_by_no_other_interested_person(
        self, story: Story, visitor: Visitor
    ) -> None:
        """R41: neither on the page of what was filed, nor in the application's document, nor in the whole copy."""
        illness = "Tengo epilepsia."
        case = story.file("ayuda_social", salud=illness)
        story.work()
        carla = story.people["Carla"]
        CaseParty.objects.create(case=case, agency=case.agency, kind="joined", person=carla, joined_at=story.now)
        application = case.file.documents.get(kind="application")
        for reader, reads in (("Ana", True), ("Carla", False)):
            client = visitor(reader)
            for view in ("presentada", "actual"):
                said = text_of(client.get(at("answers", case.ref), {"ver": view}))
                assert (illness in said) is reads
                assert ("Datos sensibles de quien solicita" in said) is not reads
                assert "¿Qué pasó?" in said
            assert client.get(at("document", case.ref, application.pk)).status_code == (200 if reads else 404)
            copy = ZipFile(io.BytesIO(client.get(at("download_all", case.ref)).content))
            pdfs = [name for name in copy.namelist() if application.title[:9].lower() in name.lower()]
            assert bool(pdfs) is reads, copy.namelist()

    def test_what_a_person_never_brings_does_not_hold_the_case_for_ever(self, story: Story) -> None:
        case = asking(story, autoriza_sensibles=False)
        story.work()
        reason = "Ya pasó un mes."
        bringing.go_on_without(case=case, reason=reason, by=story.people["Beto"], now=story.now)
        assert story.task(case, "consulta").step_kind == "verify"
        assert Notice.objects.filter(person=story.people["Ana"], body__contains=reason).exists()
        with pytest.raises(bringing.NothingToBring):
            bringing.bring(case=case, text="", uploads=[upload()], by=story.people["Ana"], now=story.now)

    def test_a_procedure_that_asks_for_sensitive_data_says_of_whom_and_may_go_on_without(self) -> None:
        data = flow(sensitive(source=None, on_failure="stop", declared={}, verified_by=None), report("decision"))
        found = {finding.code for finding in check_data(data).findings}
        assert {"sensitive_without_source", "sensitive_without_way"} <= found


class TestAtTheCounter:
    def test_whoever_says_no_hears_what_to_bring_and_brings_it_without_a_key_r60(
        self, story: Story, visitor: Visitor
    ) -> None:
        """The official reads aloud what the person may have to bring, before the signature and with the receipt."""
        julia, here = visitor("Julia"), attended(story)
        case = filed_there(story, here, autoriza_sensibles=False)
        page = at("counter_attendance", here.pk)
        said = text_of(julia.get(page))
        assert "Usted no autorizó pedir sus datos sensibles" in said
        assert "Persona con dependencia, Tramo (Ministerio de Ejemplo)" in said
        assert "Recibir lo que trae" not in said, "nothing is waited for yet"
        story.work()
        assert "Recibir lo que trae" in text_of(julia.get(page))
        bring = at("counter_bring", here.pk, case.ref)
        assert "Persona con dependencia; Tramo" in text_of(julia.get(bring))
        assert julia.post(bring, {"files": upload()}).status_code == 422, "nobody says that it was checked"
        assert julia.post(bring, {"files": upload(), "conforms": "on"}).status_code == 302
        document = Document.objects.get(file=case.file, item__origin="brought")
        assert not CaseTask.objects.filter(process=case, step_kind="bring", finished=None).exists()
        again = text_of(julia.post(bring, {"files": upload(), "conforms": "on"}, follow=True))
        assert "Eso ya se recibió" in again
        assert julia.get(at("document", case.ref, document.pk)).status_code == 404
        assert "Lo recibió y digitalizó Julia Lagos Maturana" in text_of(visitor("Bruno").get(at("case", case.ref)))
        CaseParty.objects.create(
            case=case, agency=case.agency, kind="joined", person=story.people["Carla"], joined_at=story.now
        )
        assert visitor("Carla").get(at("document", case.ref, document.pk)).status_code == 404

    def test_a_second_press_brings_nothing_for_what_is_waited_for_next(self, story: Story, visitor: Visitor) -> None:
        here = attended(story)
        case = filed_there(story, here, autoriza_sensibles=False)
        story.work()
        first = CaseTask.objects.get(process=case, step_kind="bring")
        page = visitor("Julia").get(at("counter_bring", here.pk, case.ref)).content.decode()
        assert f'name="asked" value="{first.pk}"' in page
        with locked(case.pk, by=None, now=story.now) as run:
            open_aside(run, CaseTask.objects.get(pk=first.pk), bring_name("consulta"))
        sent = {"files": upload(), "conforms": "on", "asked": str(first.pk)}
        place = at("counter_bring", here.pk, case.ref)
        assert visitor("Julia").post(place, sent).status_code == 302
        again = visitor("Julia").post(place, {**sent, "files": upload()})
        assert again.status_code == 409
        assert "Eso ya se recibió" in text_of(again)
        assert Document.objects.filter(file=case.file, item__origin="brought").count() == 1

    def test_whoever_says_yes_is_told_nothing_of_it(self, story: Story, visitor: Visitor) -> None:
        here = attended(story)
        filed_there(story, here, autoriza_sensibles=True)
        assert "datos sensibles" not in text_of(visitor("Julia").get(at("counter_attendance", here.pk)))

    def test_nothing_is_received_from_another_person_nor_by_phone(self, story: Story, visitor: Visitor) -> None:
        here = attended(story)
        case = filed_there(story, here, autoriza_sensibles=False)
        story.work()
        other, julia = attended(story, run_of(story.people["Ana"])), visitor("Julia")
        assert (
            julia.post(at("counter_bring", other.pk, case.ref), {"files": upload(), "conforms": "on"}).status_code
            == 404
        )
        with pytest.raises(NotAllowed):
            bringing.bring_at_counter(
                attendance=other, case=case, uploads=[upload()], by=story.people["Julia"], now=story.now
            )
        here.channel = Channel.PHONE
        here.save(update_fields=["channel"])
        assert julia.get(at("counter_bring", here.pk, case.ref)).status_code == 404


def attended(story: Story, run: str = "42.222.222-7") -> Attendance:
    """Somebody at Julia's counter: Bruno, unless it is said."""
    proof = {"identity": "card", "document_number": "A123.456.789", "given_names": "", "family_names": ""}
    return counter.attend(run=run, **proof, by=story.people["Julia"], on=story.now.date(), now=story.now)


def filed_there(story: Story, here: Attendance, **answers: Any) -> Case:
    """A case that asks for sensitive data, signed on paper at the counter."""
    draft = counter.begin(attendance=here, offering=story.offering(offered(story)), now=story.now)
    story.fill(draft, cuantos=60, **answers)
    case = counter.file_signed_on_paper(draft=draft, paper=upload(), by=story.people["Julia"], now=story.now)
    story.now += timedelta(minutes=1)
    return case


class TestLetters:
    def letter(self, story: Story, **more: Any) -> letters.Letter:
        given = {
            "addressee": "Servicio de Salud",
            "addressee_code": "AO123",
            "medium": "DocDigital N° 77",
            "matter": "Informe sanitario del local",
            "text": "Se solicita informar.",
            "due_on": story.now.date() + timedelta(days=10),
            "is_sensitive": False,
        }
        return letters.Letter(**{**given, **more})

    def test_a_letter_enters_the_file_and_everybody_interested_gets_a_copy_with_its_six_data(
        self, story: Story, visitor: Visitor
    ) -> None:
        """R61: Ley 19.880 art. 9; DS 4 art. 39."""
        case = begin(story, report("decision", "jefatura", "sello"))
        elena = story.people["Elena"]
        joined = NewParty(
            kind="joined", given_names="Bruno", family_names="Díaz", run="42.222.222-7", email="r@x.example"
        )
        add_party(case=case, party=joined, by=elena, now=story.now)
        sent = letters.send_letter(case=case, letter=self.letter(story), by=elena, now=story.now)
        assert sent.documents.get().item.direction == "out"
        copies = Notice.objects.filter(body__contains="Informe sanitario del local")
        assert copies.count() == 2
        for datum in ("Municipalidad", str(elena), "Servicio de Salud", "Trámite", "14 de marzo de 2026"):
            assert datum in copies.first().body  # type: ignore[union-attr]
        assert "DocDigital N° 77" in text_of(visitor("Ana").get(at("exchanges", case.ref)))
        letters.answer_letter(
            case=case, exchange_id=sent.pk, text="Sin reparos.", uploads=[upload()], by=elena, now=story.now
        )
        sent.refresh_from_db()
        assert (sent.result, sent.documents.count()) == ("success", 3)
        assert case.file.items.filter(origin="interoperability").count() == 2
        with pytest.raises(letters.AlreadyAnswered):
            letters.answer_letter(case=case, exchange_id=sent.pk, text="Otra.", uploads=(), by=elena, now=story.now)

    def test_a_letter_for_sensitive_data_is_not_answered_once_the_person_took_it_back(self, story: Story) -> None:
        """R60."""
        case, elena = asking(story, autoriza_sensibles=True), story.people["Elena"]
        sent = letters.send_letter(case=case, letter=self.letter(story, is_sensitive=True), by=elena, now=story.now)
        bringing.withdraw(case=case, reason="", by=story.people["Ana"], now=story.now)
        sent.refresh_from_db()
        assert sent.result == "unused"
        with pytest.raises(letters.NotAuthorised):
            letters.answer_letter(case=case, exchange_id=sent.pk, text="Sí.", uploads=(), by=elena, now=story.now)

    def test_a_letter_does_not_ask_for_sensitive_data_that_the_person_keeps_back(self, story: Story) -> None:
        case = begin(story, report("decision", "jefatura", "sello"))
        Case.objects.filter(pk=case.pk).update(data={**case.data, "inicio": {"autoriza_sensibles": False}})
        with pytest.raises(letters.NotAuthorised):
            letters.send_letter(
                case=case, letter=self.letter(story, is_sensitive=True), by=story.people["Elena"], now=story.now
            )
        assert not mail.outbox
