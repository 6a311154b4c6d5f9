"""Several people on one draft: who is there, what they say of each item, who approves, and links to read it."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Agency, Person
from designer import contents, operations, tree, wording
from designer.errors import DesignError, ItemGone
from designer.models import (
    DraftApproval,
    DraftComment,
    DraftLink,
    DraftVisit,
    ProcedureDraft,
    PublishingRule,
)
from designer.tree import Data

HERE_FOR = timedelta(minutes=3)
"""How long somebody counts as being where they were last seen."""
_SEEN_AGAIN = timedelta(seconds=30)
LINK_FOR = timedelta(days=30)
MOST_APPROVALS = 5
MOST_COMMENTS = 500
MOST_TEXT = 2000


class CannotReview(DesignError):
    """A comment, an approval or a link that cannot be; the text says what to do."""


@dataclass(frozen=True)
class Agreement:
    """Who approved the present content, and what is still lacking to publish it."""

    required: int
    approvals: list[DraftApproval]
    lacking: str
    """Empty when enough people approved."""
    digest: str


def note_visit(*, draft: ProcedureDraft, person: Person, address: str, now: datetime) -> list[DraftVisit]:
    """Remember where the person is; returns where the others are now."""
    visits = list(draft.visits.filter(Q(person=person) | Q(at__gt=now - HERE_FOR)).select_related("person"))
    mine = next((visit for visit in visits if visit.person_id == person.pk), None)
    if mine is None or mine.address != address or now - mine.at > _SEEN_AGAIN:
        seen = {"address": address[:400], "at": now}
        DraftVisit.objects.update_or_create(draft=draft, person=person, defaults=seen)
    return [visit for visit in visits if visit.person_id != person.pk]


def comments_on(draft: ProcedureDraft, address: str | None = None) -> QuerySet[DraftComment]:
    """The comments of a draft, or of one item, those not settled first and then the newest."""
    found = draft.comments.select_related("by", "settled_by").order_by("settled_at", "-at")
    return found if address is None else found.filter(address=address)


def comment(
    *, draft: ProcedureDraft, address: str, text: str, by: Person | None, now: datetime, signed: str = ""
) -> DraftComment:
    """Say something of an item, or of the whole (an empty address). Raises CannotReview and ItemGone."""
    said = text.strip()
    if not said:
        raise CannotReview(_("Escribe tu comentario."))
    if len(said) > MOST_TEXT:
        raise CannotReview(_("Acorta tu comentario: caben %(most)s letras.") % {"most": MOST_TEXT})
    if by is None and not signed.strip():
        raise CannotReview(_("Escribe tu nombre, para que sepan quién comenta."))
    if draft.comments.count() >= MOST_COMMENTS:
        raise CannotReview(_("Este borrador ya tiene demasiados comentarios. Habla con quien lo escribe."))
    here = tree.parse(address)
    if here and tree.find(draft.content, here) is None:
        raise ItemGone
    what = wording.name_of(draft.content, here)[:300] if here else ""
    name = "" if by else signed.strip()[:100]
    return DraftComment.objects.create(
        draft=draft, address=address[:400], what=what, text=said, by=by, signed=name, at=now
    )


def settle(*, comment: DraftComment, by: Person, now: datetime) -> None:
    """Mark a comment as attended to, or as open again."""
    if comment.settled_at is None:
        comment.settled_at, comment.settled_by = now, by
    else:
        comment.settled_at, comment.settled_by = None, None
    comment.save(update_fields=["settled_at", "settled_by"])


def digest_of(draft: ProcedureDraft) -> str:
    """Names the present content with who fills its roles: what an approval is of."""
    content = contents.settled(draft.content).remembered(_in_order)
    return hashlib.sha256(f"[{content}, {_in_order(draft.bindings)}]".encode()).hexdigest()


def _in_order(data: Data) -> str:
    return json.dumps(data, sort_keys=True, ensure_ascii=False)


def required_approvals(agency: Agency) -> int:
    """How many people must approve before publishing; none unless the agency says so."""
    rule = PublishingRule.objects.filter(agency=agency).first()
    return rule.approvals if rule else 0


@transaction.atomic
def require_approvals(*, agency: Agency, approvals: int, by: Person, now: datetime) -> None:
    """Set how many people must approve. Raises CannotReview."""
    if not 0 <= approvals <= MOST_APPROVALS:
        raise CannotReview(_("Elige entre 0 y %(most)s aprobaciones.") % {"most": MOST_APPROVALS})
    values = {"approvals": approvals, "changed_at": now, "changed_by": by}
    PublishingRule.objects.update_or_create(agency=agency, defaults=values)


def agreement_on(draft: ProcedureDraft) -> Agreement:
    """Who approved what the draft says now. Whoever changed it last may approve, but not alone."""
    digest = digest_of(draft)
    approvals = list(draft.approvals.filter(digest=digest).select_related("by").order_by("at"))
    required = required_approvals(draft.agency)
    return Agreement(required, approvals, _lacking(draft, approvals, required), digest)


def _lacking(draft: ProcedureDraft, approvals: list[DraftApproval], required: int) -> str:
    missing = required - len(approvals)
    if missing > 0:
        text = ngettext("Falta %(n)s aprobación para publicar.", "Faltan %(n)s aprobaciones para publicar.", missing)
        return text % {"n": missing}
    if required and all(approval.by_id == draft.changed_by_id for approval in approvals):
        return _("Falta que apruebe alguien distinto de %(who)s, que hizo el último cambio.") % {
            "who": draft.changed_by.full_name
        }
    return ""


@transaction.atomic
def approve(*, draft: ProcedureDraft, digest: str, by: Person, now: datetime) -> DraftApproval:
    """Agree to publish the content that was read. Raises CannotReview when it is no longer that, and ItemGone."""
    locked = operations.lock_draft(draft=draft, by=by, now=now)
    if digest_of(locked) != digest:
        raise CannotReview(_("El borrador cambió mientras lo revisabas. Mira lo nuevo y aprueba otra vez."))
    return DraftApproval.objects.get_or_create(draft=locked, digest=digest, by=by, defaults={"at": now})[0]


def share(*, draft: ProcedureDraft, by: Person, now: datetime) -> DraftLink:
    """A link at which the draft is read and commented for a while, without an account."""
    secret = secrets.token_urlsafe(24)
    return DraftLink.objects.create(draft=draft, secret=secret, made_by=by, made_at=now, expires_at=now + LINK_FOR)


def open_links(draft: ProcedureDraft, now: datetime) -> QuerySet[DraftLink]:
    """The links that work."""
    return draft.links.filter(closed_at=None, expires_at__gt=now).select_related("made_by").order_by("made_at")


def close_link(*, link: DraftLink, now: datetime) -> None:
    """Make a link stop working."""
    DraftLink.objects.filter(pk=link.pk, closed_at=None).update(closed_at=now)


def shared_draft(secret: str, now: datetime) -> ProcedureDraft | None:
    """The draft behind a link that works."""
    links = DraftLink.objects.filter(secret=secret, closed_at=None, expires_at__gt=now)
    link = links.select_related("draft__agency", "draft__changed_by", "draft__procedure").first()
    return link.draft if link else None
