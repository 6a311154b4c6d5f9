"""Following a request: heard of, counted for nothing, and stopped at will."""

from __future__ import annotations

import pytest
from django.test import Client

from notifications.models import Notice
from participation.errors import FollowsTooMany, SubjectClosed
from participation.models import Follow, Stage, Subject, Support
from participation.operations import following, proposing, roadmap
from participation.queries.finding import subject_for
from procedures.models import CatalogueEntry
from tests.story import Story

pytestmark = pytest.mark.django_db


@pytest.fixture
def story() -> Story:
    return Story.begin()


@pytest.fixture
def subject(story: Story) -> Subject:
    return story.request("Permiso para cerrar un pasaje")


def test_who_follows_is_told_of_answers_and_changes_and_not_of_what_is_for_supporters(
    story: Story, subject: Subject
) -> None:
    story.support(subject, "Ana")
    following.follow(subject=subject, by=story.people["Dora"], now=story.now)
    story.clear_up(subject, "Solo pasajes sin salida.")
    for stage in (Stage.PILOT, Stage.LIVE):
        roadmap.set_stage(subject=subject, stage=stage, reason="Sí.", actor="system:test", now=story.now)
    story.work()
    story.now += roadmap.WORTH_IT_AFTER
    story.work()
    heard = Notice.objects.filter(person=story.people["Dora"]).order_by("pk").values_list("subject", flat=True)
    assert [one.partition(":")[0] for one in heard] == ["Cambió lo que sigues", "Ya se puede en línea"]


def test_it_counts_for_nothing_uses_no_support_and_ends_when_the_person_wants(
    story: Story, subject: Subject, client: Client
) -> None:
    client.force_login(story.user("Dora"), backend="accounts.backends.VerifiedIdentityBackend")
    page = f"/participa/t/{subject.code}/"
    assert "Sigues esta petición" in client.post(f"{page}seguir/", follow=True).content.decode()
    assert "Las que sigues sin apoyar" in client.get("/participa/mis-apoyos/").content.decode()
    assert not Support.objects.exists()
    said = client.post(f"{page}dejar/", follow=True).content.decode()
    assert "Ya no sigues" in said
    assert not Follow.objects.exists()


def test_a_new_text_that_nobody_moderated_yet_is_not_shown_to_who_follows_it(
    story: Story, subject: Subject, client: Client
) -> None:
    following.follow(subject=subject, by=story.people["Dora"], now=story.now)
    proposing.edit(
        proposal=subject.proposal, title="Insulto", text="A alguien", by=story.people["Bruno"], now=story.now
    )
    client.force_login(story.user("Dora"), backend="accounts.backends.VerifiedIdentityBackend")
    assert "Insulto" not in client.get("/participa/mis-apoyos/").content.decode()


def test_whoever_supports_it_later_is_told_once(story: Story, subject: Subject) -> None:
    following.follow(subject=subject, by=story.people["Dora"], now=story.now)
    story.support(subject, "Dora")
    roadmap.set_stage(subject=subject, stage=Stage.LIVE, reason="Sí.", actor="system:test", now=story.now)
    story.work()
    assert Notice.objects.filter(person=story.people["Dora"]).count() == 1


def test_what_is_closed_is_not_followed_nor_more_than_a_person_reads(
    story: Story, subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, by = story.request("Cierre de pasajes"), story.people["Dora"]
    monkeypatch.setattr(following, "MOST", 1)
    following.follow(subject=subject, by=by, now=story.now)
    following.follow(subject=subject, by=by, now=story.now)
    with pytest.raises(FollowsTooMany, match="Deja de seguir"):
        following.follow(subject=other, by=by, now=story.now)
    roadmap.set_stage(subject=other, stage=Stage.LIVE, reason="Sí.", actor="system:test", now=story.now)
    with pytest.raises(SubjectClosed):
        following.follow(subject=Subject.objects.get(pk=other.pk), by=story.people["Ana"], now=story.now)


def test_a_ficha_that_nobody_supports_becomes_no_request_by_being_followed(story: Story, client: Client) -> None:
    wanted = subject_for(CatalogueEntry.objects.order_by("pk")[0])
    client.force_login(story.user("Dora"), backend="accounts.backends.VerifiedIdentityBackend")
    page = f"/participa/t/{wanted.code}/"
    assert "Seguir sin apoyar" not in client.get(page).content.decode()
    assert client.post(f"{page}seguir/").status_code == 404
    assert not Subject.objects.exists()
