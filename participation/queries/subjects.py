"""Reads of subjects: lists in fair order, one subject, a person's own supports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Case, CharField, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import MD5, Cast, Coalesce, Concat

from accounts.models import Person
from participation.models import Kind, Merge, Stage, Subject, Support
from procedures.api import stems
from procedures.models import CatalogueEntry, Online

ON_PAPER = (Kind.DIGITISE, Kind.SIMPLIFY, Kind.REMOVE, Kind.ALREADY_HELD)
ONLINE = (Kind.IMPROVE, Kind.SIMPLIFY, Kind.REMOVE, Kind.ALREADY_HELD)
PAGE_SIZE = 12
MOST_WORDS = 8
"""Of a search; the others are not looked for."""
ORDERS = ("azar", "apoyos", "recientes")


def is_digital(entry: CatalogueEntry | None) -> bool:
    """Whether the procedure can already be done online, here or elsewhere."""
    return entry is not None and entry.online in (Online.HERE, Online.ELSEWHERE)


def frozen(subject: str = "pk") -> Q:
    """The condition of a text that its author changes no more: somebody supports it, or it was merged with another.

    A merged one is named on the other's page, and the other's supporters may count for it. `subject`: the way to it.
    """
    supports = Support.objects.filter(subject=OuterRef(subject))
    merges = Merge.objects.filter(Q(source=OuterRef(subject)) | Q(into=OuterRef(subject)))
    return Q(Exists(supports)) | Q(Exists(merges))


def is_frozen(subject: Subject) -> bool:
    """Whether its author changes its text no more."""
    return Subject.objects.filter(frozen(), pk=subject.pk).exists()


def may_be_used(subject: Subject) -> bool:
    """Whether there is a place where what was asked for can be used: published here, or so says its ficha."""
    return subject.offering_id is not None or bool(subject.live_path) or is_digital(subject.entry)


def kinds_offered(subject: Subject) -> tuple[Kind, ...]:
    """What may be asked of a subject: of a digital procedure that it works better, of others that it be digital."""
    return ONLINE if is_digital(subject.entry) else ON_PAPER


@dataclass(frozen=True)
class Wanted:
    """What a list is limited to, and its order."""

    query: str = ""
    agency: str = ""
    stage: str = ""
    """ "abiertas" (the default), "respuesta" (answer owed or given), "en-linea", "todas"."""
    order: str = "azar"
    seed: str = ""
    """Of the visitor, so that pages follow each other."""


STAGES = {
    "abiertas": Q(closed_at=None),
    "respuesta": Q(crossed_at__isnull=False),
    "en-linea": Q(stage__in=[Stage.LIVE, Stage.MEASURED]),
    "todas": Q(),
}


def ordered_ids(wanted: Wanted) -> QuerySet[Subject, int]:
    """The ids of listed subjects in order, merged ones left to the one that carries them.

    Ids alone: thousands of whole rows with what belongs to them are costly to put in order. `read` reads a page's.
    """
    rows = Subject.objects.filter(STAGES.get(wanted.stage or "abiertas", Q()), listed=True, merged_into=None)
    if wanted.agency:
        rows = rows.filter(agency__code=wanted.agency)
    return _ordered(_saying(rows, wanted.query), wanted).values_list("pk", flat=True)


def read(ids: Iterable[int]) -> list[Subject]:
    """The subjects of a page of `ordered_ids`, in its order, with count and institution."""
    wanted = list(ids)
    found = visible().in_bulk(wanted)
    return [found[pk] for pk in wanted if pk in found]


def _saying(rows: QuerySet[Subject], query: str) -> QuerySet[Subject]:
    """Those with a word that begins like each one asked for; none for words that say nothing."""
    asked = [*dict.fromkeys(stems(query))][:MOST_WORDS]
    if query and not asked:
        return rows.none()
    for one in asked:
        rows = rows.filter(stems__contains=f" {one}")
    return rows


def visible() -> QuerySet[Subject]:
    """What the public may see, with its count and institution."""
    return Subject.objects.filter(listed=True).select_related("count", "agency", "entry__institution__agency")


def _ordered(rows: QuerySet[Subject], wanted: Wanted) -> QuerySet[Subject]:
    """By chance for each visitor unless asked otherwise: nobody wins for having come first."""
    if wanted.order == "apoyos":
        return rows.order_by(Coalesce(F("count__total"), 0).desc(), "pk")
    if wanted.order == "recientes":
        return rows.order_by("-opened_at", "pk")
    shuffled = MD5(Concat(Value(wanted.seed), Cast("pk", CharField())))
    return rows.annotate(place=shuffled).order_by("place", "pk")


def support_of(person: Person | None, subject: Subject) -> Support | None:
    """The person's own support of a subject, or None."""
    if person is None:
        return None
    return Support.objects.filter(person=person, subject=subject, withdrawn_at=None).first()


def supports_held(person: Person) -> list[Support]:
    """The person's supports that stand, the open ones first."""
    held = Support.objects.filter(person=person, withdrawn_at=None).select_related("subject__count", "subject__agency")
    return sorted(held, key=lambda one: (one.subject.closed_at is not None, -one.pk))


def slots_used(held: Sequence[Support]) -> int:
    """How many of the person's supports are in use: closed subjects give theirs back, merged ones count once."""
    return len({one.subject.merged_into_id or one.subject_id for one in held if one.subject.closed_at is None})


def similar_proposals(query: str, limit: int = 5) -> list[Subject]:
    """Listed proposals in words nearest to a text; accents, plurals and endings do not matter."""
    wanted = [*dict.fromkeys(stems(query))][:MOST_WORDS]
    if not wanted:
        return []
    says_one = reduce(or_, (Q(stems__contains=f" {one} ") for one in wanted))
    shared = sum((_says(one) for one in wanted), start=Value(0))
    nearest = Subject.objects.filter(says_one, listed=True, entry=None).order_by(shared.desc(), "pk")
    return read(nearest.values_list("pk", flat=True)[:limit])


def _says(stem: str) -> Case:
    """1 where the subject has this stem, else 0."""
    return Case(When(stems__contains=f" {stem} ", then=1), default=0, output_field=IntegerField())
