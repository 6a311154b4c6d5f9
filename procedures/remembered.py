"""Parts of a bundle read from plain data, remembered by their text: of a long one only what changed is read anew.

What was read from frozen data stays with them, and is found again without their text.

Parts are frozen, so the same one may stand in many bundles.
"""

import json
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from procedures.frozen import FrozenDict
from procedures.schema import Document, Field, NoticeText, Page, Part, RoleSlot, Step
from procedures.schema.stepbase import BaseStep

_STEP: TypeAdapter[BaseStep] = TypeAdapter(Step)
_Readable = TypeVar("_Readable", bound=Part)
_Reader = Callable[[Any], Part | None]


def read_part(part: type[_Readable], item: Any) -> _Readable | None:
    """The part that the data says, or None when it does not say one."""
    found = item.remembered(_read, part) if isinstance(item, FrozenDict) else _part(part, json.dumps(item))
    return found if isinstance(found, part) else None


def read_step(item: Any) -> BaseStep | None:
    """The step that the data says, with those inside it, or None when it does not say one."""
    return item.remembered(_read_step) if isinstance(item, FrozenDict) else _step(json.dumps(item))


def with_parts_read(data: dict[str, Any]) -> dict[str, Any]:
    """A bundle's data with its steps, questions and texts already read; what cannot be read stays as it was."""
    read: dict[str, Any] = {key: _each(data[key], reader) for key, reader in _READERS.items() if key in data}
    return {**data, **read, **({"forms": _with(data, "forms", _form)["forms"]} if "forms" in data else {})}


def _form(form: Any) -> Any:
    return _with(form, "pages", lambda page: read_part(Page, page) or _page(page))


def _page(page: Any) -> Any:
    return _with(page, "fields", lambda field: read_part(Field, field) or field)


def _with(holder: Any, key: str, change: Callable[[Any], Any]) -> Any:
    """The mapping with each item of one of its lists changed; anything else as it was."""
    if not isinstance(holder, dict) or not isinstance(holder.get(key), list):
        return holder
    return {**holder, key: [change(item) for item in holder[key]]}


def _each(items: Any, read: _Reader) -> Any:
    return [read(item) or item for item in items] if isinstance(items, list) else items


_READERS: dict[str, _Reader] = {
    "steps": read_step,
    "roles": partial(read_part, RoleSlot),
    "documents": partial(read_part, Document),
    "notices": partial(read_part, NoticeText),
}


@lru_cache(maxsize=8192)
def _part(part: type[Part], item: str) -> Part | None:
    return _read(json.loads(item), part)


def _read(data: Any, part: type[Part]) -> Part | None:
    try:
        return part.model_validate(_page(data) if part is Page else data)
    except ValidationError:
        return None


@lru_cache(maxsize=2048)
def _step(item: str) -> BaseStep | None:
    return _read_step(json.loads(item))


def _read_step(data: Any) -> BaseStep | None:
    try:
        return _STEP.validate_python(data)
    except ValidationError:
        return None
