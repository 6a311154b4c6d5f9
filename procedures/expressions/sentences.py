"""CEL back to groups of comparisons, where they say exactly the same: also when an answer is missing.

CEL is read as Python's syntax tree, with its operators put into Python's; nothing of it is ever run. A comparison
without its `!= null` counts only where a missing answer makes it false, as in a row: `x == 'a'` does, `x > 1` fails.
"""

import ast
import re
from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter, ValidationError

from procedures.expressions.rows import MANY, row_problem
from procedures.schema import AllOf, AnyOf, Bundle, Condition, NoneOf, rows_of, shape_of

_TOKENS = re.compile(r"""(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|&&|\|\||!(?!=)|\b(?:null|true|false)\b""")
_PYTHON = {"&&": " and ", "||": " or ", "!": "~", "null": "None", "true": "True", "false": "False"}
_SIGNS: dict[type[ast.cmpop], str] = {
    ast.Eq: "eq", ast.NotEq: "ne", ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.In: "in",
}  # fmt: skip
_FALSE_WITHOUT_ANSWER = frozenset({"eq", "in"})
_CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)


class _NotASentence(Exception):
    """The expression says what comparisons cannot."""


def groups_of_cel(expression: str, bundle: Bundle) -> AllOf | AnyOf | NoneOf | None:
    """The comparisons that say the same as an expression; None when only CEL can say it."""
    try:
        tree = ast.parse(f"({_as_python(expression)})", mode="eval").body
        read = _CONDITION.validate_python(_Reading(bundle).condition(tree))
    except (SyntaxError, ValueError, RecursionError, ValidationError, _NotASentence):
        return None
    assert isinstance(read, AllOf | AnyOf | NoneOf)
    return None if any(row_problem(row, bundle) for row in rows_of(read)) else read


def _as_python(expression: str) -> str:
    return _TOKENS.sub(lambda found: found[0] if found["text"] else _PYTHON[found[0]], expression)


class _Reading:
    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    def condition(self, node: ast.expr) -> dict[str, Any]:
        item = self._item(node)
        return {"all": [item]} if "field" in item else item

    def _item(self, node: ast.expr) -> dict[str, Any]:
        if isinstance(node, ast.BoolOp):
            items = list(self._joined(node))
            return items[0] if len(items) == 1 else {"all" if isinstance(node.op, ast.And) else "any": items}
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):
            return self._denied(node.operand)
        row = self._comparison(node)
        if row["op"] in ("filled", "empty") or row["op"] in _FALSE_WITHOUT_ANSWER or self._is_list(row["field"]):
            return row
        raise _NotASentence

    def _joined(self, node: ast.BoolOp) -> Iterator[dict[str, Any]]:
        """What it joins; `x != null` and the comparison of x after it are one row."""
        parts = list(node.values)
        while parts:
            part = parts.pop(0)
            guard = self._guarded(part) if parts and isinstance(node.op, ast.And) else ""
            row = self._row_after(guard, parts[0]) if guard else None
            if row is not None:
                parts.pop(0)
            yield row or self._item(part)

    def _row_after(self, guard: str, node: ast.expr) -> dict[str, Any] | None:
        """The comparison of a datum that has an answer; None for anything else."""
        try:
            is_denied = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert)
            row = self._comparison(node.operand if is_denied else node)  # type: ignore[attr-defined]
        except _NotASentence:
            return None
        if row["field"] != guard or row["op"] in ("filled", "empty") or (is_denied and row["op"] != "in"):
            return None
        return {**row, "op": "not_in"} if is_denied else row

    def _guarded(self, node: ast.expr) -> str:
        """The datum of which a part says that it has an answer."""
        try:
            row = self._comparison(node)
        except _NotASentence:
            return ""
        return str(row["field"]) if row["op"] == "filled" else ""

    def _denied(self, node: ast.expr) -> dict[str, Any]:
        item = self._item(node)
        if item.get("op") in ("filled", "empty"):
            return {**item, "op": "empty" if item["op"] == "filled" else "filled"}
        return {"none": item.get("any", [item])}

    def _comparison(self, node: ast.expr) -> dict[str, Any]:
        if isinstance(node, ast.Call):
            return self._contains(node)
        if not isinstance(node, ast.Compare) or len(node.ops) != 1:
            raise _NotASentence
        left, right, sign = node.left, node.comparators[0], _SIGNS.get(type(node.ops[0]), "")
        if isinstance(left, ast.Call):
            return self._counted(left, sign, right)
        if sign == "in" and isinstance(left, ast.Constant):
            return self._row(right, "contains", _literal(left))
        if isinstance(right, ast.Constant) and right.value is None and sign in ("eq", "ne"):
            return self._presence(left, sign)
        if sign == "in":
            if not isinstance(right, ast.List):
                raise _NotASentence
            return self._row(left, "in", [_literal(item) for item in right.elts])
        return self._row(left, sign, _literal(right))

    def _presence(self, node: ast.expr, sign: str) -> dict[str, Any]:
        path = _path(node)
        if self._is_list(path):
            raise _NotASentence
        return {"field": path, "op": "filled" if sign == "ne" else "empty"}

    def _counted(self, call: ast.Call, sign: str, right: ast.expr) -> dict[str, Any]:
        """`size(x) > 0`: how a list is asked whether it has an answer."""
        is_size = isinstance(call.func, ast.Name) and call.func.id == "size" and len(call.args) == 1
        if not is_size or sign != "gt" or _literal(right) != 0 or not self._is_list(_path(call.args[0])):
            raise _NotASentence
        return {"field": _path(call.args[0]), "op": "filled"}

    def _contains(self, call: ast.Call) -> dict[str, Any]:
        if not isinstance(call.func, ast.Attribute) or call.func.attr != "contains" or len(call.args) != 1:
            raise _NotASentence
        return self._row(call.func.value, "contains", _literal(call.args[0]))

    def _row(self, node: ast.expr, op: str, value: Any) -> dict[str, Any]:
        return {"field": _path(node), "op": op, "value": value}

    def _is_list(self, path: str) -> bool:
        kind = self.bundle.types.get(path)
        return kind is not None and shape_of(kind) in MANY


def _path(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    raise _NotASentence


def _literal(node: ast.expr) -> Any:
    """The value as a row writes it: numbers with decimals are texts."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _literal(node.operand)
        return f"-{value}" if isinstance(value, str) else -value
    if not isinstance(node, ast.Constant) or not isinstance(node.value, bool | int | float | str):
        raise _NotASentence
    value = node.value
    return (int(value) if value.is_integer() else str(value)) if isinstance(value, float) else value
