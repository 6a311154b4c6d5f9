"""Systems of other institutions report what happened: matched, recorded once, never lost, and nothing without a key."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from accounts.models import Agency
from audit.models import Event
from tests.story import Story
from tests.workflows.desk import Visitor, text_of
from tests.workflows.flows import FORMS, LIST, ROWS, begin, ended, form, report, visits, waiting, yes_no
from workflows.commands import desk, systems
from workflows.commands.reporting import dismiss_event
from workflows.commands.waiting import Happened, record_event
from workflows.models import Case, CaseTask, Incident, OutsideSystem, ReportedEvent, Submission, SystemKey
from workflows.presenting.history import history
from workflows.reporting.rules import MAX_BYTES

pytestmark = pytest.mark.django_db
EVENT = "prueba.espera"
WAIT = {"id": "espera", "kind": "wait", "title": "Espera", "event": "la toma de razón", "role": "revision"}
URL = "/api/v1/hechos/"


@dataclass
class Sender:
    """An outside system with its key."""

    story: Story
    system: OutsideSystem
    key: str

    def send(self, case: Case | str, idempotency_key: str = "aviso-0001", **more: Any) -> Any:
        """Report that what the case waits for has happened today."""
        number = case.number if isinstance(case, Case) else case
        body = {"event": EVENT, "case": number, "on": self.story.now.date().isoformat(), **more}
        return self.post(json.dumps(body), **{"Idempotency-Key": idempotency_key})

    def post(self, body: str | bytes, **headers: str) -> Any:
        """Send a body as a machine does: no cookie, only the key."""
        given = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": "aviso-0001", **headers}
        return Client().post(URL, data=body, content_type="application/json", headers=given)


@pytest.fixture
def sender(story: Story) -> Sender:
    """The registry office's system, which may report `espera` of the small procedure of these tests."""
    cache.clear()
    begin(story, {**WAIT, "next": "sello"})
    told: dict[str, Any] = {"agency": story.agency, "by": story.people["Inés"], "now": story.now}
    system, key = systems.register_system(name="Contraloría", may_report=[EVENT], **told)
    return Sender(story, system, key.text)


def waits(story: Story, *before: dict[str, Any], forms: tuple[dict[str, Any], ...] = (), **more: Any) -> Case:
    """A case that waits for the event, after other steps."""
    return begin(story, *before, {**WAIT, "next": "sello", **more}, forms=forms)


def recorded(case: Case) -> int:
    """How often the case says that the event happened."""
    return Event.objects.filter(stream=f"case:{case.ref}", kind="event.recorded").count()


class TestMatched:
    def test_the_wait_ends_and_the_case_says_who_told(self, sender: Sender, story: Story) -> None:
        case = waits(story)
        answer = sender.send(case, evidence="Toma de razón N° 7")
        assert (answer.status_code, answer.json()["state"]) == (200, "applied")
        assert waiting(case) == {"sello"}
        line = next(line for line in history(case) if "Registró que ocurrió" in line.what)
        assert (line.who, line.detail) == ("Contraloría", "Toma de razón N° 7")
        event = ReportedEvent.objects.get()
        assert (event.sealed, event.task.step_id if event.task else "") == (None, "espera")
        assert SystemKey.objects.get().last_used_at == story.now
        case.refresh_from_db()
        assert case.data["espera"] == {"happened": True, "on": "2026-03-04"}

    def test_the_case_may_be_named_by_its_code(self, sender: Sender, story: Story) -> None:
        case = waits(story)
        assert sender.send(case.ref.lower()).json()["state"] == "applied"

    def test_the_form_of_the_step_is_filled_and_says_through_which_door(self, sender: Sender, story: Story) -> None:
        case = waits(story, form="informe", forms=(form("informe", yes_no()),))
        refused = sender.send(case, answers={"favorable": "quizás", "otra": 1})
        assert refused.status_code == 422
        assert [one["pointer"] for one in refused.json()["errors"]] == ["#/answers/favorable", "#/answers/otra"]
        assert sender.send(case).json()["errors"][0]["pointer"] == "#/answers/favorable"
        assert (waiting(case), ReportedEvent.objects.count()) == ({"espera"}, 0)
        assert sender.send(case, answers={"favorable": True}).status_code == 200
        assert Submission.objects.get(case=case, step_id="espera").channel == "system"
        case.refresh_from_db()
        assert case.data["espera"] == {"favorable": True, "happened": True, "on": "2026-03-04"}

    def test_a_way_on_that_fails_keeps_the_event_and_opens_an_incident(self, sender: Sender, story: Story) -> None:
        broken = [{"when": {"cel": "1 / (espera.happened ? 0 : 1) == 1"}, "goto": "sello"}, {"otherwise": "sello"}]
        case = waits(story, next=broken)
        assert sender.send(case).json()["state"] == "applied"
        assert (recorded(case), Incident.objects.filter(case=case).count()) == (1, 1)


