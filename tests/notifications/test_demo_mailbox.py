"""The demonstration's mailbox: a real SMTP server, a folder, and a page that runs nothing of what it shows."""

import os
import signal
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from jobs.api import drain
from notifications.demo_mailbox import server as demo_server
from notifications.demo_mailbox.store import keep, mail_ids, read, read_all
from tests.notifications.conftest import NOW, SendNotice
from tests.services.processes import free_port

ROOT = Path(__file__).parents[2]
LIST = reverse("demo_mailbox:list")


@pytest.fixture(autouse=True)
def demo(settings: Settings, tmp_path: Path) -> None:
    """The demonstration, with an empty mail folder."""
    settings.DEMO = True
    settings.DEMO_MAIL_DIR = tmp_path / "mail"
    settings.SMTP_SINK_PORT = free_port()


@pytest.fixture
def running(settings: Settings) -> Iterator[None]:
    """The demonstration's SMTP server, to which the settings send the mail."""
    controller = Controller(demo_server.Sink(), hostname="127.0.0.1", port=settings.SMTP_SINK_PORT)
    controller.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", settings.SMTP_SINK_PORT
    yield
    controller.stop()


def letter(subject: str = "Hola", text: str | None = "Texto", html: str | None = None) -> bytes:
    """The bytes of a message to Ana."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "yo@correo.example", "ana@correo.example", subject
    if text is not None:
        message.set_content(text)
        if html is not None:
            message.add_alternative(html, subtype="html")
    elif html is not None:
        message.set_content(html, subtype="html")
    return bytes(message)


@pytest.mark.django_db
def test_what_the_engine_sends_can_be_read_on_the_page(running: None, notify_ana: SendNotice, client: Client) -> None:
    notify_ana()
    drain(NOW)
    html = client.get(LIST).content.decode()
    assert "Recibimos tu solicitud" in html
    assert "ana@correo.example" in html
    (mail_id,) = mail_ids()
    html = client.get(reverse("demo_mailbox:mail", args=[mail_id])).content.decode()
    assert "Tu solicitud 2026-15 ya está en revisión." in html
    assert "/s/7K3MQ2XW9D4HB5TV/" in html


@pytest.mark.django_db
def test_nothing_that_a_mail_brings_is_run(client: Client) -> None:
    attack = '<script>alert(1)</script><img src="https://otro.example/x.png" onerror="alert(2)">'
    mail_id = keep(letter(subject=attack, text=attack, html=attack), NOW)
    for address in (LIST, reverse("demo_mailbox:mail", args=[mail_id])):
        html = client.get(address).content.decode()
        assert "<script>alert" not in html
        assert "<img" not in html
        assert "&lt;script&gt;alert(1)" in html


@pytest.mark.django_db
def test_a_mail_with_html_only_or_in_an_unknown_charset_is_shown_all_the_same(client: Client) -> None:
    only_html = keep(letter(text=None, html="<p>Solo HTML</p>"), NOW)
    assert "&lt;p&gt;Solo HTML" in client.get(reverse("demo_mailbox:mail", args=[only_html])).content.decode()
    odd = keep(b"Subject: Raro\r\nContent-Type: text/plain; charset=klingon\r\n\r\nQapla'\r\n", NOW)
    assert "Qapla" in client.get(reverse("demo_mailbox:mail", args=[odd])).content.decode()
    empty = keep(b"", NOW)
    assert client.get(reverse("demo_mailbox:mail", args=[empty])).status_code == 200
    assert "(sin asunto)" in client.get(LIST).content.decode()


@pytest.mark.django_db
def test_the_newest_mail_comes_first(client: Client) -> None:
    keep(letter("El primero"), datetime(2026, 8, 17, 14, 0, 0, 1, tzinfo=UTC))
    keep(letter("El segundo"), datetime(2026, 8, 17, 14, 0, 0, 2, tzinfo=UTC))
    html = client.get(LIST).content.decode()
    assert html.index("El segundo") < html.index("El primero")
    assert "17/08/2026 10:00" in html


@pytest.mark.django_db
def test_an_empty_mailbox_says_so(client: Client) -> None:
    assert "Todavía no ha llegado ningún correo" in client.get(LIST).content.decode()


@pytest.mark.django_db
def test_outside_the_demonstration_there_is_no_mailbox(client: Client, settings: Settings) -> None:
    mail_id = keep(letter(), NOW)
    settings.DEMO = False
    for address in (LIST, reverse("demo_mailbox:mail", args=[mail_id])):
        assert client.get(address).status_code == 404
    with pytest.raises(CommandError, match="solo funciona con SINPAPELEO_DEMO"):
        call_command("demo_mail")


@pytest.mark.django_db
@pytest.mark.parametrize("mail_id", ["settings", "20260817T140000000000-00000000", "20260817T140000000000-0000000g"])
def test_an_id_that_names_no_mail_is_not_found(client: Client, mail_id: str) -> None:
    assert client.get(reverse("demo_mailbox:mail", args=[mail_id])).status_code == 404


@pytest.mark.parametrize("mail_id", ["../keys/django", "/etc/passwd", "..", "", "20260817T140000000000-00000000/../x"])
def test_an_id_never_leaves_the_folder(mail_id: str) -> None:
    keep(letter(), NOW)
    assert read(mail_id) is None


def test_two_mails_of_the_same_instant_are_both_kept() -> None:
    assert len({keep(letter(), NOW), keep(letter(), NOW)}) == len(mail_ids()) == 2


def test_a_mail_that_is_still_being_written_is_not_listed(settings: Settings) -> None:
    mail_id = keep(letter(), NOW)
    (settings.DEMO_MAIL_DIR / "20260817T140000000000-ffffffff.part").write_bytes(b"Subject: a med")
    (settings.DEMO_MAIL_DIR / "notas.eml").write_bytes(b"Subject: otra cosa")
    assert mail_ids() == [mail_id]


def test_a_full_disk_asks_the_sender_to_come_back(
    running: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(content: bytes, received_at: datetime) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(demo_server, "keep", full)
    with smtplib.SMTP("127.0.0.1", settings.SMTP_SINK_PORT) as sender:
        with pytest.raises(smtplib.SMTPDataError) as refusal:
            sender.sendmail("yo@correo.example", ["ana@correo.example"], letter())
        assert refusal.value.smtp_code == 451


def test_the_command_receives_mail_until_it_is_told_to_stop(settings: Settings, tmp_path: Path) -> None:
    port = settings.SMTP_SINK_PORT
    environment = {**os.environ, "SINPAPELEO_DATA": str(tmp_path), "SINPAPELEO_SMTP_SINK_PORT": str(port)}
    command = [sys.executable, "manage.py", "demo_mail"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any(str(port) in line for line in process.stdout)
        try:
            with smtplib.SMTP("127.0.0.1", port) as sender:
                sender.sendmail("yo@correo.example", ["ana@correo.example"], letter("Por la red"))
        finally:
            process.send_signal(signal.SIGTERM)
    assert process.returncode == 0
    (mail,) = read_all(mail_ids())
    assert mail.subject == "Por la red"


def test_the_command_says_when_its_port_is_taken(running: None, settings: Settings) -> None:
    with pytest.raises(CommandError, match=str(settings.SMTP_SINK_PORT)):
        call_command("demo_mail")
