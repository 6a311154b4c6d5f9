"""Writes: a suggestion dismissed with its reason, and shown again."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Person
from designer.errors import NotKept
from designer.models import DismissedAdvice, ProcedureDraft


def dismiss(*, draft: ProcedureDraft, mark: str, text: str, reason: str, by: Person, now: datetime) -> DismissedAdvice:
    """Show a suggestion no more, while its text stays the same. Raises NotKept without a reason."""
    if not reason.strip():
        raise NotKept(_("Escribe por qué no sigues esta sugerencia: lo leerá quien revise el trámite."))
    made, _new = DismissedAdvice.objects.update_or_create(
        agency=draft.agency,
        code=draft.code,
        mark=mark,
        defaults={"text": text[:500], "reason": reason.strip()[:500], "by": by, "at": now},
    )
    return made


def show_again(*, draft: ProcedureDraft, mark: str, by: Person, now: datetime) -> None:
    """Show a dismissed suggestion again. Whoever designs may do it; nothing else remembers it."""
    DismissedAdvice.objects.filter(agency=draft.agency_id, code=draft.code, mark=mark).delete()
