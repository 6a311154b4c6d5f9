"""Proposals in words: sent, moderated with a public reason, frozen by the first support, cleared up by addenda.

Addenda are moderated as proposals are: see `judging`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Agency, Person
from documents.api import new_code
from participation.errors import AlreadyDecided, NotAllowed, TextChanged, TextFrozen, TooMany
from participation.models import Addendum, Judgement, Proposal, Reach, Subject
from participation.operations.judging import judge, kind_of, note
from participation.operations.subjects import stems_of
from participation.operations.telling import tell_author
from participation.queries.powers import may_moderate
from participation.queries.subjects import is_frozen

PROPOSALS_A_DAY = 3
ADDENDA_A_DAY = 3


@transaction.atomic
def propose(*, title: str, text: str, agency: Agency | None, body_name: str, by: Person, now: datetime) -> Proposal:
    """Send a proposal to moderation. Raises TooMany."""
    Person.objects.select_for_update(of=("self",)).only("pk").get(pk=by.pk)
    if Proposal.objects.filter(author=by, created_at__gt=now - timedelta(days=1)).count() >= PROPOSALS_A_DAY:
        raise TooMany(24)
    body = agency.name if agency else body_name[:200]
    subject = Subject.objects.create(
        code=f"p-{new_code().lower()}",
        agency=agency,
        body_name=body,
        title=title[:200],
        summary=text,
        stems=stems_of(title, body, text),
        reach=Reach.COMMUNE if agency else Reach.COUNTRY,
        listed=False,
        opened_at=now,
    )
    return Proposal.objects.create(subject=subject, author=by, created_at=now)


@transaction.atomic
def edit(*, proposal: Proposal, title: str, text: str, by: Person, now: datetime) -> Proposal:
    """The author changes the text before anybody supports it or it is merged. Raises NotAllowed and TextFrozen."""
    if proposal.author_id != by.pk:
        raise NotAllowed
    subject = Subject.objects.select_for_update(of=("self",)).get(pk=proposal.subject_id)
    if is_frozen(subject):
        raise TextFrozen
    subject.title, subject.summary, subject.listed = title[:200], text, False
    subject.stems = stems_of(title, subject.body_name, text)
    subject.save(update_fields=["title", "summary", "stems", "listed"])
    Proposal.objects.filter(pk=proposal.pk).update(state=Proposal.State.PENDING, reason="", moderated_at=None)
    return Proposal.objects.get(pk=proposal.pk)


@transaction.atomic
def moderate(
    *, proposal: Proposal, publish: bool, reason: str, by: Person, now: datetime, seen: str | None = None
) -> Proposal:
    """Publish a proposal, or not with one of the public reasons; still pending when that waits for another person.

    `seen`: fingerprint of the text that was read, which its author may have changed since.
    Raises NotAllowed, OwnText, AlreadyDecided and TextChanged.
    """
    if not may_moderate(by, now):
        raise NotAllowed
    Subject.objects.select_for_update(of=("self",)).get(pk=proposal.subject_id)  # an edit waits, or is seen
    current = Proposal.objects.select_related("subject").get(pk=proposal.pk)
    if seen is not None and seen != current.text_digest:
        raise TextChanged
    if current.state != Proposal.State.PENDING:
        raise AlreadyDecided
    judgement = judge(text=current, publish=publish, reason=reason, by=by, now=now)
    if judgement.is_final:
        _decide(current, judgement)
    note(kind=kind_of(judgement), by=by, now=now, proposal=current.pk, reason=judgement.reason)
    return Proposal.objects.get(pk=proposal.pk)


def _decide(proposal: Proposal, judgement: Judgement) -> None:
    """Publish the proposal, or not, and tell its author."""
    state = Proposal.State.PUBLISHED if judgement.publish else Proposal.State.REJECTED
    Proposal.objects.filter(pk=proposal.pk).update(
        state=state, reason=judgement.reason, moderated_at=judgement.at, moderated_by=judgement.by
    )
    Subject.objects.filter(pk=proposal.subject_id).update(listed=judgement.publish)
    moderated = Proposal.objects.select_related("subject__agency", "author").get(pk=proposal.pk)
    tell_author(proposal=moderated, now=judgement.at)


@transaction.atomic
def add(*, subject: Subject, text: str, by: Person, now: datetime) -> Addendum:
    """The author clears up a supported text; a person reads it before it is public. Raises NotAllowed and TooMany."""
    proposal = Proposal.objects.filter(subject=subject).first()
    if proposal is None or proposal.author_id != by.pk:
        raise NotAllowed
    actor = f"person:{by.pk}"
    if Addendum.objects.filter(subject=subject, at__gt=now - timedelta(days=1)).count() >= ADDENDA_A_DAY:
        raise TooMany(24)
    return Addendum.objects.create(subject=subject, text=text, at=now, by=actor)
