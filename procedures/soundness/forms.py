"""Forms: skips lead forward, rules speak where they can be seen, sums and formulas add up what exists."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from procedures.expressions import check_formula, nearest, paths_in
from procedures.findings import Finding, Place
from procedures.gate import Phase, Subject, register
from procedures.schema import COLUMN_TYPES, Bundle, Field, ForEachStep, Form, shape_of
from procedures.schema.overlay import units_of
from procedures.soundness.law import fields_with_place, questions_with_place


@register(Phase.NAMES)
def skips_lead_forward(subject: Subject) -> Iterator[Finding]:
    """A skip goes to a later page of the same form."""
    for number, form in enumerate(subject.bundle.forms):
        names = [page.id for page in form.pages]
        for position, page in enumerate(form.pages):
            for index, skip in enumerate(page.skip):
                place: Place = ("forms", number, "pages", position, "skip", index, "goto")
                if skip.goto not in names:
                    yield _unknown(subject, place, "página", skip.goto, names)
                elif names.index(skip.goto) <= position:
                    message = f"El salto a la página '{skip.goto}' no va hacia adelante."
                    yield subject.finding(place, "skip_back", message, "Elija una página posterior.")


@register(Phase.NAMES)
def rules_are_told_beside_a_question(subject: Subject) -> Iterator[Finding]:
    """A rule is told beside a question of its form, and rules and ways out have ids of their own."""
    for number, form in enumerate(subject.bundle.forms):
        names = [field.id for field in form.fields if field.is_question and field.type != "computed"]
        for index, rule in enumerate(form.rules):
            place: Place = ("forms", number, "rules", index)
            if rule.at not in names:
                yield _unknown(subject, (*place, "at"), "pregunta", rule.at, names)
            if rule.id in [other.id for other in form.rules[:index]]:
                yield subject.finding(
                    (*place, "id"), "repeated_id", f"La regla '{rule.id}' está dos veces.", "Cámbielo."
                )


@register(Phase.NAMES)
def groups_name_their_own_questions(subject: Subject) -> Iterator[Finding]:
    """What is unique or totalled in a group is a question of its rows; what is totalled is a number."""
    for place, field, _form in fields_with_place(subject):
        names = [inner.id for inner in field.fields]
        numbers = [inner.id for inner in field.fields if inner.datum_type in COLUMN_TYPES]
        for key, wanted, known in (("unique", field.unique, names), ("totals", field.totals, numbers)):
            for name in wanted:
                if name not in known:
                    thing = "pregunta numérica" if name in names else "pregunta"
                    yield _unknown(subject, (*place, key), thing, name, known)


@register(Phase.NAMES)
def rows_can_be_named(subject: Subject) -> Iterator[Finding]:
    """What a row was answered is `group.question` to its rules: no step has the name of the group, and each id is one.

    A group whose rows follow no rule may be called as it likes, and the block that walks its rows as the group.
    """
    for place, field, form in fields_with_place(subject):
        if field.rows_follow_rules and not _is_free(subject, field, form):
            yield subject.finding(
                (*place, "id"),
                "group_named_as_step",
                f"El grupo '{field.id}' se llama igual que un paso, y en sus filas '{field.id}.campo' es de la fila.",
                "Cambie el id del grupo.",
            )
        names = [inner.id for inner in field.fields]
        for number, name in enumerate(names):
            if name in names[:number]:
                yield subject.finding(
                    (*place, "fields", number, "id"),
                    "repeated_id",
                    f"El id '{name}' está dos veces en las filas de '{field.id}'.",
                    "Cámbielo por otro id.",
                )


def _is_free(subject: Subject, group: Field, form: Form) -> bool:
    """Whether no step but that over its rows is called as a group."""
    bundle = subject.bundle
    if not bundle.has_step(group.id):
        return True
    step = bundle.step(group.id)
    walked = step.over.partition(".") if isinstance(step, ForEachStep) else ("", "", "")
    filled = bundle.steps_by_id.get(walked[0])
    return walked[2] == group.id and getattr(filled, "form", None) == form.id


@register(Phase.NAMES)
def linked_lists_are_grouped(subject: Subject) -> Iterator[Finding]:
    """The options of linked lists stand under the list above them, all of the same one together."""
    for place, field, _beside in questions_with_place(subject):
        groups = [group for group, _members in groupby(field.options, key=lambda option: option.group)]
        if field.type == "linked" and (None in groups or len(groups) != len(set(groups))):
            yield subject.finding(
                (*place, "options"),
                "options_not_grouped",
                f"En '{field.id}' hay opciones sin «group», o un grupo está partido.",
                "Escriba «group» en cada opción, y juntas las del mismo grupo.",
            )


@register(Phase.NAMES)
def lists_hang_from_earlier_questions(subject: Subject) -> Iterator[Finding]:
    """The question that says from which part of a list one chooses is answered before, and has one code."""
    for place, field, beside in questions_with_place(subject):
        if field.under is None:
            continue
        before = beside[: [other.id for other in beside].index(field.id)]
        known = [other.id for other in before if shape_of(other.type) == "option"]
        if field.under not in known:
            yield _unknown(subject, (*place, "under"), "pregunta anterior de una opción", field.under, known)


@register(Phase.NAMES)
def defaults_can_be_answers(subject: Subject) -> Iterator[Finding]:
    """A default is an answer of the question's type."""
    for place, field, _beside in questions_with_place(subject):
        if field.default is not None and not _is_answer(field, field.default):
            yield subject.finding(
                (*place, "default"),
                "default_of_other_type",
                f"La respuesta puesta en '{field.id}' no es del tipo '{field.type}'.",
                "Escriba un valor que la persona podría responder.",
            )


