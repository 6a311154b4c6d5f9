"""Deciding on words for the public, and the chain of everything that moderators decide.

Whoever works for the institution that must answer may publish what people ask of it, but does not keep it from view by
themselves (Ley 19.880 art. 12): somebody from outside decides that or, on a site where nobody else moderates, a second
person.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import Person
from audit.api import append_to_stream
from participation.errors import AlreadyDecided, NotAllowed, OwnText
from participation.models import Addendum, Judgement, Proposal, Subject
from participation.operations.roadmap import tell_supporters
from participation.operations.telling import tell_of_addendum
from participation.queries.powers import may_moderate, must_abstain, works_at

STREAM = "moderation"
"""Chain of what moderators decided: what, when and by whom."""


def note(*, kind: str, by: Person | None, now: datetime, **body: Any) -> None:
    """Add a decision to the chain; `by`: None when the site itself decided. Last in its transaction."""
    actor = f"person:{by.pk}" if by else "system:participation"
    append_to_stream(stream=STREAM, kind=kind, actor=actor, at=now, body=body)


@transaction.atomic
def judge(*, text: Proposal | Addendum, publish: bool, reason: str, by: Person, now: datetime) -> Judgement:
    """Write the decision down; whether it is enough is `is_final`. The caller holds the subject's row.

    Raises NotAllowed, OwnText and AlreadyDecided.
    """
    if not may_moderate(by, now):
        raise NotAllowed
    subject = Subject.objects.select_related("agency", "proposal").get(pk=text.subject_id)
    if subject.proposal.author_id == by.pk:
        raise OwnText
    code = "" if publish else str(Proposal.Reason(reason))
    column: dict[str, Any] = {"proposal": text} if isinstance(text, Proposal) else {"addendum": text}
    said = {"text_digest": text.text_digest, "publish": publish, "reason": code, "by": by, "at": now}
    is_final = publish or _may_refuse(text, subject, by, now)
    try:
        with transaction.atomic():
            return Judgement.objects.create(**column, **said, is_final=is_final)
    except IntegrityError as refusal:
        raise AlreadyDecided from refusal


def _may_refuse(text: Proposal | Addendum, subject: Subject, by: Person, now: datetime) -> bool:
    """Whether this refusal is enough by itself, or with one that another person gave of the same text."""
    if not works_at(by, subject.agency, now):
        return True
    if must_abstain(by, subject.agency, now):
        return False
    refused = text.judgements.filter(publish=False, text_digest=text.text_digest)
    return refused.exclude(by=by).exists()


@transaction.atomic
def judge_addendum(*, addendum: Addendum, publish: bool, reason: str, by: Person, now: datetime) -> Judgement:
    """Publish what an author added, telling every supporter, or not with a public reason.

    Raises NotAllowed, OwnText and AlreadyDecided.
    """
    Subject.objects.select_for_update(of=("self",)).get(pk=addendum.subject_id)
    if addendum.judgements.filter(is_final=True).exists():
        raise AlreadyDecided
    judgement = judge(text=addendum, publish=publish, reason=reason, by=by, now=now)
    if judgement.is_final:
        if publish:
            subject = Subject.objects.select_related("agency").get(pk=addendum.subject_id)
            tell_supporters(subject=subject, what=f"addendum:{addendum.pk}", now=now)
        tell_of_addendum(judgement=judgement, now=now)
    note(kind=kind_of(judgement), by=by, now=now, addendum=addendum.pk, reason=judgement.reason)
    return judgement


def kind_of(judgement: Judgement) -> str:
    """The name of a decision in the chain."""
    if not judgement.is_final:
        return "text.refusal_asked"
    return "text.published" if judgement.publish else "text.refused"