class TestOnce:
    def test_a_repetition_is_answered_with_the_same_and_does_nothing(self, sender: Sender, story: Story) -> None:
        case = waits(story)
        first, again = sender.send(case), sender.send(case)
        assert (first.json(), first.status_code) == (again.json(), again.status_code)
        other_key = sender.send(case, "aviso-0002")
        assert other_key.json()["id"] == first.json()["id"]
        assert (recorded(case), ReportedEvent.objects.count()) == (1, 1)

    def test_the_same_key_with_something_else_is_refused(self, sender: Sender, story: Story) -> None:
        case, other = waits(story), waits(story)
        sender.send(case)
        refused = sender.send(other)
        assert (refused.status_code, refused.json()["code"]) == (422, "key_reused")
        assert recorded(other) == 0

    def test_what_the_case_no_longer_waits_for_is_kept_for_a_person(self, sender: Sender, story: Story) -> None:
        case = waits(story)
        sender.send(case)
        late = sender.send(case, "aviso-0002", evidence="Otra")
        assert (late.status_code, late.json()["why"]) == (202, "over")
        assert recorded(case) == 1
        assert "Quedó guardado: la solicitud ya no lo espera" in " ".join(line.what for line in history(case))


class TestNotLost:
    def test_an_event_before_the_step_waits_is_taken_when_it_does(self, sender: Sender, story: Story) -> None:
        case = waits(story, report("revisar", following="espera"))
        early = sender.send(case, evidence="Antes")
        assert (early.status_code, early.json()["why"]) == (202, "early")
        story.do(case, "revisar", favorable=True)
        assert waiting(case) == {"espera"}
        story.work()
        assert (recorded(case), ReportedEvent.objects.get().state) == (1, "applied")
        assert sender.send(case, evidence="Antes").json()["state"] == "applied"

    def test_an_early_event_that_nothing_will_wait_for_is_left_to_a_person(self, sender: Sender, story: Story) -> None:
        ways = [{"when": {"cel": "revisar.favorable"}, "goto": "espera"}, {"otherwise": "sello"}]
        case = waits(story, report("revisar", following=ways))
        assert sender.send(case).json()["why"] == "early"
        story.do(case, "revisar", favorable=False)
        assert ended(story, case)
        event = ReportedEvent.objects.get()
        assert (event.state, event.why) == ("kept", "over")
        dismiss_event(event=event, reason="No se usó", by=story.people["Inés"], now=story.now)
        event.refresh_from_db()
        assert event.sealed is None

    def test_a_case_that_the_agency_does_not_have_is_kept_and_somebody_says_which_it_is(
        self, sender: Sender, story: Story, visitor: Visitor
    ) -> None:
        case = waits(story)
        answer = sender.send("2020-999999")
        assert (answer.status_code, answer.json()["why"]) == (202, "no_case")
        ines, page = visitor("Inés"), reverse("workflows:reported_event", args=[ReportedEvent.objects.get().pk])
        assert "2020-999999" in text_of(ines.get(reverse("workflows:systems")))
        assert ines.post(page, {"asignar": "1", "number": "2020-5"}).status_code == 409
        assert ines.post(page, {"asignar": "1", "number": ""}).status_code == 422
        assert ines.post(page, {"asignar": "1", "number": case.number}).status_code == 302
        assert (waiting(case), recorded(case)) == ({"sello"}, 1)
        assert ines.post(page, {"reason": "Repetido"}).status_code == 409

    def test_one_that_is_about_nothing_is_put_aside_with_a_reason(
        self, sender: Sender, story: Story, visitor: Visitor
    ) -> None:
        case = waits(story)
        sender.send(case)
        sender.send(case, "aviso-0002", evidence="Otra")
        event = ReportedEvent.objects.get(state="kept")
        page = reverse("workflows:reported_event", args=[event.pk])
        assert visitor("Inés").post(page, {"reason": ""}).status_code == 422
        assert visitor("Inés").post(page, {"reason": "Ya estaba"}).status_code == 302
        event.refresh_from_db()
        assert (event.state, event.sealed, event.note) == ("dismissed", None, "Ya estaba")
        assert sender.send(case, "aviso-0002", evidence="Otra").json()["state"] == "dismissed"

    def test_of_several_rows_that_wait_the_report_says_which(self, sender: Sender, story: Story) -> None:
        inner = {**WAIT, "next": "join"}
        case = begin(story, LIST, visits(inner), report("decision", "jefatura", "sello"), forms=FORMS)
        story.do(case, "listar", locales=ROWS)
        assert sender.send(case).json()["why"] == "several"
        assert sender.send(case, "aviso-0002", row=2).json()["state"] == "applied"
        done = CaseTask.objects.get(process=case, step_id="espera", status="DONE")
        assert done.occurrence == 2

    def test_a_wrong_row_is_cleared(self, sender: Sender, story: Story, visitor: Visitor) -> None:
        case = waits(story)
        assert sender.send(case, row=7).json()["why"] == "early"
        page = reverse("workflows:reported_event", args=[ReportedEvent.objects.get().pk])
        visitor("Inés").post(page, {"asignar": "1", "number": case.number, "row": ""})
        assert (ReportedEvent.objects.get().state, waiting(case)) == ("applied", {"sello"})

    def test_one_row_that_waits_alone_is_not_ended_by_a_report_that_names_no_row(
        self, sender: Sender, story: Story
    ) -> None:
        inner = (report("visita", "obras", "espera"), {**WAIT, "next": "join"})
        case = begin(story, LIST, visits(*inner), report("decision", "jefatura", "sello"), forms=FORMS)
        assert sender.send(case, "aviso-0001", evidence="Antes").json()["why"] == "early"
        story.do(case, "listar", locales=ROWS)
        first = CaseTask.objects.filter(process=case, step_id="visita").earliest("pk")
        desk.claim(task=first, by=story.user(story.holder(first)), now=story.now)
        story.do_claimed(case, first, favorable=True)
        story.work()
        assert ReportedEvent.objects.get().why == "several", "the row was not known when it came"
        assert sender.send(case, "aviso-0002").json()["why"] == "several"
        assert (recorded(case), waiting(case)) == (0, {"visita", "espera"})
        row = CaseTask.objects.get(process=case, step_id="espera").occurrence
        assert sender.send(case, "aviso-0003", row=row).json()["state"] == "applied"