def _is_answer(field: Field, value: Any) -> bool:
    if field.options:
        return value in [option.id for option in field.options]
    wanted = {"whole": int, "truth": bool}.get(shape_of(field.type), str)
    return type(value) is wanted


@register(Phase.DATA)
def results_can_be_computed(subject: Subject) -> Iterator[Finding]:
    """A computed answer adds up numbers before it, or has a formula that gives its type from questions before it."""
    for place, field, form in fields_with_place(subject):
        if field.type not in ("computed", "group"):
            continue
        before = form.fields[: form.fields.index(field)]
        if field.type == "group":
            yield from _row_formulas(subject, place, field, form, before)
            continue
        if field.sum_of is not None and not _can_be_added(field.sum_of, before):
            yield subject.finding(
                (*place, "sum_of"),
                "nothing_to_add",
                f"'{field.sum_of}' no se puede sumar.",
                "Nombre una tabla «amounts» anterior, o `grupo.pregunta` con un número de un grupo anterior.",
            )
        if field.formula is not None:
            yield from _formula(subject, place, field, subject.bundle, _paths_of(subject, form, before))


def _row_formulas(
    subject: Subject, place: Place, group: Field, form: Form, before: tuple[Field, ...]
) -> Iterator[Finding]:
    """In a row, what the same row was answered before is `group.question`."""
    own = _paths_of(subject, form, before)
    for number, inner in enumerate(group.fields):
        if inner.formula is not None:
            known = {**own, group.id: {f"{group.id}.{one.id}" for one in group.fields[:number]}}
            here = (*place, "fields", number)
            yield from _formula(subject, here, inner, subject.bundle.in_row(group), known)


def _paths_of(subject: Subject, form: Form, before: tuple[Field, ...]) -> dict[str, set[str]]:
    """By each step at which a form is filled, the data that it gives before a question."""
    own = [placed.step.id for placed in subject.steps if getattr(placed.step, "form", None) == form.id]
    return {step: {f"{step}.{earlier.id}" for earlier in before} for step in own}


def _can_be_added(path: str, before: tuple[Field, ...]) -> bool:
    name, _, column = path.partition(".")
    known = {field.id: field for field in before}
    if name not in known:
        return False
    columns = {inner.id: inner.datum_type for inner in known[name].fields}
    return columns.get(column) in COLUMN_TYPES if column else known[name].type == "amounts"


def _formula(
    subject: Subject, place: Place, field: Field, bundle: Bundle, before: dict[str, set[str]]
) -> Iterator[Finding]:
    here = (*place, "formula")
    problem = check_formula(field.formula or "", field.result, bundle)
    if problem is not None:
        yield subject.finding(here, problem.code, problem.message, problem.remedy)
        return
    for path in paths_in(field.formula or "", bundle):
        if path not in before.get(path.partition(".")[0], {path}):
            yield subject.finding(
                here,
                "later_question",
                f"La fórmula usa '{path}', que se pregunta después o es la misma.",
                "Ponga antes la pregunta de la que depende.",
            )


def _unknown(subject: Subject, place: Place, thing: str, name: str, known: list[str]) -> Finding:
    near = nearest(name, known)
    question = f"; ¿quiso decir '{near}'?" if near else "."
    remedy = f"Escriba '{near}'." if near else "Corrija el nombre."
    return subject.finding(place, "unknown_name", f"La {thing} '{name}' no existe{question}", remedy)


@register(Phase.NAMES)
def translations_name_texts(subject: Subject) -> Iterator[Finding]:
    """A translation is of a text that exists; what is half translated is pointed out, as it stays in Spanish."""
    if not subject.bundle.translations:
        return
    units = dict(units_of(subject.bundle))
    known = {path for own in units.values() for path in own}
    for language, words in subject.bundle.translations.items():
        for path in words.keys() - known:
            place: Place = ("translations", language, path)
            yield _unknown(subject, place, "ruta", path, sorted(known))
        for own in units.values():
            lacking = [path for path in own if path not in words]
            if lacking and len(lacking) < len(own):
                yield subject.finding(
                    ("translations", language, lacking[0]),
                    "half_translated",
                    f"Falta «{lacking[0]}»: sin ella todo lo que va junto se lee en español.",
                    "Agregue esa traducción.",
                    "suggestion",
                )
