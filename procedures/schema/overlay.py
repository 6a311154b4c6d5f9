"""Texts in other languages: an overlay of the bundle's own, by path (architecture 4.14).

A path names a text by the ids on the way to it: `forms.solicitud.pages.quien.fields.nombre.label`. A question, a
rule, a way out or a notice is translated whole or not at all, and so are the texts that any other part has of its own:
no sentence mixes two languages.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple, TypeVar, get_args, get_origin

from procedures.frozen import FrozenDict
from procedures.schema.base import Id, Part
from procedures.schema.fields import Field, Option
from procedures.schema.logic import Exit, Rule
from procedures.schema.texts import NoticeText

_TEXT_WORDS = """title applicant_title summary label hint help text message statement row_title group
audience cost response paid requirements note purpose hours per"""
TEXT_KEYS = frozenset(_TEXT_WORDS.split())
"""Keys whose value people read."""
_MORE_KEYS: dict[type[Part], tuple[str, ...]] = {NoticeText: ("subject", "body")}
"""And those that people read only there."""
_ID = list(get_args(Id)[1:])
"""What tells an id from a text: `group` is a heading of options, and the list of those who sign too."""
_WHOLE = (Field, Exit, Rule, Option, NoticeText)
"""Parts that are translated with everything inside them, or not at all."""
_P = TypeVar("_P", bound=Part)


def texts_of(part: Part, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a part that people read, by its path; an id is none, whatever its key."""
    for name, declared in type(part).model_fields.items():
        if declared.metadata != _ID:
            yield from _texts(getattr(part, name), _is_read(type(part), name), f"{path}.{name}" if path else name)


def _is_read(part: type[Part], key: str) -> bool:
    return key in TEXT_KEYS or key in _MORE_KEYS.get(part, ())


def _texts(value: Any, is_read: bool, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if is_read and value:
            yield path, value
    elif isinstance(value, Part):
        yield from texts_of(value, path)
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _texts(item, is_read, f"{path}.{getattr(item, 'id', index)}")


class Written(NamedTuple):
    """A text of plain data, by its path; `unit` is the path of what is translated whole or not at all with it."""

    path: str
    text: str
    unit: str


def texts_in(part: type[Part], data: Mapping[str, Any], path: str = "", whole: str = "") -> Iterator[Written]:
    """What `texts_of` and `units_of` find, in data that may not say a sound part yet; what no part is, is left out."""
    whole = whole or (path if issubclass(part, _WHOLE) else "")
    for name, is_read, inner in _keys(part):
        if name in data:
            here = f"{path}.{name}" if path else name
            yield from _in_value(data[name], here, inner, whole, (whole or path) if is_read else None)


def _in_value(value: Any, path: str, inner: tuple[type[Part], ...], whole: str, unit: str | None) -> Iterator[Written]:
    if isinstance(value, str):
        if unit is not None and value.strip():
            yield Written(path, value.strip(), unit)
    elif isinstance(value, FrozenDict) and "id" in value:
        yield from value.remembered(_in_part, path, inner, whole)
    elif isinstance(value, Mapping):
        yield from _in_part(value, path, inner, whole)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            name = item.get("id", index) if isinstance(item, Mapping) else index
            yield from _in_value(item, f"{path}.{name}", inner, whole, unit)


def _in_part(data: Mapping[str, Any], path: str, inner: tuple[type[Part], ...], whole: str) -> tuple[Written, ...]:
    part = next((each for each in inner if _fits(each, data)), None)
    return tuple(texts_in(part, data, path, whole)) if part is not None else ()


@cache
def _keys(part: type[Part]) -> tuple[tuple[str, bool, tuple[type[Part], ...]], ...]:
    """The keys of a part that hold texts or parts: whether people read what stands there, and which parts may."""
    found = [
        (name, _is_read(part, name), tuple(dict.fromkeys(_parts_in(declared.annotation))))
        for name, declared in part.model_fields.items()
        if declared.metadata != _ID
    ]
    return tuple(key for key in found if key[1] or key[2])


def _parts_in(annotation: Any) -> Iterator[type[Part]]:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        yield annotation
    elif get_origin(annotation) is not dict:
        for inner in get_args(annotation):
            yield from _parts_in(inner)


def _fits(part: type[Part], data: Mapping[str, Any]) -> bool:
    """Whether data is of a part by its keys, and by its kind where parts are told apart by it."""
    kind = part.model_fields.get("kind")
    is_kind = kind is None or data.get("kind") in get_args(kind.annotation)
    return is_kind and data.keys() <= part.model_fields.keys()


def units_of(part: Part, path: str = "") -> Iterator[tuple[str, list[str]]]:
    """The parts that are translated whole, by path, each with the paths of its texts; parts without texts left out."""
    if isinstance(part, _WHOLE):
        own = [found for found, _text in texts_of(part, path)]
    else:
        own = [found for found, text in texts_of(part, path) if _is_own(part, path, found)]
        for inner, inner_path in _inside(part, path):
            yield from units_of(inner, inner_path)
    if own:
        yield path, own


def _is_own(part: Part, path: str, found: str) -> bool:
    """Whether a text stands in the part itself and not in a part within it."""
    rest = found[len(path) + 1 :] if path else found
    name, _dot, index = rest.partition(".")
    return not index or (index.isdigit() and isinstance(getattr(part, name)[0], str))


def _inside(part: Part, path: str) -> Iterator[tuple[Part, str]]:
    for name in type(part).model_fields:
        yield from _parts(getattr(part, name), f"{path}.{name}" if path else name)


def _parts(value: Any, path: str) -> Iterator[tuple[Part, str]]:
    """The parts held by a value; those of a branch lie one tuple deeper."""
    if isinstance(value, Part):
        yield value, path
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _parts(item, f"{path}.{getattr(item, 'id', index)}")


def spoken(part: _P, words: Mapping[str, str], language: str, page_language: str) -> _P:
    """The part with its texts in a language, as far as `words` has them; what differs from the page's is marked."""
    known: dict[str, str] = {}
    foreign: dict[str, str] = {}
    for path, own in units_of(part):
        is_known = all(text in words for text in own)
        known |= {text: words[text] for text in own} if is_known else {}
        actual = language if is_known else "es"
        foreign[path] = "" if actual == page_language else actual
    return _filled(part, known, foreign, "")


def _filled(part: _P, known: Mapping[str, str], foreign: Mapping[str, str], path: str) -> _P:
    values = {
        name: _value(getattr(part, name), known, foreign, f"{path}.{name}" if path else name)
        for name in type(part).model_fields
    }
    made = type(part).model_construct(_fields_set=set(part.model_fields_set), **values)
    made._lang = foreign.get(path, "")
    return made


def _value(value: Any, known: Mapping[str, str], foreign: Mapping[str, str], path: str) -> Any:
    if isinstance(value, str):
        return known.get(path, value)
    if isinstance(value, Part):
        return _filled(value, known, foreign, path)
    if isinstance(value, tuple):
        return tuple(
            _value(item, known, foreign, f"{path}.{getattr(item, 'id', index)}") for index, item in enumerate(value)
        )
    return value
