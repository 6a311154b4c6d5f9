"""Pages for whoever publishes: which version each open case follows, and taking cases from one to another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Agency
from procedures.api import Change, bundle_of, changes
from procedures.models import Offering
from workflows.models import CaseMove, VersionMove
from workflows.presenting.language import procedure_title
from workflows.versions.standing import Verdict, cases_of, verdicts

SHOWN = 200
"""Rows of a page; the counts are of all."""
State = CaseMove.State


def index_context(agencies: Iterable[Agency]) -> dict[str, Any]:
    """The procedures of these agencies with their versions, how many cases follow each, and where those could go.

    Those of a single version stand apart: nothing of theirs can go anywhere.
    """
    offered = (
        Offering.objects.filter(agency__in=agencies)
        .select_related("agency", "version__procedure")
        .annotate(open_cases=Count("case", filter=Q(case__finished=None)))
        .order_by("version__title", "-version__number")
    )
    procedures: dict[tuple[int, int], list[Offering]] = {}
    for offering in offered:
        procedures.setdefault((offering.agency_id, offering.version.procedure_id), []).append(offering)
    moves = VersionMove.objects.filter(agency__in=agencies).select_related("source__version", "target__version", "by")
    return {
        "procedures": [_procedure(versions) for versions in procedures.values() if len(versions) > 1],
        "single": [versions[0] for versions in procedures.values() if len(versions) == 1],
        "moves": [{"move": move, **progress(move)} for move in moves.order_by("-pk")[:30]],
    }


def _procedure(versions: list[Offering]) -> dict[str, Any]:
    return {
        "title": procedure_title(versions[0].version),
        "agency": versions[0].agency.name,
        "versions": [
            {
                "offering": offering,
                "targets": [
                    {
                        "number": other.version.number,
                        "url": reverse("workflows:version_plan", args=[offering.pk, other.pk]),
                    }
                    for other in versions
                    if other != offering and offering.open_cases  # type: ignore[attr-defined]
                ],
            }
            for offering in versions
        ],
    }


def plan_context(source: Offering, target: Offering) -> dict[str, Any]:
    """What would become of each open case, before anything is done."""
    found = list(verdicts(cases_of(source), source, target))
    going = [verdict for verdict in found if not verdict.problems]
    staying = [verdict for verdict in found if verdict.problems]
    ended = source.case_set.filter(finished__isnull=False).count()
    return {
        "institution": source.agency,
        "source": source,
        "target": target,
        "counts": [
            (_("Pueden pasar"), len(going)),
            (_("No pueden"), len(staying)),
            (_("Terminadas: se quedan"), ended),
        ],
        "going": going[:SHOWN],
        "hidden_going": max(0, len(going) - SHOWN),
        "staying": staying[:SHOWN],
        "hidden_staying": max(0, len(staying) - SHOWN),
        "reasons": _reasons(staying),
        "changes": what_changed(source, target),
    }


def _reasons(staying: list[Verdict]) -> list[tuple[str, int]]:
    counted = Counter(problem for verdict in staying for problem in verdict.problems)
    return counted.most_common(10)


def what_changed(source: Offering, target: Offering) -> list[Change]:
    """The difference of two versions in plain sentences."""
    old, new = bundle_of(source.version), bundle_of(target.version)
    return changes(
        old.model_dump(mode="json", exclude_defaults=True), new.model_dump(mode="json", exclude_defaults=True)
    )


def progress(move: VersionMove) -> dict[str, Any]:
    """How many cases went over, stayed and wait."""
    counted = Counter(dict(move.cases.values_list("state").annotate(Count("pk"))))
    return {"moved": counted[State.MOVED], "refused": counted[State.REFUSED], "pending": counted[State.PENDING]}


def move_context(move: VersionMove) -> dict[str, Any]:
    """What became of each case of an order."""
    rows = move.cases.select_related("case").defer("case__flow_class").order_by("-state", "pk")
    stand = progress(move)
    return {
        "institution": move.agency,
        "move": move,
        "counts": [
            (_("Pasaron"), stand["moved"]),
            (_("Se quedaron"), stand["refused"]),
            (_("Por pasar"), stand["pending"]),
        ],
        **stand,
        "rows": rows[:SHOWN],
        "hidden": max(0, sum(stand.values()) - SHOWN),
        "undone_by": VersionMove.objects.filter(undoes=move).first(),
    }
