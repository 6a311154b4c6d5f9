"""A case from filing to act: where it goes, what it leaves behind, and that it never stands still unseen."""

from datetime import date, timedelta
from typing import Any

import pytest

from audit.api import verify_stream
from documents.models import Document, FileItem
from notifications.api import Notified
from notifications.models import Notice
from procedures.api import RuleError, bundle_of, publish
from tests.story import Story
from tests.workflows.flows import flow, offer, report
from workflows import routing
from workflows.commands import effects, filing
from workflows.commands.notification import record_notification
from workflows.errors import AlreadyFiled, CommandRefused, DraftChanged, NoMoreCorrections, NotAllowed, TaskFinished
from workflows.models import AgencyFact, Case, CaseTask, Deadline, Incident, Submission
from workflows.registry import BrokenFlow, flow_name, flow_named
from workflows.sample import EXAMPLES

pytestmark = pytest.mark.django_db


@pytest.fixture
def story() -> Story:
    return Story.begin()


def open_steps(case: Case) -> set[str]:
    waiting = case.task_set.filter(status__in=["NEW", "ASSIGNED", "STARTED", "SCHEDULED"])
    return set(waiting.exclude(step_kind="parallel").values_list("step_id", flat=True))


def admitted(story: Story, **answers: Any) -> Case:
    case = story.file(**answers)
    story.do(case, "admision", resultado="admitir")
    return case


def decided(story: Story, aprueba: bool) -> Case:
    case = admitted(story)
    story.do(case, "informe_obras", favorable=True)
    story.do(case, "informe_salud", favorable=True)
    story.do(case, "decision", aprueba=aprueba)
    return case


def signed(story: Story, case: Case) -> None:
    (draft,) = open_steps(case)
    story.finish_draft(case, draft)
    (signature,) = open_steps(case)
    story.sign(case, signature)
    story.work()
    story.sign(case, signature)
    story.work()
    case.refresh_from_db()


class TestFiling:
    def test_one_filing_opens_one_case_one_file_and_leaves_application_and_receipt_in_it(self, story: Story) -> None:
        """R1, R2, R4, R56."""
        case = story.file()
        items = list(FileItem.objects.filter(file=case.file).select_related("document"))
        assert [item.seq for item in items] == list(range(1, len(items) + 1))
        assert [item.document.kind for item in items][-2:] == ["application", "receipt"]
        assert Case.objects.count() == 1
        assert case.file.iuie

    def test_sending_the_same_draft_again_files_nothing(self, story: Story) -> None:
        draft = story.draft(story.offering("patente_comercial"))
        signature = story.signature(draft)
        filing.start(draft=draft, by=story.people["Ana"], signature=signature, now=story.now)
        with pytest.raises(AlreadyFiled):
            filing.start(draft=draft, by=story.people["Ana"], signature=signature, now=story.now)
        assert Case.objects.count() == 1

    def test_what_changed_after_it_was_shown_is_not_filed(self, story: Story) -> None:
        draft = story.draft(story.offering("patente_comercial"))
        signature = story.signature(draft)
        story.fill(draft, direccion="Otra calle 9")
        with pytest.raises(DraftChanged):
            filing.start(draft=draft, by=story.people["Ana"], signature=signature, now=story.now)
        assert not Case.objects.exists()

    def test_a_filing_on_a_sunday_counts_from_monday_and_keeps_its_real_hour(self) -> None:
        """R6."""
        sunday = Story.begin()
        sunday.now = sunday.now + timedelta(days=4)
        case = sunday.file()
        assert case.filed_at == sunday.now
        assert case.effective_at.astimezone().date() >= date(2026, 3, 9)

    def test_the_receipt_carries_the_six_contents_of_the_norm(self, story: Story) -> None:
        """R4: moment, origin, file, body, who presents, who receives."""
        case = story.file()
        receipt = Document.objects.get(file=case.file, kind="receipt")
        labels = [
            row["label"] for block in receipt.content["blocks"] if block["kind"] == "table" for row in block["rows"]
        ]
        assert {
            "Fecha y hora de presentación",
            "Origen",
            "Expediente",
            "Institución",
            "Presentada por",
            "Recibida por",
        } <= set(labels)

    def test_no_email_address_is_needed_to_be_told(self, story: Story) -> None:
        case = story.file("certificado_patente_vigente")
        story.work()
        assert Notice.objects.filter(case_ref=case.ref, person=story.people["Ana"]).count() == 2


