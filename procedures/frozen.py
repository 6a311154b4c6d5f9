"""Plain data that nobody changes in place, so that what was worked out from a part can stay with that part.

A procedure of 500 questions is changed one question at a time: the other 499 stay the same objects from one content to
the next, with their text and what was read from them. A copy of frozen data is plain again and may be changed.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, TypeVar

_Made = TypeVar("_Made")


def _refuse(*_anything: object, **_named: object) -> NoReturn:
    raise TypeError("This data is shared: copy it to change it.")


class FrozenDict(dict[str, Any]):
    """A mapping that cannot be changed, with what was worked out from it."""

    __slots__ = ("_remembered",)
    _remembered: dict[Any, Any]

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def remembered(self, make: Callable[..., _Made], *how: object) -> _Made:
        """What `make(it, *how)` gives, worked out once and kept as long as it is."""
        try:
            known = self._remembered
        except AttributeError:
            known = self._remembered = {}
        key = (make, *how)
        if key not in known:
            known[key] = make(self, *how)
        found: _Made = known[key]
        return found

    def __copy__(self) -> dict[str, Any]:
        return dict(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return {key: copy.deepcopy(value, memo) for key, value in self.items()}

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)


class FrozenList(list[Any]):
    """A list that cannot be changed."""

    __slots__ = ()

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = clear = extend = insert = pop = remove = reverse = sort = _refuse

    def __copy__(self) -> list[Any]:
        return list(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> list[Any]:
        return [copy.deepcopy(value, memo) for value in self]

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (list(self),)


def frozen(value: Any, like: Any = None) -> Any:
    """The same data, frozen; a part that `like` has at the same place or under the same id is that very part."""
    if isinstance(value, FrozenDict | FrozenList) or not isinstance(value, dict | list):
        return value
    if isinstance(like, FrozenDict | FrozenList) and value == like and _plain(value) == text_of(like):
        return like  # equal is not enough: 1 == True
    if isinstance(value, dict):
        known = like if isinstance(like, dict) else {}
        return FrozenDict({key: frozen(inner, known.get(key)) for key, inner in value.items()})
    return FrozenList([frozen(inner, beside) for inner, beside in zip(value, _beside(value, like), strict=True)])


def _beside(items: list[Any], like: Any) -> Iterator[Any]:
    """For each item, the one of another list with its id, or that of its place when it has none."""
    known = like if isinstance(like, list) else []
    by_id = {item["id"]: item for item in known if isinstance(item, dict) and isinstance(item.get("id"), str)}
    for place, item in enumerate(items):
        name = item.get("id") if isinstance(item, dict) else None
        yield by_id.get(name) if isinstance(name, str) else known[place] if place < len(known) else None


def text_of(value: Any) -> str:
    """The data as JSON on one line; of frozen data, only what is new is written again."""
    if isinstance(value, FrozenDict):
        return value.remembered(_written) if "id" in value else _written(value)
    if isinstance(value, FrozenList):
        return f"[{','.join([text_of(item) for item in value])}]"
    return _plain(value)


def _written(value: FrozenDict) -> str:
    return f"{{{','.join([f'{_plain(key)}:{text_of(inner)}' for key, inner in value.items()])}}}"


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
