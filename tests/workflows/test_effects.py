"""Effects that fail for good, through the real job path: seen by staff, tried again, done once."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.conf import LazySettings
from django.db.models import QuerySet

from documents.models import BookEntry, Document
from jobs.models import Job
from signatures import backends
from signatures.models import SignatureRequest
from tests.notifications.servers import REFUSE, VANISH, Server
from tests.services.processes import free_port
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from workflows.commands import acts, effects
from workflows.models import Case, Incident
from workflows.queries import open_incidents

pytestmark = pytest.mark.django_db
_LONGEST_BACKOFF = timedelta(hours=6)


@pytest.fixture
def server(settings: LazySettings) -> Iterator[Server]:
    """A real SMTP server, where the mail goes; it accepts until told otherwise."""
    behaviour = Server()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    controller = Controller(behaviour, hostname="127.0.0.1", port=settings.EMAIL_PORT)
    controller.start()
    yield behaviour
    controller.stop()


@pytest.fixture
def waiting(story: Story) -> Case:
    """A case whose act waits for the mayor's signature."""
    case = story.file()
    story.do(case, "admision", resultado="rechazar")
    story.finish_draft(case, "redaccion_rechazo_inicial")
    put_off(story, Job.objects.all())  # only the signature matters here
    return case


def put_off(story: Story, jobs: QuerySet[Job]) -> None:
    """Let these wait beyond the test."""
    jobs.update(run_at=story.now + timedelta(days=3650))


def incidents(story: Story, who: str) -> list[Incident]:
    return list(open_incidents(story.people[who], story.now.date()))


def sign_again(story: Story, case: Case) -> None:
    task = story.task(case, "firma_infundada")
    act = Document.objects.get(pk=task.data["document"])
    intent = story.intent("Fabián", f"task:{task.pk}", act.content_sha256)
    acts.sign(task=task, by=story.user("Fabián"), intent=intent, now=story.now)


class Refuses:
    """A signing service that answers every call with an error."""

    bytes_reserved = 20_000

    def __getattr__(self, name: str) -> Any:
        raise ConnectionError("the signing service is down")


class TestASignerThatRaises:
    @pytest.fixture
    def failed(self, story: Story, waiting: Case, monkeypatch: pytest.MonkeyPatch) -> Case:
        with monkeypatch.context() as broken:
            broken.setattr(backends, "backend", lambda name: Refuses())
            story.sign(waiting, "firma_infundada")
            for _attempt in range(12):
                story.now += _LONGEST_BACKOFF
                story.work()
        return waiting

    def test_the_step_is_the_signers_again_and_staff_see_an_incident(
        self, story: Story, failed: Case, visitor: Visitor
    ) -> None:
        assert story.task(failed, "firma_infundada").status == "ASSIGNED"
        (incident,) = [found for found in incidents(story, "Beto") if found.kind == Incident.Kind.SIGNATURE]
        assert incident.case == failed
        assert incident.detail in text_of(visitor("Beto").get(at("desk_case", failed.ref)))

    def test_the_second_try_signs_and_the_act_keeps_its_one_number(self, story: Story, failed: Case) -> None:
        number = Document.objects.get(file=failed.file, kind="decree").number
        sign_again(story, failed)
        story.work()
        act = Document.objects.get(file=failed.file, kind="decree")
        signed = SignatureRequest.objects.filter(document=act, signer=story.people["Fabián"], state="signed")
        assert (act.number, BookEntry.objects.filter(document=act).count()) == (number, 1)
        assert signed.count() == 1
        assert incidents(story, "Beto") == []

    def test_the_control_a_signer_that_answers_leaves_no_incident(self, story: Story, waiting: Case) -> None:
        story.sign(waiting, "firma_infundada")
        story.work()
        assert incidents(story, "Beto") == []
        assert SignatureRequest.objects.filter(signer=story.people["Fabián"]).get().state == "signed"


class TestAMailServerThatRefusesForGood:
    @pytest.fixture
    def refused(self, story: Story, server: Server) -> Case:
        server.to_recipient = [REFUSE]
        case = story.file()
        put_off(story, Job.objects.filter(kind__startswith="signatures."))  # only the mail matters here
        story.work()
        return case

    def test_staff_see_an_incident_that_names_the_mail(self, story: Story, refused: Case, visitor: Visitor) -> None:
        (incident,) = incidents(story, "Beto")
        assert (incident.kind, incident.case) == (Incident.Kind.MAIL, refused)
        assert "un correo" in text_of(visitor("Beto").get(at("desk_case", refused.ref)))

    def test_trying_again_sends_one_message_and_closes_the_incident(
        self, story: Story, refused: Case, server: Server
    ) -> None:
        (incident,) = incidents(story, "Beto")
        for _click in range(2):
            effects.retry_incident(incident=incident, by=story.people["Beto"], now=story.now)
        story.work()
        assert len(server.messages) == 1
        assert incidents(story, "Beto") == []

    def test_a_message_that_may_have_left_keeps_its_name_when_it_is_sent_again(
        self, story: Story, server: Server
    ) -> None:
        server.to_data = [VANISH]
        story.file()
        put_off(story, Job.objects.filter(kind__startswith="signatures."))
        for _attempt in range(3):
            story.work()
            story.now += _LONGEST_BACKOFF
        assert len({message["Message-ID"] for message in server.messages}) == 1

    def test_the_control_a_server_that_accepts_leaves_no_incident(self, story: Story, server: Server) -> None:
        story.file()
        put_off(story, Job.objects.filter(kind__startswith="signatures."))
        story.work()
        assert len(server.messages) == 1
        assert incidents(story, "Beto") == []
