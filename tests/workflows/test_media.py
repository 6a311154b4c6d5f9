"""By which medium somebody is notified: the one that they gave, the one that they were granted, or certified letter."""

from dataclasses import replace

import pytest
from django.test import Client

from documents.models import Document
from jobs.api import drain
from notifications.api import Notified, sendings_of
from notifications.models import PlatformSending
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from workflows.commands.notification import Effect, ReasonMissing, record_notification
from workflows.media import right_medium
from workflows.models import Case, CaseParty, Deadline, Exemption
from workflows.queries import missing_notifications

pytestmark = pytest.mark.django_db
STEP = "correccion"


@pytest.fixture
def observed(story: Story, case: Case) -> Case:
    story.do(case, "admision", resultado="observar", observaciones="Corrige.")
    return case


def exempt(story: Story, case: Case, state: str, medium: str = "letter") -> Exemption:
    """Ana asked this municipality for letters in another case."""
    decided = story.now if state == "granted" else None
    return Exemption.objects.create(
        case=story.file("certificado_patente_vigente"),
        agency=case.agency,
        person=story.people["Ana"],
        medium=medium,
        address="Libertad 450, Chillán",
        state=state,
        asked_at=story.now,
        decided_at=decided,
    )


def tell(story: Story, case: Case, medium: str, answer: str = "sent", **told: str) -> Effect:
    notified = Notified(story.people["Ana"], medium, story.now, told.pop("evidence", ""), **told)  # type: ignore[arg-type]
    beto = story.people["Beto"]
    return record_notification(case=case, step_id=STEP, notified=notified, by=beto, now=story.now, answer=answer)


def approve(story: Story, case: Case) -> None:
    """Take the case to its decree, signed by both, which a step announces."""
    story.do(case, "admision", resultado="admitir")
    story.do(case, "informe_obras", favorable=True)
    story.do(case, "informe_salud", favorable=True)
    story.do(case, "decision", aprueba=True)
    story.finish_draft(case, "redaccion_decreto")
    for _signature in range(2):
        story.sign(case, "firma_decreto")
        story.work()


class TestWhichMediumIsDue:
    def test_whoever_gave_an_address_is_notified_there_by_the_platform_r33(self, story: Story, observed: Case) -> None:
        due = right_medium(observed, story.people["Ana"])
        assert due.medium == "platform"
        assert observed.parties.get().email in due.why

    def test_a_granted_exemption_rules_a_case_that_already_ran(self, story: Story, observed: Case) -> None:
        exempt(story, observed, "granted", "office")
        due = right_medium(observed, story.people["Ana"])
        assert (due.medium, due.address) == ("office", "Libertad 450, Chillán")
        assert "DS 4, art. 28" in due.why

    def test_while_it_is_asked_for_they_are_notified_as_they_asked_r49(self, story: Story, observed: Case) -> None:
        exempt(story, observed, "asked")
        assert right_medium(observed, story.people["Ana"]).medium == "letter"

    @pytest.mark.parametrize("state", ["refused", "dropped"])
    def test_what_was_not_granted_changes_nothing(self, story: Story, observed: Case, state: str) -> None:
        exempt(story, observed, state)
        assert right_medium(observed, story.people["Ana"]).medium == "platform"

    def test_whoever_did_not_apply_and_gave_no_address_gets_a_letter_that_explains_the_domicile_r33(
        self, story: Story, observed: Case
    ) -> None:
        CaseParty.objects.create(
            case=observed, agency=observed.agency, kind="affected", person=story.people["Bruno"], joined_at=story.now
        )
        due = right_medium(observed, story.people["Bruno"])
        assert (due.medium, due.explains_domicile) == ("letter", True)

    def test_only_the_latest_answer_of_the_platform_counts(self, story: Story, observed: Case) -> None:
        tell(story, observed, "platform", "no_domicile", transaction_code="T-0")
        assert right_medium(observed, story.people["Ana"]).medium == "letter"
        tell(story, observed, "platform", transaction_code="T-1", departure="Fijó su domicilio digital ayer.")
        assert right_medium(observed, story.people["Ana"]).medium == "platform"

    def test_another_medium_needs_a_reason_which_the_record_keeps(self, story: Story, observed: Case) -> None:
        with pytest.raises(ReasonMissing, match="escribe la razón"):
            tell(story, observed, "letter", evidence="Seguimiento 1")
        tell(story, observed, "letter", evidence="Seguimiento 1", departure="La Plataforma estuvo caída.")
        assert observed.file.notifications.get().departure == "La Plataforma estuvo caída."

    @pytest.mark.parametrize("medium", ["office", "tacit"])
    def test_who_comes_or_acts_knowing_of_it_needs_none(self, story: Story, observed: Case, medium: str) -> None:
        assert tell(story, observed, medium, evidence="Pidió copia.").effective_on is not None


