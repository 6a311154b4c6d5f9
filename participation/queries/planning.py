"""What people wish of an agency, for the rooms above that design procedures: a stable, small view."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Agency
from participation.models import Subject
from participation.presenting.care import prioritised
from participation.presenting.subject import demand_of
from participation.queries.finding import count_of


@dataclass(frozen=True)
class Wish:
    """One request with what a draft can begin from."""

    code: str
    title: str
    summary: str
    people: int
    """Distinct supporters."""
    by_kind: dict[str, int]
    requirements: tuple[str, ...]
    """What the ficha asks for today."""
    papers: tuple[str, ...]
    """What supporters had to bring and the State does not hold already, the most frequent first."""
    path: str
    """Address of its page within this site."""
    draft_path: str
    """Address of the draft already begun from it, or empty."""


def wishes_for(agency: Agency, limit: int = 100) -> list[Wish]:
    """The open requests of an agency, those with most supporters first."""
    return [wish_of(subject) for subject in prioritised([agency])[:limit]]


def wish_at(agency: Agency, code: str) -> tuple[Wish, Subject] | None:
    """One open request of an agency with its subject, or None."""
    found = next((subject for subject in prioritised([agency]) if subject.code == code), None)
    return (wish_of(found), found) if found else None


def wish_about(agency: Agency, procedure_code: str) -> Wish | None:
    """What people ask of a procedure that the agency publishes here, or None when nobody asked anything."""
    mine = {"entry__procedure__owner": agency, "entry__procedure__code": procedure_code}
    subject = Subject.objects.select_related("entry", "count").filter(**mine).first()
    found = wish_of(subject) if subject is not None else None
    return found if found is not None and found.people else None


def wish_of(subject: Subject) -> Wish:
    """The view of a subject."""
    count = getattr(subject, "count", None)
    return Wish(
        code=subject.code,
        title=subject.title,
        summary=subject.summary,
        people=count_of(subject),
        by_kind=dict(count.by_kind) if count else {},
        requirements=tuple(subject.entry.requirements) if subject.entry else (),
        papers=tuple(paper for paper, _number, held in demand_of(subject)["papers"] if not held),
        path=f"/participa/t/{subject.code}/",
        draft_path=subject.draft_path,
    )
