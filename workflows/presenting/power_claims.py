"""Powers that stand in a document, as the officials who check them see them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.api import agencies_where, format_run, run_of
from accounts.models import AgencyCapability, Person
from workflows.models import PowerClaim
from workflows.powers import SOLEMN
from workflows.presenting.citizen import Row
from workflows.presenting.powers import scopes

RECENT = 20


def claims_for(official: Person, on: date) -> Any:
    """Those that the official may decide on: of their agencies, and not their own."""
    agencies = agencies_where(official, AgencyCapability.POWERS, on)
    claims = PowerClaim.objects.filter(agency__in=agencies).exclude(representative=official)
    return claims.select_related("agency", "representative", "grantor_person", "decided_by", "mandate", "blob")


def queue_context(official: Person, on: date) -> dict[str, Any]:
    """Those that wait, the oldest first, and the last that were decided."""
    claims = claims_for(official, on)
    return {
        "waiting": claims.filter(decided_at=None).order_by("asked_at"),
        "decided": claims.filter(decided_at__isnull=False).order_by("-decided_at")[:RECENT],
    }


def claim_context(claim: PowerClaim) -> dict[str, Any]:
    """What was claimed, to be read beside the document."""
    until = date_format(claim.ends_on, "DATE_FORMAT") if claim.ends_on else _("sin fecha de término")
    grantor = claim.organisation_rut or (run_of(claim.grantor_person) if claim.grantor_person else "")
    return {
        "institution": claim.agency,
        "claim": claim,
        "is_solemn": claim.form in SOLEMN,
        "rows": [
            Row(_("Quiere actuar"), _person(claim.representative)),
            Row(_("Por"), f"{claim.grantor}, {_('RUT') if claim.organisation_rut else 'RUN'} {format_run(grantor)}"),
            Row(_("Documento"), str(claim.get_form_display())),
            Row(_("De dónde viene"), claim.details),
            Row(_("Para qué trámite"), dict(scopes()).get(claim.scope, claim.scope) or _("Todos los trámites")),
            Row(_("Hasta"), until),
        ],
    }


def _person(person: Person) -> str:
    return f"{person}, RUN {format_run(run_of(person))}"
