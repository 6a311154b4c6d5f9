"""Open data: what anybody may download. Numbers of many people, never a person, a place or an instant of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db.models import Count

from participation.models import Exposure, Subject, TallyLine
from participation.operations.subjects import needed_by
from participation.queries.finding import count_of
from participation.queries.subjects import visible
from participation.rules.tally import MINIMUM_BATCH

SIGN = {"apoyo": 1, "restituido": 1, "retiro": -1, "excluido": -1}


def supports() -> list[dict[str, Any]]:
    """One row for each listed subject: exact counts, what is in the tally, threshold and stage."""
    counted = in_tally()
    return [_row(subject, counted[subject.pk]) for subject in visible().order_by("code")]


def _row(subject: Subject, published: int) -> dict[str, Any]:
    count = getattr(subject, "count", None)
    return {
        "codigo": subject.code,
        "titulo": subject.title,
        "institucion": subject.body_name,
        "alcance": subject.reach,
        "apoyos": count_of(subject),
        "apoyos_propios": count.own if count else 0,
        "en_revision": count.in_review if count else 0,
        "en_el_recuento": published,
        "por_publicar": max(0, (count.own if count else 0) - published),
        "por_tipo": _kinds(count.by_kind if count else {}),
        "umbral": needed_by(subject).supports,
        "etapa": subject.stage,
        "cruzo_el": subject.crossed_at.date().isoformat() if subject.crossed_at else "",
        "unida_a": subject.merged_into.code if subject.merged_into else "",
    }


def _kinds(by_kind: dict[str, int]) -> dict[str, int]:
    """Supports by what they ask, where a kind has enough of them."""
    return {kind: number for kind, number in by_kind.items() if number >= MINIMUM_BATCH}


def in_tally() -> Counter[int]:
    """{subject: supports that the published batches count}."""
    totals: Counter[int] = Counter()
    for subject, what, number in TallyLine.objects.values_list("subject_id", "what").annotate(n=Count("pk")).order_by():
        totals[subject] += SIGN[what] * number
    return totals


def exposure() -> Iterator[tuple[str, str, int]]:
    """(day, subject, times shown), by day."""
    shown: Counter[tuple[str, int]] = Counter()
    for day, ids in Exposure.objects.values_list("day", "subjects").iterator():
        shown.update((day.isoformat(), subject) for subject in ids)
    codes = dict(Subject.objects.values_list("pk", "code"))
    for (on, subject), number in sorted(shown.items()):
        yield on, codes.get(subject, ""), number
