"""The reference page and the JSON Schema are those of the program."""

import json
from pathlib import Path

from procedures.reference import PART_NAMES, json_schema, reference_page
from procedures.schema import STEP_KINDS

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def test_the_reference_page_is_current() -> None:
    """When it is not: manage.py procedures reference > docs/reference/esquema.md"""
    assert (REFERENCE / "esquema.md").read_text(encoding="utf-8") == f"{reference_page()}\n"


def test_the_json_schema_is_current() -> None:
    """When it is not: manage.py procedures schema > docs/reference/procedure.schema.json"""
    assert json.loads((REFERENCE / "procedure.schema.json").read_text(encoding="utf-8")) == json_schema()


def test_every_step_kind_and_part_has_its_section_without_gaps() -> None:
    page = reference_page()
    for heading in [f"Paso {kind}" for kind in STEP_KINDS] + list(PART_NAMES.values()):
        assert f"\n## {heading}\n" in page
    assert "|  |" not in page
