"""Demonstration requests: fictional people support fichas of the catalogue, tell what they cost, and get answers.

Everything goes through the same operations as on the pages, except that a crowd is inserted at once.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from ruamel.yaml import YAML

from accounts.api import blind_index, person_by_run
from accounts.models import Agency, Person
from legaltime.api import local_date
from participation.models import (
    Anomalies,
    Answer,
    Commitment,
    Evidence,
    ExposureCount,
    Knew,
    Residence,
    Stage,
    Subject,
    Support,
)
from participation.models.supports import DEMONSTRATION
from participation.operations import (
    assisting,
    caring,
    counting,
    figures,
    passing,
    progress,
    proposing,
    roadmap,
    supporting,
    tallying,
    watching,
)
from participation.operations.subjects import freeze_rules, stored
from participation.queries.finding import subject_for
from participation.queries.powers import ZONE
from participation.queries.subjects import kinds_offered
from procedures.api import offering_for
from procedures.models import CatalogueEntry, Offering, Online
from workflows.api import counter_post
from workflows.models import Attendance

CROWD = 160
"""Fictional supporters: their document is of no real kind."""
WRITTEN = Path(settings.BASE_DIR) / "examples" / "participation" / "demonstration.yaml"


@transaction.atomic
def seed(now: datetime) -> None:
    """The demonstration's requests, once."""
    written = YAML(typ="safe").load(WRITTEN)
    adhered = written["commitment"]
    agency = Agency.objects.get(code=adhered["agency"])
    offering = offering_for(agency.code, adhered["procedure"], local_date(now, agency.time_zone))
    if offering is None or Commitment.objects.filter(agency=agency).exists():
        return
    Commitment.objects.create(
        agency=agency, act=adhered["act"], adhered_on=adhered["adhered_on"], offering=offering, floor=adhered["floor"]
    )
    chance, crowd = random.Random(2026), _crowd()  # noqa: S311  (the same every time)
    for place, entry in enumerate(_entries()):
        subject = stored(subject=subject_for(entry), now=now - timedelta(days=60))
        _support(subject, crowd, 12 + (place * 37) % 110, chance, now)
    for proposal in written["proposals"]:
        _support(_proposal(proposal, written, agency, now), crowd, proposal["people"], chance, now)
    _history(now)
    _passed_on(written, agency, crowd, chance, now)
    _visits(now, chance)
    tallying.publish(now=now)
    _at_counter(written["at_counter"], now)
    counting.fold(now=now)
    _doubted(written, crowd, now)
    figures.fold_figures(now=now)
    progress.fold_months(now=now)
    progress.fold_achieved(now=now)


def _entries() -> list[CatalogueEntry]:
    """Fichas on paper that people would ask for, and one online."""
    paper = CatalogueEntry.objects.exclude(online__in=[Online.HERE, Online.ELSEWHERE]).select_related(
        "institution__agency"
    )
    online = CatalogueEntry.objects.filter(online=Online.HERE).select_related("institution__agency")
    return [*paper.order_by("-yearly_volume", "name")[:10], *online.order_by("name")[:1]]


def _crowd() -> list[Person]:
    """Fictional supporters, made in one statement."""
    indexes = [blind_index(f"demostracion-{number}", "person.document") for number in range(CROWD)]
    Person.objects.bulk_create(
        [
            Person(
                document_kind="demostracion",
                document_country="CL",
                document_index=index,
                given_names=f"Vecina {place + 1}",
            )
            for place, index in enumerate(indexes)
        ],
        ignore_conflicts=True,
    )
    return list(Person.objects.filter(document_index__in=indexes).order_by("pk"))


