"""What officials see and do when something stops a case: a failed signature, an e-mail that never left, a rule."""

from typing import Any

import pytest

from documents.api import RenderingFailed
from documents.models import Document
from jobs.models import Job
from procedures.api import RuleError
from tests.story import Story
from tests.workflows.desk import Visitor, at, post_answers, text_of
from workflows import routing
from workflows.commands import acts
from workflows.models import Case, CaseTask, Incident

pytestmark = pytest.mark.django_db


def waiting_for_signature(story: Story) -> Case:
    case = story.file()
    story.do(case, "admision", resultado="admitir")
    story.do(case, "informe_obras", favorable=True)
    story.do(case, "informe_salud", favorable=True)
    story.do(case, "decision", aprueba=True)
    story.finish_draft(case, "redaccion_decreto")
    return case


def cannot_render(content: Any) -> Any:
    raise RenderingFailed("El documento no se pudo hacer.")


class TestASignatureThatFails:
    @pytest.fixture
    def failed(self, story: Story, monkeypatch: pytest.MonkeyPatch) -> Case:
        case = waiting_for_signature(story)
        story.work()
        monkeypatch.setattr("documents.api.render", cannot_render)
        story.sign(case, "firma_decreto")
        story.work()
        monkeypatch.undo()
        return case

    def test_the_step_is_the_signers_again_and_says_so(self, story: Story, failed: Case, visitor: Visitor) -> None:
        task = story.task(failed, "firma_decreto")
        assert task.status == "ASSIGNED"
        page = visitor("Fabián").get(at("desk_step", failed.ref, task.pk))
        assert "No se pudo firmar «Firma del decreto»" in text_of(page)
        assert at("desk_sign", failed.ref, task.pk) in page.content.decode()

    def test_nobody_else_can_close_the_incident(self, story: Story, failed: Case, visitor: Visitor) -> None:
        incident = Incident.objects.get(case=failed, closed_at=None)
        page = visitor("Beto").post(at("desk_retry", failed.ref, incident.pk))
        assert page.status_code == 409
        assert "pide a quien debe firmar" in text_of(page)

    def test_signing_again_closes_the_incident_and_keeps_the_number(
        self, story: Story, failed: Case, visitor: Visitor
    ) -> None:
        number = Document.objects.get(file=failed.file, kind="decree").number
        task = story.task(failed, "firma_decreto")
        act = Document.objects.get(pk=task.data["document"])
        intent = story.intent("Fabián", f"task:{task.pk}", act.content_sha256)
        acts.sign(task=task, by=story.user("Fabián"), intent=intent, now=story.now)
        story.work()
        assert not Incident.objects.filter(case=failed, closed_at=None).exists()
        assert Document.objects.get(file=failed.file, kind="decree").number == number
        assert CaseTask.objects.get(pk=task.pk).status == "DONE"

    def test_a_signature_that_waits_for_configuration_says_what_is_missing(
        self, story: Story, visitor: Visitor
    ) -> None:
        case = waiting_for_signature(story)
        story.work()
        story.sign(case, "firma_decreto")
        Job.objects.filter(case_id=case.pk, kind="signatures.prepare", state="ready").update(
            state="blocked", run_at=None, last_error="Falta configurar con qué se firma."
        )
        task = story.task(case, "firma_decreto")
        said = text_of(visitor("Fabián").get(at("desk_step", case.ref, task.pk)))
        assert "La firma está detenida" in said
        assert "Falta configurar con qué se firma." in said


class TestAnEmailThatNeverLeaves:
    def test_it_is_an_incident_with_a_remedy(self, story: Story, visitor: Visitor) -> None:
        case = story.file()
        Job.objects.filter(case_id=case.pk, kind="notifications.email").update(max_attempts=1)
        story.work()
        incident = Incident.objects.get(case=case, kind=Incident.Kind.MAIL)
        beto = visitor("Beto")
        said = text_of(beto.get(at("desk_case", case.ref)))
        assert "Un correo no salió" in said
        assert "un correo" in said
        assert "Un correo no salió" in text_of(beto.get(at("inbox"), {"ver": "incidentes"}))
        assert beto.post(at("desk_retry", case.ref, incident.pk)).status_code == 302
        assert Job.objects.filter(pk=incident.job_id or 0, state="ready").exists()
        incident.refresh_from_db()
        assert incident.closed_at is None, "it closes once the message left"
        assert beto.post(at("desk_retry", case.ref, incident.pk)).status_code == 302


class TestARuleThatFails:
    def test_what_was_answered_stays_and_the_incident_goes_once_the_cause_does(
        self, story: Story, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case = story.file()
        task = story.claim(case, "admision")
        monkeypatch.setattr(routing, "evaluate", broken)
        beto = visitor("Beto")
        assert post_answers(beto, story, case, task, resultado="admitir").status_code == 302
        incident = Incident.objects.get(case=case)
        assert case.submissions.filter(step_id="admision").exists()
        stuck = beto.post(at("desk_retry", case.ref, incident.pk))
        assert stuck.status_code == 409
        assert "regla rota" in text_of(stuck)
        monkeypatch.undo()
        assert beto.post(at("desk_retry", case.ref, incident.pk)).status_code == 302
        assert story.task(case, "informe_obras")


def broken(*arguments: Any) -> Any:
    raise RuleError("regla rota")


class TestAProcedureWithoutOfficials:
    """The certificate is sealed by the engine: no role takes part, so who watches the agency's effects mends it."""

    @pytest.fixture
    def failed(self, story: Story, monkeypatch: pytest.MonkeyPatch) -> Case:
        licence = waiting_for_signature(story)
        for _signature in range(2):
            story.sign(licence, "firma_decreto")
            story.work()
        case = story.file("certificado_patente_vigente")
        monkeypatch.setattr("documents.api.render", cannot_render)
        story.work()
        monkeypatch.undo()
        return case

    def test_whoever_operates_the_agency_tries_the_seal_again_and_opens_no_file(
        self, story: Story, failed: Case, visitor: Visitor
    ) -> None:
        """R44."""
        ines = visitor("Inés")
        listed = ines.get(at("inbox"), {"ver": "incidentes"})
        assert failed.number in text_of(listed)
        assert ines.get(at("desk_case", failed.ref)).status_code == 404
        for incident in Incident.objects.filter(case=failed, closed_at=None):
            again = at("desk_retry", failed.ref, incident.pk)
            assert again in listed.content.decode()
            assert ines.post(again).status_code == 302
        story.work()
        failed.refresh_from_db()
        assert failed.outcome == "issued"
        assert not Incident.objects.filter(case=failed, closed_at=None).exists()

    @pytest.mark.parametrize("who", ["Ana", "Beto", "Hugo"])
    def test_nobody_else_does(self, story: Story, failed: Case, visitor: Visitor, who: str) -> None:
        incident = Incident.objects.filter(case=failed, closed_at=None).earliest("pk")
        assert visitor(who).post(at("desk_retry", failed.ref, incident.pk)).status_code == 404
