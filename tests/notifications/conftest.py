"""People, a case's file and mail servers for the tests of notices."""

import socket
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.test import Client
from pytest_django import Settings

from accounts.api import get_or_create_person
from accounts.models import Agency, Person, User
from documents.models import Document, ElectronicFile
from legaltime.api import Place
from notifications.models import Notice
from notifications.operations import send_notice
from notifications.saying import Said
from tests.notifications.servers import Server
from tests.services.processes import free_port

NOW = datetime(2026, 8, 17, 14, 0, tzinfo=UTC)
"""Monday 17 August 2026, 10:00 in Santiago."""

SendNotice = Callable[..., Notice]


@pytest.fixture(autouse=True)
def static_folder(settings: Settings) -> None:
    """WhiteNoise warns about a folder that `collectstatic` makes only in production."""
    Path(settings.STATIC_ROOT).mkdir(exist_ok=True)


@pytest.fixture
def agency(db: None) -> Agency:
    """A municipality in Chillán."""
    return Agency.objects.create(code="chillan", name="Municipalidad de Ejemplo", commune="16101")


@pytest.fixture
def place(agency: Agency) -> Place:
    """Where the municipality sits."""
    return Place(agency.commune, agency.time_zone)


@pytest.fixture
def ana(db: None) -> Person:
    """Ana la ciudadana."""
    return get_or_create_person("11.111.111-1", "Ana", "Araya")


@pytest.fixture
def beto(db: None) -> Person:
    """Beto el funcionario."""
    return get_or_create_person("22.222.222-2", "Beto", "Bravo")


@pytest.fixture
def file(agency: Agency) -> ElectronicFile:
    """The electronic file of Ana's case, opened on Monday 10 August 2026."""
    return ElectronicFile.objects.create(
        agency=agency,
        iuie="EJ-2026-1",
        title="Patente comercial",
        subject="Patente",
        procedure_code="patente",
        opened_at=datetime(2026, 8, 10, 15, tzinfo=UTC),
    )


@pytest.fixture
def decree(file: ElectronicFile) -> Document:
    """The act in force that decides Ana's case, of Friday 14 August 2026."""
    return Document.objects.create(
        file=file,
        agency=file.agency,
        kind=Document.Kind.DECREE,
        title="Decreto N° 12",
        state=Document.State.IN_FORCE,
        issued_on=date(2026, 8, 14),
        created_at=datetime(2026, 8, 13, 15, tzinfo=UTC),
    )


@pytest.fixture
def notify_ana(ana: Person, agency: Agency, file: ElectronicFile) -> SendNotice:
    """Send a notice to Ana, with changes; no case row is bound to its job."""

    def send(**changes: Any) -> Notice:
        facts: dict[str, Any] = {
            "person": ana,
            "agency": agency,
            "file": file,
            "case_ref": "7K3MQ2XW9D4HB5TV",
            "case_id": None,
            "subject": "Recibimos tu solicitud",
            "body": "Hola, Ana.\n\nTu solicitud 2026-15 ya está en revisión. Año, día & señal: <ok>.",
            "action_label": "Ver tu solicitud",
            "action_path": "/s/7K3MQ2XW9D4HB5TV/",
            "email": "ana@correo.example",
            "now": NOW,
        }
        facts |= changes
        said = Said(facts.pop("subject"), facts.pop("body"), facts.pop("action_label"))
        return send_notice(**{"say": lambda: said} | facts)

    return send


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    """A real SMTP server, where the settings send the mail; it accepts until told otherwise."""
    behaviour = Server()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    controller = Controller(behaviour, hostname="127.0.0.1", port=settings.EMAIL_PORT)
    controller.start()
    yield behaviour
    controller.stop()


@pytest.fixture
def black_hole(settings: Settings) -> Iterator[None]:
    """A server that accepts the connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings.EMAIL_HOST, settings.EMAIL_PORT = listener.getsockname()
        settings.EMAIL_TIMEOUT = 0.2
        yield


@pytest.fixture
def sign_in(client: Client) -> Callable[[Person], Client]:
    """A browser in which that person has signed in."""

    def sign_in(person: Person) -> Client:
        user = User.objects.filter(person=person).first() or User.objects.create_for(person)
        client.force_login(user)
        return client

    return sign_in