def _support(subject: Subject, crowd: list[Person], people: int, chance: random.Random, now: datetime) -> None:
    freeze_rules(subject=subject)
    kinds = [str(kind) for kind in kinds_offered(subject)]
    made = Support.objects.bulk_create(
        Support(
            subject=subject,
            person=person,
            kind=chance.choices(kinds, weights=range(len(kinds) * 3, 0, -3))[0],
            provider=DEMONSTRATION,
            at=now - timedelta(hours=chance.randint(2, 1_200)),
        )
        for person in chance.sample(crowd, min(people, len(crowd)))
    )
    Evidence.objects.bulk_create(Evidence(support=one, at=one.at, **_told(chance)) for one in made[: len(made) // 2])
    residents = [Residence(person_id=one.person_id, commune=chance.choice(PLACES), declared_at=one.at) for one in made]
    Residence.objects.bulk_create(residents, ignore_conflicts=True)


def _visits(now: datetime, chance: random.Random) -> None:
    """A week of lists and pages shown, and what people said on the fichas that are online."""
    today, subjects = local_date(now, ZONE), list(Subject.objects.filter(listed=True).order_by("pk"))
    for days in range(1, 8):
        for subject in subjects:
            lists, pages = chance.randint(20, 90), chance.randint(3, 25)
            day = today - timedelta(days=days)
            ExposureCount.objects.create(day=day, subject=subject, lists=lists, pages=pages)
    for entry in CatalogueEntry.objects.filter(online=Online.HERE).order_by("pk"):
        Knew.objects.bulk_create(Knew(entry=entry, day=today, knew=chance.random() < KNOWN) for _one in range(12))


def _at_counter(told: dict[str, Any], now: datetime) -> None:
    """Somebody came to the counter with their card, and had their support written down."""
    official, person = person_by_run(told["official"]), person_by_run(told["person"])
    post = counter_post(official, local_date(now, ZONE)) if official else None
    wanted = Subject.objects.filter(title=told["supports"]).select_related("entry").first()
    if official is None or person is None or post is None or wanted is None:
        return
    here = Attendance.objects.create(
        agency=post.role.unit.agency,
        official=official,
        membership=post,
        person=person,
        identity=Attendance.Identity.CARD,
        document_number="A-000.001",
        started_at=now - timedelta(hours=1),
    )
    assisting.give(attendance=here, subject=wanted, kind="digitise", by=official, now=now - timedelta(hours=1))
    Attendance.objects.filter(pk=here.pk).update(ended_at=now)


KNOWN = 0.4
"""Share of the demonstration's visitors who knew that it can be done online."""
PLACES = ("16301", "16302", "16101", "13101", "05101", "08101")


def _told(chance: random.Random) -> dict[str, Any]:
    return {
        "times_a_year": chance.choice([1, 1, 2, 2, 3, 4]),
        "minutes": chance.choice([60, 90, 120, 150, 180, 240]),
        "days": chance.choice([5, 8, 10, 11, 15, 20, 30]),
        "visits": chance.choice([1, 2, 2, 3, 3, 4]),
        "distance_km": chance.choice([2, 6, 10, 18, 30]),
        "pesos": chance.choice([0, 1_400, 2_000, 3_500, 6_000]),
        "papers": chance.sample(["birth", "identity", "residence", "notary", "property", "photo"], 3),
    }


def _proposal(told: dict[str, Any], written: dict[str, Any], agency: Agency, now: datetime) -> Subject:
    author, moderator = person_by_run(written["author"]), person_by_run(written["moderator"])
    assert author is not None
    assert moderator is not None
    then = now - timedelta(days=60)  # whoever tries the site as its author may propose three more today
    made = proposing.propose(title=told["title"], text=told["text"], agency=agency, body_name="", by=author, now=then)
    proposing.moderate(proposal=made, publish=True, reason="", by=moderator, now=then)
    return Subject.objects.select_related("agency").get(pk=made.subject_id)


def _passed_on(
    written: dict[str, Any], agency: Agency, crowd: list[Person], chance: random.Random, now: datetime
) -> None:
    """A request that the agency says is of another, which promised nothing: its silence is public."""
    told = written["passed_on"]
    subject = _proposal(told, written, agency, now)
    _support(subject, crowd, told["people"], chance, now)
    Subject.objects.filter(pk=subject.pk).update(crossed_at=now - timedelta(days=20))
    answer = Answer.objects.create(
        subject=subject,
        agency=agency,
        asked_at=now - timedelta(days=20),
        supports=told["people"],
        said=Answer.Said.TRANSFER,
        text=told["said"],
        answered_at=now - timedelta(days=2),
    )
    passing.pass_on(answer=answer, named=told["to"], now=now - timedelta(days=2))


def _doubted(written: dict[str, Any], crowd: list[Person], now: datetime) -> None:
    """Many supports in an hour, which the hourly look reports and a moderator sets aside until another decides."""
    told, moderator = written["doubted"], person_by_run(written["moderator"])
    subject = Subject.objects.get(title=told["title"])
    assert moderator is not None
    known = set(subject.supports.values_list("person_id", flat=True))
    others = [person for person in crowd if person.pk not in known][: told["people"]]
    hour = (now - timedelta(hours=3)).replace(minute=0, second=0, microsecond=0)
    then = hour + timedelta(minutes=30)
    Support.objects.bulk_create(
        Support(subject=subject, person=person, kind="digitise", provider=DEMONSTRATION, at=then) for person in others
    )
    watching.look(now=hour + timedelta(hours=1))
    selection = caring.Selection(hour, hour + timedelta(hours=1), subject, report=Anomalies.objects.latest("pk"))
    caring.open_review(selection=selection, reason=told["reason"], by=moderator, now=now)


def _history(now: datetime) -> None:
    """What is already online was asked for once, and its supporters say whether it was worth it."""
    opened = Subject.objects.filter(entry__online=Online.HERE).select_related("entry__institution").first()
    if opened is None or opened.entry is None:
        return
    entry = opened.entry
    reasons = ((Stage.STUDY, 300), (Stage.PLANNED, 240), (Stage.DESIGN, 150), (Stage.LIVE, 30))
    words = {
        Stage.STUDY: "Se encargó un informe al departamento que lo atiende.",
        Stage.PLANNED: "Entró en el plan anual de la institución.",
        Stage.DESIGN: "Se diseñó con quienes lo pidieron.",
        Stage.LIVE: "Se abrió en línea para todas las personas.",
    }
    for stage, days in reasons:
        at = now - timedelta(days=days)
        opened = roadmap.set_stage(subject=opened, stage=stage, reason=words[stage], actor="system:sample", now=at)
    offered = Offering.objects.filter(version__procedure=entry.procedure_id, effective_to=None).first()
    if offered is not None:
        ficha = reverse("workflows:ficha", args=[entry.institution.code, entry.code])
        Subject.objects.filter(pk=opened.pk).update(offering=offered, live_path=ficha)
    for place, support in enumerate(Support.objects.filter(subject=opened).order_by("pk")[:20]):
        supporting.say_worth(subject=opened, support=support, yes=place % 6 != 0, now=now)
