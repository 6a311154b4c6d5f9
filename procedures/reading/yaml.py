"""YAML as plain data with the line of every part.

A closed subset: one document, no anchors or aliases (so no text can grow when read), no tags, no repeated keys.
Numbers with decimals stay text, because the canonical form has no floats; so do dates.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from procedures.findings import Finding, Place, make_finding

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 40
MAX_NODES = 100_000
_CONTENT = (
    MappingStartEvent,
    SequenceStartEvent,
    ScalarEvent,
    MappingEndEvent,
    SequenceEndEvent,
    DocumentEndEvent,
)
_INT = re.compile(r"^[-+]?(0|[1-9][0-9]*)$")
_CONSTANTS: dict[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True)
class Reading:
    """What a text holds: its data (None when it cannot be read), the line of each place, and what was found."""

    data: Any
    lines: dict[Place, int]
    findings: list[Finding] = field(default_factory=list)


class _Refused(Exception):
    def __init__(self, line: int, code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.line, self.code, self.message, self.remedy = line, code, message, remedy


def read_yaml(text: str) -> Reading:
    """The data of a YAML text; a text that is broken or out of bounds gives a finding and no data."""
    builder = _Builder()
    try:
        if len(text) > MAX_CHARACTERS:
            raise _Refused(1, "too_big", "El archivo es demasiado grande.", "Un trámite cabe en un megabyte.")
        data = builder.document(text)
    except _Refused as refused:
        place_lines: dict[Place, int] = {(): refused.line}
        return Reading(None, {}, [make_finding(place_lines, (), refused.code, refused.message, refused.remedy)])
    return Reading(data, builder.lines, builder.findings)


class _Builder:
    """Builds data from the parser's events, so that bounds hold before anything is built."""

    def __init__(self) -> None:
        self.lines: dict[Place, int] = {}
        self.findings: list[Finding] = []

    def document(self, text: str) -> Any:
        events = _events(text)
        first = next(events, None)
        if first is None or isinstance(first, DocumentEndEvent):
            raise _Refused(1, "not_a_mapping", "El archivo está vacío.", "Escriba el trámite, o parta de un ejemplo.")
        data = self._node(first, events, ())
        for event in events:
            if not isinstance(event, DocumentEndEvent):
                raise _Refused(_line(event), "many_documents", "Hay más de un documento.", "Deje uno por archivo.")
        return data

    def _node(self, event: Event, events: Iterator[Event], place: Place) -> Any:
        self.lines.setdefault(place, _line(event))
        if isinstance(event, MappingStartEvent):
            return self._mapping(events, place)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(events, place)
        return _scalar(event)

    def _mapping(self, events: Iterator[Event], place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(events), MappingEndEvent):
            if not isinstance(event, ScalarEvent):
                raise _Refused(
                    _line(event), "key_not_text", "Una clave debe ser una palabra.", "Escriba «clave: valor»."
                )
            key = str(event.value)
            inner = (*place, key)
            if key in found:
                self._repeated(key, inner, event)
            self.lines[inner] = _line(event)
            found[key] = self._node(next(events), events, inner)
        return found

    def _sequence(self, events: Iterator[Event], place: Place) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(events), SequenceEndEvent):
            found.append(self._node(event, events, (*place, len(found))))
        return found

    def _repeated(self, key: str, place: Place, event: Event) -> None:
        here = {**self.lines, place: _line(event)}
        message = f"La clave «{key}» está repetida; la primera está en la línea {self.lines[place]}."
        self.findings.append(make_finding(here, place, "repeated_key", message, "Deje una sola."))


def _events(text: str) -> Iterator[Event]:
    """The events of a document's content, within bounds."""
    try:
        yield from _bounded(YAML(typ="safe", pure=True).parse(text))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        message, remedy = "El archivo no es YAML bien escrito en esta línea.", "Revise sangría, dos puntos y comillas."
        raise _Refused(line, "broken_yaml", message, remedy) from None
    except YAMLError:
        message, remedy = "El archivo tiene caracteres que YAML no admite.", "Guárdelo como texto UTF-8 sin ellos."
        raise _Refused(1, "broken_yaml", message, remedy) from None


def _bounded(events: Iterable[Event]) -> Iterator[Event]:
    depth = 0
    for nodes, event in enumerate(events):
        _refuse_extras(event)
        depth += isinstance(event, MappingStartEvent | SequenceStartEvent)
        depth -= isinstance(event, MappingEndEvent | SequenceEndEvent)
        if depth > MAX_DEPTH or nodes > MAX_NODES:
            message = "El archivo está demasiado anidado o tiene demasiadas partes."
            raise _Refused(_line(event), "too_deep", message, "Divida el trámite en pasos y formularios más simples.")
        if isinstance(event, _CONTENT):
            yield event


def _refuse_extras(event: Event) -> None:
    if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
        raise _Refused(_line(event), "yaml_alias", "No se admiten anclas ni alias de YAML (& y *).", "Repita el texto.")
    if getattr(event, "tag", None):
        raise _Refused(_line(event), "yaml_tag", "No se admiten etiquetas de YAML (!).", "Quite la etiqueta.")


def _line(event: Event) -> int:
    return int(event.start_mark.line) + 1


def _scalar(event: Event) -> Any:
    assert isinstance(event, ScalarEvent)
    text = str(event.value)
    is_plain = event.implicit[0]
    if is_plain and text in _CONSTANTS:
        return _CONSTANTS[text]
    return int(text) if is_plain and _INT.match(text) else text
