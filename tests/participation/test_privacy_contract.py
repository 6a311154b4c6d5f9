"""What each page, export and feed may reveal of those who support: a table, and every row is asked."""

from __future__ import annotations

import logging

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.api import person_by_run, run_of
from accounts.models import Person, User
from audit.models import Event
from jobs.models import Job
from participation.models import Anomalies, Assisted, Count, Folded, Subject, TallyLine
from participation.operations import assisting, counting, figures, supporting, tallying, watching
from participation.presenting.assisting import slip_content
from participation.urls import urlpatterns
from tests.participation.crowd import crowd, support_by
from tests.story import Story
from workflows.commands import counter
from workflows.models import Attendance

pytestmark = pytest.mark.django_db
PUBLIC = {
    "subjects": "counts",
    "subject": "counts",
    "answers": "counts",
    "rules": "nothing",
    "tally": "counts",
    "recount_program": "nothing",
    "batches": "nothing",
    "batch": "tags",
    "supports_csv": "counts",
    "supports_json": "counts",
    "exposure_csv": "counts",
    "progress": "counts",
    "progress_csv": "counts",
    "progress_json": "counts",
}
"""Addresses anybody may open, and the most that they reveal: nothing, numbers of people, or tags."""
OWN = {"mine", "support", "evidence", "receipt", "receipt_json", "propose", "edit"}
"""Addresses that show a person what is theirs alone."""
STAFF = {"care", "priorities", "commitment", "volume"}
"""Addresses of moderators and planners: numbers, the moderators' own names, and officials who wrote supports down."""
WRITES = {
    *("moderate", "moderate_addendum", "review", "decide_review", "name_receiver", "merge", "undo_merge"),
    *("withdraw", "contest", "worth_it", "opt_out", "follow", "unfollow"),
    *("add", "move", "knew", "email", "end_commitment", "assist_withdraw"),
}
"""Addresses that only take POST."""
ATTENDING = {"assist_search", "assist", "assist_slip"}
"""Addresses of whoever attends somebody at a counter: the person attended and what was asked there, nobody else."""
ARGUMENTS = {"batch": [1]}


@pytest.fixture
def subject() -> Subject:
    """A request whose supporters told what it costs, declared where they live, and were counted and published."""
    story = Story.begin()
    subject = story.request("Permiso para cerrar un pasaje", "María")
    for name in ("Ana", "Carla", "Dora"):
        story.support(subject, name)
    support_by(subject, crowd(12), now=story.now)
    supporting.declare_residence(person=story.people["Ana"], commune="12202", now=story.now)
    counting.fold(now=story.now)
    tallying.publish(now=story.now)
    return subject


def secrets_of(subject: Subject) -> set[str]:
    """What must never be read: names, RUN, indexes, the declared commune, the author."""
    people = [support.person for support in subject.supports.select_related("person")] + [subject.proposal.author]
    words = {run_of(person).partition("-")[0] for person in people if person.run_index}
    words |= {person.run_index or person.document_index or "" for person in people}
    words |= {person.family_names for person in people if person.family_names}
    return words | {"12202", "Persona 1"}


def page(name: str, subject: Subject, client: Client) -> str:
    """What the address answers."""
    pattern = next(str(entry.pattern) for entry in urlpatterns if entry.name == name)
    here = [Attendance.objects.latest("pk").pk] if "<int:attendance_id>" in pattern else []
    arguments = ARGUMENTS.get(name, here + ([subject.code] if "<slug:code>" in pattern else []))
    answer = client.get(reverse(f"participation:{name}", args=arguments))
    assert answer.status_code == 200, name
    return answer.content.decode()


def test_every_address_stands_in_the_table() -> None:
    assert {entry.name for entry in urlpatterns} == set(PUBLIC) | OWN | STAFF | WRITES | ATTENDING


def named_in(texts: dict[str, str], subject: Subject) -> dict[str, list[str]]:
    """{where: what must not stand there}."""
    secret = secrets_of(subject)
    return {where: found for where, text in texts.items() if (found := [word for word in secret if word in text])}


