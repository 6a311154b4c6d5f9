"""Names: each id once, and everything that is named exists."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from procedures.expressions.problems import nearest
from procedures.findings import Finding, Place
from procedures.gate import Phase, PlacedStep, Subject, register
from procedures.schema import BaseStep, Bundle, LookupStep, RegisterStep, StartStep

_THINGS = {"role": "cargo", "form": "formulario", "document": "documento", "notice": "aviso", "step": "paso"}
_REFERENCES = {
    "role": "role",
    "signers": "role",
    "added_by": "role",
    "verified_by": "role",
    "form": "form",
    "document": "document",
    "attach": "document",
    "notice": "notice",
    "amends": "step",
    "requested_by": "step",
    "on_return": "step",
    "act": "step",
    "same_as": "step",
    "not_same_as": "step",
    "required": "step",
}
"""Keys of steps that name something, and what."""


def ids_of(bundle: Bundle, thing: str) -> list[str]:
    """The ids of the roles, forms, documents, notices or steps of a bundle."""
    if thing == "step":
        return [step.id for step in bundle.all_steps()]
    things: dict[str, tuple[Any, ...]] = {
        "role": bundle.roles,
        "form": bundle.forms,
        "document": bundle.documents,
        "notice": bundle.notices,
    }
    return [item.id for item in things[thing]]


@register(Phase.NAMES)
def ids_are_unique(subject: Subject) -> Iterator[Finding]:
    """Every id stands once in its list."""
    bundle = subject.bundle
    yield from _repeated(subject, [(placed.step.id, placed.place) for placed in subject.steps], "paso")
    for thing, key in (("role", "roles"), ("form", "forms"), ("document", "documents"), ("notice", "notices")):
        named: list[tuple[str, Place]] = [(name, (key, index)) for index, name in enumerate(ids_of(bundle, thing))]
        yield from _repeated(subject, named, _THINGS[thing])
    for index, form in enumerate(bundle.forms):
        pages: list[tuple[str, Place]] = []
        fields: list[tuple[str, Place]] = []
        for number, page in enumerate(form.pages):
            place: Place = ("forms", index, "pages", number)
            pages.append((page.id, place))
            fields += [(item.id, (*place, "fields", position)) for position, item in enumerate(page.fields)]
        yield from _repeated(subject, pages, "página")
        yield from _repeated(subject, fields, "campo")


def _repeated(subject: Subject, named: list[tuple[str, Place]], thing: str) -> Iterator[Finding]:
    seen: set[str] = set()
    for name, place in named:
        if name in seen:
            message = (
                f"El id '{name}' ya lo usa otro {thing}."
                if thing != "página"
                else f"El id '{name}' ya lo usa otra página."
            )
            yield subject.finding((*place, "id"), "repeated_id", message, "Cámbielo por otro id.")
        seen.add(name)


@register(Phase.NAMES)
def references_exist(subject: Subject) -> Iterator[Finding]:
    """Roles, forms, documents, notices and steps that a step names are declared."""
    for placed in subject.steps:
        for key, name in _named_by(placed.step):
            yield from _unknown(subject, (*placed.place, key), _REFERENCES[key], name)
        yield from _targets_exist(subject, placed)


def _named_by(step: BaseStep) -> Iterator[tuple[str, str]]:
    """What a step names, each with its key."""
    for key in _keys_of(type(step)):
        named = getattr(step, key)
        yield from ((key, name) for name in ((named,) if isinstance(named, str) else named or ()))


@cache
def _keys_of(kind: type[BaseStep]) -> tuple[str, ...]:
    """The keys of a kind of step that name something."""
    return tuple(key for key in _REFERENCES if key in kind.model_fields)


def _unknown(subject: Subject, place: Place, thing: str, name: str) -> Iterator[Finding]:
    known = subject.bundle.steps_by_id if thing == "step" else ids_of(subject.bundle, thing)
    if name not in known:
        near = nearest(name, list(known))
        question = f"; ¿quiso decir '{near}'?" if near else "."
        remedy = f"Escriba '{near}'." if near else f"Declare el {_THINGS[thing]} o corrija el nombre."
        yield subject.finding(place, f"unknown_{thing}", f"El {_THINGS[thing]} '{name}' no existe{question}", remedy)


def _targets_exist(subject: Subject, placed: PlacedStep) -> Iterator[Finding]:
    for place, target in route_places(placed):
        if target != "join":
            yield from _unknown(subject, place, "step", target)
    deadline = getattr(placed.step, "deadline", None)
    if deadline is None:
        return
    for key, target in (("on_expire", deadline.on_expire), ("trigger", deadline.notified_step)):
        if target:
            yield from _unknown(subject, (*placed.place, "deadline", key), "step", target)


def route_places(placed: PlacedStep) -> Iterator[tuple[Place, str]]:
    """Each target of a step's `next`, with its place."""
    written = getattr(placed.step, "next", None)
    if isinstance(written, str):
        yield (*placed.place, "next"), written
        return
    for index, route in enumerate(placed.step.routes):
        key = "otherwise" if route.condition is None else "goto"
        yield (*placed.place, "next", index, key), route.target


@register(Phase.DATA)
def data_exist(subject: Subject) -> Iterator[Finding]:
    """Data that steps and documents take from answers exist."""
    types = subject.bundle.types
    named = [((*placed.place, *key), path) for placed in subject.steps for key, path in _data_of(placed.step)]
    if subject.bundle.exemption is not None:
        named.append((("exemption", "address"), subject.bundle.exemption.address))
    for place, path in named:
        if path not in types:
            near = nearest(path, types)
            question = f"; ¿quiso decir '{near}'?" if near else "."
            yield subject.finding(
                place,
                "unknown_field",
                f"El campo '{path}' no existe{question}",
                f"Escriba '{near}'." if near else "Use `paso.campo` con un paso y un campo del trámite.",
            )


def _data_of(step: BaseStep) -> Iterator[tuple[Place, str]]:
    if isinstance(step, LookupStep | RegisterStep):
        yield ("key",), step.key
    if isinstance(step, RegisterStep):
        for name, path in step.values.items():
            yield ("values", name), path
    if isinstance(step, StartStep) and step.summary_field:
        yield ("summary_field",), f"{step.id}.{step.summary_field}"
    if isinstance(step, StartStep) and step.co_applicants:
        yield ("co_applicants", "group"), f"{step.id}.{step.co_applicants.group}"


@register(Phase.NAMES)
def declared_things_are_used(subject: Subject) -> Iterator[Finding]:
    """What no step uses is pointed out."""
    used = _used(subject.bundle)
    for thing, key in (("role", "roles"), ("form", "forms"), ("notice", "notices")):
        for index, name in enumerate(ids_of(subject.bundle, thing)):
            if (thing, name) not in used:
                yield subject.finding(
                    (key, index),
                    f"unused_{thing}",
                    f"Ningún paso usa el {_THINGS[thing]} '{name}'.",
                    "Úselo o quítelo.",
                    "suggestion",
                )


def _used(bundle: Bundle) -> set[tuple[str, str]]:
    """What steps and legal blocks name: the kind of thing and its id."""
    own = {("role", slot) for slot in bundle.law.slots} if bundle.law is not None else set()
    return own | {(_REFERENCES[key], name) for step in bundle.all_steps() for key, name in _named_by(step)}
