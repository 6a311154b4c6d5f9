"""Reads: the drafts and procedures of an agency, what the publish gate finds in a draft, and its readable part."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.db.models import Prefetch, QuerySet
from django.urls import reverse

from accounts.api import agencies_where, has_capability
from accounts.models import Agency, AgencyCapability, Grant, Person, Role
from designer import contents
from designer.models import ProcedureDraft
from designer.tree import Address, Data, named, written
from procedures.api import Bundle, CheckResult, Finding, bundle_of, check_data, partial_bundle
from procedures.models import Procedure, ProcedureVersion


@dataclass(frozen=True)
class ProcedureRow:
    """A procedure of the agency in the list: published, being written, or both."""

    title: str
    code: str
    draft: ProcedureDraft | None
    version: ProcedureVersion | None


def designing_agencies(person: Person, on: date) -> QuerySet[Agency]:
    """The agencies whose procedures the person may write."""
    return agencies_where(person, AgencyCapability.DESIGN, on)


def is_designer(person: Person) -> bool:
    """Whether the person was ever given a design post: decides the navigation, never an authorisation."""
    return Grant.objects.filter(role__memberships__person=person, capability=AgencyCapability.DESIGN).exists()


def may_publish(person: Person, agency: Agency, on: date) -> bool:
    """Whether the person may publish procedures of the agency."""
    return has_capability(person, agency, AgencyCapability.PUBLISH, on)


def drafts_for(person: Person, on: date) -> QuerySet[ProcedureDraft]:
    """The drafts that the person may open: those of agencies in which they design."""
    drafts = ProcedureDraft.objects.filter(agency__in=designing_agencies(person, on))
    drafts = drafts.select_related("agency", "based_on__procedure", "procedure", "changed_by")
    return drafts.defer("based_on__canonical", "based_on__diagram_svg")


def procedures_of(agency: Agency) -> list[ProcedureRow]:
    """Every procedure of the agency, by title."""
    rows = {}
    versions = Prefetch("versions", ProcedureVersion.objects.defer("canonical", "diagram_svg"))
    for procedure in Procedure.objects.filter(owner=agency).prefetch_related(versions):
        version = max(procedure.versions.all(), key=lambda item: item.number, default=None)
        if version is not None:
            rows[procedure.code] = ProcedureRow(version.title, procedure.code, None, version)
    for draft in ProcedureDraft.objects.filter(agency=agency).select_related("agency", "based_on"):
        published = rows.get(draft.code)
        rows[draft.code] = ProcedureRow(draft.title, draft.code, draft, published.version if published else None)
    return sorted(rows.values(), key=lambda row: row.title.lower())


def draft_path(draft: ProcedureDraft) -> str:
    """Address of a draft within this site: how a citizens' request remembers it."""
    return reverse("designer:home", args=[draft.pk])


def codes_of(agency: Agency) -> set[str]:
    """Every code that the agency has used."""
    used = set(Procedure.objects.filter(owner=agency).values_list("code", flat=True))
    return used | set(ProcedureDraft.objects.filter(agency=agency).values_list("code", flat=True))


def latest_version(draft: ProcedureDraft) -> ProcedureVersion | None:
    """The latest published version of the draft's procedure; its bytes are read when they are asked for."""
    versions = ProcedureVersion.objects.filter(procedure__owner=draft.agency_id, procedure__code=draft.code)
    found = versions.select_related("published_by").defer("canonical", "diagram_svg")
    return found.order_by("-number").first()


def published_content(draft: ProcedureDraft) -> Bundle | None:
    """The bundle of the latest published version."""
    version = latest_version(draft)
    return bundle_of(version) if version else None


def findings_of(content: Data) -> CheckResult:
    """What the publish gate finds, remembered with the content."""
    return contents.settled(content).remembered(_checked)


def readable(content: Data) -> Bundle:
    """The readable part of the content, remembered with it."""
    return contents.settled(content).remembered(partial_bundle)


def roles_of_agency(agency: Agency) -> QuerySet[Role]:
    """The roles that may fill a slot, by unit and name."""
    return (
        Role.objects.filter(unit__agency=agency, closed_at=None).select_related("unit").order_by("unit__name", "name")
    )


def frozen_ids(draft: ProcedureDraft) -> Iterator[str]:
    """The ids of questions, steps and options that were published: they never change (architecture 4.7)."""
    bundle = published_content(draft)
    if bundle is None:
        return
    yield from (f"steps/{step.id}" for step in bundle.all_steps())
    for form in bundle.forms:
        yield from (f"forms/{form.id}/{field.id}" for field in form.fields)


def was_published(draft: ProcedureDraft, address: Address) -> bool:
    """Whether something with an id stood at an address in any published version of the draft's procedure."""
    versions = ProcedureVersion.objects.filter(procedure=draft.procedure_id).values_list("sha256", flat=True)
    return any(written(address) in _published_places(sha256) for sha256 in versions)


@lru_cache(maxsize=32)
def _published_places(sha256: str) -> frozenset[str]:
    """The addresses of what has an id in published bytes, which never change."""
    canonical = ProcedureVersion.objects.filter(sha256=sha256).values_list("canonical", flat=True)[:1]
    return frozenset(written(address) for raw in canonical for address in named(json.loads(bytes(raw))))


def _checked(data: Data) -> CheckResult:
    """What the gate finds. A ficha still being written does not hide what is missing in questions and steps."""
    result = check_data(data)
    if result.bundle is not None or not all(_is_told(finding) for finding in result.errors):
        return result
    rest = check_data({**data, **_COMPLETE})
    return CheckResult(None, [*result.findings, *(finding for finding in rest.findings if not _is_told(finding))])


def _is_told(finding: Finding) -> bool:
    return finding.path.split(".")[0] in {*_COMPLETE, ""}


_COMPLETE: Data = {
    "title": "—",
    "summary": "—",
    "term": {"amount": 1, "unit": "months", "source": "—"},
    "ficha": {
        "audience": "—",
        "requirements": [],
        "cost": "—",
        "minutes": 1,
        "response": "—",
        "channels": ["web"],
        "contact": {"office": "—", "phone": "—", "email": "—", "hours": "—"},
        "legal_basis": [{"norm": "—", "article": "—"}],
        "cpat": {"name": "—"},
        "silence": {"effect": "special", "source": "—"},
        "retention": {"years": 1, "source": "—"},
        "personal_data": {"purpose": "—", "basis": "—"},
    },
}
"""A ficha that lacks nothing, to look at the rest of a procedure whose own is not finished. Never published."""
