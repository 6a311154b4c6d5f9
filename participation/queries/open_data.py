"""Open data: what anybody may download. Numbers of many people, never a person, a place or an instant of one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from participation.models import ExposureCount, Subject, TallyTotal
from participation.operations.subjects import needed_by
from participation.queries.finding import count_of
from participation.queries.subjects import visible
from participation.rules.demand import MINIMUM
from participation.rules.few import together
from participation.rules.tally import MINIMUM_BATCH, OTHERS


def supports() -> list[dict[str, Any]]:
    """One row for each listed subject: exact counts, what is in the tally, threshold and stage."""
    counted = dict(TallyTotal.objects.values_list("subject_id", "total"))
    rows = visible().select_related("merged_into").order_by("code")
    return [_row(subject, counted.get(subject.pk, 0)) for subject in rows]


def _row(subject: Subject, published: int) -> dict[str, Any]:
    count = getattr(subject, "count", None)
    return {
        "codigo": subject.code,
        "titulo": subject.title,
        "institucion": subject.body_name,
        "alcance": subject.reach,
        "apoyos": count_of(subject),
        "apoyos_propios": count.own if count else 0,
        "en_revision": _few_or(count.in_review) if count else 0,
        "en_el_recuento": published,
        "por_publicar": max(0, (count.own if count else 0) - published),
        "por_tipo": _kinds(count.by_kind if count else {}),
        "umbral": needed_by(subject).supports,
        "etapa": subject.stage,
        "cruzo_el": subject.crossed_at.date().isoformat() if subject.crossed_at else "",
        "unida_a": subject.merged_into.code if subject.merged_into else "",
    }


def _kinds(by_kind: dict[str, int]) -> dict[str, int]:
    """Supports by what they ask, where a kind has enough of them and so have the others together."""
    shown, rest = together(list(by_kind.items()), MINIMUM_BATCH)
    return {**dict(shown), **({OTHERS: rest} if rest else {})}


def _few_or(number: int) -> int | str:
    """Of fewer than five nothing but that is told."""
    return "1-4" if 0 < number < MINIMUM else number


def exposure() -> Iterator[tuple[str, str, int, int]]:
    """(day, subject, times shown in lists, times its page was shown), by day. Days that are over."""
    rows = ExposureCount.objects.order_by("day", "subject__code")
    for day, code, lists, pages in rows.values_list("day", "subject__code", "lists", "pages").iterator():
        yield day.isoformat(), code, lists, pages
