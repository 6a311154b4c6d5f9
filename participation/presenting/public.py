"""What the public lists show."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count as CountOf
from django.utils.translation import gettext as _

from accounts.models import Agency, Person
from legaltime.api import local_date
from participation.models import CountDifference, Door, Proposal, Review, Subject, TallyBatch, TallyPeriod
from participation.operations.figures import VERIFIED
from participation.operations.subjects import needed_by
from participation.presenting.subject import state_of
from participation.queries import answers as reads
from participation.queries.finding import count_of
from participation.queries.powers import ZONE, may_moderate, may_plan_anywhere
from participation.queries.progress import folded
from participation.queries.promises import committing_agencies
from participation.queries.subjects import Wanted
from participation.rules import tally, thresholds


def list_context(page: Any, wanted: Wanted, now: datetime) -> dict[str, Any]:
    """A page of subjects; how many support each is one click away, never the order by itself."""
    query = {"q": wanted.query, "institucion": wanted.agency, "estado": wanted.stage, "orden": wanted.order}
    kept = {name: value for name, value in query.items() if value}
    return {
        "page": page,
        "rows": _rows(list(page), now),
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
    return {
        "may_moderate": may_moderate(person, now),
        "may_plan": may_plan_anywhere(person, now),
        "may_commit": committing_agencies(person, now).exists(),
    }


def answers_context(now: datetime) -> dict[str, Any]:
    """Owed, given, and silence."""
    today = local_date(now, ZONE)
    owed = [{"row": answer, "late": reads.is_late(answer, today)} for answer in reads.owed()]
    return {"owed": owed, "given": list(reads.given()[:100]), "silent": list(reads.unanswerable()[:100])}


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
        "rows": [
            (names[reach], rule.floor, rule.ceiling, places[rule.places] % {"n": rule.spread})
            for reach, rule in thresholds.RULES.items()
        ],
    }


def rejections() -> list[tuple[str, int]]:
    """Each public reason why a proposal is not published, and how many were not."""
    rows = Proposal.objects.filter(state=Proposal.State.REJECTED).values_list("reason")
    counted = Counter(dict(rows.annotate(n=CountOf("pk")).order_by("reason")))
    return [(str(label), counted[code]) for code, label in Proposal.Reason.choices]


def tally_context() -> dict[str, Any]:
    """Batches, periods, public lines of care, and counts by provider and door."""
    verified = folded(VERIFIED)
    return {
        "batches": TallyBatch.objects.select_related("period").defer("body").order_by("-number")[:50],
        "periods": TallyPeriod.objects.order_by("-number"),
        "minimum": tally.MINIMUM_BATCH,
        "verified": [
            (_("Quién verificó la identidad"), verified.get("provider", {}).items()),
            (_("Por qué puerta"), [(Door(one).label.capitalize(), n) for one, n in verified.get("door", {}).items()]),
        ],
        "reviews": Review.objects.select_related("subject").order_by("-opened_at")[:50],
        "differences": CountDifference.objects.select_related("subject").order_by("-at")[:50],
    }