class TestTheWholePath:
    def test_an_approved_case_ends_with_a_decree_signed_by_both_and_a_registered_fact(self, story: Story) -> None:
        """R16, R64."""
        case = decided(story, aprueba=True)
        signed(story, case)
        decree = Document.objects.get(file=case.file, kind="decree")
        assert (case.status, case.outcome) == ("DONE", "approved")
        assert decree.state == "in_force"
        assert decree.number == "1"
        assert decree.signature_requests.filter(state="signed", kind="advanced").count() == 2
        assert AgencyFact.objects.filter(source_case=case).exists()
        assert open_steps(case) == set()

    def test_a_refused_case_ends_with_a_reasoned_decree_too(self, story: Story) -> None:
        """R14, R16."""
        case = decided(story, aprueba=False)
        signed(story, case)
        assert case.outcome == "rejected"
        decree = Document.objects.get(file=case.file, kind="decree")
        roles = {block.get("role") for block in decree.content["blocks"]}
        assert {"decision", "reasons", "appeals"} <= roles

    def test_the_audit_chain_of_a_finished_case_is_whole(self, story: Story) -> None:
        case = decided(story, aprueba=True)
        signed(story, case)
        assert verify_stream(f"case:{case.ref}").ok

    def test_the_certificate_is_sealed_without_any_human(self, story: Story) -> None:
        approved = decided(story, aprueba=True)
        signed(story, approved)
        case = story.file("certificado_patente_vigente")
        story.work()
        case.refresh_from_db()
        assert case.outcome == "issued"
        assert Document.objects.get(file=case.file, kind="certificate").state == "in_force"
        assert case.task_set.exclude(step_kind__in=["start", "lookup", "seal", "notify", "end"]).count() == 0

    def test_both_reports_are_asked_at_once_and_the_case_waits_for_both(self, story: Story) -> None:
        case = admitted(story)
        assert open_steps(case) == {"informe_obras", "informe_salud"}
        story.do(case, "informe_obras", favorable=True)
        assert open_steps(case) == {"informe_salud"}
        story.do(case, "informe_salud", favorable=False)
        assert open_steps(case) == {"contrainforme"}
        story.do(case, "contrainforme")
        assert open_steps(case) == {"decision"}


