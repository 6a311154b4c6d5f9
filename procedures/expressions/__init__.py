"""The rule language of version cel-1. Nothing here knows Django."""

from procedures.expressions.cel import check, check_cel, evaluate, paths_in
from procedures.expressions.formulas import INDICATORS, Pesos, added, check_formula, compute
from procedures.expressions.problems import Problem, RuleError, nearest
from procedures.expressions.rows import OPERATOR_WORDS, OPERATORS_BY_TYPE, condition_to_cel
from procedures.expressions.sentences import groups_of_cel
from procedures.expressions.tables import decide
from procedures.expressions.words import describe, explain, is_sensitive, values_read

__all__ = [
    "INDICATORS",
    "OPERATORS_BY_TYPE",
    "OPERATOR_WORDS",
    "Pesos",
    "Problem",
    "RuleError",
    "added",
    "check",
    "check_cel",
    "check_formula",
    "compute",
    "condition_to_cel",
    "decide",
    "describe",
    "evaluate",
    "explain",
    "groups_of_cel",
    "is_sensitive",
    "nearest",
    "paths_in",
    "values_read",
]
