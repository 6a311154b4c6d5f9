"""What a power must be for a procedure (Ley 19.880 art. 22; R43)."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from accounts.api import may_represent
from accounts.models import Organisation, Person
from procedures.api import bundle_of
from procedures.models import ProcedureVersion
from workflows.access import correctable_by
from workflows.errors import PowerEnded, SolemnPowerNeeded
from workflows.models import Draft, PowerClaim

SOLEMN = (PowerClaim.Form.PUBLIC_DEED, PowerClaim.Form.ADVANCED)
"""What the law takes for acts that need a solemn instrument; a notary's private document is none (art. 22)."""


def solemn_source(version: ProcedureVersion) -> str:
    """The norm by which the procedure asks for a solemn power; empty when a simple one is enough."""
    return bundle_of(version).start.solemn_power or ""


def check(representative: Person, grantor: Person | Organisation, version: ProcedureVersion, on: date) -> None:
    """Raises PowerEnded when nothing lets them act on that day, SolemnPowerNeeded when what does is only simple."""
    code, source = version.procedure.code, solemn_source(version)
    if not may_represent(representative, grantor, code, on):
        raise PowerEnded
    if source and not may_represent(representative, grantor, code, on, solemn=True):
        raise SolemnPowerNeeded(source)


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
