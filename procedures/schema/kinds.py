"""The types of question: which keys each admits and what shape its answer has."""

from dataclasses import dataclass
from typing import Literal

FieldType = Literal[
    "text",
    "textarea",
    "integer",
    "decimal",
    "money_clp",
    "money_uf",
    "money_utm",
    "percentage",
    "date",
    "time",
    "datetime",
    "period",
    "email",
    "phone",
    "run",
    "rut",
    "foreign_id",
    "person_name",
    "yes_no",
    "choice",
    "choices",
    "linked",
    "listed",
    "ranking",
    "commune",
    "address",
    "bank_account",
    "point",
    "own_case",
    "declaration",
    "consent",
    "file",
    "group",
    "amounts",
    "computed",
    "info",
    "section",
]
FactType = Literal[
    "text",
    "textarea",
    "integer",
    "decimal",
    "money_clp",
    "date",
    "email",
    "phone",
    "run",
    "rut",
    "yes_no",
    "commune",
]
"""Types that a registered fact may hold: plain values, with nothing to look up elsewhere."""
ResultType = Literal["integer", "decimal", "money_clp", "percentage", "text", "yes_no"]
"""Types that a computed answer may have."""
Shape = Literal["text", "whole", "decimal", "day", "truth", "option", "options", "file", "rows", "parts", "none"]
"""What rules see of an answer: `parts` are named values ("inicio.domicilio.street"), `rows` a list of them."""


@dataclass(frozen=True)
class Facet:
    """The schema's side of a type of question."""

    shape: Shape
    keys: frozenset[str] = frozenset()
    """Keys that only some types admit."""
    needs: str = "label"
    """The key without which it makes no sense."""


def _facet(shape: Shape, keys: str = "", needs: str = "label") -> Facet:
    return Facet(shape, frozenset(keys.split()), needs)


_NUMBER = "min max unit default"
_MONEY = "min max default"
_FILE = "accept max_mb min_files max_files camera drawn identity template notarised held_by_state"
FACETS: dict[str, Facet] = {
    "text": _facet("text", "max_length autocomplete prefill default reuse"),
    "textarea": _facet("text", "max_length rows reuse"),
    "integer": _facet("whole", f"{_NUMBER} reuse"),
    "decimal": _facet("decimal", f"{_NUMBER} reuse"),
    "money_clp": _facet("whole", _MONEY),
    "money_uf": _facet("decimal", _MONEY),
    "money_utm": _facet("decimal", _MONEY),
    "percentage": _facet("decimal", "min max default"),
    "date": _facet("day", "min max autocomplete reuse"),
    "time": _facet("day", "min max"),
    "datetime": _facet("day", "min max"),
    "period": _facet("parts", "min max"),
    "email": _facet("text", "autocomplete prefill reuse verified"),
    "phone": _facet("text", "autocomplete prefill reuse"),
    "run": _facet("text", "prefill reuse"),
    "rut": _facet("text", "prefill reuse"),
    "foreign_id": _facet("parts", "reuse"),
    "person_name": _facet("parts", "reuse"),
    "yes_no": _facet("truth", "default"),
    "choice": _facet("option", "options default", "options"),
    "choices": _facet("options", "options", "options"),
    "linked": _facet("option", "options default", "options"),
    "listed": _facet("option", "list_code under", "list_code"),
    "ranking": _facet("options", "options", "options"),
    "commune": _facet("option", "default reuse"),
    "address": _facet("parts", "reuse"),
    "bank_account": _facet("parts", "reuse"),
    "point": _facet("parts"),
    "own_case": _facet("option", "only_procedure only_open"),
    "declaration": _facet("truth"),
    "consent": _facet("truth", "text", "personal"),
    "file": _facet("file", _FILE),
    "group": _facet("rows", "fields min_rows max_rows row_title unique totals", "fields"),
    "amounts": _facet("parts", "options min max", "options"),
    "computed": _facet("whole", "formula sum_of result unit"),
    "info": _facet("none", "text", "text"),
    "section": _facet("none", "text"),
}
"""Every type of question with its shape and keys; `procedures.fields` has the control of each."""
KEYS_BY_TYPE: dict[str, frozenset[str]] = {name: facet.keys for name, facet in FACETS.items()}
"""Keys that only some types admit; every other key of a field is for all types."""
SPECIAL_KEYS = frozenset().union(*KEYS_BY_TYPE.values())
ROW_TYPES = frozenset(FACETS) - {
    *("group", "own_case", "section", "amounts", "ranking", "consent"),
}
"""Types that a row of a group admits."""
COLUMN_TYPES = frozenset({"integer", "decimal", "money_clp", "money_uf", "money_utm", "percentage"})
"""Types that can be added up."""


def shape_of(kind: str) -> Shape:
    """The shape of the answers of a type; KeyError when there is no such type."""
    return FACETS[kind].shape