class TestThePlatform:
    def test_what_is_sent_keeps_the_seven_data_and_the_code_r28(self, story: Story, observed: Case) -> None:
        tell(story, observed, "platform", transaction_code="TX-4711")
        kept = sendings_of(observed.file).get()
        assert (kept.transaction_code, kept.person) == ("TX-4711", story.people["Ana"])
        assert kept.record == observed.file.notifications.get()
        assert set(kept.data) == {"body", "file", "procedure", "type", "subject", "description", "attachments"}
        assert kept.data["file"] == observed.file.iuie
        assert observed.number in kept.data["description"]

    @pytest.mark.parametrize("answer", ["exempted", "no_domicile"])
    def test_an_answer_that_reaches_nobody_never_counts_as_notified_r29(
        self, story: Story, observed: Case, answer: str
    ) -> None:
        effect = tell(story, observed, "platform", answer, transaction_code="TX-1")
        assert (effect.effective_on, effect.clocks) == (None, ())
        assert not observed.file.notifications.exists()
        assert Deadline.objects.get(case=observed, step_id=STEP).state == "waiting"
        assert right_medium(observed, story.people["Ana"]).medium == "letter"

    def test_the_answer_without_its_code_is_refused(self, story: Story, observed: Case) -> None:
        with pytest.raises(Exception, match="código de transacción"):
            tell(story, observed, "platform", "no_domicile")
        assert not PlatformSending.objects.exists()

    def test_the_other_way_is_a_task_of_the_bandeja_until_it_is_done_r29(
        self, story: Story, observed: Case, visitor: Visitor
    ) -> None:
        tell(story, observed, "platform", "no_domicile", transaction_code="TX-1")
        beto = visitor("Beto")
        assert f"Solicitud N° {observed.number}: notificar por otra vía" in text_of(beto.get(at("inbox")))
        assert "no tiene domicilio digital" in text_of(beto.get(at("desk_case", observed.ref)))
        assert observed.number not in text_of(visitor("Hugo").get(at("inbox")))
        tell(story, observed, "letter", evidence="Seguimiento 1")
        assert "notificar por otra vía" not in text_of(beto.get(at("inbox")))

    def test_whoever_answers_without_having_been_notified_leaves_no_task_that_leads_nowhere(
        self, story: Story, observed: Case, visitor: Visitor
    ) -> None:
        tell(story, observed, "platform", "exempted", transaction_code="TX-1")
        story.correct(observed)
        assert "notificar por otra vía" not in text_of(visitor("Beto").get(at("inbox")))

    def test_an_act_is_due_to_each_interested_person_and_not_to_one_of_them(
        self, story: Story, case: Case, visitor: Visitor
    ) -> None:
        """Art. 45: telling one leaves it due to the other, who could not appeal otherwise; informers are owed none."""
        bruno, carla = story.people["Bruno"], story.people["Carla"]
        for person, kind in ((bruno, "joined"), (carla, "informer")):
            CaseParty.objects.create(case=case, agency=case.agency, kind=kind, person=person, joined_at=story.now)
        approve(story, case)
        told = Notified(story.people["Ana"], "office", story.now, "Recibió copia.")
        beto = story.people["Beto"]
        [missing] = missing_notifications(case)
        assert missing.people == (story.people["Ana"], bruno)
        record_notification(case=case, step_id=missing.step_id, notified=told, by=beto, now=story.now)
        [missing] = missing_notifications(case)
        assert missing.people == (bruno,)
        page = text_of(visitor("Beto").get(at("desk_notify", case.ref, missing.step_id)))
        assert bruno.full_name in page
        assert story.people["Ana"].full_name not in page.partition("Quién")[2]
        record_notification(
            case=case, step_id=missing.step_id, notified=replace(told, person=bruno), by=beto, now=story.now
        )
        assert missing_notifications(case) == []


