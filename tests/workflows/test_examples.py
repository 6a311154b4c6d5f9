"""The examples as a whole: every story holds, every end follows its act, no id is special, the whole schema is used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest

from procedures.api import (
    STEP_KINDS,
    Bundle,
    EndStep,
    Law,
    LookupStep,
    ParallelStep,
    RegisterStep,
    ServiceStep,
    WaitStep,
    check,
    check_data,
    read_yaml,
)
from workflows.rehearsal.operations import rehearse
from workflows.rehearsal.play import ACTIONS
from workflows.rehearsal.report import Report
from workflows.rehearsal.scenario import Scenario, scenario_of
from workflows.sample import EXAMPLES, sample_offerings

FEWEST = 8
"""How many real procedures the examples are at least."""


@cache
def raw(path: Path) -> Any:
    return read_yaml(path.read_text(encoding="utf-8")).data


def files() -> list[Path]:
    return [path for path in sorted(EXAMPLES.glob("*.yaml")) if "schema_version" in raw(path)]


@cache
def bundles() -> dict[str, Bundle]:
    found = [check(path.read_text(encoding="utf-8")).bundle for path in files()]
    return {bundle.code: bundle for bundle in found if bundle is not None}


def stories(code: str) -> list[Any]:
    folder = EXAMPLES / "scenarios"
    told = [raw(path) for path in sorted([*folder.glob(f"{code}.yaml"), *folder.glob(f"{code}-*.yaml")])]
    return [one for data in told for one in data.get("scenarios", [data])]


def played(every: dict[str, Bundle], told: Iterator[tuple[str, Scenario]]) -> list[Report]:
    reports = [rehearse(bundle=every[code], scenario=scenario, beside=every) for code, scenario in told]
    faults = [f"{one.title}: {fault}" for one in reports for moment in one.moments for fault in moment.faults]
    assert faults == []
    return reports


def own_ends(bundle: Bundle) -> set[str]:
    return {step.id for step in bundle.all_steps() if isinstance(step, EndStep)}


def test_there_are_eight_and_all_can_be_published_and_are_offered() -> None:
    assert len(files()) == len(bundles()) >= FEWEST
    assert {path.name for path in files()} == {sample.file for sample in sample_offerings()}
    errors = [
        f"{path.name}: {finding.message}"
        for path in files()
        for finding in check(path.read_text(encoding="utf-8")).findings
        if finding.severity == "error"
    ]
    assert errors == []


@pytest.mark.django_db
def test_every_story_holds_and_every_end_of_every_example_follows_a_signed_or_sealed_act() -> None:
    """R16: no case ends without an express act."""
    told = ((code, scenario_of(one, ACTIONS)) for code in bundles() for one in stories(code))
    ends = {end: acts for report in played(bundles(), told) for end, acts in report.ends.items()}
    assert set().union(*map(own_ends, bundles().values())) - ends.keys() == set(), "no story goes there"
    assert [end for end, acts in ends.items() if not acts] == []


# No id is special


AS_WRITTEN = {
    *("kind", "type", "op", "unit", "level", "join", "outcome", "leftover", "on_failure", "effect", "channels"),
    *("life_event", "art30", "book", "autocomplete", "prefill", "target", "code", "version", "connector", "fact"),
    *("procedure", "agency", "accept", "if_alone", "reuse", "who", "file", "title", "starts", "ends", "mail"),
    *("notices", "acts", "medium"),
}
"""Keys whose value is a word of the schema or of the story, not an id of the procedure."""
NAMED_BY_ID = {"values", "results", "declared", "inputs", "answers", "then", "observe", "due", "correct"}
"""Keys below which each key is an id."""
BROUGHT = {"found", "ok", "happened", "on", "outcome", "rows", "count", "summary", "verified"}
WORD = re.compile(r"[a-z][a-z0-9_]*")
PATH = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")


@cache
def ids() -> frozenset[str]:
    """Every id of every example. The names of the values of a fact are what procedures agreed on, and stay."""
    facts = {
        name
        for bundle in bundles().values()
        for step in bundle.all_steps()
        if isinstance(step, RegisterStep | LookupStep)
        for name in step.values
    }
    return frozenset(_ids([raw(path) for path in files()])) - BROUGHT - facts


def _ids(value: Any) -> Iterator[str]:
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _ids(item)
    if isinstance(value, dict):
        yield from (str(value["id"]) for key in ("id",) if key in value)
        yield from (name for key in NAMED_BY_ID & value.keys() if isinstance(value[key], dict) for name in value[key])


def renamed(value: Any, key: str = "", inside: str = "") -> Any:
    """The same procedure or story, with another id in the place of each."""
    if isinstance(value, list):
        return [renamed(item, key, inside) for item in value]
    if isinstance(value, dict):
        below = key if key in ("blocks", "answers", "correct") else inside
        named = key in NAMED_BY_ID or below in ("answers", "correct")
        return {_id(name) if named else name: renamed(item, name, below) for name, item in value.items()}
    if not isinstance(value, str) or key in AS_WRITTEN or (key == "role" and inside == "blocks"):
        return value
    if key in ("cel", "formula", "trigger") or PATH.fullmatch(value):
        return WORD.sub(lambda found: _id(found[0]), value)
    return re.sub(r"\{[^}]*\}", lambda hole: WORD.sub(lambda found: _id(found[0]), hole[0]), value)


def _id(name: str) -> str:
    return f"z_{name}" if name in ids() else name


@pytest.mark.django_db
def test_with_every_id_renamed_every_story_still_holds() -> None:
    """No id means anything to the engine."""
    every = {}
    for path in files():
        result = check_data(renamed({key: part for key, part in raw(path).items() if key != "translations"}))
        assert result.bundle is not None
        assert [finding.message for finding in result.findings if finding.severity == "error"] == []
        every[result.bundle.code] = result.bundle
    assert not {step.id for one in every.values() for step in one.all_steps()} & ids()
    played(every, ((code, scenario_of(renamed(one), ACTIONS)) for code in every for one in stories(code)))


# Together they use the whole schema


def used() -> set[str]:
    """What the examples use, as `kind of thing: which`."""
    found: set[str] = set()
    for bundle in bundles().values():
        for step in bundle.all_steps():
            found.add(f"step: {step.kind}")
            found |= {f"who: {key}" for key in ("same_as", "not_same_as", "if_alone") if getattr(step, key, None)}
            found |= set(_of_step(step))
        if bundle.law is not None:
            found |= {f"law: {name}" for name in Law.model_fields if getattr(bundle.law, name)}
            found |= {f"formality: {one.kind}" for one in bundle.law.formalities}
        found |= {f"channel: {channel}" for channel in bundle.ficha.channels}
        found.add(f"silence: {bundle.ficha.silence.effect}")
    return found


def _of_step(step: Any) -> Iterator[str]:
    if isinstance(step, ParallelStep):
        yield from (f"join: {step.join}", f"leftover: {step.leftover}")
    if isinstance(step, ServiceStep):
        yield f"service: {step.on_failure}"
    if isinstance(step, WaitStep):
        yield from (f"wait: {key}" for key in ("until", "after", "event", "form") if getattr(step, key))
    if getattr(step, "added_by", None):
        yield "rows: added"
    deadline = getattr(step, "deadline", None)
    if deadline is not None:
        yield f"clock: {deadline.trigger.partition('(')[0]}"


def offered() -> set[str]:
    """What the schema has."""
    formality = Law.model_fields["formalities"].annotation
    kinds = get_args(get_args(formality)[0].model_fields["kind"].annotation)
    return {
        *(f"step: {kind}" for kind in STEP_KINDS),
        *(f"law: {name}" for name in Law.model_fields),
        *(f"join: {join}" for join in get_args(ParallelStep.model_fields["join"].annotation)),
        *(f"formality: {kind}" for kind in kinds),
        *("leftover: cancel", "leftover: accept", "rows: added", "who: same_as", "who: not_same_as", "who: if_alone"),
        *(f"wait: {key}" for key in ("until", "after", "event", "form")),
        *("service: accept", "clock: entered", "clock: filed", "clock: notified"),
        *("channel: web", "channel: counter", "channel: own_motion"),
        *("silence: positive", "silence: negative", "silence: special"),
    }


UNUSED = {"join: any", "formality: review"}
"""What no example needs: the acts of a municipality are exempt from toma de razón (Ley 18.695, art. 53)."""


def test_together_the_examples_use_every_kind_of_step_assignment_and_legal_block() -> None:
    assert offered() - used() == UNUSED
