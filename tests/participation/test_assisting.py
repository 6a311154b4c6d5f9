"""Supports at the counter and by phone: the same person, the same limit, and officials who are watched."""

from __future__ import annotations

import importlib
import pkgutil
from datetime import timedelta

import pytest
from django.test import Client, override_settings
from django.urls import reverse

import participation.migrations
from accounts.models import AgencyCapability, Grant
from audit.api import verify_stream
from notifications.models import Notice
from participation.errors import (
    AlreadySupports,
    AttendanceOver,
    NotAllowed,
    NothingToWithdraw,
    NotIdentified,
    PersonHasNoSlot,
    SubjectClosed,
    TooMany,
)
from participation.models import Anomalies, Assisted, Door, Subject, Support
from participation.models.supports import DEMONSTRATION
from participation.operations import assisting, caring, counting, supporting, watching
from participation.presenting.assisting import slip_content
from participation.presenting.care import reported
from participation.queries.assisting import who_assists
from participation.rules.thresholds import SLOTS
from participation.rules.watch import BY_HAND, Desk, unusual_desk
from tests.participation.crowd import crowd
from tests.story import Story
from workflows.commands import counter
from workflows.models import Attendance, Channel
from workflows.phone.operations import Told, answer_call

pytestmark = pytest.mark.django_db
BACKEND = "accounts.backends.VerifiedIdentityBackend"
BRUNO = {"run": "42.222.222-7", "given_names": "", "family_names": ""}


@pytest.fixture
def story() -> Story:
    return Story.begin()


@pytest.fixture
def subject(story: Story) -> Subject:
    return story.request("Permiso para cerrar un pasaje", "Ana")


def attended(story: Story) -> Attendance:
    julia, today = story.people["Julia"], story.now.date()
    return counter.attend(**BRUNO, identity="card", document_number="A1", by=julia, on=today, now=story.now)


def give(story: Story, attendance: Attendance, subject: Subject, who: str = "Julia") -> Assisted:
    by = story.people[who]
    return assisting.give(attendance=attendance, subject=subject, kind="digitise", by=by, now=story.now)


def signed_in(story: Story, name: str) -> Client:
    client = Client()
    client.force_login(story.user(name), backend=BACKEND)
    return client


def test_a_support_given_at_the_counter_is_the_persons_own_and_they_undo_it_from_home(
    story: Story, subject: Subject
) -> None:
    row = give(story, attended(story), subject)
    bruno, support = story.people["Bruno"], row.support
    assert (support.person, support.door, row.official) == (bruno, Door.COUNTER, story.people["Julia"])
    assert Notice.objects.get(person=bruno).subject == f"Registraron tu apoyo: {subject.title}"
    home = signed_in(story, "Bruno")
    assert "Municipalidad de Ejemplo (mesón)" in home.get(reverse("participation:mine")).content.decode()
    home.post(reverse("participation:withdraw", args=[subject.code]))
    assert not Support.objects.filter(person=bruno, withdrawn_at=None).exists()
    assert verify_stream(assisting.STREAM).ok


def test_one_support_at_whatever_door_and_one_given_online_is_taken_back_at_the_counter(
    story: Story, subject: Subject
) -> None:
    here = attended(story)
    story.support(subject, "Bruno")
    with pytest.raises(AlreadySupports):
        give(story, here, subject)
    assisting.withdraw(attendance=here, subject=subject, by=story.people["Julia"], now=story.now)
    with pytest.raises(NothingToWithdraw):
        assisting.withdraw(attendance=here, subject=subject, by=story.people["Julia"], now=story.now)
    give(story, here, subject)
    assert Support.objects.filter(person=story.people["Bruno"], withdrawn_at=None).count() == 1


def test_the_eighth_support_is_refused_at_the_counter_too(story: Story) -> None:
    subjects = [
        story.request(f"Petición {place}", who) for place, who in enumerate(["Ana", "Beto", "Carla", "Dora"] * 2)
    ]
    for one in subjects[:SLOTS]:
        story.support(one, "Bruno")
    with pytest.raises(PersonHasNoSlot, match="cuál quiere retirar"):
        give(story, attended(story), subjects[SLOTS])


