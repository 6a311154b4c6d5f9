"""Each planted fault is found: one error, on its line, in words that name it, with what to do."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from procedures.checking import check

HERE = Path(__file__).parent
FAULTS = sorted((HERE / "faults").glob("*.yaml"))


def read_fault(path: Path) -> dict[str, Any]:
    fault: dict[str, Any] = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return fault


def plant(fault: dict[str, Any]) -> str:
    """The sound procedure with the fault's one change made in its one place."""
    sound = (HERE / "golden" / f"{fault['in']}.yaml").read_text(encoding="utf-8")
    assert sound.count(fault["change"]) >= 1, "the text to change is not in the sound procedure"
    return sound.replace(fault["change"], fault["to"], 1)


@pytest.mark.parametrize("path", FAULTS, ids=lambda path: path.stem)
def test_a_planted_fault_is_found_in_its_place_with_its_remedy(path: Path) -> None:
    fault = read_fault(path)
    text = plant(fault)
    errors = check(text).errors
    assert {finding.code for finding in errors} == {fault["code"]}
    finding = errors[0]
    assert finding.line == text[: text.index(fault["near"])].count("\n") + 1 + fault["near"].startswith("\n")
    assert fault["says"] in finding.message
    assert fault["remedy"] in finding.remedy


@pytest.mark.parametrize("name", ["licence", "certificate"])
def test_the_sound_procedures_have_no_errors(name: str) -> None:
    text = (HERE / "golden" / f"{name}.yaml").read_text(encoding="utf-8")
    assert check(text).errors == []


def test_there_are_at_least_forty_planted_faults() -> None:
    assert len(FAULTS) >= 40


def test_a_question_may_depend_on_a_sensitive_answer_of_its_own_form() -> None:
    """While one fills a form, its answers are at hand; sealed, nothing else reads them."""
    text = (HERE / "golden" / "licence.yaml").read_text(encoding="utf-8")
    asked = "- id: por_empresa\n            type: yes_no\n"
    assert text.count(asked) == 1
    sealed = f"{asked}            sensitive: true\n            personal: {{purpose: Decidir, basis: Ley}}\n"
    assert "visible_when: {all: [{field: inicio.por_empresa" in text
    assert check(text.replace(asked, sealed)).errors == []
