"""What a power must be for a procedure (Ley 19.880 art. 22; R43)."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from accounts.api import may_represent, powers_of
from accounts.models import Mandate, Organisation, Person
from procedures.api import bundle_of
from procedures.models import ProcedureVersion
from workflows.access import correctable_by
from workflows.errors import PowerEnded, SolemnPowerNeeded
from workflows.models import CaseParty, Draft, PowerClaim

SOLEMN = (PowerClaim.Form.PUBLIC_DEED, PowerClaim.Form.ADVANCED)
"""What the law takes for acts that need a solemn instrument; a notary's private document is none (art. 22)."""


def solemn_source(version: ProcedureVersion) -> str:
    """The norm by which the procedure asks for a solemn power; empty when a simple one is enough."""
    return bundle_of(version).start.solemn_power or ""


def check(representative: Person, grantor: Person | Organisation, version: ProcedureVersion, on: date) -> Mandate:
    """The power by which they act on that day, the most solemn that they hold.

    Raises PowerEnded when nothing lets them act, SolemnPowerNeeded when what does is only simple.
    """
    held = powers_of(grantor, on, version.procedure.code).filter(representative=representative)
    power, source = held.order_by("-is_solemn", "pk").first(), solemn_source(version)
    if power is None:
        raise PowerEnded
    if source and not power.is_solemn:
        raise SolemnPowerNeeded(source)
    return power


def successor(party: CaseParty, on: date, by: Person | None) -> Mandate | None:
    """The power by which somebody else goes on for an organisation: of `by`, else of who governs it, else of anybody.

    It is as `check` asks: it covers the procedure, and is solemn where that is needed. None of a person: they go on.
    """
    if party.organisation is None:
        return None
    others = powers_of(party.organisation, on, party.case.version.procedure.code).select_related("representative")
    others = others.exclude(representative=party.representative)
    if solemn_source(party.case.version):
        others = others.filter(is_solemn=True)
    return min(others, key=lambda power: (power.representative != by, not power.governs, power.pk), default=None)


def kept_from(draft: Draft, on: date) -> str:
    """Why who fills the draft in may no longer read it; "" while they may.

    It holds what the State knows of whoever they act for, and an answer to a correction all that was filed.
    """
    if draft.task is not None:
        whose = draft.attendance.person if draft.attendance is not None else draft.person
        is_theirs = correctable_by(whose).filter(pk=draft.task.process_id).exists()
        return "" if is_theirs else _("La corrección la responde quien presentó la solicitud o quien la representa.")
    if draft.mandate is None or draft.applicant == draft.person:
        return ""
    holds = may_represent(draft.person, draft.applicant, draft.version.procedure.code, on)
    return "" if holds else str(PowerEnded.message)
