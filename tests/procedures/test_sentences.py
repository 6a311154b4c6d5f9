"""Conditions in groups, and CEL read back as the groups that say exactly the same."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from django.utils.translation import override
from pydantic import TypeAdapter, ValidationError

from procedures import wording
from procedures.expressions import condition_to_cel, describe, evaluate, groups_of_cel
from procedures.schema import Condition
from tests.procedures.test_expressions import one_of_each

CONDITION: TypeAdapter[Any] = TypeAdapter(Condition)
TEXT = {"field": "inicio.text", "op": "eq", "value": 'a "b" && c'}
MORE = {"field": "inicio.integer", "op": "gt", "value": -3}
YES = {"field": "inicio.yes_no", "op": "eq", "value": True}
GROUPS = [
    {"all": [TEXT]},
    {"none": [TEXT, MORE]},
    {"any": [{"all": [TEXT, MORE]}, YES]},
    {"all": [YES, {"none": [{"any": [MORE, TEXT]}, {"field": "inicio.text", "op": "empty"}]}]},
    {"any": [{"none": [YES]}, {"all": [MORE, {"field": "inicio.decimal", "op": "le", "value": "1.5"}]}]},
    {"all": [{"field": "inicio.text", "op": "not_in", "value": ["a", "b"]}, {"field": "inicio.date", "op": "ge",
                                                                              "value": "2027-03-01"}]},
]  # fmt: skip


@pytest.mark.parametrize("group", GROUPS)
def test_a_sentence_goes_to_cel_and_comes_back_the_same(group: dict[str, Any]) -> None:
    read, bundle = CONDITION.validate_python(group), one_of_each()
    assert groups_of_cel(condition_to_cel(read, bundle), bundle) == read


@pytest.mark.parametrize(
    ("expression", "group"),
    [
        ("inicio.text == 'x'", {"all": [{"field": "inicio.text", "op": "eq", "value": "x"}]}),
        ("!(inicio.text == 'x')", {"none": [{"field": "inicio.text", "op": "eq", "value": "x"}]}),
        ("inicio.integer != null && inicio.integer > 1 && inicio.text in ['a','b']",
         {"all": [{"field": "inicio.integer", "op": "gt", "value": 1},
                  {"field": "inicio.text", "op": "in", "value": ["a", "b"]}]}),
        ("inicio.text == null", {"all": [{"field": "inicio.text", "op": "empty"}]}),
    ],
)  # fmt: skip
def test_what_somebody_wrote_in_cel_is_read_where_it_says_the_same_without_answers_too(
    expression: str, group: dict[str, Any]
) -> None:
    bundle, read = one_of_each(), CONDITION.validate_python(group)
    assert groups_of_cel(expression, bundle) == read
    for text, integer in product((None, "a", "x"), (None, 1, 2)):
        data = {"inicio": {"text": text, "integer": integer}}
        assert evaluate(expression, data, bundle) is evaluate(read, data, bundle)


@pytest.mark.parametrize(
    "expression",
    [
        "inicio.integer > 1",
        "inicio.text != 'x'",
        "inicio.yes_no",
        "inicio.integer + 1 == 2",
        "inicio.text == 'x' ? true : false",
        "size(inicio.choices) > 1",
        "inicio.nada == 'x'",
        "inicio.text ==",
        "print(1) == 'x'",
    ],
)
def test_what_sentences_would_say_otherwise_stays_in_cel(expression: str) -> None:
    """`x > 1` fails without an answer, where a row is only false; `x != 'a'` is true without one, and a row is not."""
    assert groups_of_cel(expression, one_of_each()) is None


def test_none_of_is_read_aloud_and_holds_while_answers_are_missing() -> None:
    read = CONDITION.validate_python({"none": [YES, MORE]})
    assert evaluate(read, {}, one_of_each()) is True
    assert evaluate(read, {"inicio": {"yes_no": True}}, one_of_each()) is False
    assert describe(read, one_of_each()).startswith("no se cumple que «")


def test_a_fourth_group_inside_the_others_is_refused_in_words() -> None:
    deep = {"all": [{"any": [{"none": [{"all": [YES]}]}]}]}
    with pytest.raises(ValidationError, match="hasta 3 grupos, uno dentro de otro"):
        CONDITION.validate_python(deep)


@pytest.mark.parametrize(
    ("language", "rule", "read"),
    [
        ("es", "no se cumple que «yes_no» es Sí ni que «integer» es mayor que -3", [("yes_no", "No")]),
        ("en", "it does not hold that «yes_no» is Yes nor that «integer» is greater than -3", [("yes_no", "No")]),
    ],
)
def test_a_condition_is_said_in_the_language_of_the_page(language: str, rule: str, read: list[tuple[str, str]]) -> None:
    """A person who reads English asks why: the rule and what their answers were worth."""
    group, bundle = CONDITION.validate_python({"none": [YES, MORE]}), one_of_each()
    missing = {"es": "sin respuesta", "en": "no answer"}[language]
    with override(language):
        assert wording.describe(group, bundle) == rule
        values = wording.values_read(group, {"inicio": {"yes_no": False}}, bundle)
    assert values == [*read, ("integer", missing)]
