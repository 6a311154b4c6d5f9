"""What moderators and planners see."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.models import Agency
from participation.models import Anomalies, Merge, Proposal, Review, Subject
from participation.presenting.subject import demand_of
from participation.queries.finding import count_of
from participation.queries.subjects import visible
from participation.rules.roadmap import next_stages


def desk_context() -> dict[str, Any]:
    """Everything that waits for a person's judgement."""
    return {
        "proposals": Proposal.objects.filter(state=Proposal.State.PENDING)
        .select_related("subject")
        .order_by("created_at"),
        "reasons": Proposal.Reason.choices,
        "reviews": Review.objects.select_related("subject", "opened_by").order_by("-opened_at")[:20],
        "merges": Merge.objects.filter(undone_at=None).select_related("source", "into").order_by("-at"),
        "anomalies": Anomalies.objects.order_by("-at")[:10],
        "subjects": visible().filter(closed_at=None).order_by("title"),
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
