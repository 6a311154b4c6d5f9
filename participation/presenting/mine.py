"""A person's own supports."""

from __future__ import annotations

from typing import Any

from accounts.models import Person
from legaltime.api import now
from participation.models import Follow, Proposal
from participation.presenting.subject import state_of
from participation.queries.answers import answers_of
from participation.queries.assisting import offices_of
from participation.queries.subjects import frozen, slots_used, supports_held
from participation.rules.thresholds import SLOTS


def mine_context(person: Person) -> dict[str, Any]:
    """Each support with where its subject stands, and how many the person may still give."""
    held = supports_held(person)
    offices = offices_of([one.pk for one in held])
    rows: list[dict[str, Any]] = [
        {
            "support": one,
            "subject": one.subject,
            "state": state_of(one.subject, answers_of(one.subject), now()),
            "office": offices.get(one.pk, ""),
        }
        for one in held
    ]
    used = slots_used(held)
    return {
        "proposals": proposals_of(person),
        "followed": [_followed(one) for one in follows_of(person)],
        "open": [row for row in rows if row["subject"].closed_at is None],
        "closed": [row for row in rows if row["subject"].closed_at is not None],
        "used": used,
        "left": SLOTS - used,
        "slots": SLOTS,
    }


def follows_of(person: Person) -> list[Follow]:
    """What the person follows, the latest first; nothing whose new text nobody moderated yet."""
    follows = Follow.objects.filter(person=person, subject__listed=True).select_related(
        "subject__count", "subject__agency"
    )
    return list(follows.order_by("-pk"))


def _followed(follow: Follow) -> dict[str, Any]:
    return {"subject": follow.subject, "state": state_of(follow.subject, answers_of(follow.subject), now())}


def proposals_of(person: Person) -> list[Proposal]:
    """What the person proposed, the latest first; `may_edit` while its text is not frozen."""
    mine = Proposal.objects.filter(author=person).select_related("subject").annotate(may_edit=~frozen("subject"))
    return list(mine.order_by("-created_at")[:50])
