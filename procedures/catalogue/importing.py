"""Fichas from a file: what each row would do, and doing it. A row is found again by its institution and code."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from accounts.models import Agency, Person
from audit.api import append_to_stream
from procedures.catalogue import operations
from procedures.catalogue.columns import name_of, values_of
from procedures.catalogue.reading import Row, read_rows
from procedures.errors import AlreadyApplied, UnreadableCatalogue
from procedures.models import CatalogueEntry, CatalogueImport, Institution, Online

OUTCOMES = ("new", "changed", "same", "refused")
NO_INSTITUTION = "Institución no indicada"
KEPT_FROM_FILE = ("cpat_code", "life_event", "kind", "place", "level", "yearly_volume", "source")
"""What a file may say of a procedure published here; the rest its own bundle says."""
WRITABLE = (
    *("cpat_code", "name", "summary", "life_event", "kind", "audience", "requirements", "steps", "cost", "response"),
    *("place", "channels", "legal_basis", "level", "yearly_volume", "keywords", "online", "external_url", "source"),
    "remarks",
)


@dataclass
class RowReport:
    """What a row does: `outcome` new, changed, same or refused; `problems` what was not read, in words."""

    line: int
    outcome: str
    name: str
    institution: str
    problems: list[str] = field(default_factory=list)


@dataclass
class _Plan:
    """A row ready to be written."""

    report: RowReport
    entry: CatalogueEntry | None = None


@transaction.atomic
def send_catalogue(*, name: str, content: bytes, by: Person | None, now: datetime) -> CatalogueImport:
    """Keeps a file of fichas to be looked at; nothing of it shows yet. Raises UnreadableCatalogue."""
    fichas_in(content)
    digest = hashlib.sha256(content).hexdigest()
    return CatalogueImport.objects.create(name=name[:200], content=content, sha256=digest, by=by, sent_at=now)


def fichas_in(content: bytes) -> list[Row]:
    """The rows of a file of fichas.

    Raises UnreadableCatalogue, also when no column says what the procedures are called: every row would be refused.
    """
    rows = read_rows(content)
    headings = dict.fromkeys(heading for row in rows for heading in row.headings if heading)
    if not any(name_of(heading) == "name" for heading in headings):
        found = ", ".join(f"«{heading[:40]}»" for heading in list(headings)[:10])
        raise UnreadableCatalogue(
            f"Ninguna columna dice cómo se llama el trámite. El archivo tiene: {found}. "
            "Llama «nombre» a la que lo dice, en la primera línea."
        )
    return rows


def preview(sent: CatalogueImport, *, agencies: Sequence[Agency] | None = None) -> list[RowReport]:
    """What each row would do today, without doing it.

    `agencies`: those whose fichas the sender may change; None for all. Institutions that are not on this platform
    belong to nobody, so anybody trusted with the catalogue may describe them.
    """
    return [plan.report for plan in _plans(bytes(sent.content), agencies, sent.sent_at)]


@transaction.atomic
def apply_import(
    *, sent: CatalogueImport, by: Person | None, now: datetime, agencies: Sequence[Agency] | None = None
) -> list[RowReport]:
    """Writes what `preview` says, all or nothing, and keeps the report. Raises AlreadyApplied."""
    locked = CatalogueImport.objects.select_for_update().get(pk=sent.pk)
    if locked.applied_at is not None:
        raise AlreadyApplied
    plans = _plans(bytes(locked.content), agencies, now)
    _write([plan for plan in plans if plan.entry is not None and plan.report.outcome in ("new", "changed")])
    reports = [plan.report for plan in plans]
    locked.applied_at, locked.report = now, [asdict(report) for report in reports]
    locked.save(update_fields=["applied_at", "report"])
    _record(locked, reports, by, now)
    return reports


def _record(sent: CatalogueImport, reports: Iterable[RowReport], by: Person | None, now: datetime) -> None:
    outcomes = [report.outcome for report in reports]
    append_to_stream(
        stream="catalogue",
        kind="catalogue.imported",
        actor=f"person:{by.pk}" if by else "system:import",
        at=now,
        body={"sha256": sent.sha256, **{outcome: outcomes.count(outcome) for outcome in OUTCOMES}},
    )


def _plans(content: bytes, agencies: Sequence[Agency] | None, now: datetime) -> list[_Plan]:
    rows = [_Reading(row) for row in read_rows(content)]
    known = _Known(agencies)
    return [_plan(row, known, now) for row in rows]


class _Reading:
    """A row understood: its values, what had no column, and what could not be read."""

    def __init__(self, row: Row) -> None:
        texts = {name_of(heading): text for heading, text in row.texts.items() if name_of(heading)}
        self.line = row.line
        self.values, problems = values_of(texts)
        self.problems = [f"«{_heading(row, name)}»: {why}." for name, why in problems.items()]
        if "" in row.texts:
            self.problems.append("Tiene más celdas que títulos: quizás una coma dentro de un texto sin comillas.")
        apart = {heading: text for heading, text in row.texts.items() if not name_of(heading)}
        self.values["remarks"] = apart | {_heading(row, name): texts[name] for name in problems}
        self.institution = str(self.values.pop("institution", "")) or NO_INSTITUTION
        if self.institution == NO_INSTITUTION:
            self.problems.append("No dice de qué institución es.")
        self.institution_code = slugify(self.values.pop("institution_code", ""))[:80]
        self.is_named = self._take_code_apart(texts.get("institution", ""), row)
        self.code = slugify(self.values.pop("code", "") or self.values.get("name", ""))[:80]
        if self.values.get("external_url") and "online" not in self.values:
            self.values["online"] = Online.ELSEWHERE.value

    def _take_code_apart(self, said: str, row: Row) -> bool:
        """Whether the file names the institution; a code of some register in its place is for staff, not for people."""
        found = _CODED.search(self.institution)
        if found is None:
            return True
        name = self.institution[: found.start()].strip() or self.institution[found.end() :].strip()
        self.institution = f"{name or NO_INSTITUTION} (la fuente no dice cuál)"
        self.institution_code = self.institution_code or slugify(f"{name} {found[1]}")[:80]
        heading = _heading(row, "institution")
        self.values["remarks"][heading] = said
        self.problems.append(f"«{heading}»: da un código ({found[1]}) y no el nombre; lo lee solo el personal.")
        return False


_CODED = re.compile(r"\(?\b(?:con )?código (?:de [a-záéíóúñ]+ )?([A-Z]{2,5}\d{2,})\b\)?")
"""A code of some register where an institution's name should be."""