class TestCorrections:
    def test_the_person_is_asked_question_by_question_and_an_answer_overwrites_nobody_elses(self, story: Story) -> None:
        """R10; decision 1: a correction amends a named step."""
        case = story.file(rol_sii="1-1")
        story.do(
            case,
            "admision",
            resultado="observar",
            observaciones="Corrige el rol.",
            observe={"rol_sii": "Falta el guion."},
        )
        task = case.task_set.get(step_id="correccion")
        assert task.correction_items.get().field_id == "rol_sii"
        story.correct(case, rol_sii="1234-56")
        case.refresh_from_db()
        assert case.data["inicio"]["rol_sii"] == "1234-56"
        first, second = Submission.objects.filter(case=case, step_id__in=["inicio", "correccion"]).order_by("seq")
        assert first.values.get(field_id="rol_sii").value == "1-1"
        assert second.amends == first

    def test_an_answer_that_the_correction_hides_is_gone_for_rules_and_kept_in_history(self, story: Story) -> None:
        case = story.file(giro="alimentos", resolucion_sanitaria="N° 7")
        story.do(case, "admision", resultado="observar", observaciones="Revisa el giro.")
        story.correct(case, giro="comercio")
        case.refresh_from_db()
        assert "resolucion_sanitaria" not in case.data["inicio"]
        filed = Submission.objects.get(case=case, step_id="inicio")
        assert filed.values.get(field_id="resolucion_sanitaria").value == "N° 7"

    def test_a_file_that_is_not_changed_keeps_its_document(self, story: Story) -> None:
        case = story.file()
        story.do(case, "admision", resultado="observar", observaciones="Corrige.")
        story.correct(case, rol_sii="1-9")
        first, second = Submission.objects.filter(case=case, step_id__in=["inicio", "correccion"]).order_by("seq")
        kept = second.values.get(field_id="titulo_local")
        assert kept.document is not None
        assert kept.document == first.values.get(field_id="titulo_local").document

    def test_the_clock_waits_for_a_legal_notification_and_an_email_starts_nothing(self, story: Story) -> None:
        """R10, R31; decision 13."""
        case = story.file()
        story.do(case, "admision", resultado="observar", observaciones="Corrige.")
        story.work()
        clock = Deadline.objects.get(case=case, step_id="correccion")
        assert (clock.state, clock.due_on) == ("waiting", None)
        story.now += timedelta(hours=1)
        record_notification(
            case=case,
            step_id="correccion",
            notified=Notified(
                person=story.people["Ana"], medium="office", occurred_at=story.now, evidence="Firmó el libro."
            ),
            by=story.people["Beto"],
            now=story.now,
        )
        clock.refresh_from_db()
        assert (clock.state, clock.due_on) == ("running", date(2026, 3, 11))

    def test_an_expired_correction_opens_a_step_for_an_official_and_ends_nothing(self, story: Story) -> None:
        """R11."""
        case = self._notified(story)
        story.now += timedelta(days=8)
        story.work()
        assert open_steps(case) == {"sin_corregir"}
        case.refresh_from_db()
        assert case.finished is None

    def test_a_late_answer_is_kept_and_the_official_may_accept_it(self, story: Story) -> None:
        """R11: the timer ends nothing; the official decides with the late answer in view."""
        case = self._notified(story)
        story.now += timedelta(days=8)
        story.work()
        story.correct(case, rol_sii="55-5")
        assert open_steps(case) == {"sin_corregir"}
        story.do(case, "sin_corregir", declara=False)
        case.refresh_from_db()
        assert open_steps(case) == {"admision"}
        assert case.data["inicio"]["rol_sii"] == "55-5"

    def test_a_timer_that_rings_early_or_late_changes_nothing(self, story: Story) -> None:
        case = self._notified(story)
        story.correct(case)
        story.now += timedelta(days=30)
        story.work()
        assert open_steps(case) == {"admision"}
        assert Deadline.objects.get(case=case, step_id="correccion").state == "met"

    def test_whoever_must_act_is_told_before_the_time_is_over(self, story: Story) -> None:
        case = self._notified(story)
        story.now += timedelta(days=6)
        story.work()
        assert Notice.objects.filter(
            case_ref=case.ref, subject__startswith="Vence pronto", person=story.people["Ana"]
        ).exists()

    def test_nobody_is_told_of_a_clock_that_was_met(self, story: Story) -> None:
        case = self._notified(story)
        story.correct(case)
        story.now += timedelta(days=6)
        story.work()
        warned = Notice.objects.filter(case_ref=case.ref, subject__startswith="Vence pronto")
        assert not warned.filter(person=story.people["Ana"]).exists()

    def test_desistimiento_is_declared_by_a_signed_act(self, story: Story) -> None:
        """R11, R16."""
        case = self._notified(story)
        story.now += timedelta(days=8)
        story.work()
        story.do(case, "sin_corregir", declara=True)
        signed(story, case)
        assert case.outcome == "withdrawn"

    def test_rounds_are_limited_and_the_official_is_told_to_choose_another_way(self, story: Story) -> None:
        case = story.file()
        for _round in range(2):
            story.do(case, "admision", resultado="observar", observaciones="Corrige.")
            story.correct(case)
        task = story.claim(case, "admision")
        with pytest.raises(NoMoreCorrections, match="2 correcciones"):
            story.do_claimed(case, task, resultado="observar", observaciones="Otra vez.")
        story.do_claimed(case, task, resultado="admitir")
        assert open_steps(case) == {"informe_obras", "informe_salud"}

    def _notified(self, story: Story) -> Case:
        case = story.file()
        story.do(case, "admision", resultado="observar", observaciones="Corrige.")
        story.work()
        record_notification(
            case=case,
            step_id="correccion",
            notified=Notified(
                person=story.people["Ana"], medium="office", occurred_at=story.now, evidence="Firmó el libro."
            ),
            by=story.people["Beto"],
            now=story.now,
        )
        return case


