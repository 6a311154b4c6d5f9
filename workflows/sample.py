"""Publishes the example procedures as `examples/offerings.yaml` lists them, and loads the demonstration's catalogue."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from ruamel.yaml import YAML

from accounts.api import (
    appoint,
    dismiss,
    get_or_create_person,
    keep_organisation,
    note_absence,
    person_by_run,
    register_mandate,
)
from accounts.models import Agency, AgencyCapability, Membership, Person, Role, User
from documents.api import keep_emblem
from documents.models import Emblem
from legaltime.api import local_date
from procedures.api import (
    apply_import,
    bundle_of,
    lists_of,
    offering_for,
    publish,
    publish_list,
    send_catalogue,
    send_list,
)
from procedures.models import CatalogueImport, Offering
from workflows import declared, drafts
from workflows.commands import desk, filing
from workflows.commands.entry_orders import NewOrder, give_order
from workflows.commands.joinders import Order, join
from workflows.commands.locking import locked
from workflows.commands.official_letters import Letter, send_letter
from workflows.commands.opening import Opening, open_case, open_of_own_motion
from workflows.commands.outages import Stated, record_outage
from workflows.commands.parties import NewParty
from workflows.commands.reporting import Delivery, receive
from workflows.commands.separation import challenge
from workflows.commands.systems import register_system
from workflows.incidents import examine
from workflows.models import Case, CaseParty, CaseTask, Channel, EntryOrder, OutsideSystem
from workflows.reporting.queries import reportable
from workflows.reporting.rules import Reported

EXAMPLES = Path(settings.BASE_DIR) / "examples"
SEEDED_BY = "system:seed_demo"
OFFERED_SINCE = date(2026, 1, 2)


@dataclass(frozen=True)
class SampleOffering:
    """One example, the agency that offers it, and the roles behind its slots ("unit/role")."""

    file: str
    agency: str
    bind: dict[str, str]
    lists: dict[str, str] = field(default_factory=dict)
    """Files of the agency's lists that it asks of, by their title."""


def sample_offerings() -> list[SampleOffering]:
    """What `examples/offerings.yaml` lists, in order."""
    listed = YAML(typ="safe").load(EXAMPLES / "offerings.yaml")
    return [
        SampleOffering(entry["file"], entry["agency"], dict(entry.get("bind") or {}), dict(entry.get("lists") or {}))
        for entry in listed
    ]


def seed_procedures(*, now: datetime) -> list[Offering]:
    """Publish every example that its agency never offered. What was published since, or withdrawn, stays as it is."""
    return [_last_offered(sample) or _publish(sample, now) for sample in sample_offerings()]


def seed_catalogue(*, now: datetime) -> None:
    """Load the fichas of real procedures, digital or not, unless this very file was loaded before."""
    content = (EXAMPLES / "catalogue" / "fichas.csv").read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if not CatalogueImport.objects.filter(sha256=digest, applied_at__isnull=False).exists():
        sent = send_catalogue(name="fichas.csv", content=content, by=None, now=now)
        apply_import(sent=sent, by=None, now=now)


def _last_offered(sample: SampleOffering) -> Offering | None:
    """What the agency offered last of that example, whose file has the name of its code; None where it never did."""
    found = Offering.objects.filter(agency__code=sample.agency, version__procedure__code=Path(sample.file).stem)
    return found.order_by("pk").last()


def _publish(sample: SampleOffering, now: datetime) -> Offering:
    agency = Agency.objects.get(code=sample.agency)
    for title, file in sample.lists.items():
        _publish_list(agency, title, EXAMPLES / file, now)
    return publish(
        text=(EXAMPLES / sample.file).read_text(encoding="utf-8"),
        agency=agency,
        by=None,
        now=now,
        role_bindings={slot: _role(agency, path) for slot, path in sample.bind.items()},
        effective_from=OFFERED_SINCE,
        note="Ejemplo de la demostración",
    )


def _publish_list(agency: Agency, title: str, file: Path, now: datetime) -> None:
    """Publish a list as its first version, unless the agency has it."""
    if not lists_of([agency.pk]).filter(title=title).exists():
        sent = send_list(agency=agency, title=title, content=file.read_bytes(), by=None, now=now)
        publish_list(version=sent, by=None, now=now)


def _role(agency: Agency, path: str) -> Role:
    unit_code, _, code = path.partition("/")
    return Role.objects.get(unit__agency=agency, unit__code=unit_code, code=code)


def seed_emblem(*, now: datetime) -> None:
    """The picture that we drew for the municipality that does not exist, once: whoever takes it away has none."""
    agency = Agency.objects.get(code="muni-ejemplo")
    if not Emblem.objects.filter(agency=agency).exists():
        publishers = Membership.objects.filter(role__grants__capability=AgencyCapability.PUBLISH)
        who = publishers.filter(role__unit__agency=agency).select_related("person").earliest("pk")
        drawing = (EXAMPLES / "emblems" / f"{agency.code}.png").read_bytes()
        keep_emblem(agency=agency, data=drawing, by=who.person, now=now)


