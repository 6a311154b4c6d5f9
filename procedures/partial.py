"""What can be read of a procedure that is still being written, for its picture, its words and its previews."""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from procedures.schema import (
    SCHEMA_VERSION,
    Bundle,
    Condition,
    Document,
    Exit,
    Field,
    Form,
    NoticeText,
    Page,
    Part,
    RoleSlot,
    Skip,
    Step,
)
from procedures.schema.stepbase import BaseStep

_STEP: TypeAdapter[BaseStep] = TypeAdapter(Step)
_CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)
_Readable = TypeVar("_Readable", bound=Part)


def partial_bundle(data: dict[str, Any]) -> Bundle:
    """The readable parts of a bundle's data. It is not sound and may lack anything: only for showing, never to run."""
    return Bundle.model_construct(
        schema_version=SCHEMA_VERSION,
        code=str(data.get("code", "")),
        title=str(data.get("title", "")),
        summary=str(data.get("summary", "")),
        rules_version="cel-1",
        roles=tuple(_readable(RoleSlot, data.get("roles"))),
        forms=tuple(_form(form) for form in _mappings(data.get("forms"))),
        steps=tuple(_steps(data.get("steps"))),
        documents=tuple(_readable(Document, data.get("documents"))),
        notices=tuple(_readable(NoticeText, data.get("notices"))),
    )


def _mappings(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _readable(part: type[_Readable], value: Any) -> Iterator[_Readable]:
    for item in _mappings(value):
        read = _read(part, json.dumps(item))
        if read is not None:
            yield read


@lru_cache(maxsize=4096)
def _read(part: type[_Readable], item: str) -> _Readable | None:
    """A part, remembered by its text: of a long procedure only what changed is read again."""
    try:
        return part.model_validate(json.loads(item))
    except ValidationError:
        return None


def _form(data: dict[str, Any]) -> Form:
    pages = tuple(
        Page.model_construct(
            id=str(page.get("id", "")),
            title=str(page.get("title", "")),
            help=page.get("help"),
            visible_when=_condition(page.get("visible_when")),
            skip=tuple(_readable(Skip, page.get("skip"))),
            exits=tuple(_readable(Exit, page.get("exits"))),
            fields=tuple(_readable(Field, page.get("fields"))),
        )
        for page in _mappings(data.get("pages"))
    )
    return Form.model_construct(id=str(data.get("id", "")), title=str(data.get("title", "")), pages=pages)


def _condition(value: Any) -> Condition | None:
    try:
        return _CONDITION.validate_python(value) if value else None
    except ValidationError:
        return None


def _steps(value: Any) -> Iterator[BaseStep]:
    for item in _mappings(value):
        read = _read_step(json.dumps(item))
        if read is not None:
            yield read


@lru_cache(maxsize=1024)
def _read_step(item: str) -> BaseStep | None:
    try:
        return _STEP.validate_python(json.loads(item))
    except ValidationError:
        return None
