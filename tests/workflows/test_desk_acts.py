"""Officials' pages of acts: legal notifications by hand, and the way from the bandeja to a signed decree."""

import pytest
from django.conf import settings
from django.test import Client

from documents.models import Document
from procedures.api import publish_data, read_yaml
from tests.story import Story
from tests.workflows.desk import Visitor, at, confirm_identity, post_answers, text_of
from workflows.models import Case, CaseTask, Deadline

pytestmark = pytest.mark.django_db


class TestNotifying:
    @pytest.fixture
    def observed(self, story: Story, case: Case) -> Case:
        story.do(case, "admision", resultado="observar", observaciones="Corrige.")
        return case

    def test_the_case_says_that_the_clock_has_not_started(self, observed: Case, visitor: Visitor) -> None:
        said = text_of(visitor("Beto").get(at("desk_case", observed.ref)))
        assert "El plazo no ha empezado: falta notificar" in said

    def test_the_page_offers_a_copy_and_says_what_it_starts(self, observed: Case, visitor: Visitor) -> None:
        """R32."""
        said = text_of(visitor("Beto").get(at("desk_notify", observed.ref, "correccion")))
        assert "ofrécele una copia" in said
        assert "Corregir la solicitud (Ana María Pérez Soto): 5 días hábiles" in said

    def stated(self, story: Story, **other: str) -> dict[str, str]:
        ana = str(story.people["Ana"].pk)
        return {"person": ana, "medium": "office", "day": "2026-03-04", "hour": "10:00", "evidence": "", **other}

    def test_the_medium_is_never_marked_beforehand(self, observed: Case, visitor: Visitor) -> None:
        """What is recorded cannot be changed: pressing without choosing must record nothing."""
        beto, page = visitor("Beto"), at("desk_notify", observed.ref, "correccion")
        first = beto.get(page).context["form"].initial
        again = beto.post(page, {"registrar": "1", **{name: str(value) for name, value in first.items()}})
        assert again.status_code == 422
        assert 'href="#id-medium_0"' in again.content.decode()
        assert not observed.file.notifications.exists()

    def test_the_dates_can_be_seen_before_anything_is_recorded(
        self, story: Story, observed: Case, visitor: Visitor
    ) -> None:
        page = visitor("Beto").post(
            at("desk_notify", observed.ref, "correccion"), {**self.stated(story), "calcular": "1"}
        )
        assert "vence el 11 de marzo de 2026" in text_of(page)
        assert Deadline.objects.get(case=observed, step_id="correccion").state == "waiting"
        assert not observed.file.notifications.exists()

    def test_recording_it_starts_the_clock(self, story: Story, observed: Case, visitor: Visitor) -> None:
        """R27, R32."""
        page = visitor("Beto").post(
            at("desk_notify", observed.ref, "correccion"), {**self.stated(story), "registrar": "1"}, follow=True
        )
        assert "vence el 11 de marzo de 2026" in text_of(page)
        clock = Deadline.objects.get(case=observed, step_id="correccion")
        assert (clock.state, str(clock.due_on)) == ("running", "2026-03-11")
        record = observed.file.notifications.get()
        assert (record.recorded_by, record.medium) == (story.people["Beto"], "office")

    @pytest.mark.parametrize(
        ("other", "words"),
        [
            ({"day": "2026-03-05"}, "no pueden ser futuras"),
            ({"medium": "letter"}, "Para usar otro medio, escribe la razón"),
            ({"medium": "letter", "departure": "La Plataforma estuvo caída."}, "Falta la prueba"),
            ({"medium": "platform"}, "Falta la prueba"),
            ({"day": ""}, "Escribe la fecha"),
            ({"hour": "diez"}, "Escribe la hora como 15:30"),
        ],
    )
    def test_a_statement_that_cannot_be_is_refused_in_words(
        self, story: Story, observed: Case, visitor: Visitor, other: dict[str, str], words: str
    ) -> None:
        data = {**self.stated(story, **other), "registrar": "1"}
        page = visitor("Beto").post(at("desk_notify", observed.ref, "correccion"), data)
        assert page.status_code == 422
        assert words in text_of(page)
        assert not observed.file.notifications.exists()

    def test_what_was_notified_already_is_not_offered_again(
        self, story: Story, observed: Case, visitor: Visitor
    ) -> None:
        client = visitor("Beto")
        client.post(at("desk_notify", observed.ref, "correccion"), {**self.stated(story), "registrar": "1"})
        assert client.get(at("desk_notify", observed.ref, "correccion")).status_code == 404


