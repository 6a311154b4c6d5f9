"""The subject of a ficha, made when first needed, and the rules it keeps from its first support on."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from participation.models import Commitment, Subject
from participation.rules import thresholds
from participation.rules.roadmap import CLOSING
from procedures.api import stems


@transaction.atomic
def stored(*, subject: Subject, now: datetime) -> Subject:
    """The subject as a row: the one of a ficha is stored with its first support."""
    if subject.pk is not None:
        return subject
    names = ("code", "agency", "body_name", "title", "summary", "reach", "users_a_year")
    values = {name: getattr(subject, name) for name in names}
    values["stems"] = stems_of(subject.title, subject.body_name, subject.summary)
    return Subject.objects.get_or_create(entry=subject.entry, defaults={**values, "opened_at": now})[0]


def stems_of(*texts: str) -> str:
    """The stems of the words of these texts, each once and between blanks, as searches look for them."""
    return f" {' '.join(sorted(set(stems(' '.join(texts)))))} "


@transaction.atomic
def freeze_rules(*, subject: Subject) -> None:
    """Write the threshold on the subject, once: what holds at the first support holds until the answer."""
    needed = needed_by(subject)
    Subject.objects.filter(pk=subject.pk, threshold=None).update(
        threshold=needed.supports, spread=needed.spread, rules_version=thresholds.VERSION
    )


@transaction.atomic
def close(*, subject: Subject, now: datetime) -> None:
    """Settle it with those merged into it: whoever supports any of them gets the support back."""
    settled = Subject.objects.filter(Q(pk=subject.pk) | Q(merged_into=subject.pk), closed_at=None)
    settled.update(closed_at=now)


@transaction.atomic
def reopen(*, subject: Subject) -> None:
    """It is asked again, with those merged into it that were not settled by themselves."""
    carried = Q(merged_into=subject.pk) & ~Q(stage__in=CLOSING)
    Subject.objects.filter(Q(pk=subject.pk) | carried).update(closed_at=None)


def needed_by(subject: Subject) -> thresholds.Threshold:
    """The subject's threshold: the frozen one, else that of today's rules."""
    if subject.threshold is not None:
        return thresholds.Threshold(subject.threshold, subject.spread or 0)
    adhered = commitment_of(subject)
    return thresholds.threshold(subject.reach, subject.users_a_year, adhered.floor if adhered else None)


def commitment_of(subject: Subject) -> Commitment | None:
    """The open commitment of the agency that must answer, or None."""
    if subject.agency_id is None:
        return None
    open_ones = Commitment.objects.filter(agency_id=subject.agency_id, ended_on=None)
    return open_ones.select_related("offering__version").first()
