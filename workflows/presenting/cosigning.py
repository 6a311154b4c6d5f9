"""An application that several people sign: what each sees of it while signatures are missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.api import format_run, run_of
from accounts.models import Person
from procedures.api import Problem
from workflows import cosigners, drafts
from workflows.models import CoSignature, Draft
from workflows.presenting.citizen import Row
from workflows.presenting.language import procedure_names


def waiting_context(draft: Draft) -> dict[str, Any]:
    """Who signed and who has not yet, for whoever filled it in."""
    rows, bundle = draft.co_signatures.select_related("person").order_by("pk"), drafts.bundle_for(draft)
    return {
        "institution": draft.agency,
        "draft": draft,
        "title": bundle.title,
        "title_lang": bundle.lang,
        "signed": [(row.person, row.signed_at) for row in rows if row.signed_at is not None],
        "missing": [_as_typed(draft, row.person) for row in rows if row.signed_at is None],
    }


def _as_typed(draft: Draft, person: Person) -> str:
    """Who is missing as the application names them: whoever types a RUN must not learn whose it is."""
    typed = {one.run: one.name for one in cosigners.named(draft, drafts.read(draft))}
    return _("%(name)s, RUN %(run)s") % {"name": typed.get(run_of(person), ""), "run": format_run(run_of(person))}


def cosign_context(draft: Draft, given: Mapping[str, Any], shown: str, problem: Problem | None) -> dict[str, Any]:
    """Exactly what one of the others signs, and the way not to."""
    presentation, bundle = drafts.shown(draft, given), drafts.bundle_for(draft)
    return {
        **waiting_context(draft),
        "statement": presentation["statement"],
        "statement_lang": bundle.step(draft.step_id).lang,
        "rows": [
            Row(question["label"], question["answer"], lang=bundle.field(f"{draft.step_id}.{question['id']}").lang)
            for question in presentation["questions"]
        ],
        "shown": shown,
        "errors": [problem] if problem else [],
    }


def invitations(person: Person) -> list[dict[str, Any]]:
    """Applications of others that wait for this person's signature."""
    rows = CoSignature.objects.filter(person=person, signed_at=None).exclude(draft__person=person)
    found = rows.select_related("draft__version", "draft__person", "draft__agency").order_by("pk")
    names = procedure_names(row.draft.version_id for row in found)
    return [
        {
            "title": names.get(row.draft.version_id, row.draft.version.title),
            "who": str(row.draft.person),
            "agency": row.draft.agency.name,
            "ref": row.draft.ref,
        }
        for row in found
    ]
