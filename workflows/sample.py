"""Publishes the example procedures as `examples/offerings.yaml` lists them, and loads the demonstration's catalogue."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from ruamel.yaml import YAML

from accounts.api import keep_organisation, person_by_run, register_mandate
from accounts.models import Agency, Role
from procedures.api import apply_import, publish, send_catalogue
from procedures.models import CatalogueImport, Offering

EXAMPLES = Path(settings.BASE_DIR) / "examples"
OFFERED_SINCE = date(2026, 1, 2)


@dataclass(frozen=True)
class SampleOffering:
    """One example, the agency that offers it, and the roles behind its slots ("unit/role")."""

    file: str
    agency: str
    bind: dict[str, str]


def sample_offerings() -> list[SampleOffering]:
    """What `examples/offerings.yaml` lists, in order."""
    listed = YAML(typ="safe").load(EXAMPLES / "offerings.yaml")
    return [SampleOffering(entry["file"], entry["agency"], dict(entry.get("bind") or {})) for entry in listed]


def seed_procedures(*, now: datetime) -> list[Offering]:
    """Publish every example that is not published yet; running it again changes nothing."""
    return [_publish(sample, now) for sample in sample_offerings()]


def seed_catalogue(*, now: datetime) -> None:
    """Load the fichas of real procedures, digital or not, unless this very file was loaded before."""
    content = (EXAMPLES / "catalogue" / "fichas.csv").read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if not CatalogueImport.objects.filter(sha256=digest, applied_at__isnull=False).exists():
        sent = send_catalogue(name="fichas.csv", content=content, by=None, now=now)
        apply_import(sent=sent, by=None, now=now)


def _publish(sample: SampleOffering, now: datetime) -> Offering:
    agency = Agency.objects.get(code=sample.agency)
    return publish(
        text=(EXAMPLES / sample.file).read_text(encoding="utf-8"),
        agency=agency,
        by=None,
        now=now,
        role_bindings={slot: _role(agency, path) for slot, path in sample.bind.items()},
        effective_from=OFFERED_SINCE,
        note="Ejemplo de la demostración",
    )


def _role(agency: Agency, path: str) -> Role:
    unit_code, _, code = path.partition("/")
    return Role.objects.get(unit__agency=agency, unit__code=unit_code, code=code)


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


_seeds: list[Callable[[datetime], None]] = []


def register_seed(function: Callable[[datetime], None]) -> None:
    """`function(now)` adds a higher room's demonstration data, and changes nothing when run again."""
    _seeds.append(function)


def seed_others(now: datetime) -> None:
    """Add what higher rooms registered, in order of registration."""
    for function in _seeds:
        function(now)