def _heading(row: Row, name: str) -> str:
    return next(heading for heading in row.texts if name_of(heading) == name)


class _Known:
    """Institutions and entries there are, and those that earlier rows of the file add."""

    def __init__(self, agencies: Sequence[Agency] | None) -> None:
        self.mine = None if agencies is None else {agency.pk for agency in agencies}
        self.institutions = {one.code: one for one in Institution.objects.all()}
        self._add_agencies()
        self.lines: dict[tuple[str, str], int] = {}
        """The row of the file that last described each ficha."""
        self.entries = {
            (entry.institution.code, entry.code): entry
            for entry in CatalogueEntry.objects.select_related("institution")
        }

    def _add_agencies(self) -> None:
        """Agencies of the platform that have published nothing yet count by their code and their name."""
        for agency in Agency.objects.all():
            self.institutions.setdefault(agency.code, Institution(code=agency.code, name=agency.name, agency=agency))
        self.by_name = {slugify(one.name): one for one in self.institutions.values()}

    def institution(self, row: _Reading) -> Institution:
        """The institution that a row names, by code or else by name."""
        by_name = slugify(row.institution)[:80] or "institucion"
        found = self.institutions.get(row.institution_code) or (self.by_name.get(by_name) if row.is_named else None)
        if found is None:
            found = Institution(code=row.institution_code or by_name, name=row.institution[:200])
            self.institutions[found.code] = found
            if row.is_named:
                self.by_name[by_name] = found
        return found

    def may_write(self, institution: Institution) -> bool:
        """Whether the sender may change fichas of the institution."""
        return self.mine is None or institution.agency_id is None or institution.agency_id in self.mine


def _plan(row: _Reading, known: _Known, now: datetime) -> _Plan:
    name = str(row.values.get("name", ""))
    report = RowReport(row.line, "refused", name, row.institution, list(row.problems))
    if not name or not row.code:
        report.problems.append("Falta el nombre del trámite: agrégalo y envía la fila otra vez.")
        return _Plan(report)
    institution = known.institution(row)
    if not known.may_write(institution):
        report.problems.append(f"La ficha es de {institution.name}: solo su personal puede cambiarla.")
        return _Plan(report)
    place = (institution.code, row.code)
    entry = known.entries.get(place)
    if place in known.lines:
        report.problems.append(f"Repite la ficha de la línea {known.lines[place]}: queda lo que dice esta.")
    known.lines[place] = row.line
    report.outcome = _write_on(entry, row.values, report) if entry else "new"
    if entry is None:
        entry = CatalogueEntry(institution=institution, code=row.code, **_writable(row.values))
        known.entries[place] = entry
    if report.outcome != "same":
        entry.changed_at = now
    return _Plan(report, entry)


def _writable(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in WRITABLE if name in values}


def _write_on(entry: CatalogueEntry, values: Mapping[str, Any], report: RowReport) -> str:
    """Sets what the row says on the entry in memory; what it leaves empty stays. Returns the outcome."""
    given = _writable(values)
    if entry.procedure_id is not None:
        report.problems.append("El trámite se publica aquí: su texto se cambia en el diseño, no en este archivo.")
        given = {name: value for name, value in given.items() if name in KEPT_FROM_FILE}
    changed = {name: value for name, value in given.items() if getattr(entry, name) != value}
    for name, value in changed.items():
        setattr(entry, name, value)
    return "changed" if changed else "same"


def _write(plans: Iterable[_Plan]) -> None:
    entries = list({id(plan.entry): plan.entry for plan in plans if plan.entry is not None}.values())
    for institution in {id(entry.institution): entry.institution for entry in entries}.values():
        if institution.pk is None:
            institution.save()
    for entry in entries:
        entry.institution = entry.institution  # carries over the number that saving gave it
    new = [entry for entry in entries if entry.pk is None]
    old = [entry for entry in entries if entry.pk is not None]
    CatalogueEntry.objects.bulk_create(new, batch_size=operations.BATCH)
    CatalogueEntry.objects.bulk_update(old, [*WRITABLE, "changed_at"], batch_size=100)
    operations.index(entries=entries)
