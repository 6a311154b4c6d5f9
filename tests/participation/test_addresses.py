"""Supporters are written to only at an address that they proved; whoever gave none loses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from notifications.models import Notice
from participation.models import Stage, Subject
from participation.operations import addresses, roadmap
from tests.services.smtp import Mailbox
from tests.story import MORNING, Story
from workflows import proofs
from workflows.models import EmailCheck

pytestmark = pytest.mark.django_db
ADDRESS = "ana@casa.example"


@pytest.fixture
def story(mailbox: Mailbox, settings: Any) -> Iterator[Story]:
    settings.EMAIL_PORT = mailbox.port
    with time_machine.travel(MORNING, tick=False):
        yield Story.begin()


@pytest.fixture
def subject(story: Story) -> Subject:
    subject = story.request("Permiso para cerrar un pasaje")
    story.support(subject, "Ana")
    return subject


@pytest.fixture
def ana(story: Story, client: Client) -> Client:
    client.force_login(story.user("Ana"), backend="accounts.backends.VerifiedIdentityBackend")
    return client


def code(story: Story) -> str:
    return proofs.sent_in(EmailCheck.objects.filter(person=story.people["Ana"]).latest("pk"))["code"]


def opened(story: Story, subject: Subject, mailbox: Mailbox) -> list[str]:
    """The titles of what is mailed to Ana when what she supports opens; it is in her inbox anyway."""
    mailbox.messages.clear()
    roadmap.set_stage(subject=subject, stage=Stage.LIVE, reason="Abierto.", actor="system:test", now=story.now)
    story.work()
    assert Notice.objects.filter(person=story.people["Ana"], subject__startswith="Ya se puede en línea").count() == 1
    return [str(mail["Subject"]) for mail in mailbox.messages if mail["To"] == ADDRESS]


def test_an_address_is_kept_and_written_to_only_after_its_code_came_back(
    story: Story, subject: Subject, ana: Client, mailbox: Mailbox
) -> None:
    path = f"/participa/t/{subject.code}/"
    ana.post(f"{path}correo/", {"email": ADDRESS})
    waiting = ana.get(path).content.decode()
    assert f"Código que enviamos a {ADDRESS}" in waiting
    story.people["Ana"].refresh_from_db()
    assert addresses.proved_address(story.people["Ana"]) == ""
    wrong = f"{(int(code(story)) + 1) % 10**6:06}"
    assert "Ese no es el código" in ana.post(f"{path}correo/", {"codigo": wrong}, follow=True).content.decode()
    ana.post(f"{path}correo/", {"codigo": f"{code(story)[:3]} {code(story)[3:]}"})
    assert f"Te avisamos a {ADDRESS}" in ana.get(path).content.decode()
    assert [title.partition(":")[0] for title in opened(story, subject, mailbox)] == ["Ya se puede en línea"]


def test_who_proved_no_address_is_told_in_the_inbox_and_nothing_is_mailed(
    story: Story, subject: Subject, ana: Client, mailbox: Mailbox
) -> None:
    ana.post(f"/participa/t/{subject.code}/correo/", {"email": ADDRESS})
    story.work()
    assert opened(story, subject, mailbox) == []


def test_an_empty_address_stops_the_mail_and_says_where_the_notices_are(
    story: Story, subject: Subject, ana: Client
) -> None:
    addresses.ask_code(person=story.people["Ana"], agency=story.agency, email=ADDRESS, now=story.now)
    assert addresses.confirm(person=story.people["Ana"], code=code(story), now=story.now) == ""
    told = ana.post(f"/participa/t/{subject.code}/correo/", {"email": ""}, follow=True).content.decode()
    assert "queda en «Mis avisos»" in told
    story.people["Ana"].refresh_from_db()
    assert addresses.proved_address(story.people["Ana"]) == ""


def test_something_that_is_no_address_is_refused_in_words(subject: Subject, ana: Client) -> None:
    told = ana.post(f"/participa/t/{subject.code}/correo/", {"email": "ana@"}, follow=True).content.decode()
    assert "Escribe un correo como nombre@ejemplo.cl" in told
