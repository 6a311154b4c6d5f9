"""Data flow: conditions make sense, and use only what was answered on every way to them, or ask for it."""

import re
from collections.abc import Iterator

from procedures.expressions import check
from procedures.findings import Finding, Place
from procedures.gate import Phase, Subject, register
from procedures.graph import Facts
from procedures.schema import BaseStep, Bundle, CelCondition, Condition, Form, rows_of

_CEL_PATH = re.compile(r"(?<![\w.\"'])[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*(?![\w(])")


def conditions_of(subject: Subject) -> Iterator[tuple[Place, Condition]]:
    """Every condition of the bundle with its place."""
    for placed in subject.steps:
        for index, route in enumerate(placed.step.routes):
            if route.condition is not None:
                yield (*placed.place, "next", index, "when"), route.condition
    for number, form in enumerate(subject.bundle.forms):
        for place, _, condition in _visibility(form, ("forms", number)):
            yield place, condition
    for number, document in enumerate(subject.bundle.documents):
        for index, block in enumerate(document.blocks):
            if block.when is not None:
                yield ("documents", number, "blocks", index, "when"), block.when


def _visibility(form: Form, place: Place) -> Iterator[tuple[Place, str, Condition]]:
    for number, page in enumerate(form.pages):
        for index, field in enumerate(page.fields):
            if field.visible_when is not None:
                yield (*place, "pages", number, "fields", index, "visible_when"), field.id, field.visible_when


def paths_in(condition: Condition, bundle: Bundle) -> list[str]:
    """The data that a condition looks at, in order."""
    if isinstance(condition, CelCondition):
        return [path for path in dict.fromkeys(_CEL_PATH.findall(condition.cel)) if path in bundle.types]
    return list(dict.fromkeys(row.field for row in rows_of(condition)))


@register(Phase.DATA)
def conditions_make_sense(subject: Subject) -> Iterator[Finding]:
    """Every condition names data that exist, compares them with values of their type, and gives yes or no."""
    for place, condition in conditions_of(subject):
        for problem in check(condition, subject.bundle):
            yield subject.finding(place, problem.code, problem.message, problem.remedy)


@register(Phase.MEANING)
def routes_use_what_was_answered(subject: Subject) -> Iterator[Finding]:
    """An alternative looks at steps that every way to it has finished, or asks whether there is an answer."""
    for placed in subject.steps:
        known = _known_leaving(subject, placed.step)
        for index, route in enumerate(placed.step.routes):
            if route.condition is not None:
                yield from unsure(subject, (*placed.place, "next", index, "when"), route.condition, known)


def _known_leaving(subject: Subject, step: BaseStep) -> Facts:
    if step.inner:
        return subject.graph.facts[f"{step.id}/join"]
    return subject.graph.facts[step.id] | {step.id}


@register(Phase.MEANING)
def questions_depend_on_earlier_ones(subject: Subject) -> Iterator[Finding]:
    """`visible_when` looks at questions before it in the same form, or at steps already finished."""
    for placed in subject.steps:
        form_id = getattr(placed.step, "form", None)
        if form_id is None:
            continue
        form = subject.bundle.form(form_id)
        number = subject.bundle.forms.index(form)
        for place, field_id, condition in _visibility(form, ("forms", number)):
            earlier = _before(form, field_id, placed.step.id)
            known = subject.graph.facts[placed.step.id] | earlier
            yield from unsure(subject, place, condition, known, own_step=placed.step.id)


def _before(form: Form, field_id: str, step_id: str) -> Facts:
    ids = [field.id for field in form.fields]
    return frozenset(f"{step_id}.{name}" for name in ids[: ids.index(field_id)])


def unsure(subject: Subject, place: Place, condition: Condition, known: Facts, own_step: str = "") -> Iterator[Finding]:
    """The data of a condition that no step before it surely gave and that it does not ask for."""
    asked = _asked_for(condition)
    for path in paths_in(condition, subject.bundle):
        step_id = path.partition(".")[0]
        if step_id in known or path in known or path in asked:
            continue
        if step_id == own_step:
            yield subject.finding(
                place,
                "later_question",
                f"La condición usa '{path}', que se pregunta después o es la misma pregunta.",
                "Ponga antes la pregunta de la que depende.",
            )
        else:
            yield subject.finding(
                place,
                "not_answered_yet",
                f"La condición usa '{path}', pero hay un camino que llega aquí sin ese paso.",
                f"Agregue a la condición {{field: {path}, op: filled}}, o cambie el recorrido.",
            )


def _asked_for(condition: Condition) -> Facts:
    """The data whose absence the condition itself looks at (`filled` or `empty`)."""
    if isinstance(condition, CelCondition):
        return frozenset()
    return frozenset(row.field for row in rows_of(condition) if row.op in ("filled", "empty"))