class TestEarly:
    """What came before the case waited for it ends that wait by itself, or no wait at all."""

    def early(self, sender: Sender, story: Story) -> Case:
        unfavourable = {"all": [{"field": "decidir.favorable", "op": "eq", "value": False}]}
        ways = [{"when": unfavourable, "goto": "espera"}, {"otherwise": "sello"}]
        case = waits(story, report("revisar", following="espera"), report("decidir", following=ways), next="decidir")
        assert sender.send(case, "aviso-0001", evidence="Antes").json()["why"] == "early"
        return case

    def whys(self) -> list[tuple[str, str]]:
        return list(ReportedEvent.objects.order_by("pk").values_list("state", "why"))

    def test_a_second_one_does_not_end_the_wait_of_the_next_round(self, sender: Sender, story: Story) -> None:
        case = self.early(sender, story)
        sender.send(case, "aviso-0002", evidence="Otra vez")
        story.do(case, "revisar", favorable=True)
        story.work()
        assert self.whys() == [("applied", ""), ("kept", "over")]
        story.do(case, "decidir", favorable=False)
        story.work()
        assert (waiting(case), recorded(case)) == ({"espera"}, 1)

    def test_an_official_who_is_faster_leaves_it_to_a_person(
        self, sender: Sender, story: Story, visitor: Visitor
    ) -> None:
        case = self.early(sender, story)
        story.do(case, "revisar", favorable=True)
        told: dict[str, Any] = {"answered": desk.Answered(data=MultiValueDict()), "now": story.now}
        task = CaseTask.objects.get(process=case, step_id="espera")
        record_event(task=task, by=story.user("Beto"), happened=Happened(story.now.date()), **told)
        assert self.whys() == [("kept", "over")]
        shown = text_of(visitor("Inés").get(reverse("workflows:systems")))
        assert "Compruébalo y descártalo, o asígnalo" in shown
        assert "No tienes que hacer nada" not in shown
        story.do(case, "decidir", favorable=False)
        story.work()
        assert (waiting(case), recorded(case)) == ({"espera"}, 1)

    def test_a_key_that_is_revoked_takes_its_hand_off_the_cases_to_come(
        self, sender: Sender, story: Story, visitor: Visitor
    ) -> None:
        case = self.early(sender, story)
        ines = story.people["Inés"]
        later = story.now + timedelta(hours=1)
        second = systems.give_key(system=sender.system, by=ines, now=later)
        newest = SystemKey.objects.latest("pk")
        systems.revoke_key(key=newest, by=ines, now=later)
        assert second.public_part == newest.public_part
        assert self.whys() == [("kept", "early")], "it came before that key existed"
        systems.revoke_key(key=SystemKey.objects.earliest("pk"), by=ines, now=later)
        assert self.whys() == [("kept", "withdrawn")]
        story.do(case, "revisar", favorable=True)
        story.work()
        assert (waiting(case), recorded(case)) == ({"espera"}, 0)
        inspector = visitor("Inés")
        assert "Confirma con la institución que lo informó" in text_of(inspector.get(reverse("workflows:systems")))
        page = reverse("workflows:reported_event", args=[ReportedEvent.objects.get().pk])
        assert inspector.post(page, {"asignar": "1", "number": case.number}).status_code == 302
        assert (waiting(case), recorded(case)) == ({"decidir"}, 1)

    def test_what_a_system_may_no_longer_report_waits_for_a_person(self, sender: Sender, story: Story) -> None:
        case = self.early(sender, story)
        other = ["organizacion_comunitaria.registro_civil"]
        told: dict[str, Any] = {"system": sender.system, "by": story.people["Inés"], "now": story.now}
        systems.change_system(name="Contraloría", may_report=other, **told)
        assert self.whys() == [("kept", "withdrawn")]
        ReportedEvent.objects.update(why="early")  # one that came while this was being changed
        story.do(case, "revisar", favorable=True)
        story.work()
        assert (self.whys(), recorded(case)) == ([("kept", "withdrawn")], 0)