def test_who_may_not_write_it_down(story: Story, subject: Subject) -> None:
    here, julia = attended(story), story.people["Julia"]
    with pytest.raises(NotAllowed):
        give(story, here, subject, "Beto")
    Attendance.objects.filter(pk=here.pk).update(person=julia)
    with pytest.raises(NotAllowed):
        give(story, Attendance.objects.get(pk=here.pk), subject)
    called = answer_call(**BRUNO, told=Told(), by=julia, on=story.now.date(), now=story.now)
    with pytest.raises(NotIdentified):
        give(story, called, subject)
    ended = attended(story)
    ended.ended_at = story.now
    with pytest.raises(AttendanceOver):
        give(story, ended, subject)
    Subject.objects.filter(pk=subject.pk).update(closed_at=story.now)
    with pytest.raises(SubjectClosed):
        give(story, attended(story), Subject.objects.get(pk=subject.pk))
    assert Support.objects.count() == 0


def test_by_phone_whoever_proved_who_they_are_supports_at_the_door_of_the_phone(story: Story, subject: Subject) -> None:
    called = attended(story)
    Attendance.objects.filter(pk=called.pk).update(channel=Channel.PHONE, identity="questions")
    with override_settings(DEMO=False):
        row = give(story, Attendance.objects.get(pk=called.pk), subject)
    assert (row.support.door, row.support.provider) == (Door.PHONE, "oficina:muni-ejemplo")


def test_an_official_tries_only_so_often_and_refused_tries_count(story: Story, subject: Subject) -> None:
    here = attended(story)
    give(story, here, subject)
    for _time in range(assisting.OF_PERSON.count - 1):
        with pytest.raises(AlreadySupports):
            give(story, here, subject)
    with pytest.raises(TooMany, match="24 horas"):
        give(story, here, subject)


def test_the_pages_ask_before_they_write_and_say_why_they_refuse(story: Story, subject: Subject) -> None:
    here, client = attended(story), signed_in(story, "Julia")
    found = client.get(reverse("participation:assist_search", args=[here.pk]), {"q": "cerrar pasajes"}).content.decode()
    where = reverse("participation:assist", args=[here.pk, subject.code])
    assert where in found
    refused = client.post(where, {"pido": "digitise"})
    assert (refused.status_code, Support.objects.count()) == (422, 0)
    assert "Dile antes qué es un apoyo" in refused.content.decode()
    assert 'value="digitise"' in refused.content.decode()
    done = client.post(where, {"pido": "digitise", "conforme": "on"}, follow=True).content.decode()
    slip = reverse("participation:assist_slip", args=[here.pk, subject.code])
    assert slip in done
    again = client.post(where, {"pido": "digitise", "conforme": "on"})
    assert "ya apoya esta petición" in again.content.decode()
    back = client.post(reverse("participation:assist_withdraw", args=[here.pk, subject.code]), follow=True)
    assert "Apoyo retirado" in back.content.decode()


def test_whether_somebody_supports_is_not_told_before_they_ask(story: Story, subject: Subject) -> None:
    where = reverse("participation:assist", args=[attended(story).pk, subject.code])
    client = signed_in(story, "Julia")
    before = client.get(where).content.decode()
    story.support(subject, "Bruno")
    after = client.get(where).content.decode()
    assert [line for line in before.splitlines() if "csrf" not in line] == [
        line for line in after.splitlines() if "csrf" not in line
    ]


def test_the_paper_says_what_was_written_down_and_how_to_undo_it(story: Story, subject: Subject) -> None:
    row = give(story, attended(story), subject)
    text = str(slip_content(row, story.now).blocks)
    for words in (subject.title, "Bruno", "42.222.222-7", "mesón", "Julia", "Mis apoyos", subject.code):
        assert words in text
    pdf = signed_in(story, "Julia").get(reverse("participation:assist_slip", args=[row.attendance_id, subject.code]))
    assert pdf.content.startswith(b"%PDF")


