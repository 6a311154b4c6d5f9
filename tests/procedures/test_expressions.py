"""Conditions: every operator on every type it admits, what a missing answer does, and only yes or no as a verdict."""

from typing import Any

import pytest

from procedures.expressions import RuleError, check, check_cel, condition_to_cel, describe, evaluate, explain
from procedures.expressions.rows import OPERATORS_BY_TYPE
from procedures.schema import AllOf, AnyOf, Bundle, CelCondition, Row
from tests.procedures.bundles import licence, with_fields

OPTIONS = [{"id": "uno", "label": "Uno"}, {"id": "dos", "label": "Dos"}]
KINDS = ["text", "integer", "decimal", "money_clp", "date", "yes_no", "commune", "rut", "declaration", "file"]


def one_of_each() -> Bundle:
    fields: list[dict[str, Any]] = [{"id": kind, "type": kind, "label": kind} for kind in KINDS]
    fields += [{"id": kind, "type": kind, "label": kind, "options": OPTIONS} for kind in ("choice", "choices")]
    inner = [{"id": "nombre", "type": "text", "label": "Nombre"}]
    return with_fields(*fields, {"id": "group", "type": "group", "label": "Socios", "fields": inner})


def row(kind: str, op: str, value: Any = None) -> AllOf:
    return AllOf(all=(Row(field=f"inicio.{kind}", op=op, value=value),))  # type: ignore[arg-type]


def verdict(condition: Any, **answers: Any) -> bool:
    return evaluate(condition, {"inicio": answers}, one_of_each())


FILE = {"name": "plano.pdf", "sha256": "0", "size": 1, "media_type": "application/pdf", "draft_file": 1}
TRUTHS = [
    ("text", "eq", "ana", "ana", True),
    ("text", "ne", "ana", "beto", True),
    ("text", "contains", "an", "ana", True),
    ("text", "in", ["ana", "eva"], "ana", True),
    ("text", "not_in", ["ana"], "ana", False),
    ("text", "eq", 'con "comillas" y \\', 'con "comillas" y \\', True),
    ("integer", "gt", 3, 3, False),
    ("integer", "ge", 3, 3, True),
    ("integer", "in", [1, 3], 3, True),
    ("decimal", "gt", 100, "100.5", True),
    ("decimal", "lt", "0.5", "0.25", True),
    ("decimal", "eq", "85.50", "85.5", True),
    ("money_clp", "le", 1000000, 999999, True),
    ("date", "lt", "2026-03-01", "2026-02-28", True),
    ("date", "ge", "2026-03-01", "2026-02-28", False),
    ("yes_no", "eq", False, False, True),
    ("yes_no", "ne", True, False, True),
    ("declaration", "eq", True, True, True),
    ("commune", "eq", "16301", "16301", True),
    ("choice", "eq", "uno", "dos", False),
    ("choice", "not_in", ["uno"], "dos", True),
    ("choices", "contains", "dos", ["uno", "dos"], True),
    ("choices", "contains", "dos", ["uno"], False),
    ("choices", "filled", None, ["uno"], True),
    ("file", "filled", None, FILE, True),
    ("group", "filled", None, [{"id": "a", "nombre": "Eva"}], True),
    ("yes_no", "filled", None, False, True),
    ("integer", "filled", None, 0, True),
]


@pytest.mark.parametrize(("kind", "op", "value", "answer", "expected"), TRUTHS)
def test_a_comparison_holds_as_its_words_say(kind: str, op: str, value: Any, answer: Any, expected: bool) -> None:
    value = tuple(value) if isinstance(value, list) else value
    condition = row(kind, op, value)
    assert check(condition, one_of_each()) == []
    assert verdict(condition, **{kind: answer}) is expected


SAMPLE: dict[str, Any] = {
    "integer": 1,
    "money_clp": 1,
    "decimal": "1.5",
    "date": "2026-01-01",
    "yes_no": True,
    "declaration": True,
    "choice": "uno",
    "choices": "uno",
}
PAIRS = [
    (kind, op) for kind, ops in OPERATORS_BY_TYPE.items() if kind in {*KINDS, *SAMPLE, "group"} for op in sorted(ops)
]


@pytest.mark.parametrize("blank", [None, ""])
@pytest.mark.parametrize(("kind", "op"), PAIRS)
def test_an_unanswered_question_meets_only_empty(kind: str, op: str, blank: str | None) -> None:
    value = SAMPLE.get(kind, "x")
    value = None if op in ("filled", "empty") else (value,) if op in ("in", "not_in") else value
    assert verdict(row(kind, op, value), **{kind: blank}) is (op == "empty")


