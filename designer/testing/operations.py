"""Writes: tests kept, brought from a file, accepted as they come out now, and removed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Agency, Person
from designer.errors import NotKept
from designer.models import ProcedureDraft, SavedTest
from designer.testing import rules
from designer.testing.queries import content_mark, is_fresh, saved_tests
from designer.testing.running import ask, plain
from designer.tree import Data
from workflows.api import ACTIONS, BadScenario, Scenario, read_scenarios

MOST_TESTS = 50


@transaction.atomic
def keep_test(
    *, draft: ProcedureDraft, story: Scenario, title: str, report: dict[str, Any], by: Person, now: datetime
) -> SavedTest:
    """Keep a story that was just played on the draft: what came of it is expected from now on. Raises NotKept."""
    title = title.strip()[:200]
    if not title:
        raise NotKept(_("Escribe un nombre para el caso de prueba: di qué pasa en él."))
    tests = saved_tests(draft)
    if tests.filter(title=title).exists():
        raise NotKept(_("Ya hay un caso de prueba «%(title)s». Elige otro nombre.") % {"title": title})
    if tests.count() >= MOST_TESTS:
        raise NotKept(_("Este trámite ya tiene %(count)s casos de prueba. Quita uno antes.") % {"count": MOST_TESTS})
    told = rules.with_expectations({**story.as_data(), "title": title}, report["moments"])
    return SavedTest.objects.create(
        agency=draft.agency, code=draft.code, title=title, story=told, report=report, ran_at=now,
        ran_on=content_mark(draft.content, told), created_at=now, created_by=by, changed_at=now, changed_by=by,
    )  # fmt: skip


@transaction.atomic
def accept_outcome(*, test: SavedTest, draft: ProcedureDraft, by: Person, now: datetime) -> SavedTest:
    """Expect from now on what came of the test on the draft as it is. Raises NotKept when it was not played so."""
    kept = saved_tests(draft).select_for_update().get(pk=test.pk)
    moments = kept.report.get("moments") or []
    if not is_fresh(kept, draft):
        raise NotKept(_("El trámite cambió después de correr esta prueba. Córrela otra vez y mira el resultado."))
    if not rules.was_played(kept.story, moments):
        raise NotKept(_("La prueba no llegó al final: no hay un resultado que aceptar. Grábala de nuevo o quítala."))
    kept.story = rules.with_expectations(kept.story, moments)
    calm = [{**moment, "faults": []} for moment in _moments_of(kept.story, moments)]
    kept.report = {**kept.report, "moments": calm, "holds": True}
    kept.ran_on = content_mark(draft.content, kept.story)
    kept.changed_at, kept.changed_by = now, by
    kept.save(update_fields=["story", "report", "ran_on", "changed_at", "changed_by"])
    return kept


def remove_test(*, test: SavedTest, draft: ProcedureDraft, by: Person, now: datetime) -> None:
    """Forget a test. `by` and `now` are those of the request; nothing else remembers it."""
    saved_tests(draft).filter(pk=test.pk).delete()


@transaction.atomic
def bring_tests(*, agency: Agency, code: str, scenarios: list[Scenario], by: Person | None, now: datetime) -> int:
    """Keep the tests of a file, those of the same name in place of the present ones; how many are new or other."""
    changed = 0
    for scenario in scenarios:
        told = plain(scenario.as_data())
        present = SavedTest.objects.filter(agency=agency, code=code, title=scenario.title[:200]).first()
        if present is not None and present.story == told:
            continue
        changed += 1
        SavedTest.objects.update_or_create(
            agency=agency, code=code, title=scenario.title[:200],
            defaults={"story": told, "changed_at": now, "changed_by": by},
            create_defaults={"story": told, "created_at": now, "created_by": by, "changed_at": now, "changed_by": by},
        )  # fmt: skip
    for draft in ProcedureDraft.objects.filter(agency=agency, code=code) if changed else ():
        ask(draft=draft, now=now, at_once=True)
    return changed


def read_tests(text: str) -> list[Scenario]:
    """The stories of a file. Raises NotKept with the line and what to write."""
    try:
        return read_scenarios(text, ACTIONS)
    except BadScenario as error:
        raise NotKept(str(error)) from error


def _moments_of(story: Data, moments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The moments of the entries that stay: one that only expected something is gone."""
    return moments[: len(story["story"])]
