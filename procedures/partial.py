"""What can be read of a procedure that is still being written, for its picture, its words and its previews."""

from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from procedures.schema import SCHEMA_VERSION, Bundle, Document, Field, Form, NoticeText, Page, Part, RoleSlot, Step
from procedures.schema.stepbase import BaseStep

_STEP: TypeAdapter[BaseStep] = TypeAdapter(Step)
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
        try:
            yield part.model_validate(item)
        except ValidationError:
            continue


def _form(data: dict[str, Any]) -> Form:
    pages = tuple(
        Page.model_construct(
            id=str(page.get("id", "")),
            title=str(page.get("title", "")),
            help=page.get("help"),
            fields=tuple(_readable(Field, page.get("fields"))),
        )
        for page in _mappings(data.get("pages"))
    )
    return Form.model_construct(id=str(data.get("id", "")), title=str(data.get("title", "")), pages=pages)


def _steps(value: Any) -> Iterator[BaseStep]:
    for item in _mappings(value):
        try:
            yield _STEP.validate_python(item)
        except ValidationError:
            continue