MALFORMED: list[tuple[str | bytes, int, str, list[str]]] = [
    ("{", 400, "json", []),
    (" ", 400, "json", []),
    (b"\xff\xfe", 400, "json", []),
    ("[" * 5000, 400, "json", []),
    ("[]", 422, "shape", ["#"]),
    ("{}", 422, "shape", ["#/event", "#/case", "#/on"]),
    ('{"event": 7, "case": "1", "on": "2026-03-04"}', 422, "shape", ["#/event"]),
    ('{"event": "prueba.espera", "case": "1\\u0000", "on": "2026-03-04"}', 422, "shape", ["#/case"]),
    ('{"event": "prueba.espera", "case": "1", "on": "04/03/2026"}', 422, "shape", ["#/on"]),
    ('{"event": "prueba.espera", "case": "1", "on": "2026-03-04", "x": 1}', 422, "shape", ["#/x"]),
    ('{"event": "prueba.espera", "case": "1", "on": "2026-03-04", "row": true}', 422, "shape", ["#/row"]),
    (
        '{"event": "prueba.espera", "case": "1", "on": "2026-03-04", "evidence": "\\u0000"}',
        422,
        "shape",
        ["#/evidence"],
    ),
    (
        '{"event": "prueba.espera", "case": "1", "on": "2026-03-04", "answers": {"a": {"b": 1}}}',
        422,
        "shape",
        ["#/answers/a"],
    ),
    ('{"event": "prueba.espera", "case": "1", "on": "2026-03-05"}', 422, "future", ["#/on"]),
]


