"""What the public lists show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count as CountOf
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.api import capabilities_of
from accounts.models import Agency, AgencyCapability, Person
from legaltime.api import local_date
from participation.models import CountDifference, Door, Proposal, Review, Subject, TallyBatch, TallyPeriod
from participation.models.supports import verifier_label
from participation.operations.caring import UNDECIDED
from participation.operations.figures import VERIFIED
from participation.operations.subjects import needed_by
from participation.presenting.subject import few_or, grouped, state_of
from participation.queries import answers as reads
from participation.queries.finding import count_of
from participation.queries.judging import refused_addenda
from participation.queries.powers import ZONE
from participation.queries.progress import folded
from participation.queries.subjects import Wanted, read
from participation.rules import tally, thresholds
from participation.rules.demand import MINIMUM
from participation.rules.few import rounded, together


def list_context(page: Any, wanted: Wanted, now: datetime) -> dict[str, Any]:
    """A page of ids of subjects; how many support each is one click away, never the order by itself."""
    query = {"q": wanted.query, "institucion": wanted.agency, "estado": wanted.stage, "orden": wanted.order}
    kept = {name: value for name, value in query.items() if value}
    return {
        "page": page,
        "rows": _rows(read(page), now),
        "wanted": wanted,
        "agencies": Agency.objects.filter(pk__in=Subject.objects.values("agency_id")).order_by("name"),
        "query": urlencode(kept) + "&" if kept else "",
        "stages": [
            ("", _("Abiertas")),
            ("respuesta", _("Con respuesta pedida o dada")),
            ("en-linea", _("Ya en línea")),
            ("todas", _("Todas")),
        ],
        "orders": [("azar", _("Al azar")), ("apoyos", _("Más apoyos")), ("recientes", _("Más nuevas"))],
    }


def _rows(subjects: list[Subject], now: datetime) -> list[dict[str, Any]]:
    answers = reads.answers_of_all(subjects)
    return [
        {
            "subject": subject,
            "total": count_of(subject),
            "needed": needed_by(subject).supports,
            "state": state_of(subject, answers[subject.pk], now),
        }
        for subject in subjects
    ]


def staff_context(person: Person | None, now: datetime) -> dict[str, bool]:
    """Which pages of moderators and planners the visitor may open."""
    held = capabilities_of(person, local_date(now, ZONE)) if person is not None else set()
    return {
        "may_moderate": AgencyCapability.MODERATE in held,
        "may_plan": AgencyCapability.DESIGN in held,
        "may_commit": AgencyCapability.PUBLISH in held,
    }


def answers_context(now: datetime) -> dict[str, Any]:
    """Owed, given, and silence."""
    today = local_date(now, ZONE)
    owed = [{"row": answer, "late": reads.is_late(answer, today)} for answer in reads.owed()]
    given = [{"row": answer, "broken": reads.is_broken(answer, today)} for answer in reads.given()[:100]]
    return {"owed": owed, "given": given, "silent": list(reads.unanswerable()[:100])}


def rules_context() -> dict[str, Any]:
    """The rulebook as data."""
    names = {"commune": _("Comunal"), "region": _("Regional"), "country": _("Nacional")}
    places = {"": _("no se pide"), "commune": _("de %(n)s comunas"), "region": _("de %(n)s regiones")}
    return {
        "version": thresholds.VERSION,
        "slots": thresholds.SLOTS,
        "share": thresholds.USERS_SHARE,
        "contest": thresholds.CONTEST_SHARE,
        "reasons": rejections(),
        "least": MINIMUM,
        "most_few": MINIMUM - 1,
        "undecided": UNDECIDED.days,
        "rows": [
            (names[reach], rule.floor, rule.ceiling, places[rule.places] % {"n": rule.spread})
            for reach, rule in thresholds.RULES.items()
        ],
    }


def rejections() -> list[tuple[str, int, int]]:
    """Each public reason why a text is not published: how many proposals were not for it, and how many addenda."""
    rows = Proposal.objects.filter(state=Proposal.State.REJECTED).values_list("reason")
    counted, added = Counter(dict(rows.annotate(n=CountOf("pk")).order_by("reason"))), refused_addenda()
    return [(str(label), counted[code], added[code]) for code, label in Proposal.Reason.choices]


def _told(counted: Mapping[str, int], label: Callable[[str], str]) -> list[tuple[str, str]]:
    """Groups of all supports with their names in words; those of a few together, so that no sum tells of one."""
    shown, rest = together(list(counted.items()))
    told = [(capfirst(label(name)), grouped(number)) for name, number in shown]
    if not rest:
        return told
    names = ", ".join(label(name) for name in counted if name not in dict(shown))
    together_words = _("%(names)s, en un solo grupo porque alguno es de menos de cinco") % {"names": names}
    return [*told, (capfirst(together_words), few_or(rest))]


def _reviewed(review: Review) -> dict[str, Any]:
    """A review and its size: of several requests about that, since their pages say how many of each, if not few."""
    size = grouped(review.size)
    return {"row": review, "size": size if review.subject_id else _("cerca de %(n)s") % {"n": rounded(review.size)}}


def tally_context() -> dict[str, Any]:
    """Batches, periods, public lines of care, and counts by provider and door."""
    verified = folded(VERIFIED)
    return {
        "batches": TallyBatch.objects.select_related("period").defer("body").order_by("-number")[:50],
        "periods": TallyPeriod.objects.order_by("-number"),
        "minimum": tally.MINIMUM_BATCH,
        "verified": [
            (_("Quién verificó la identidad"), _told(verified.get("provider", {}), verifier_label)),
            (_("Por qué puerta"), _told(verified.get("door", {}), lambda door: str(Door(door).label))),
        ],
        "reviews": [_reviewed(one) for one in Review.objects.select_related("subject").order_by("-opened_at")[:50]],
        "differences": CountDifference.objects.select_related("subject").order_by("-at")[:50],
    }