def test_an_official_with_unusually_many_is_reported_and_reviewed_by_name(story: Story, subject: Subject) -> None:
    julia, here = story.people["Julia"], attended(story)
    for person in crowd(BY_HAND):
        Attendance.objects.filter(pk=here.pk).update(person=person)
        give(story, Attendance.objects.get(pk=here.pk), subject)
    story.support(subject, "Ana")
    watching.look(now=story.now + timedelta(minutes=5))
    [report] = Anomalies.objects.all()
    assert report.found == [{"official": julia.pk, "supports": BY_HAND, "reasons": ["by_hand", "one_request"]}]
    moderator = signed_in(story, "Inés")
    shown = moderator.get(reverse("participation:care")).content.decode()
    assert f"{julia}: {BY_HAND} apoyos registrados a mano en la última hora" in shown
    begun = reported(str(report.pk), "0")
    posted = {**begun, **{name: f"{begun[name]:%Y-%m-%dT%H:%M}" for name in ("desde", "hasta")}}
    seen = moderator.post(reverse("participation:review"), posted).content.decode()
    assert f"Quedarían en revisión {BY_HAND} apoyos" in seen
    moderator.post(reverse("participation:review"), {**posted, "confirmar": str(BY_HAND)})
    counting.fold(now=story.now)
    assert Subject.objects.get(pk=subject.pk).count.total == 1
    public = Client().get(reverse("participation:subject", args=[subject.code])).content.decode()
    assert "registrados por una misma persona funcionaria" in public
    assert str(julia) not in public


def test_who_no_longer_attends_can_still_be_reviewed(story: Story, subject: Subject) -> None:
    give(story, attended(story), subject)
    Grant.objects.filter(capability=AgencyCapability.COUNTER).delete()
    assert list(who_assists()) == [story.people["Julia"]]


@pytest.mark.parametrize(
    ("supports", "usual", "most", "reasons"),
    [
        (BY_HAND - 1, 0, BY_HAND - 1, []),
        (BY_HAND, 0, 1, ["by_hand"]),
        (BY_HAND, 4, 1, []),
        (BY_HAND, 4, BY_HAND, ["one_request"]),
    ],
)
def test_what_is_unusual_at_a_counter(supports: int, usual: float, most: int, reasons: list[str]) -> None:
    assert unusual_desk(Desk(1, supports, usual, most)) == reasons


def test_a_review_sets_aside_as_many_as_were_seen_or_asks_to_look_again(story: Story, subject: Subject) -> None:
    client, first = signed_in(story, "Inés"), story.now - timedelta(hours=2)
    for person in crowd(6):
        given = supporting.Given(provider=DEMONSTRATION)
        supporting.support(subject=subject, kind="digitise", by=person, given=given, now=story.now)
    span = {"desde": f"{first:%Y-%m-%d}", "hasta": f"{story.now:%Y-%m-%d}"}
    posted = {"peticion": subject.code, "motivo": "Ráfaga", **span}
    again = client.post(reverse("participation:review"), {**posted, "confirmar": "5"})
    assert again.status_code == 409
    assert "La cantidad cambió" in again.content.decode()
    assert "Quedarían en revisión 6 apoyos" in again.content.decode()
    assert client.post(reverse("participation:review"), {**posted, "confirmar": "6"}).status_code == 302
    assert subject.reviews.get().items.count() == subject.reviews.get().size == 6


def test_two_requests_of_one_title_are_two_rows_of_a_preview(story: Story) -> None:
    twins = [story.request("Permiso para cerrar un pasaje", who) for who in ("Ana", "Carla")]
    given = supporting.Given(provider=DEMONSTRATION)
    for twin in twins:
        for person in crowd(6):
            supporting.support(subject=twin, kind="digitise", by=person, given=given, now=story.now)
    seen = caring.preview_review(caring.Selection(story.now - timedelta(hours=1), story.now, provider=given.provider))
    assert (seen.by_subject, seen.few_subjects) == ([(twins[0].title, 6)] * 2, 0)


def test_both_databases_give_a_support_by_one_and_the_same_statement() -> None:
    """When the statement changes, a new migration must put the new function on PostgreSQL: `GIVE = give_function()`."""
    package = participation.migrations
    modules = [
        importlib.import_module(f"{package.__name__}.{one.name}") for one in pkgutil.iter_modules(package.__path__)
    ]
    kept = [module.GIVE for module in sorted(modules, key=lambda one: one.__name__) if hasattr(module, "GIVE")]
    words = [text.replace("OR REPLACE ", "").split() for text in (kept[-1], supporting.give_function())]
    assert words[0] == words[1]
