"""Services of other bodies behind the guard, their degraded modes, and cases that open other cases."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any, ClassVar

import pytest
from django.test import Client
from django.urls import reverse

from accounts.api import keep_declared_person, name_declared_person
from accounts.models import Mandate, Organisation
from documents.models import Document
from jobs.api import drain
from jobs.models import Job
from procedures.api import Pilot, bundle_of, publish_data
from procedures.models import Offering
from procedures.schema import ServiceValue
from tests.story import Story
from tests.workflows.desk import Visitor, text_of
from tests.workflows.flows import begin, ended, flow, offer, report, waiting
from workflows import drafts
from workflows.access import own_cases
from workflows.answers import answers_of
from workflows.commands.effects import retry_incident
from workflows.connectors import Refused, Unavailable, catalogue, guard, read_values
from workflows.connectors.guard import Request, exchange
from workflows.drafts import MOST_OPEN
from workflows.models import Case, CaseParty, Incident

pytestmark = pytest.mark.django_db


class Registry(BaseHTTPRequestHandler):
    """A registry of another body, on this machine."""

    answer: ClassVar[tuple[int, bytes, dict[str, str]]] = (200, b"{}", {})
    asked: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Registry.asked.append({"body": json.loads(body), "x": self.headers["X"]})
        status, answer, headers = Registry.answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_arguments: Any) -> None:
        """Nothing."""


@pytest.fixture
def registry(tmp_path: Path, settings: Any) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/consulta"
    secret = tmp_path / "key"
    secret.write_text("secreto")
    listed = tmp_path / "connectors.json"
    entry = {"url": url, "method": "POST", "headers": {"X": f"file:{secret}"}, "allow_loopback": True}
    listed.write_text(json.dumps({"registro": entry}), encoding="utf-8")
    settings.CONNECTORS = str(listed)
    Registry.asked.clear()
    yield url
    server.shutdown()
    server.server_close()


def service(on_failure: str, **more: Any) -> dict[str, Any]:
    return {
        "id": "consulta",
        "kind": "service",
        "title": "Consulta",
        "connector": "registro",
        "inputs": {"rut": "inicio.rut"},
        "values": {"vigente": {"path": "datos.0.vigente", "type": "yes_no"}},
        "on_failure": on_failure,
        "next": [
            {"when": {"all": [{"field": "consulta.vigente", "op": "eq", "value": True}]}, "goto": "sello"},
            {"otherwise": "decision"},
        ],
        **more,
    }


def asking(story: Story, on_failure: str, **more: Any) -> Case:
    return begin(story, service(on_failure, **more), report("decision", "jefatura", "sello"))


def down() -> None:
    Registry.answer = (503, b"", {})


def up(vigente: Any = True) -> None:
    Registry.answer = (200, json.dumps({"datos": [{"vigente": vigente}]}).encode(), {})


class TestService:
    def test_the_answer_reaches_the_case_and_nothing_else(self, story: Story, registry: str) -> None:
        up()
        case = asking(story, "wait")
        assert waiting(case) == {"consulta"}
        assert ended(story, case)
        assert case.data["consulta"] == {"ok": True, "vigente": True}
        assert Registry.asked[0]["x"] == "secreto"
        assert set(Registry.asked[0]["body"]) == {"rut"}

    def test_wait_opens_an_incident_and_asks_again_by_itself(self, story: Story, registry: str) -> None:
        down()
        case = asking(story, "wait")
        self._let_it_fail(story)
        assert Incident.objects.get(case=case).closed_at is None
        assert waiting(case) == {"consulta"}
        up()
        story.now += timedelta(hours=2)
        assert ended(story, case)
        assert Incident.objects.get(case=case).closed_at is not None

    def test_stop_waits_for_somebody_to_retry(self, story: Story, registry: str, visitor: Visitor) -> None:
        down()
        case = asking(story, "stop")
        self._let_it_fail(story)
        up()
        story.now += timedelta(days=2)
        story.work()
        assert waiting(case) == {"consulta"}
        incident = Incident.objects.get(case=case)
        visitor("Elena").post(reverse("workflows:desk_retry", args=[case.ref, incident.pk]))
        assert ended(story, case)

    def test_accept_goes_on_with_the_persons_word_and_the_case_does_not_end_unverified(
        self, story: Story, registry: str, visitor: Visitor
    ) -> None:
        down()
        declared = {"vigente": "inicio.autoriza_sensibles"}
        case = asking(story, "accept", declared=declared, verified_by="revision")
        self._let_it_fail(story)
        case.refresh_from_db()
        assert case.data["consulta"]["ok"] is False
        if waiting(case) >= {"decision"}:
            story.do(case, "decision")
        story.work()
        assert "consulta" in waiting(case)
        assert not ended(story, case)
        task = story.claim(case, "consulta")
        said = text_of(visitor("Ana").get(reverse("workflows:case", args=[case.ref])))
        assert "El otro servicio no se consultó o no respondió: seguimos con lo que declaraste." in said
        assert f"Lo comprueba {task.unit}." in said
        assert "Espera la respuesta de otra institución" not in said
        address = reverse("workflows:desk_step", args=[case.ref, task.pk])
        beto = visitor("Beto")
        assert "Verifícalo" in beto.get(address).content.decode()
        assert beto.post(address, {}).status_code == 422
        assert beto.post(address, {"agrees": "si", "how": "asked", "note": "Llamé."}).status_code == 302
        assert [one.result for one in case.exchanges.order_by("pk")] == ["error", "success"]
        incident = Incident.objects.get(case=case, closed_at=None)
        beto.post(reverse("workflows:desk_retry", args=[case.ref, incident.pk]))
        assert ended(story, case)
        assert case.data["consulta"]["verified"] is True

    def test_an_answer_of_another_type_is_no_silent_no(self, story: Story, registry: str) -> None:
        up("quizás")
        case = asking(story, "stop")
        story.work()
        assert "no es del tipo esperado" in Incident.objects.get(case=case).detail

    def test_who_tries_again_does_not_begin_a_second_round_of_questions(self, story: Story, registry: str) -> None:
        """Each press while the other body is down would have it asked once more every hour, for ever."""
        down()
        case = asking(story, "wait")
        self._let_it_fail(story)
        incident = Incident.objects.get(case=case)
        for _press in range(2):
            retry_incident(incident=incident, by=story.people["Elena"], now=story.now)
            self._let_it_fail(story)
        waiting_calls = Job.objects.filter(kind="workflows.service", run_at__isnull=False)
        assert waiting_calls.count() == 1
        up()
        story.now += timedelta(hours=2)
        assert ended(story, case)

    def _let_it_fail(self, story: Story) -> None:
        for _attempt in range(6):
            story.work()
            story.now += timedelta(minutes=9)


class TestGuard:
    @pytest.mark.parametrize(
        "host",
        [
            "127.0.0.1", "172.16.0.8", "172.31.255.1", "169.254.169.254", "[::1]", "[::ffff:172.16.0.1]", "0.0.0.0",
            "[64:ff9b::172.16.0.1]", "[2002:ac10:1::1]", "[::172.16.0.1]", "[fec0::1]", "[64:ff9b:1::1]", "[fd00::1]",
        ],
    )  # fmt: skip
    def test_addresses_of_the_own_network_are_refused(self, host: str) -> None:
        with pytest.raises(Refused, match="privada"):
            exchange(Request("GET", f"http://{host}:80/"))

    def test_a_name_that_also_resolves_to_a_private_address_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        both = [(2, 1, 6, "", ("93.184.216.34", 80)), (2, 1, 6, "", ("172.16.0.1", 80))]
        monkeypatch.setattr("socket.getaddrinfo", lambda *_a, **_k: both)
        with pytest.raises(Refused, match="privada"):
            exchange(Request("GET", "http://servicio.example/"))

    def test_redirects_and_long_answers_are_refused(self, registry: str, monkeypatch: pytest.MonkeyPatch) -> None:
        Registry.answer = (302, b"", {"Location": "http://172.16.0.1/"})
        ask = Request("POST", registry, body=b"{}", allow_loopback=True)
        with pytest.raises(Refused, match="desvío"):
            exchange(ask)
        up()
        monkeypatch.setattr(guard, "MOST_BYTES", 5)
        with pytest.raises(Refused, match="larga"):
            exchange(ask)

    def test_other_schemes_and_credentials_in_the_address_are_refused(self) -> None:
        for url in ("file:///etc/passwd", "ftp://servicio.example/", "http://yo:clave@servicio.example/"):
            with pytest.raises(Refused):
                exchange(Request("GET", url))

    @pytest.mark.parametrize("sent", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"])
    def test_a_trickle_is_not_waited_for_beyond_the_time_of_the_connector(self, sent: bytes) -> None:
        """One letter now and then, in the head or in the body: each arrives in time, the answer never does."""
        with trickle(sent, forever=True) as url, pytest.raises(Unavailable):
            exchange(Request("GET", url, seconds=0.5, allow_loopback=True))

    def test_an_answer_that_was_cut_is_for_later(self) -> None:
        sent = b'HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{"datos": '
        with trickle(sent, forever=False) as url, pytest.raises(Unavailable, match="cortada"):
            exchange(Request("GET", url, seconds=5, allow_loopback=True))

    def test_nobody_at_home_is_for_later(self) -> None:
        with pytest.raises(Unavailable):
            exchange(Request("GET", "http://127.0.0.1:9/", allow_loopback=True, seconds=1))


@contextmanager
def trickle(sent: bytes, *, forever: bool) -> Iterator[str]:
    """A server that answers with this and then hangs up, or goes on with a letter now and then until left alone."""
    over, server = Event(), socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connected, _peer = server.accept()
        with connected, suppress(OSError):
            connected.recv(4096)
            connected.sendall(sent)
            while forever and not over.wait(0.05):
                connected.sendall(b"a")

    thread = Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
    finally:
        over.set()
        thread.join()
        server.close()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", "1e9999999"), ("integer", float("inf")), ("decimal", "1e9999999"), ("decimal", "1e-9999999"),
        ("money_clp", "NaN"), ("text", "a\x00b"), ("text", "\ud800"),
    ],
)  # fmt: skip
def test_an_answer_that_no_database_or_memory_holds_is_refused(kind: Any, value: Any) -> None:
    with pytest.raises(Refused):
        read_values({"a": value}, {"a": ServiceValue(path="a", type=kind)})


def test_what_was_not_answered_is_not_asked_with_the_word_none(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Request] = []

    def exchanged(request: Request) -> bytes:
        sent.append(request)
        return b"{}"

    monkeypatch.setattr("workflows.connectors.catalogue.exchange", exchanged)
    listed = catalogue._Entry(url="https://registro.example/?v=1")
    catalogue.Connector("registro", listed).ask({"rut": "1-9", "giro": None, "rural": True}, "k")
    assert sent[0].url == "https://registro.example/?v=1&rut=1-9&rural=true"


def test_values_are_read_by_path_and_typed() -> None:
    answer = {"a": [{"monto": 12, "dia": "2026-03-04T00:00:00"}], "b": None}
    wanted = {
        "monto": ServiceValue(path="a.0.monto", type="money_clp"),
        "dia": ServiceValue(path="a.0.dia", type="date"),
        "falta": ServiceValue(path="b.c", type="text"),
    }
    assert read_values(answer, wanted) == {"monto": 12, "dia": "2026-03-04", "falta": None}
    with pytest.raises(Refused):
        read_values({"a": 1.5}, {"a": ServiceValue(path="a", type="integer")})


def child_of(story: Story) -> str:
    """The other procedure: a report of the works department, then its seal."""
    data = flow(report("informar", "obras", "sello"))
    return offer(story, {**data, "code": "informe_tecnico", "title": "Informe técnico"})


class TestLinkedCases:
    def test_a_subcase_has_its_own_case_and_its_result_comes_back(self, story: Story, visitor: Visitor) -> None:
        code = child_of(story)
        step = {
            "id": "informe_externo",
            "kind": "subcase",
            "title": "Informe",
            "procedure": code,
            "answers": self._answers(story, code),
            "results": {"favorable": {"path": "informar.favorable", "type": "yes_no"}},
            "next": [
                {"when": {"all": [{"field": "informe_externo.favorable", "op": "eq", "value": True}]}, "goto": "sello"},
                {"otherwise": "decision"},
            ],
        }
        case = begin(story, step, report("decision", "jefatura", "sello"))
        story.work()
        child = Case.objects.exclude(pk=case.pk).get()
        assert child.channel == "linked"
        assert child.number in visitor("Ana").get(reverse("workflows:case", args=[case.ref])).content.decode()
        assert child.number in visitor("Elena").get(reverse("workflows:desk_case", args=[case.ref])).content.decode()
        assert waiting(case) == {"informe_externo"}
        story.do(child, "informar", favorable=False)
        assert ended(story, child)
        story.work()
        case.refresh_from_db()
        assert case.data["informe_externo"] == {"outcome": "issued", "favorable": False}
        assert waiting(case) == {"decision"}

    def test_nothing_is_asked_of_another_office_once_the_step_was_stopped(self, story: Story) -> None:
        """The person withdrew, or got the certificate of silence, before the job ran."""
        code = child_of(story)
        step = {"id": "informe_externo", "kind": "subcase", "title": "Informe", "procedure": code,
                "answers": self._answers(story, code), "next": "sello"}  # fmt: skip
        case = begin(story, step)
        case.task_set.filter(step_id="informe_externo").update(status="CANCELED", finished=story.now)
        story.work()
        assert not Case.objects.exclude(pk=case.pk).exists()

    def test_a_case_that_another_opens_is_of_the_pilot_that_invites_the_person(self, story: Story) -> None:
        """R78: every person has one version of a procedure at a time."""
        code = child_of(story)
        step = {"id": "derivar", "kind": "referral", "title": "Derivar", "agency": "muni-ejemplo", "procedure": code,
                "answers": self._answers(story, code), "next": "sello"}  # fmt: skip
        first = begin(story, step)
        story.work()
        pilot = self._pilot(story, code)
        second = begin(story, step, title="Otra vez")
        story.work()
        opened = Case.objects.exclude(pk__in=[first.pk, second.pk]).order_by("pk")
        assert [case.offering_id == pilot.pk for case in opened] == [False, True]

    def _pilot(self, story: Story, code: str) -> Offering:
        old = story.offering(code)
        data = {**flow(report("informar", "obras", "sello")), "code": code, "title": "Informe nuevo"}
        roles = {binding.slot: binding.role for binding in old.role_bindings.all()}
        pilot = publish_data(
            data=data, agency=story.agency, by=None, now=story.now, role_bindings=roles, pilot=Pilot(share=50)
        )
        Offering.objects.filter(pk=pilot.pk).update(pilot_share=100)
        return pilot

    def test_a_referral_does_not_wait_and_the_person_sees_where_it_went(self, story: Story, visitor: Visitor) -> None:
        """Ley 19.880 art. 14."""
        code = child_of(story)
        step = {
            "id": "derivar",
            "kind": "referral",
            "title": "Derivar",
            "agency": "muni-ejemplo",
            "procedure": code,
            "answers": self._answers(story, code),
            "next": "sello",
        }
        case = begin(story, step)
        assert ended(story, case)
        child = Case.objects.exclude(pk=case.pk).get()
        assert waiting(child) == {"informar"}
        page = visitor("Ana").get(reverse("workflows:case", args=[case.ref])).content.decode()
        assert reverse("workflows:case", args=[child.ref]) in page

    def test_a_procedure_that_nobody_offers_becomes_an_incident_with_a_way_out(self, story: Story) -> None:
        step = {"id": "otro", "kind": "subcase", "title": "Otro", "procedure": "no_existe", "next": "sello"}
        case = begin(story, step)
        for _time in range(3):
            story.work()
        assert "no ofrece hoy" in Incident.objects.get(case=case).detail

    def test_procedures_that_open_each_other_do_not_open_cases_for_ever(self, story: Story) -> None:
        step = {"id": "otro", "kind": "subcase", "title": "Otro", "procedure": "prueba", "next": "sello",
                "answers": {"rut": "inicio.rut"}}  # fmt: skip
        offer(story, flow(report("decision", "jefatura", "sello")))
        step["answers"] = self._answers(story, "prueba")
        first = begin(story, step)
        for _time in range(12):
            drain(now=story.now, limit=60)
        assert Case.objects.count() == 5
        last = Case.objects.order_by("pk").last()
        assert last is not None
        assert "se llama a sí mismo" in Incident.objects.get(case=last).detail
        assert waiting(first) == {"otro"}

    @pytest.mark.parametrize("kind", ["subcase", "referral"])
    def test_it_is_filed_for_whoever_applied_and_by_who_acts_for_them_r18(self, story: Story, kind: str) -> None:
        """Ley 19.880 arts. 14, 21 and 22: a company with its representative, and who applied together with it."""
        code = child_of(story)
        step = {"id": "otro", "kind": kind, "title": "Otro", "procedure": code, "agency": "muni-ejemplo",
                "answers": self._answers(story, code), "next": "sello"}  # fmt: skip
        case = begin(story, step)
        company = Organisation.objects.create(rut="76000000-6", name="Almacenes del Sur SpA")
        ana, bruno = story.people["Ana"], story.people["Bruno"]
        mandate = Mandate.objects.create(
            grantor_organisation=company, representative=ana, starts_on=story.now.date(), scope="prueba"
        )
        case.parties.update(person=None, organisation=company, representative=ana, mandate=mandate)
        CaseParty.objects.create(
            case=case, agency=case.agency, kind="applicant", person=bruno, email="b@correo.example", joined_at=story.now
        )
        story.work()
        child = Case.objects.exclude(pk=case.pk).get()
        fields = ("person", "organisation", "representative", "mandate", "kind")
        told = list(child.parties.order_by("pk").values_list(*fields))
        assert told == [
            (None, company.pk, ana.pk, mandate.pk, "applicant"),
            (bruno.pk, None, None, None, "applicant"),
        ]
        assert child.parties.get(person=bruno).email == "b@correo.example"
        assert own_cases(bruno).filter(pk=child.pk).exists()

    def test_whoever_applied_without_a_key_opens_the_other_case_by_number_and_code(
        self, story: Story, client: Client
    ) -> None:
        """Leyes 19.880 art. 14 and 20.285 arts. 12 and 13: they are to clarify it there as here."""
        code = child_of(story)
        step = {"id": "otro", "kind": "referral", "title": "Otro", "procedure": code, "agency": "muni-ejemplo",
                "answers": self._answers(story, code), "next": "sello"}  # fmt: skip
        case = begin(story, step)
        rosa = keep_declared_person(key="una-clave")
        name_declared_person(person=rosa, name="Rosa Mella", email="rosa@correo.example")
        case.parties.update(person=rosa)
        story.work()
        child = Case.objects.exclude(pk=case.pk).get()
        answer = client.post(reverse("workflows:look_up"), {"number": child.number, "ref": child.ref})
        assert answer.status_code == 302
        assert client.get(answer["Location"]).status_code == 200

    def test_the_persons_own_drafts_do_not_keep_a_linked_case_from_being_opened(self, story: Story) -> None:
        code = child_of(story)
        step = {"id": "informe_externo", "kind": "subcase", "title": "Informe", "procedure": code,
                "answers": self._answers(story, code), "next": "sello"}  # fmt: skip
        case = begin(story, step)
        for _time in range(MOST_OPEN):
            drafts.begin(offering=story.offering(code), by=story.people["Ana"], now=story.now)
        story.work()
        assert Case.objects.exclude(pk=case.pk).count() == 1

    def _answers(self, story: Story, code: str) -> dict[str, str]:
        bundle = bundle_of(story.offering(code).version)
        return {field.id: f"inicio.{field.id}" for field in bundle.fields_of("inicio") if field.is_question}


@pytest.mark.parametrize("kind", ["subcase", "referral"])
def test_the_files_of_the_application_go_along_to_the_other_case(story: Story, kind: str) -> None:
    """Ley 19.880 art. 14: the body that is competent gets what was handed in, not only its name."""
    plan = {"id": "plano", "type": "file", "label": "Plano", "required": True, "max_files": 2}
    data = flow(report("informar", "obras", "sello"))
    data["forms"][0]["pages"][0]["fields"].append(plan)
    other = offer(story, {**data, "code": "informe_tecnico", "title": "Informe técnico"})
    asked = [field.id for field in bundle_of(story.offering(other).version).fields_of("inicio") if field.is_question]
    step = {"id": "otro", "kind": kind, "title": "Otro", "procedure": other, "agency": "muni-ejemplo",
            "answers": {name: f"inicio.{name}" for name in asked}, "next": "sello"}  # fmt: skip
    mine = flow(step)
    mine["forms"][0]["pages"][0]["fields"].append(plan)
    case = story.file(offer(story, mine))
    story.work()
    child = Case.objects.exclude(pk=case.pk).get()
    [sent] = Document.objects.filter(file=case.file, kind=Document.Kind.ATTACHMENT)
    [received] = Document.objects.filter(file=child.file, kind=Document.Kind.ATTACHMENT, item__isnull=False)
    assert (received.title, received.sha256) == (sent.title, sent.sha256)
    assert answers_of(child, "inicio")["plano"]
