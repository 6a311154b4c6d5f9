"""Data flow: conditions make sense, and use only what was answered on every way to them, or ask for it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from procedures.expressions import check, paths_in
from procedures.findings import Finding, Place
from procedures.gate import Phase, Subject, register
from procedures.graph import Facts
from procedures.schema import BaseStep, Bundle, CelCondition, Condition, Field, Form, rows_of
from procedures.soundness.dates import dated_lists


def conditions_of(subject: Subject) -> Iterator[tuple[Place, Condition, Bundle]]:
    """Every condition of the bundle with its place, and the bundle as it is read there."""
    for place, condition in _outside_rows(subject):
        yield place, condition, subject.bundle
    for number, form in enumerate(subject.bundle.forms):
        for found in form_conditions(form, ("forms", number)):
            yield found.place, found.condition, found.read_in(subject.bundle)


def _outside_rows(subject: Subject) -> Iterator[tuple[Place, Condition]]:
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
    group: Field | None = None
    """The group in whose rows it is looked at, if it is."""
    before_in_row: int = 0
    """How many questions of the row are answered before."""

    def read_in(self, bundle: Bundle) -> Bundle:
        """The bundle as the condition is read."""
        return bundle if self.group is None else bundle.in_row(self.group)

    def earlier_in_row(self) -> list[str]:
        """What the same row was answered before."""
        group = self.group
        return [f"{group.id}.{one.id}" for one in group.fields[: self.before_in_row]] if group is not None else []


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
            for number_in_row, inner in enumerate(field.fields):
                there: Place = (*here, "fields", index, "fields", number_in_row)
                for found in _of_field(inner, there, start + index):
                    yield replace(found, group=field, before_in_row=number_in_row)
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
    for place, condition, bundle in conditions_of(subject):
        for problem in check(condition, bundle):
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
            used = paths_in(found.condition, found.read_in(subject.bundle))
            earlier = [path for path in used if order.get(path, found.before) < found.before]
            earlier += found.earlier_in_row()
            known = subject.graph.facts[placed.step.id].union(earlier)
            yield from unsure(subject, found.place, found.condition, known, own_step=placed.step.id, group=found.group)


def unsure(
    subject: Subject,
    place: Place,
    condition: Condition,
    known: Facts,
    own_step: str = "",
    group: Field | None = None,
) -> Iterator[Finding]:
    """The data of a condition that no step before it surely gave and that it does not ask for.

    `group`: that in whose rows it is looked at.
    """
    asked, row = _asked_for(condition), group.id if group is not None else ""
    bundle = subject.bundle if group is None else subject.bundle.in_row(group)
    for path in paths_in(condition, bundle):
        if path.partition(".")[0] != row and _is_of_another_row(subject, path, place, own_step):
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
        if step_id in (own_step, row):
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
        return block not in (subject.bundle.loops.get(own_step), subject.bundle.steps_by_id.get(own_step))
    inside = next((*placed.place, "steps") for placed in subject.steps if placed.step == block)
    return place[: len(inside)] != inside


def _asked_for(condition: Condition) -> Facts:
    """The data whose absence the condition itself looks at (`filled` or `empty`)."""
    if isinstance(condition, CelCondition):
        return frozenset()
    return frozenset(row.field for row in rows_of(condition) if row.op in ("filled", "empty"))