def test_a_step_not_reached_meets_only_empty() -> None:
    assert evaluate(row("text", "empty"), {}, one_of_each()) is True
    assert evaluate(row("text", "ne", "x"), {}, one_of_each()) is False


def test_groups_of_comparisons_are_joined_as_they_say() -> None:
    condition = AnyOf.model_validate(
        {
            "any": [
                {
                    "all": [
                        {"field": "inicio.text", "op": "eq", "value": "a"},
                        {"field": "inicio.integer", "op": "gt", "value": 1},
                    ]
                },
                {"field": "inicio.yes_no", "op": "eq", "value": True},
            ]
        }
    )
    assert verdict(condition, text="a", integer=2) is True
    assert verdict(condition, text="a", integer=1) is False
    assert verdict(condition, text="b", integer=1, yes_no=True) is True


@pytest.mark.parametrize(
    "expression",
    [
        "inicio.text",
        "inicio.integer + 1",
        "1 / 0 == 1",
        "!inicio.yes_no",
        "inicio.text.contains('a')",
        "inicio.nada == 1",
        "inicio.integer >",
        "null",
    ],
)
def test_only_yes_or_no_is_a_verdict(expression: str) -> None:
    """The engine returns errors as truthy strings; none of them may pass for a yes."""
    with pytest.raises(RuleError):
        verdict(expression, integer=1)


def test_cel_may_ask_whether_there_is_an_answer() -> None:
    assert verdict("inicio.integer != null && inicio.integer > 1", integer=2) is True
    assert verdict("inicio.integer != null && inicio.integer > 1") is False


def test_an_expression_that_would_run_for_long_is_stopped() -> None:
    numbers = f"[{','.join(map(str, range(120)))}]"
    nested = f"{numbers}.map(a, {numbers}.map(b, {numbers}.map(c, a + b + c))).size() > 0"
    with pytest.raises(RuleError):
        verdict(nested)


def test_a_rule_error_holds_no_answer() -> None:
    with pytest.raises(RuleError) as caught:
        verdict("inicio.text", text="dato muy personal")
    assert "personal" not in str(caught.value)


def test_a_stored_decimal_that_is_no_number_is_an_error() -> None:
    with pytest.raises(RuleError, match="decimal"):
        verdict(row("decimal", "gt", 1), decimal="mucho")


def test_a_type_check_says_what_to_write_for_a_decimal() -> None:
    (problem,) = check_cel("inicio.decimal > 100", one_of_each())
    assert "100.0" in problem.remedy


def test_a_condition_of_an_unknown_field_cannot_be_evaluated() -> None:
    with pytest.raises(RuleError, match="no existe"):
        verdict(row("nada", "eq", "x"))


def test_compiled_rows_are_the_cel_that_runs() -> None:
    cel = condition_to_cel(row("decimal", "gt", 100), one_of_each())
    assert cel == "(inicio.decimal != null && inicio.decimal > 100.0)"
    assert verdict(CelCondition(cel=cel), decimal="100.1") is True


def test_a_condition_is_said_in_words_with_the_labels_people_read() -> None:
    route = licence().step("admision").routes[0]
    assert route.condition is not None
    words = describe(route.condition, licence())
    assert words == "«¿Qué corresponde hacer con la solicitud?» es «Pedir corrección a la persona»"


def test_an_explanation_says_the_verdict_and_the_answers() -> None:
    condition = row("money_clp", "ge", 1500000)
    text = explain(condition, {"inicio": {"money_clp": 900000}}, one_of_each())
    assert text == "No se cumple: «money_clp» es mayor o igual a $1.500.000. Respuestas: «money_clp»: $900.000."


def test_an_explanation_says_when_there_is_no_answer() -> None:
    assert "sin respuesta" in explain(row("text", "eq", "x"), {}, one_of_each())


def test_an_explanation_keeps_sensitive_answers_to_itself() -> None:
    purpose = {"purpose": "Decidir", "basis": "Ley 19.628"}
    field = {"id": "salud", "type": "text", "label": "Salud", "sensitive": True, "personal": purpose}
    text = explain(row("salud", "filled"), {"inicio": {"salud": "asma"}}, with_fields(field))
    assert "asma" not in text
    assert "dato reservado" in text
