"""What can be read of a procedure that is still being written, for its picture, its words and its previews."""

from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from procedures.remembered import read_part, read_step
from procedures.schema import (
    SCHEMA_VERSION,
    Bundle,
    Condition,
    Document,
    Exit,
    Field,
    Form,
    Law,
    NoticeText,
    Page,
    Part,
    RoleSlot,
    Skip,
)
from procedures.schema.fees import Fee
from procedures.schema.overlay import Written, texts_in
from procedures.schema.stepbase import BaseStep

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
        fees=tuple(_readable(Fee, data.get("fees"))),
        roles=tuple(_readable(RoleSlot, data.get("roles"))),
        forms=tuple(_form(form) for form in _mappings(data.get("forms"))),
        steps=tuple(_steps(data.get("steps"))),
        documents=tuple(_readable(Document, data.get("documents"))),
        notices=tuple(_readable(NoticeText, data.get("notices"))),
    )


def partial_law(data: dict[str, Any]) -> Law | None:
    """The legal blocks of a bundle's data, without the steps that they bring; None while they cannot be read."""
    return next(_readable(Law, [data.get("law")]), None)


def texts_of_data(data: dict[str, Any]) -> list[Written]:
    """Every text that people read of a bundle's data, sound or not, in order."""
    return list(texts_in(Bundle, data))


def _mappings(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _readable(part: type[_Readable], value: Any) -> Iterator[_Readable]:
    for item in _mappings(value):
        read = read_part(part, item)
        if read is not None:
            yield read


def _form(data: dict[str, Any]) -> Form:
    pages = tuple(read_part(Page, page) or _page(page) for page in _mappings(data.get("pages")))
    return Form.model_construct(id=str(data.get("id", "")), title=str(data.get("title", "")), pages=pages)


def _page(data: dict[str, Any]) -> Page:
    return Page.model_construct(
        id=str(data.get("id", "")),
        title=str(data.get("title", "")),
        help=data.get("help"),
        visible_when=_condition(data.get("visible_when")),
        skip=tuple(_readable(Skip, data.get("skip"))),
        exits=tuple(_readable(Exit, data.get("exits"))),
        fields=tuple(_readable(Field, data.get("fields"))),
    )


def _condition(value: Any) -> Condition | None:
    try:
        return _CONDITION.validate_python(value) if value else None
    except ValidationError:
        return None


def _steps(value: Any) -> Iterator[BaseStep]:
    for item in _mappings(value):
        read = read_step(item)
        if read is not None:
            yield read
