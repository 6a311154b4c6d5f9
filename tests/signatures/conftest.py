"""People, keys and signed documents for the tests of signatures."""

import threading
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from accounts.api import create_intent, get_or_create_person
from accounts.models import Agency, Person, SigningIntent, User
from documents.models import Document
from jobs.api import drain
from legaltime.api import now as clock_now
from signatures import backends
from signatures.api import sign_document
from signatures.demo_pki.server import server
from signatures.models import SignatureRequest
from tests.documents.makers import NOW, new_document

Ask = Callable[..., SignatureRequest]


@pytest.fixture(autouse=True)
def own_folders(settings: Settings, tmp_path: Path) -> None:
    """Keys and stored files of this test alone."""
    settings.KEYS_DIR = tmp_path / "keys"
    settings.MEDIA_ROOT = tmp_path / "files"
    Path(settings.STATIC_ROOT).mkdir(exist_ok=True)


@pytest.fixture
def agency(db: None) -> Agency:
    """A municipality in Chillán."""
    return Agency.objects.create(
        code="chillan", name="Municipalidad de Ejemplo", commune="16101", rut="69000001-6", address="Plaza 1, Chillán"
    )


@pytest.fixture
def carla(db: None) -> Person:
    """Carla la alcaldesa."""
    return get_or_create_person("33.333.333-3", "Carla", "Muñoz")


@pytest.fixture
def beto(db: None) -> Person:
    """Beto el secretario municipal."""
    return get_or_create_person("22.222.222-2", "Beto", "Bravo")


def intent_of(person: Person) -> SigningIntent:
    """What a person is about to sign."""
    user = User.objects.filter(person=person).first() or User.objects.create_for(person)
    facts = {"button": "Firmar y enviar"}
    return create_intent(
        user=user, purpose="workflows.sign_act", subject="task:1", shown_sha256="0" * 64, facts=facts, now=NOW
    )


@pytest.fixture
def ask() -> Ask:
    """Ask for the signature of a person on a decree of two signers."""

    def ask(document: Document, person: Person, position: int, **changes: Any) -> SignatureRequest:
        values = {
            "kind": "advanced",
            "total": 2,
            "signer_post": "Alcaldesa",
            "intent": intent_of(person),
            "case_id": None,
            "on_done": "",
            "on_dead": "",
            "now": clock_now(),
        }
        return sign_document(document=document, signer=person, position=position, **{**values, **changes})

    return ask


@pytest.fixture
def provider(settings: Settings) -> Iterator[ThreadingHTTPServer]:
    """The demonstration's certificate provider, serving over HTTP: time stamps, revocation lists, OCSP."""
    running = server(0)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    settings.DEMO_PKI_PORT = running.server_port
    settings.TSA_URL = f"http://127.0.0.1:{running.server_port}/tsa"
    backends.backend.cache_clear()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()
    backends.backend.cache_clear()


@pytest.fixture
def signed_decree(agency: Agency, carla: Person, beto: Person, ask: Ask) -> Document:
    """A decree with the seal and both signatures, closed."""
    document = new_document(agency)
    ask(document, carla, 1)
    drain()
    ask(document, beto, 2)
    drain()
    document.refresh_from_db()
    return document
