"""Data flow: conditions make sense, and use only what was answered on every way to them, or ask for it."""

from collections.abc import Iterator
from dataclasses import dataclass

from procedures.expressions import check, paths_in
from procedures.findings import Finding, Place
from procedures.gate import Phase, Subject, register
from procedures.graph import Facts
from procedures.schema import BaseStep, CelCondition, Condition, Field, Form, rows_of
from procedures.soundness.dates import dated_lists


def conditions_of(subject: Subject) -> Iterator[tuple[Place, Condition]]:
    """Every condition of the bundle with its place."""
    for placed in subject.steps:
        for index, route in enumerate(placed.step.routes):
            if route.condition is not None:
                yield (*placed.place, "next", index, "when"), route.condition
        for index, chosen in enumerate(getattr(placed.step, "role_when", ())):
            yield (*placed.place, "role_when", index, "when"), chosen.when
    for ways, place in dated_lists(subject):
        for index, way in enumerate(ways):
            if way.when is not None:
                yield (*place, index, "when"), way.when
    if (asks := subject.bundle.exemption) is not None:
        for key, condition in (("paper", asks.paper), ("letter", asks.letter), ("office", asks.office)):
            yield ("exemption", key), condition
    for number, form in enumerate(subject.bundle.forms):
        for found in form_conditions(form, ("forms", number)):
            yield found.place, found.condition
    for number, document in enumerate(subject.bundle.documents):
        if document.worse_when is not None:
            yield ("documents", number, "worse_when"), document.worse_when
        for index, block in enumerate(document.blocks):
            if block.when is not None:
                yield ("documents", number, "blocks", index, "when"), block.when


@dataclass(frozen=True)
class FormCondition:
    """A condition inside a form, and how many questions of the form are answered before it is looked at."""

    place: Place
    condition: Condition
    before: int


def form_conditions(form: Form, place: Place) -> Iterator[FormCondition]:
    """Every condition of a form: of pages, questions, options, skips, ways out and rules."""
    start = 0
    for number, page in enumerate(form.pages):
        here: Place = (*place, "pages", number)
        end = start + len(page.fields)
        if page.visible_when is not None:
            yield FormCondition((*here, "visible_when"), page.visible_when, start)
        for index, field in enumerate(page.fields):
            yield from _of_field(field, (*here, "fields", index), start + index)
        whens = [("skip", index, way.when) for index, way in enumerate(page.skip)]
        whens += [("exits", index, way.when) for index, way in enumerate(page.exits)]
        for key, index, when in whens:
            yield FormCondition((*here, key, index, "when"), when, end)
        for index, rule in enumerate(form.rules):
            if any(field.id == rule.at for field in page.fields):
                yield FormCondition((*place, "rules", index, "must"), rule.must, end)
        start = end


def _of_field(field: Field, place: Place, before: int) -> Iterator[FormCondition]:
    for key, condition in (("visible_when", field.visible_when), ("required_when", field.required_when)):
        if condition is not None:
            yield FormCondition((*place, key), condition, before)
    for index, option in enumerate(field.options):
        if option.only_when is not None:
            yield FormCondition((*place, "options", index, "only_when"), option.only_when, before)


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


@register(Phase.MEANING)
def roles_depend_on_what_was_answered(subject: Subject) -> Iterator[Finding]:
    """A rule that says who does a step looks at steps that every way to it has finished."""
    for placed in subject.steps:
        for index, chosen in enumerate(getattr(placed.step, "role_when", ())):
            known = subject.graph.facts[placed.step.id]
            yield from unsure(subject, (*placed.place, "role_when", index, "when"), chosen.when, known)


def _known_leaving(subject: Subject, step: BaseStep) -> Facts:
    if step.inner:
        return subject.graph.facts[f"{step.id}/join"]
    return subject.graph.facts[step.id] | {step.id}


@register(Phase.MEANING)
def questions_depend_on_earlier_ones(subject: Subject) -> Iterator[Finding]:
    """Conditions inside a form look at questions before them in the same form, or at steps already finished."""
    for placed in subject.steps:
        form_id = getattr(placed.step, "form", None)
        if form_id is None:
            continue
        form = subject.bundle.form(form_id)
        number = subject.bundle.forms.index(form)
        order = {f"{placed.step.id}.{field.id}": index for index, field in enumerate(form.fields)}
        for found in form_conditions(form, ("forms", number)):
            used = paths_in(found.condition, subject.bundle)
            earlier = [path for path in used if order.get(path, found.before) < found.before]
            known = subject.graph.facts[placed.step.id].union(earlier)
            yield from unsure(subject, found.place, found.condition, known, own_step=placed.step.id)


def unsure(subject: Subject, place: Place, condition: Condition, known: Facts, own_step: str = "") -> Iterator[Finding]:
    """The data of a condition that no step before it surely gave and that it does not ask for."""
    asked = _asked_for(condition)
    for path in paths_in(condition, subject.bundle):
        if _is_of_another_row(subject, path, place, own_step):
            yield subject.finding(
                place,
                "datum_of_a_row",
                f"'{path}' es de una fila, y aquí no hay ninguna.",
                f"Fuera de '{path.partition('.')[0]}' use su lista, en CEL: «{path.partition('.')[0]}.rows.all(r, …)».",
            )
            continue
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


def _is_of_another_row(subject: Subject, path: str, place: Place, own_step: str) -> bool:
    block = subject.bundle.row_data.get(path)
    if block is None:
        return False
    if own_step:
        return subject.bundle.loops.get(own_step) != block
    inside = next((*placed.place, "steps") for placed in subject.steps if placed.step == block)
    return place[: len(inside)] != inside


def _asked_for(condition: Condition) -> Facts:
    """The data whose absence the condition itself looks at (`filled` or `empty`)."""
    if isinstance(condition, CelCondition):
        return frozenset()
    return frozenset(row.field for row in rows_of(condition) if row.op in ("filled", "empty"))
