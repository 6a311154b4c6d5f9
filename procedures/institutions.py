"""An institution written in YAML: its units and posts, who holds them and who stands in for them.

Read whole before anything is written; applied again it changes only what the file says otherwise, and removes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Annotated, Literal
from zoneinfo import available_timezones

from django.db import transaction
from pydantic import Field, StringConstraints, ValidationError

from accounts.api import (
    NEW,
    SAME,
    AbsenceRefused,
    InvalidRun,
    InvalidRut,
    appoint,
    bears_another_name,
    get_or_create_person,
    keep_agency,
    keep_role,
    keep_unit,
    normalise_run,
    normalise_rut,
    note_absence,
    person_by_run,
)
from accounts.models import Absence, Agency, Membership, Role
from procedures.fields.lists import communes
from procedures.findings import Finding, Place, make_finding
from procedures.reading import Reading, read_yaml, schema_findings
from procedures.schema.base import Part

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
May = Literal["design", "publish", "counter", "operate", "moderate", "powers", "order", "administer"]
BY = "system:command"
PEOPLE = "people"


class WrittenAgency(Part):
    """What the institution says of itself."""

    code: Code
    name: Text
    commune: str
    rut: str = ""
    body_code: str = Field("", max_length=20)
    time_zone: str = "America/Santiago"
    address: str = Field("", max_length=200)
    phone: str = Field("", max_length=30)
    email: str = Field("", max_length=254)
    office_hours: str = Field("", max_length=200)


class WrittenPost(Part):
    """A post (cargo) and what it lets whoever holds it do besides their steps."""

    name: Text
    may: tuple[May, ...] = ()


class WrittenUnit(Part):
    """A unit with its posts by code."""

    name: Text
    posts: dict[Code, WrittenPost] = Field(default_factory=dict)


class WrittenHold(Part):
    """A post that somebody holds: «rentas/revision», how it is written below a signature, and since when."""

    role: str
    post: Text
    since: Day | None = None


class WrittenAbsence(Part):
    """Days away, both included, and by RUN who substitutes (subroga)."""

    from_day: Day = Field(alias="from")
    until: Day
    substitute: str


class WrittenPerson(Part):
    """Somebody who works there, by RUN."""

    run: str
    given_names: Text
    family_names: Text
    holds: tuple[WrittenHold, ...] = Field(min_length=1)
    absences: tuple[WrittenAbsence, ...] = ()


class Written(Part):
    """A whole file."""

    agency: WrittenAgency
    units: dict[Code, WrittenUnit] = Field(min_length=1)
    people: tuple[WrittenPerson, ...] = ()


@dataclass
class Applied:
    """What a file did, or would do, in sentences; or what is wrong with it, by line. With findings nothing is done."""

    lines: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


class _WouldBe(Exception):
    """Rolls a dry run back."""


def apply_institution(text: str, *, people: str = "", today: date, now: datetime, dry_run: bool = False) -> Applied:
    """Make or change the institution that a YAML text says; `dry_run`: say what would change and leave all as it is.

    `people`: another text with that key alone, as a RUN does not belong where the rest is kept. The lines of somebody's
    post name them, for whoever runs the command; nobody's RUN stands in them.
    """
    reading = read_yaml(text)
    told = read_yaml(people) if people else Reading({}, {})
    if found := [*reading.findings, *(_of_people(told))]:
        return Applied(findings=found)
    data = {**reading.data, **told.data} if isinstance(reading.data, dict) else reading.data
    lines = {**reading.lines, **told.lines, (): 1}
    try:
        written = Written.model_validate(data)
    except ValidationError as error:
        return Applied(findings=schema_findings(error, data, lines))
    checked = sorted(_Check(written, lines).findings(), key=lambda finding: finding.line)
    if checked:
        return Applied(findings=checked)
    applied = Applied()
    try:
        with transaction.atomic():
            _apply(written, lines, applied, today, now)
            if dry_run or applied.findings:
                raise _WouldBe
    except _WouldBe:
        pass
    return applied


def _of_people(told: Reading) -> Iterator[Finding]:
    """What is wrong with the text of the people as a whole, placed there."""
    for one in told.findings:
        yield replace(one, path=".".join(filter(None, [PEOPLE, one.path])))
    if told.data is not None and (not isinstance(told.data, dict) or set(told.data) - {PEOPLE}):
        yield make_finding({(): 1}, (PEOPLE,), "institution", "Aquí va solo la clave «people».", "Quite lo demás.")


@dataclass
class _Check:
    """What no shape of a value says: numbers that are none, posts that are not there, days in the wrong order."""

    written: Written
    places: Mapping[Place, int]

    def findings(self) -> Iterator[Finding]:
        yield from self._agency()
        yield from self._people()

    def _at(self, place: Place, message: str, remedy: str) -> Finding:
        return make_finding(self.places, place, "institution", message, remedy)

    def _agency(self) -> Iterator[Finding]:
        agency = self.written.agency
        if agency.commune not in communes():
            remedy = "Escriba el código único territorial, de cinco cifras y entre comillas."
            yield self._at(("agency", "commune"), f"No hay una comuna «{agency.commune}».", remedy)
        if agency.time_zone not in available_timezones():
            remedy = "Son America/Santiago, America/Punta_Arenas o Pacific/Easter."
            yield self._at(("agency", "time_zone"), f"No hay una zona horaria «{agency.time_zone}».", remedy)
        try:
            normalise_rut(agency.rut) if agency.rut else None
        except InvalidRut:
            yield self._at(("agency", "rut"), "El RUT de la institución no es válido.", "Revise el número y su dígito.")

    def _people(self) -> Iterator[Finding]:
        known = {f"{unit}/{post}" for unit, one in self.written.units.items() for post in one.posts}
        seen: dict[str, int] = {}
        for number, person in enumerate(self.written.people):
            place: Place = ("people", number)
            run = self._run(person.run)
            if not run:
                yield self._at((*place, "run"), "El RUN no es válido.", "Revise el número y su dígito verificador.")
            elif run in seen:
                yield self._at((*place, "run"), f"Esa persona ya está en el puesto {seen[run] + 1} de la lista.",
                               "Ponga todos sus cargos en «holds», una sola vez.")  # fmt: skip
            elif bears_another_name(person.run, person.given_names, person.family_names):
                yield self._at((*place, "run"), "Ese RUN es de una persona con otro nombre.",
                               "Revise el número y los nombres.")  # fmt: skip
            seen.setdefault(run, number)
            for at, hold in enumerate(person.holds):
                if hold.role not in known:
                    yield self._at((*place, "holds", at, "role"), f"No hay un cargo «{hold.role}» en «units».",
                                   "Escríbalo como unidad/cargo, con los códigos del archivo.")  # fmt: skip
                yield from self._day((*place, "holds", at, "since"), hold.since)
            for at, absence in enumerate(person.absences):
                here: Place = (*place, "absences", at)
                yield from self._day((*here, "from"), absence.from_day)
                yield from self._day((*here, "until"), absence.until)
                if not self._run(absence.substitute):
                    yield self._at((*here, "substitute"), "El RUN de quien subroga no es válido.",
                                   "Revise el número y su dígito verificador.")  # fmt: skip
                elif self._run(absence.substitute) not in {self._run(one.run) for one in self.written.people}:
                    yield self._at((*here, "substitute"), "Quien subroga no está en «people».",
                                   "Agréguela a la lista, con su cargo.")  # fmt: skip

    def _day(self, place: Place, text: str | None) -> Iterator[Finding]:
        try:
            date.fromisoformat(text) if text else None
        except ValueError:
            yield self._at(place, f"«{text}» no es una fecha.", "Escríbala como 2026-11-25.")

    @staticmethod
    def _run(text: str) -> str:
        try:
            return normalise_run(text)
        except InvalidRun:
            return ""


def _apply(written: Written, places: Mapping[Place, int], applied: Applied, today: date, now: datetime) -> None:
    values = written.agency.model_dump(exclude={"code"})
    values["rut"] = normalise_rut(written.agency.rut) if written.agency.rut else ""
    agency, what = keep_agency(code=written.agency.code, values=values, by=BY, now=now)
    _say(applied, what, f"la institución «{agency}»")
    roles: dict[str, Role] = {}
    for code, unit in written.units.items():
        kept, what = keep_unit(agency=agency, code=code, name=unit.name, by=BY, now=now)
        _say(applied, what, f"la unidad «{kept}»")
        for own, post in unit.posts.items():
            role, what = keep_role(unit=kept, code=own, name=post.name, may=post.may, by=BY, now=now)
            roles[f"{code}/{own}"] = role
            _say(applied, what, f"el cargo «{role}»")
    _people(written, roles, applied, places, today, now)
    applied.lines += _left_alone(agency, written)
    applied.lines += _nobody_in(agency, today)


def _people(
    written: Written, roles: Mapping[str, Role], applied: Applied, places: Mapping[Place, int], today: date,
    now: datetime,
) -> None:  # fmt: skip
    for person in written.people:
        known = get_or_create_person(person.run, person.given_names, person.family_names)
        for hold in person.holds:
            role, since = roles[hold.role], date.fromisoformat(hold.since) if hold.since else today
            if Membership.objects.filter(person=known, role=role, ends_on=None).exists():
                continue
            appoint(person=known, role=role, post=hold.post, starts_on=since, by=BY, now=now)
            applied.lines.append(f"Se da: {hold.post} ({role}) a {known}, desde el {since:%d/%m/%Y}.")
    for number, person in enumerate(written.people):
        for at, absence in enumerate(person.absences):
            who, other = person_by_run(person.run), person_by_run(absence.substitute)
            starts_on, ends_on = date.fromisoformat(absence.from_day), date.fromisoformat(absence.until)
            assert who is not None  # kept above
            if Absence.objects.filter(person=who, starts_on=starts_on, ends_on=ends_on, substitute=other).exists():
                continue
            try:
                note_absence(person=who, starts_on=starts_on, ends_on=ends_on, substitute=other, by=None, now=now)
            except AbsenceRefused as refused:
                place: Place = ("people", number, "absences", at)
                remedy = "Corrija los días o quién subroga."
                applied.findings.append(make_finding(places, place, "absence", str(refused), remedy))
            else:
                days = f"del {starts_on:%d/%m/%Y} al {ends_on:%d/%m/%Y}"
                applied.lines.append(f"Se anota: {other} subroga a {who}, {days}.")


def _say(applied: Applied, what: str, whom: str) -> None:
    if what != SAME:
        applied.lines.append(f"Se {'crea' if what == NEW else 'cambia'}: {whom}.")


def _left_alone(agency: Agency, written: Written) -> Iterator[str]:
    """What is there and the file does not say: it stays."""
    for role in Role.objects.filter(unit__agency=agency, closed_at=None).select_related("unit").order_by("pk"):
        unit = written.units.get(role.unit.code)
        if unit is None or role.code not in unit.posts:
            yield f"No está en el archivo y queda como está: el cargo «{role}»."


def _nobody_in(agency: Agency, today: date) -> Iterator[str]:
    """Posts without anybody, and that nobody administers: what is left to do."""
    held = Membership.objects.filter(role__unit__agency=agency).exclude(ends_on__lt=today)
    for role in Role.objects.filter(unit__agency=agency, closed_at=None).select_related("unit").order_by("pk"):
        if not held.filter(role=role).exists():
            yield f"Falta: nadie tiene el cargo «{role}»."
    if not held.filter(role__grants__capability="administer").exists():
        yield "Falta: nadie administra la institución. Dé a alguien un cargo con «may: [administer]»."
