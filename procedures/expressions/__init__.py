"""The rule language of version cel-1. Nothing here knows Django."""

from procedures.expressions.cel import check, check_cel, evaluate
from procedures.expressions.problems import Problem, RuleError, nearest
from procedures.expressions.rows import OPERATOR_WORDS, OPERATORS_BY_TYPE, condition_to_cel
from procedures.expressions.words import describe, explain

__all__ = [
    "OPERATORS_BY_TYPE",
    "OPERATOR_WORDS",
    "Problem",
    "RuleError",
    "check",
    "check_cel",
    "condition_to_cel",
    "describe",
    "evaluate",
    "explain",
    "nearest",
]