class TestNothingIsLostWhenTheWayOnFails:
    def test_a_rule_that_fails_keeps_the_answers_and_opens_an_incident(
        self, story: Story, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case = story.file()
        with monkeypatch.context() as broken:
            broken.setattr(routing, "evaluate", _raises)
            story.do(case, "admision", resultado="admitir")
        incident = Incident.objects.get(case=case)
        case.refresh_from_db()
        assert incident.kind == Incident.Kind.RULE
        assert case.data["admision"]["resultado"] == "admitir"
        assert open_steps(case) == set()
        effects.retry_incident(incident=incident, by=story.people["Beto"], now=story.now)
        incident.refresh_from_db()
        assert incident.closed_at is not None
        assert open_steps(case) == {"informe_obras", "informe_salud"}

    def test_no_alternative_that_holds_is_an_incident_and_not_a_silent_stop(
        self, story: Story, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case = story.file()
        node = case.flow_class.instance.node("n_admision")
        monkeypatch.setattr(node, "routes", [route for route in node.routes if route.when is not None])
        story.do(case, "admision", resultado="admitir")
        assert Incident.objects.get(case=case).kind == Incident.Kind.NO_BRANCH

    def test_a_filing_stands_even_when_the_flow_cannot_begin(
        self, story: Story, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("workflows.runtime.Run.role", lambda run, slot: None)
        case = story.file()
        assert Incident.objects.get(case=case).kind == Incident.Kind.NO_RESPONSIBLE
        assert FileItem.objects.filter(file=case.file, document__kind="receipt").exists()

    def test_an_incident_stays_open_while_its_cause_is_there(
        self, story: Story, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case = story.file()
        monkeypatch.setattr(routing, "evaluate", _raises)
        story.do(case, "admision", resultado="admitir")
        with pytest.raises(Exception, match="regla rota"):
            effects.retry_incident(incident=Incident.objects.get(), by=story.people["Beto"], now=story.now)
        assert Incident.objects.get().closed_at is None


class TestWhoMayAct:
    def test_a_second_decision_finds_the_first_and_overwrites_nothing(self, story: Story) -> None:
        case = story.file()
        task = story.claim(case, "admision")
        story.do_claimed(case, task, resultado="admitir")
        with pytest.raises(TaskFinished, match="Beto"):
            story.do_claimed(case, task, resultado="rechazar")
        case.refresh_from_db()
        assert case.data["admision"]["resultado"] == "admitir"

    def test_an_official_of_another_agency_cannot_take_the_task(self, story: Story) -> None:
        """R44."""
        case = story.file()
        with pytest.raises(NotAllowed):
            story.claim(case, "admision", who="Hugo")

    def test_an_older_ready_case_goes_first_unless_a_reason_is_on_record(self, story: Story) -> None:
        """R21."""
        story.file()
        story.now += timedelta(minutes=5)
        newer = story.file(who="Bruno")
        with pytest.raises(CommandRefused, match="antigua"):
            story.claim(newer, "admision")


class TestVersions:
    def test_a_running_case_stays_on_its_version_when_a_new_one_is_published(self, story: Story) -> None:
        case = story.file()
        text = (EXAMPLES / "patente_comercial.yaml").read_text(encoding="utf-8")
        offering = story.offering("patente_comercial")
        bindings = {binding.slot: binding.role for binding in offering.role_bindings.select_related("role")}
        changed = text.replace("title: Examen de admisibilidad\n    applicant", "title: Primer examen\n    applicant")
        assert changed != text
        publish(text=changed, agency=story.agency, by=None, now=story.now, role_bindings=bindings)
        case.refresh_from_db()
        assert bundle_of(case.version).step("admision").title == "Examen de admisibilidad"
        assert story.file(who="Bruno").version.number == 2
        story.do(case, "admision", resultado="admitir")
        assert open_steps(case) == {"informe_obras", "informe_salud"}

    def test_a_flow_is_found_by_its_name_and_an_unknown_one_says_so(self, story: Story) -> None:
        version = story.offering("patente_comercial").version
        name = flow_name(version)
        assert flow_named(name).process_title == version.title
        with pytest.raises(BrokenFlow):
            flow_named(name[:-8] + "00000000")
        with pytest.raises(AttributeError):
            flow_named("cualquier_cosa")


def test_a_step_kind_without_a_node_fails_the_django_check(monkeypatch: pytest.MonkeyPatch) -> None:
    from workflows.checks import every_step_kind_can_run
    from workflows.steps import registry

    assert every_step_kind_can_run() == []
    monkeypatch.delitem(registry._facets, "notify")
    assert [error.id for error in every_step_kind_can_run()] == ["workflows.E001"]


def _raises(*_arguments: Any) -> bool:
    raise RuleError("regla rota")


def test_branches_are_taken_in_the_same_order_whatever_ids_their_tasks_have(story: Story) -> None:
    """What is random in the proof is drawn: the same numbers play the same case again."""
    branches = [[_looks_first(place), report(f"r{place}")] for place in range(9)]
    block = {"id": "juntos", "kind": "parallel", "title": "Juntos", "join": "all", "next": "sello"}
    code = offer(story, flow({**block, "branches": branches}))
    orders = set()
    for spare in range(5):
        case = story.file(code)
        orders.add(tuple(case.task_set.order_by("pk").values_list("step_id", flat=True)))
        _skip_ids(case, spare + 1)
    assert len(orders) == 1


def _looks_first(place: int) -> dict[str, Any]:
    step = {"id": f"busca{place}", "kind": "lookup", "title": "Busca", "fact": "hecho", "key": "inicio.nombre"}
    return {
        **step,
        "next": [
            {"when": {"all": [{"field": f"busca{place}.found", "op": "eq", "value": True}]}, "goto": "join"},
            {"otherwise": f"r{place}"},
        ],
    }


def _skip_ids(case: Case, many: int) -> None:
    """The next task has an id that is that much further than the one after the last."""
    for _ in range(many):
        (spare,) = CaseTask.objects.bulk_create([CaseTask(process=case, agency=case.agency, filed_at=case.filed_at)])
        spare.delete()
