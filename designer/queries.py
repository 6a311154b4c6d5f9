"""Reads: the drafts and procedures of an agency, what the publish gate finds in a draft, and its readable part."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.db.models import QuerySet
from django.urls import reverse

from accounts.api import agencies_where, has_capability
from accounts.models import Agency, AgencyCapability, Grant, Person, Role
from designer.models import ProcedureDraft
from designer.tree import Data
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
    return drafts.select_related("agency", "based_on__procedure", "procedure", "changed_by")


def procedures_of(agency: Agency) -> list[ProcedureRow]:
    """Every procedure of the agency, by title."""
    rows = {}
    for procedure in Procedure.objects.filter(owner=agency).prefetch_related("versions"):
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
    """The latest published version of the draft's procedure."""
    versions = ProcedureVersion.objects.filter(procedure__owner=draft.agency_id, procedure__code=draft.code)
    return versions.select_related("published_by").order_by("-number").first()


def published_content(draft: ProcedureDraft) -> Bundle | None:
    """The bundle of the latest published version."""
    version = latest_version(draft)
    return bundle_of(version) if version else None


def findings_of(content: Data) -> CheckResult:
    """What the publish gate finds, remembered by content."""
    return _checked(_written(content))


def readable(content: Data) -> Bundle:
    """The readable part of the content, remembered by content."""
    return _readable(_written(content))


def roles_of_agency(agency: Agency) -> QuerySet[Role]:
    """The roles that may fill a slot, by unit and name."""
    return Role.objects.filter(unit__agency=agency).select_related("unit").order_by("unit__name", "name")


def frozen_ids(draft: ProcedureDraft) -> Iterator[str]:
    """The ids of questions, steps and options that were published: they never change (architecture 4.7)."""
    bundle = published_content(draft)
    if bundle is None:
        return
    yield from (f"steps/{step.id}" for step in bundle.all_steps())
    for form in bundle.forms:
        yield from (f"forms/{form.id}/{field.id}" for field in form.fields)


_LATEST: deque[tuple[Data, str]] = deque(maxlen=8)
"""The contents written last, as objects: nobody changes one in place, so the same object is the same text."""


def _written(content: Data) -> str:
    """The content as the text by which it is remembered; a page asks for it hundreds of times."""
    for known, text in tuple(_LATEST):
        if known is content:
            return text
    text = json.dumps(content, sort_keys=True)
    _LATEST.appendleft((content, text))
    return text


@lru_cache(maxsize=64)
def _checked(content: str) -> CheckResult:
    """What the gate finds. A ficha still being written does not hide what is missing in questions and steps."""
    data = json.loads(content)
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


@lru_cache(maxsize=64)
def _readable(content: str) -> Bundle:
    return partial_bundle(json.loads(content))