class TestThePage:
    def stated(self, story: Story, **other: str) -> dict[str, str]:
        ana = str(story.people["Ana"].pk)
        return {"person": ana, "day": "2026-03-04", "hour": "10:00", "registrar": "1", **other}

    def page(self, visitor: Visitor, case: Case) -> tuple[Client, str]:
        return visitor("Beto"), at("desk_notify", case.ref, STEP)

    def test_it_says_which_medium_is_due_and_what_to_type_in_the_platform(
        self, observed: Case, visitor: Visitor
    ) -> None:
        beto, page = self.page(visitor, observed)
        said = text_of(beto.get(page))
        assert "Plataforma de Notificaciones del Estado. Ana María Pérez Soto dio el correo" in said
        assert observed.file.iuie in said

    def test_an_answer_that_reaches_nobody_says_what_follows(
        self, story: Story, observed: Case, visitor: Visitor
    ) -> None:
        beto, page = self.page(visitor, observed)
        after = beto.post(page, self.stated(story, medium="no_domicile", evidence="TX-9"), follow=True)
        assert "No quedó notificada" in text_of(after)
        assert sendings_of(observed.file).get().transaction_code == "TX-9"
        assert "sin domicilio digital" in text_of(beto.get(at("desk_case", observed.ref) + "?ver=historial"))

    def test_the_letter_enters_the_file_with_what_is_notified_and_how_to_set_a_domicile_r33(
        self, story: Story, observed: Case, visitor: Visitor
    ) -> None:
        tell(story, observed, "platform", "no_domicile", transaction_code="TX-1")
        beto, page = self.page(visitor, observed)
        empty = beto.post(page, {"carta": "1", "carta-person": str(story.people["Ana"].pk), "carta-address": " "})
        assert (empty.status_code, Document.objects.filter(kind="letter").exists()) == (422, False)
        data = {"carta": "1", "carta-person": str(story.people["Ana"].pk), "carta-address": "Libertad 450, Chillán"}
        assert beto.post(page, data).status_code == 302
        letter = Document.objects.get(file=observed.file, kind="letter")
        said = str(letter.content)
        for part in ("Libertad 450", "domicilio digital único", "Corrige."):
            assert part in said
        assert not observed.file.notifications.exists()
        drain(now=story.now)
        assert at("desk_document", observed.ref, letter.pk) in beto.get(page).content.decode()

    def test_the_letter_of_who_was_granted_it_says_nothing_of_a_domicile(
        self, story: Story, observed: Case, visitor: Visitor
    ) -> None:
        exempt(story, observed, "granted")
        beto, page = self.page(visitor, observed)
        assert 'value="Libertad 450, Chillán"' in beto.get(page).content.decode()
        data = {"carta": "1", "carta-person": str(story.people["Ana"].pk), "carta-address": "Libertad 450, Chillán"}
        beto.post(page, data)
        assert "domicilio digital" not in str(Document.objects.get(file=observed.file, kind="letter").content)
