"""The law's blocks as they are built for a procedure: no rule in them names what that procedure does not have."""

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from procedures.api import Bundle, check, read_yaml

EXAMPLE = Path("examples/permiso_feria_libre.yaml")


def blocks_of(*, upper: bool, back: bool) -> Any:
    """Those of an example whose acts the superior may review or not, and which has work to go back to or not."""
    data = read_yaml(EXAMPLE.read_text()).data
    data["law"] = {**data["law"], "version": "ley-19880-2"}
    data["law"]["appeals"] = {"hierarchical": "alcaldia"} if upper else {"barred": "los firma el Alcalde"}
    bundle = Bundle.model_validate(data)
    if not back:
        bundle = bundle.model_copy(update={"steps": tuple(one for one in bundle.steps if one.kind in ("start", "end"))})
    return bundle.blocks


@pytest.mark.parametrize(("upper", "back"), list(product((True, False), repeat=2)))
def test_no_paragraph_asks_for_an_option_that_nobody_is_offered_r66(upper: bool, back: bool) -> None:
    blocks = blocks_of(upper=upper, back=back)
    pages = [page for form in blocks.forms for page in form.pages]
    effects = [question for page in pages for question in page.fields if question.id == "efecto"]
    offered = {option.id for question in effects for option in question.options}
    told = [block.when for document in blocks.documents for block in document.blocks if block.when is not None]
    rows = [row for when in told for row in when.model_dump().get("all") or () if row["field"].endswith(".efecto")]
    asked = {option for row in rows for option in (row["value"] if row["op"] == "in" else [row["value"]])}
    assert asked == offered
    assert ("vuelve" in asked) is back


def test_the_example_is_one_that_may_be_published() -> None:
    assert check(EXAMPLE.read_text()).errors == []