class TestTheWholeDesk:
    def decide(self, story: Story, case: Case, visitor: Visitor) -> None:
        for step, who, answers in (
            ("admision", "Beto", {"resultado": "admitir"}),
            ("informe_obras", "Carla", {"favorable": True}),
            ("informe_salud", "Dora", {"favorable": True}),
            ("decision", "Elena", {"aprueba": True}),
        ):
            client = visitor(who)
            taken = client.post(at("take_next"))
            task = story.task(case, step)
            assert taken["Location"] == at("desk_step", case.ref, task.pk)
            assert post_answers(client, story, case, task, **answers).status_code == 302

    def sign(self, story: Story, case: Case, client: Client, step: str = "firma_decreto") -> None:
        client.post(at("take_next"))
        task = story.task(case, step)
        shown = Document.objects.get(pk=task.data["document"]).content_sha256
        answer = client.post(at("desk_sign", case.ref, task.pk), {"shown": shown})
        assert answer.status_code == 302
        assert "confirmar" in answer["Location"]
        assert confirm_identity(client, story)["Location"] == at("desk_step", case.ref, task.pk)

    def test_from_the_bandeja_to_a_decree_signed_by_both(self, story: Story, case: Case, visitor: Visitor) -> None:
        self.decide(story, case, visitor)
        beto = visitor("Beto")
        beto.post(at("take_next"))
        draft = story.task(case, "redaccion_decreto")
        page = beto.get(at("desk_step", case.ref, draft.pk))
        assert "Sin cambios respecto de la plantilla" in text_of(page)
        assert "peor que antes" not in text_of(page)
        texts = {"bloque-0": "Vistos y teniendo presente"}
        saved = beto.post(at("desk_step", case.ref, draft.pk), {**texts, "guardar": "1"}, follow=True)
        assert "<ins>" in saved.content.decode()
        assert beto.post(at("desk_step", case.ref, draft.pk), {**texts, "enviar": "1"}).status_code == 302
        fabian = visitor("Fabián")
        self.sign(story, case, fabian)
        task = story.task(case, "firma_decreto")
        waiting = fabian.get(at("desk_step", case.ref, task.pk))
        assert "Firmando…" in text_of(waiting)
        state = at("desk_signing_state", case.ref, task.pk)
        assert state in waiting.content.decode()
        assert "Firmando…" in text_of(fabian.get(state))
        story.work()
        assert "quedó firmado" in text_of(fabian.get(state))
        gloria = visitor("Gloria")
        self.sign(story, case, gloria)
        story.work()
        case.refresh_from_db()
        assert (case.status, case.outcome) == ("DONE", "approved")
        done = text_of(gloria.get(at("desk_case", case.ref), {"ver": "expediente"}))
        assert "Decreto que otorga patente comercial definitiva N° 1" in done
        assert "Patente otorgada" in done

    def drafted(self, story: Story, case: Case, visitor: Visitor) -> CaseTask:
        self.decide(story, case, visitor)
        story.finish_draft(case, "redaccion_decreto")
        return story.claim(case, "firma_decreto")

    def test_whoever_writes_or_signs_is_warned_that_it_leaves_the_person_worse_than_before(
        self, story: Story, visitor: Visitor
    ) -> None:
        """R15: Ley 19.880 art. 41. It bars nothing, and where the agency began the case there was no petition."""
        data = read_yaml((settings.BASE_DIR / "examples" / "patente_comercial.yaml").read_text(encoding="utf-8")).data
        data["documents"][0]["worse_when"] = {"all": [{"field": "decision.aprueba", "op": "eq", "value": True}]}
        bound = {one.slot: one.role for one in story.offering("patente_comercial").role_bindings.all()}
        publish_data(data=data, agency=story.agency, by=None, now=story.now, role_bindings=bound)
        case = story.file()
        self.decide(story, case, visitor)
        visitor("Beto").post(at("take_next"))
        draft = story.task(case, "redaccion_decreto")
        warning = "Esto deja a la persona peor que antes de pedirlo."
        assert warning in text_of(visitor("Beto").get(at("desk_step", case.ref, draft.pk)))
        story.finish_draft(case, "redaccion_decreto")
        task = story.claim(case, "firma_decreto")
        fabian = visitor("Fabián")
        assert "avisa cuando «¿Se otorga la patente?» es Sí." in text_of(fabian.get(at("desk_step", case.ref, task.pk)))
        assert warning in text_of(fabian.get(at("sign_several")))
        Case.objects.filter(pk=case.pk).update(channel="own_motion")
        assert warning not in text_of(fabian.get(at("desk_step", case.ref, task.pk)))
        story.sign(case, "firma_decreto")

    def test_an_act_that_changed_after_it_was_read_is_not_signed(
        self, story: Story, case: Case, visitor: Visitor
    ) -> None:
        task = self.drafted(story, case, visitor)
        page = visitor("Fabián").post(at("desk_sign", case.ref, task.pk), {"shown": "0" * 64})
        assert page.status_code == 409
        assert "El documento cambió" in text_of(page)

    def test_an_act_goes_back_to_who_wrote_it_with_the_reason(self, story: Story, case: Case, visitor: Visitor) -> None:
        task = self.drafted(story, case, visitor)
        fabian = visitor("Fabián")
        empty = fabian.post(at("desk_send_back", case.ref, task.pk), {"motivo": " "})
        assert empty.status_code == 409
        assert "Escribe por qué devuelves" in text_of(empty)
        fabian.post(at("desk_send_back", case.ref, task.pk), {"motivo": "Falta citar la ordenanza."})
        again = story.claim(case, "redaccion_decreto")
        assert "Falta citar la ordenanza." in text_of(visitor("Beto").get(at("desk_step", case.ref, again.pk)))

    def test_a_citizens_braces_neither_stop_nor_fill_the_act(self, story: Story, visitor: Visitor) -> None:
        case = story.file(peticion="Quiero {mi patente} y {act.number|nada}")
        self.decide(story, case, visitor)
        story.finish_draft(case, "redaccion_decreto", {0: "Vistos"})
        story.sign(case, "firma_decreto")
        document = Document.objects.get(file=case.file, kind="decree")
        assert "{mi patente} y {act.number|nada}" in str(document.content)

    def test_the_preview_is_a_pdf_without_a_code(self, story: Story, case: Case, visitor: Visitor) -> None:
        task = self.drafted(story, case, visitor)
        page = visitor("Fabián").get(at("desk_preview", case.ref, task.pk))
        assert page.status_code == 200
        assert page.content.startswith(b"%PDF")


class TestNotifyingAnAct:
    def test_an_act_that_nobody_notified_says_how_many_days_are_left(
        self, story: Story, case: Case, visitor: Visitor
    ) -> None:
        """R25: five business days from the act."""
        whole = TestTheWholeDesk()
        whole.drafted(story, case, visitor)
        for _signature in range(2):
            story.sign(case, "firma_decreto")
            story.work()
        client = visitor("Beto")
        said = text_of(client.get(at("desk_case", case.ref)))
        assert "Falta notificar este acto a la persona (Ley 19.880, art. 45). 5 días hábiles" in said
        offered = client.get(at("desk_notify", case.ref, "aviso_otorgada"))
        decree = Document.objects.get(file=case.file, kind="decree")
        assert at("desk_document", case.ref, decree.pk) in offered.content.decode()
        ana = str(story.people["Ana"].pk)
        stated = {"person": ana, "medium": "office", "day": "04/03/2026", "hour": "10:00", "registrar": "1"}
        assert client.post(at("desk_notify", case.ref, "aviso_otorgada"), stated).status_code == 302
        assert case.file.notifications.get().document == decree