def seed_company(*, now: datetime) -> None:
    """A company whose legal representative is a citizen of the demonstration; running it again changes nothing."""
    company = keep_organisation(rut="76.543.210-3", name="Almacenes del Sur SpA")
    bruno = person_by_run("42.222.222-7")
    if bruno is not None and not company.mandates.exists():
        register_mandate(
            grantor=company,
            representative=bruno,
            is_solemn=True,
            governs=True,
            starts_on=OFFERED_SINCE,
            by="system:seed_demo",
            now=now,
        )


def seed_troubles(*, now: datetime) -> None:
    """An outage of the platform, and a case whose official left: what the pages of incidents and outages show, once."""
    offering = next(found for found in Offering.objects.order_by("pk") if _opens_by_itself(found))
    agency = offering.agency
    if agency.outages.exists():
        return
    watch = Membership.objects.filter(role__grants__capability=AgencyCapability.OPERATE, role__unit__agency=agency)
    began = (now - timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    stated = Stated(
        starts_at=began,
        ends_at=began + timedelta(hours=4, minutes=20),
        cause="Corte de energía en el centro de datos que aloja la plataforma.",
        resolution="Resolución exenta N° 0 (demostración)",
        evidence="https://www.example.org/estado",
        gives_time=True,
    )
    record_outage(agency=agency, stated=stated, by=watch.select_related("person").first().person, now=now)  # type: ignore[union-attr]
    case = open_of_own_motion(offering=offering, told=TOLD, origin="Demostración", now=now - timedelta(days=3))
    task = case.task_set.filter(status="NEW", role__isnull=False).select_related("role").earliest("pk")
    left = _somebody_who_left(task, now)
    desk.claim(task=task, by=User.objects.create_for(left.person), now=now - timedelta(days=2))
    dismiss(membership=left, ends_on=local_date(now, agency.time_zone) - timedelta(days=1), by=SEEDED_BY, now=now)
    with locked(case.pk, by=None, now=now) as run:
        examine(run)


TOLD = {"petition": "Ventanilla con horario hasta las 19:00", "names": "Personas que apoyan la petición (61)"}
"""What the sample of a case of own motion is opened with."""


def _opens_by_itself(offering: Offering) -> bool:
    return bundle_of(offering.version).ficha.channels == ("own_motion",)


def _somebody_who_left(task: CaseTask, now: datetime) -> Membership:
    person = get_or_create_person("40.900.100-9", "Olga", "Vidal Cerda")
    since = (now - timedelta(days=90)).date()
    assert task.role is not None
    return appoint(person=person, role=task.role, post="Profesional", starts_on=since, by=SEEDED_BY, now=now)


def seed_systems(*, now: datetime) -> None:
    """A system that reports what cases wait for, and something it reported about no case: somebody must look at it."""
    watch = Membership.objects.filter(role__grants__capability=AgencyCapability.OPERATE)
    for who in watch.select_related("person", "role__unit__agency").order_by("pk"):
        agency, today = who.role.unit.agency, now.date()
        events = [one.event for one in reportable(agency, today)]
        if not events or OutsideSystem.objects.filter(agency=agency).exists():
            continue
        system, _key = register_system(
            agency=agency, name="Registro Civil (demostración)", may_report=events, by=who.person, now=now
        )
        lost = Reported(
            event=events[-1], case="2020-000404", on=today - timedelta(days=1), evidence="Inscripción N° 4711"
        )
        receive(delivery=Delivery(system, "demostracion-4711", lost), now=now)


def seed_desk(*, now: datetime) -> None:
    """What `examples/desk` says, once: cases that wait, a colleague, an order, a challenge, a reader of English…"""
    written = YAML(typ="safe").load(EXAMPLES / "desk" / "demonstration.yaml")
    agency = Agency.objects.get(code=written["agency"])
    if EntryOrder.objects.filter(agency=agency).exists():
        return
    waiting = _offered(agency, written["waiting"]["procedure"], now)
    for place, answers in enumerate(written["waiting"]["applications"]):
        _file_declared(waiting, answers, now + timedelta(milliseconds=place))
    _colleague(agency, written["colleague"], now)
    _order(waiting, written["order"], now)
    challenged = _open_for(agency, written["challenge"], now)
    _letter(challenged, written["letter"], _person(written["challenge"]["official"]), now)
    _challenge(challenged, written["challenge"], now)
    _join(agency, written["joinder"], now)
    _open_for(agency, written["foreign_reader"], now)
    _exemption(agency, written["exemption"], now)
    _absence(written["absence"], now)


def _offered(agency: Agency, code: str, now: datetime) -> Offering:
    found = offering_for(agency.code, code, local_date(now, agency.time_zone))
    assert found is not None, code
    return found


def _person(run: str) -> Person:
    found = person_by_run(run)
    assert found is not None, run
    return found


def _file_declared(offering: Offering, answers: dict[str, Any], now: datetime) -> None:
    """An application of somebody who did not sign in, as its law lets them."""
    draft = declared.begin(offering=offering, now=now, locale="es")
    kept = drafts.save(draft=draft, changed=answers, removed=set(), now=now)
    declared.file(draft=kept, now=now)


def _colleague(agency: Agency, written: dict[str, Any], now: datetime) -> None:
    """Somebody to whom whoever leads the unit may give steps."""
    person = get_or_create_person(written["run"], *written["names"])
    role = _role(agency, f"{written['unit']}/{written['role']}")
    appoint(person=person, role=role, post=written["post"], starts_on=OFFERED_SINCE, by=SEEDED_BY, now=now)


def _order(offering: Offering, written: dict[str, Any], now: datetime) -> None:
    today = local_date(now, offering.agency.time_zone)
    new = NewOrder(
        offering=offering,
        unit=offering.agency.units.get(code=written["unit"]),
        condition=written["condition"],
        starts_on=today,
        ends_on=today + timedelta(days=written["days"]),
        reason=written["reason"],
    )
    give_order(new=new, by=_person(written["by"]), now=now)


def _open_for(agency: Agency, written: dict[str, Any], now: datetime) -> Case:
    """A case that the institution opens by itself, with an interested person who is told by mail."""
    person = _person(written["by"])
    party = NewParty(
        kind=written.get("kind", CaseParty.Kind.JOINED),
        given_names=person.given_names,
        family_names=person.family_names,
        run=written["by"],
        email=written["email"],
    )
    offering = _offered(agency, written["procedure"], now)
    return open_case(opening=Opening(offering, written["answers"], "Demostración", parties=(party,)), now=now)


def _join(agency: Agency, written: dict[str, Any], now: datetime) -> None:
    """Two applications for the same thing, the younger one joined to the older."""
    first, second = (
        _open_for(agency, {**one, "procedure": written["procedure"], "kind": CaseParty.Kind.APPLICANT}, at)
        for one, at in zip(written["applications"], (now - timedelta(minutes=1), now), strict=True)
    )
    order = Order(written["resolution"], written["reason"])
    join(case=second, number=first.number, order=order, by=_person(written["official"]), now=now)


def _challenge(case: Case, written: dict[str, Any], now: datetime) -> None:
    """A case that an official took and an interested person would rather have in other hands."""
    asking, official = _person(written["by"]), _person(written["official"])
    user = User.objects.filter(person=official).first() or User.objects.create_for(official)
    task = case.task_set.filter(status="NEW", role__isnull=False).earliest("pk")
    desk.claim(task=task, by=user, now=now, reason="Se toma antes para mostrar una recusación.")
    challenge(case=case, official=official.pk, reason=written["reason"], by=asking, now=now)


def _letter(case: Case, written: dict[str, Any], by: Person, now: datetime) -> None:
    """A letter to another body that its interested person got a copy of."""
    due_on = local_date(now, case.agency.time_zone) + timedelta(days=written["days"])
    told = {name: value for name, value in written.items() if name != "days"}
    send_letter(case=case, letter=Letter(**told, due_on=due_on, is_sensitive=False), by=by, now=now)


def _exemption(agency: Agency, written: dict[str, Any], now: datetime) -> None:
    """Somebody who asked on paper to be notified by letter, and waits for the answer."""
    person = get_or_create_person(written["run"], *written["names"])
    offering = _offered(agency, written["procedure"], now)
    draft = drafts.begin(offering=offering, by=person, now=now)
    kept = drafts.save(draft=draft, changed=written["answers"], removed=set(), now=now)
    filing.start(draft=kept, by=person, signature=None, now=now, channel=Channel.PAPER)


def _absence(written: dict[str, Any], now: datetime) -> None:
    first = now.date() + timedelta(days=written["begins_in"])
    note_absence(
        person=_person(written["person"]),
        starts_on=first,
        ends_on=first + timedelta(days=written["days"] - 1),
        substitute=_person(written["substitute"]),
        by=_person(written["noted_by"]),
        now=now,
    )


_seeds: list[Callable[[datetime], None]] = []


def register_seed(function: Callable[[datetime], None]) -> None:
    """`function(now)` adds a higher room's demonstration data, and changes nothing when run again."""
    _seeds.append(function)


def seed_others(now: datetime) -> None:
    """Add what higher rooms registered, in order of registration."""
    for function in _seeds:
        function(now)
