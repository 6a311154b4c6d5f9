"""Reads: suggestions dismissed, and advice on the people behind the roles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.conf import settings
from django.db.models import Count

from accounts.api import in_force
from accounts.models import Role
from designer.models import DismissedAdvice, ProcedureDraft
from legaltime.api import local_date, now
from procedures.api import Finding


def dismissals(draft: ProcedureDraft) -> list[DismissedAdvice]:
    """What was dismissed in the draft's procedure, the latest first."""
    return list(DismissedAdvice.objects.filter(agency=draft.agency_id, code=draft.code).select_related("by"))


def dismissed_marks(draft: ProcedureDraft) -> set[str]:
    """The fingerprints of what was dismissed."""
    found = DismissedAdvice.objects.filter(agency=draft.agency_id, code=draft.code)
    return set(found.values_list("mark", flat=True))


def advice_on_people(draft: ProcedureDraft) -> Iterator[Finding]:
    """Advice on a role that one person fills: on holiday or ill, its steps stand still."""
    if not draft.bindings:
        return
    members = _members(list(draft.bindings.values()), local_date(now(), settings.TIME_ZONE))
    for place, slot in enumerate(draft.content.get("roles") or ()):
        count = members.get(draft.bindings.get(slot["id"], 0))
        if count is not None and count < 2:
            who = "Nadie ocupa" if count == 0 else "Una sola persona ocupa"
            message = f"{who} hoy el cargo «{slot.get('title', slot['id'])}»: si falta, sus pasos se detienen."
            yield Finding("few_members", "suggestion", 0, f"roles.{place}", message, "Pide que nombren a otra persona.")


def _members(roles: list[int], on: date) -> dict[int, int]:
    """{role: people who hold it on a day}."""
    held = in_force(on, through="memberships__")
    counted = Role.objects.filter(pk__in=roles).annotate(people=Count("memberships", filter=held, distinct=True))
    return dict(counted.values_list("pk", "people"))
