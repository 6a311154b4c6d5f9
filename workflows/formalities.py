"""What must follow a signature before an act is totalmente tramitado and may be notified (arts. 45 and 51)."""

from __future__ import annotations

from datetime import date

from django.db.models import Max, QuerySet

from accounts.api import roles_of
from accounts.models import Person
from documents.models import Document
from workflows.models import ActFormality, Case
from workflows.runtime import Run


def open_for(run: Run, document: Document) -> None:
    """List what the procedure demands after the signature of this act."""
    law = run.bundle.law
    wanted = [item for item in law.formalities if document.definition_id in item.documents] if law else []
    ActFormality.objects.bulk_create(
        ActFormality(
            case=run.case,
            agency_id=run.case.agency_id,
            document=document,
            formality_id=item.id,
            title=item.title,
            legal_source=item.source,
            role=run.role(item.role),
            before_effect=item.before_effect,
            opened_at=run.now,
        )
        for item in wanted
    )


def open_of(case: Case) -> QuerySet[ActFormality]:
    """What the acts of a case still lack."""
    return case.formalities.filter(done_on=None).select_related("document", "role__unit").order_by("pk")


def own(case: Case, person: Person, today: date) -> list[ActFormality]:
    """Those that fall to a role which the person holds."""
    held = {role.pk for role in roles_of(person, today)}
    return [item for item in open_of(case) if item.role_id in held]


def pending(document: Document) -> list[ActFormality]:
    """What keeps an act from being totalmente tramitado."""
    return list(document.formalities.filter(done_on=None, before_effect=True).order_by("pk"))


def complete_on(document: Document) -> date:
    """The day on which the act was totalmente tramitado: from it run the days to notify it (R25)."""
    assert document.issued_on is not None
    last: date | None = document.formalities.filter(before_effect=True).aggregate(day=Max("done_on"))["day"]
    return max(document.issued_on, last) if last else document.issued_on