class TestRefused:
    def test_a_case_of_another_agency_is_as_unknown_as_one_that_is_not(self, sender: Sender, story: Story) -> None:
        case = waits(story)
        other = Agency.objects.get(code="muni-otra")
        Case.objects.filter(pk=case.pk).update(agency=other)
        told = [sender.send(number, f"aviso-{number}").json() for number in (case.number, "2020-999999")]
        for answer in told:
            del answer["id"], answer["case"]
        assert told[0] == told[1]
        assert (told[0]["why"], waiting(case), recorded(case)) == ("no_case", {"espera"}, 0)
        assert not ReportedEvent.objects.exclude(case=None).exists()

    def test_without_a_key_nothing_is_taken(self, sender: Sender, story: Story) -> None:
        case = waits(story)
        for sender.key in ("", "spk_corta", "spk_0123456789ABCDEF_" + "x" * 43):
            answer = sender.send(case)
            assert (answer.status_code, answer.json()["code"]) == (401, "key")
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert answer.headers["Content-Type"] == "application/problem+json"
        assert waiting(case) == {"espera"}

    def test_the_secret_of_one_key_does_not_open_another(self, sender: Sender, story: Story) -> None:
        told: dict[str, Any] = {"system": sender.system, "by": story.people["Inés"], "now": story.now}
        another = systems.give_key(**told)
        sender.key = sender.key[:21] + another.text[21:]
        assert sender.send("2020-1").status_code == 401

    def test_a_revoked_key_is_refused_at_once_and_a_replaced_one_after_a_day(
        self, sender: Sender, story: Story
    ) -> None:
        old = sender.key
        told: dict[str, Any] = {"system": sender.system, "by": story.people["Inés"], "now": story.now}
        sender.key = systems.give_key(**told).text
        assert sender.send("2020-1").status_code == 202
        systems.revoke_key(key=SystemKey.objects.latest("pk"), by=story.people["Inés"], now=story.now)
        assert sender.send("2020-1").status_code == 401
        sender.key = old
        assert sender.send("2020-1").status_code == 202
        with time_machine.travel(story.now + timedelta(days=1), tick=False):
            assert sender.send("2020-1").status_code == 401

    def test_an_event_that_is_not_its_own_is_refused(self, sender: Sender, story: Story) -> None:
        case = waits(story)
        answer = sender.send(case, event="organizacion_comunitaria.registro_civil")
        assert (answer.status_code, answer.json()["code"]) == (403, "event")

    def test_a_body_that_is_no_event_is_refused_with_the_place_and_the_reason(self, sender: Sender) -> None:
        for body, status, code, pointers in MALFORMED:
            answer = sender.post(body)
            said = answer.json()
            assert (answer.status_code, said["code"], said["status"]) == (status, code, status), body
            assert [one["pointer"] for one in said.get("errors", [])] == pointers, body
            assert all(one["detail"] for one in said.get("errors", []))
        assert not ReportedEvent.objects.exists()

    def test_what_is_sent_is_json_of_a_stated_length_under_an_idempotency_key(self, sender: Sender) -> None:
        headers = {"Authorization": f"Bearer {sender.key}", "Idempotency-Key": "aviso-0001"}
        form_sent = Client().post(URL, {"event": EVENT}, headers=headers)
        assert (form_sent.status_code, form_sent.json()["code"]) == (415, "content_type")
        for wrong in ("", "corta", "con espacio y todo", "x" * 65):
            answer = sender.send("2020-1", wrong)
            assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key")
        unstated = Client().post(URL, "{}", "application/json", headers=headers, CONTENT_LENGTH="")
        assert unstated.status_code == 411
        assert sender.send("2020-1", '"aviso-0001"').status_code == 202

    def test_a_huge_body_is_refused_before_a_byte_of_it_is_read(self, sender: Sender) -> None:
        class Untouchable(BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                raise AssertionError("the body was read")

        extra: dict[str, Any] = {"CONTENT_LENGTH": str(MAX_BYTES + 1), "wsgi.input": Untouchable()}
        headers = {"Authorization": f"Bearer {sender.key}", "Idempotency-Key": "aviso-0001"}
        answer = Client().post(URL, "{}", "application/json", headers=headers, **extra)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")

    def test_a_system_that_sends_without_end_is_told_to_wait(self, sender: Sender) -> None:
        answers = [sender.post("{") for _time in range(121)]
        assert {one.status_code for one in answers[:120]} == {400}
        assert (answers[120].status_code, answers[120].json()["code"]) == (429, "too_many")
        assert 0 < int(answers[120].headers["Retry-After"]) <= 60

    def test_the_answer_is_in_spanish_whatever_the_machine_prefers(self, sender: Sender) -> None:
        answer = sender.post("{", **{"Accept-Language": "en"})
        assert answer.json()["detail"] == "El cuerpo no es JSON válido en UTF-8."
        assert answer.headers["Content-Language"] == "es"


class TestPages:
    def test_the_key_is_shown_once_and_kept_nowhere(self, sender: Sender, visitor: Visitor) -> None:
        ines = visitor("Inés")
        page = ines.get(reverse("workflows:system_register", args=["muni-ejemplo"]))
        assert "la toma de razón" in text_of(page)
        told = {"name": "Diario Oficial", "may_report": [EVENT]}
        shown = ines.post(page.request["PATH_INFO"], told)
        key = shown.context["key"]
        assert key in shown.content.decode()
        system = OutsideSystem.objects.get(name="Diario Oficial")
        again = ines.get(reverse("workflows:system", args=[system.pk])).content.decode()
        assert key not in again
        assert key[:20] in again
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names():
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                assert key[21:] not in repr(cursor.fetchall()), table

    def test_two_systems_have_two_names_and_report_what_is_awaited(self, sender: Sender, visitor: Visitor) -> None:
        ines, page = visitor("Inés"), reverse("workflows:system_register", args=["muni-ejemplo"])
        assert ines.post(page, {"name": "Contraloría", "may_report": [EVENT]}).status_code == 409
        assert ines.post(page, {"name": "Otra", "may_report": []}).status_code == 422
        assert ines.post(page, {"name": "Otra", "may_report": ["prueba.otro"]}).status_code == 422

    def test_what_a_system_may_report_is_changed_and_counts_at_once(self, sender: Sender, visitor: Visitor) -> None:
        page = reverse("workflows:system_change", args=[sender.system.pk])
        told = {"name": "CGR", "may_report": ["organizacion_comunitaria.registro_civil"]}
        assert visitor("Inés").post(page, told).status_code == 302
        assert sender.send("2020-1").status_code == 403

    def test_the_bandeja_of_who_operates_leads_there(self, sender: Sender, visitor: Visitor) -> None:
        address = reverse("workflows:systems")
        assert address in visitor("Inés").get(reverse("workflows:inbox")).content.decode()
        assert address not in visitor("Beto").get(reverse("workflows:inbox")).content.decode()