def test_no_public_address_names_anybody_and_tags_stand_in_batches_only(subject: Subject) -> None:
    texts = {name: page(name, subject, Client()) for name in PUBLIC}
    assert named_in(texts, subject) == {}
    tags = [tag for tag in TallyLine.objects.values_list("tag", flat=True) if tag]
    assert tags
    outside = {name for name, text in texts.items() if PUBLIC[name] != "tags" and any(tag in text for tag in tags)}
    assert outside == set()


def test_who_supports_is_not_named_to_staff(subject: Subject) -> None:
    client = Client()
    moderator = person_by_run("40.800.900-6")
    assert moderator is not None
    user = getattr(moderator, "user", None) or User.objects.create_for(moderator)
    client.force_login(user, backend="accounts.backends.VerifiedIdentityBackend")
    assert named_in({name: page(name, subject, client) for name in STAFF}, subject) == {}


def test_a_page_of_ones_own_shows_nobody_else(subject: Subject) -> None:
    client = Client()
    ana = person_by_run("41.111.111-3")
    assert ana is not None
    user = getattr(ana, "user", None) or User.objects.create_for(ana)
    client.force_login(user, backend="accounts.backends.VerifiedIdentityBackend")
    others = secrets_of(subject) - {ana.family_names, ana.run_index, run_of(ana).partition("-")[0], "12202"}
    for name in sorted(OWN - {"edit"}):
        text = page(name, subject, client)
        assert [word for word in others if word in text] == [], name


def test_whoever_attends_somebody_sees_nobody_else_who_supports(subject: Subject) -> None:
    story, client = Story(), Client()
    julia, day = Person.objects.get(given_names="Julia"), story.now.date()
    who = {"run": "42.222.222-7", "given_names": "", "family_names": "", "identity": "card", "document_number": "A1"}
    here = counter.attend(**who, by=julia, on=day, now=story.now)
    assisting.give(attendance=here, subject=subject, kind="digitise", by=julia, now=story.now)
    user = getattr(julia, "user", None) or User.objects.create_for(julia)
    client.force_login(user, backend="accounts.backends.VerifiedIdentityBackend")
    bruno = here.person
    others = secrets_of(subject) - {bruno.family_names, bruno.run_index, run_of(bruno).partition("-")[0]}
    texts = {name: page(name, subject, client) for name in ATTENDING - {"assist_slip"}}
    texts["assist_slip"] = str(slip_content(Assisted.objects.get(), story.now))
    texts["audit"] = str(list(Event.objects.filter(stream=assisting.STREAM).values()))
    found = {where: [word for word in others if word in text] for where, text in texts.items()}
    assert not any(found.values()), found
    assert named_in({"audit": texts["audit"]}, subject) == {}
    assert subject.code not in texts["audit"]


def test_nothing_that_stays_behind_names_a_supporter(subject: Subject, caplog: pytest.LogCaptureFixture) -> None:
    """Logs, job payloads, the audit chain, the case that opens, what looks unusual, and folded figures."""
    caplog.set_level(logging.DEBUG)
    story = Story()
    story.adhere()
    Subject.objects.filter(pk=subject.pk).update(threshold=3, spread=0)
    figures.fold_figures(now=story.now)
    watching.look(now=story.now)
    counting.recount(subject_ids=[subject.pk], now=story.now)
    story.work()
    case = subject.answers.get().case
    assert case is not None
    texts = {
        "log": caplog.text,
        "jobs": str(list(Job.objects.values_list("payload", "result"))),
        "audit": str(list(Event.objects.filter(stream="tally").values())),
        "case": str(case.data) + case.summary,
        "anomalies": str(list(Anomalies.objects.values())),
        "figures": str(list(Folded.objects.values())),
        "counts": str(list(Count.objects.values())),
    }
    assert named_in(texts, subject) == {}


def test_no_list_of_supporters_exists_for_administrators() -> None:
    assert "django.contrib.admin" not in settings.INSTALLED_APPS


def test_a_count_by_kind_is_published_only_of_enough_people(subject: Subject) -> None:
    kinds = Client().get(reverse("participation:supports_json")).json()["apoyos"][0]["por_tipo"]
    assert all(number >= 10 for number in kinds.values())


def test_the_control_would_notice(subject: Subject) -> None:
    assert [word for word in secrets_of(subject) if word in "Ana María Pérez Soto"] == ["Pérez Soto"]
