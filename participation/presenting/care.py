"""What moderators and planners see."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy

from accounts.models import Agency, Person
from participation.models import Addendum, Anomalies, Merge, Proposal, Review, Subject
from participation.operations.caring import preview_merge
from participation.presenting.subject import demand_of
from participation.queries.finding import count_of
from participation.queries.judging import pending_addenda, pending_proposals
from participation.queries.passing import without_receiver
from participation.queries.powers import ZONE
from participation.queries.subjects import visible
from participation.rules.demand import MINIMUM
from participation.rules.few import at_least_few
from participation.rules.roadmap import next_stages

if TYPE_CHECKING:
    from participation.forms import ReviewForm


def desk_context(form: ReviewForm, moderator: Person) -> dict[str, Any]:
    """Everything that waits for a person's judgement; `form` is the one that sets supports aside."""
    return {
        "moderator": moderator,
        "form": form,
        "texts": [
            *(_text(proposal, moderator) for proposal in pending_proposals()),
            *(_text(addendum, moderator) for addendum in pending_addenda()),
        ],
        "reasons": Proposal.Reason.choices,
        "reviews": Review.objects.select_related("subject", "opened_by", "decided_by").order_by("-opened_at")[:20],
        "merges": Merge.objects.filter(undone_at=None).select_related("source", "into").order_by("-at"),
        "anomalies": [_report(report) for report in Anomalies.objects.order_by("-at")[:10]],
        "stray": without_receiver()[:20],
        "agencies": Agency.objects.order_by("name"),
    }


def _text(text: Proposal | Addendum, moderator: Person) -> dict[str, Any]:
    """A text that waits, with the refusals of it that wait for another person."""
    subject = text.subject
    is_addendum = isinstance(text, Addendum)
    return {
        "row": text,
        "subject": subject,
        "is_addendum": is_addendum,
        "said": text.text if isinstance(text, Addendum) else subject.summary,
        "at": text.at if isinstance(text, Addendum) else text.created_at,
        "ident": f"{'aclaracion' if is_addendum else 'propuesta'}-{text.pk}",
        "is_own": subject.proposal.author_id == moderator.pk,
        "refusals": [one for one in text.judgements.all() if one.text_digest == text.text_digest],
    }


def merge_context(source: Subject, into: Subject) -> dict[str, Any]:
    """What a merge would count: how many support each is public; of a few who support both, only that they are few."""
    seen = preview_merge(source, into)
    return {
        "source": source,
        "into": into,
        "preview": seen,
        "few": seen.both < MINIMUM,
        "counted": seen.into + max(0, seen.source - at_least_few(seen.both)),
    }


UNUSUAL = {
    "burst": gettext_lazy("muchos más apoyos que lo habitual en una hora"),
    "exodus": gettext_lazy("más retiros que apoyos"),
    "by_hand": gettext_lazy("muchos más apoyos registrados por una persona que lo habitual en un mesón"),
    "one_request": gettext_lazy("casi todos de la misma petición"),
}
"""What the hourly look says, in words."""


def _report(report: Anomalies) -> dict[str, Any]:
    """One hourly report: its rows with the reasons in words."""
    codes = [row["subject"] for row in report.found if "subject" in row]
    titles = dict(Subject.objects.filter(code__in=codes).values_list("code", "title"))
    people = Person.objects.in_bulk([row["official"] for row in report.found if "official" in row])
    rows = [
        {
            "title": titles.get(row["subject"], row["subject"]) if "subject" in row else people.get(row["official"]),
            "is_official": "official" in row,
            "supports": row["supports"],
            "withdrawn": row.get("withdrawn", 0),
            "reasons": [str(UNUSUAL.get(reason, reason)) for reason in row["reasons"]],
        }
        for row in report.found
    ]
    return {"row": report, "rows": rows, "is_reviewed": report.reviews.exists()}


def reported(report: str, place: str) -> dict[str, Any]:
    """What the form begins with when a row of a report is to be reviewed: its hour and its subject; else nothing."""
    found = Anomalies.objects.filter(pk=report).first() if report.isdecimal() else None
    if found is None or not place.isdecimal() or int(place) >= len(found.found):
        return {}
    row, last = found.found[int(place)], found.at.astimezone(ZoneInfo(ZONE))
    reasons = ", ".join(str(UNUSUAL.get(reason, reason)) for reason in row["reasons"])
    return {
        "peticion": row.get("subject", ""),
        "funcionario": row.get("official", ""),
        "desde": (last - timedelta(hours=1)).replace(minute=0, second=0, microsecond=0),
        "hasta": (last + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0),
        "motivo": reasons.capitalize(),
        "informe": found.pk,
    }


def priorities_context(agencies: Iterable[Agency]) -> dict[str, Any]:
    """Open subjects of these agencies: those that most people and most hours stand behind first."""
    rows = [_priority(subject) for subject in prioritised(agencies)]
    return {"rows": rows, "agencies": list(agencies)}


def prioritised(agencies: Iterable[Agency]) -> list[Subject]:
    """Open subjects by supports; a tie goes to the older one."""
    found = visible().filter(agency__in=list(agencies), closed_at=None, merged_into=None)
    return sorted(found, key=lambda subject: (-count_of(subject), subject.pk))


def _priority(subject: Subject) -> dict[str, Any]:
    demand = demand_of(subject)
    return {
        "subject": subject,
        "total": count_of(subject),
        "hours": demand.get("hours"),
        "papers": demand["papers"],
        "stages": next_stages(subject.stage),
    }
