"""Sensitive answers are kept sealed: what asks for one says why, and no rule, sending or register reads it."""

from collections.abc import Iterator

from procedures.expressions import is_sensitive, paths_in
from procedures.findings import Finding, Place
from procedures.gate import Phase, Subject, register
from procedures.schema import DecisionStep, Field, RegisterStep, WaitStep
from procedures.soundness.data import conditions_of
from procedures.soundness.law import fields_with_place
from procedures.soundness.outside import sent
from procedures.soundness.tables import cells


@register(Phase.NAMES)
def sensitive_data_have_a_purpose(subject: Subject) -> Iterator[Finding]:
    """A sensitive datum says what for and by which norm."""
    for place, field, _ in fields_with_place(subject):
        if field.sensitive and field.personal is None:
            yield subject.finding(
                place,
                "sensitive_without_purpose",
                f"El dato sensible '{field.id}' no dice para qué se pide.",
                "Agregue «personal: {purpose: …, basis: …}» (Ley 19.628).",
            )


@register(Phase.DATA)
def what_is_worked_out_of_sensitive_data_is_sensitive(subject: Subject) -> Iterator[Finding]:
    """A result kept in the clear would tell what the answers behind it, which are sealed, say."""
    for place, field, form in fields_with_place(subject):
        yield from _rows_worked_out(subject, place, field)
        if field.type != "computed" or field.sensitive:
            continue
        summed = (field.sum_of or "").partition(".")[0]
        used = paths_in(field.formula, subject.bundle) if field.formula else ()
        is_told = any(is_sensitive(subject.bundle, path) for path in used)
        if is_told or any(one.sensitive for one in form.fields if one.id == summed):
            yield subject.finding(
                place,
                "sensitive_computed",
                f"'{field.id}' se calcula con un dato sensible y se guardaría sin cifrar.",
                "Marque también este cálculo como sensible.",
            )


def _rows_worked_out(subject: Subject, place: Place, group: Field) -> Iterator[Finding]:
    """A row that is not sealed works out nothing of what is: of its own questions none is, as rows are sealed whole."""
    for number, inner in enumerate(group.fields):
        used = paths_in(inner.formula, subject.bundle) if inner.formula else ()
        if not group.sensitive and any(is_sensitive(subject.bundle, path) for path in used):
            yield subject.finding(
                (*place, "fields", number),
                "sensitive_computed",
                f"'{inner.id}' se calcula con un dato sensible y se guardaría sin cifrar.",
                f"Marque el grupo '{group.id}' como sensible.",
            )


@register(Phase.DATA)
def sensitive_data_stay_in_the_case(subject: Subject) -> Iterator[Finding]:
    """A registered fact is read by other procedures, so no sensitive answer goes into one."""
    for placed in subject.steps:
        step = placed.step
        if not isinstance(step, RegisterStep):
            continue
        for key, path in {"key": step.key, **step.values}.items():
            place = (*placed.place, "key") if key == "key" else (*placed.place, "values", key)
            if is_sensitive(subject.bundle, path):
                yield subject.finding(
                    place,
                    "sensitive_registered",
                    f"'{path}' es un dato sensible y no puede ir en un registro que leen otros trámites.",
                    "Quítelo del registro.",
                )


@register(Phase.DATA)
def no_rule_reads_what_is_sealed(subject: Subject) -> Iterator[Finding]:
    """A rule over a sensitive answer would find no answer, and take the other way without a word.

    Inside its own form the answer is at hand: questions may depend on it, and it may be required.
    """
    for place, path in _read(subject):
        if is_sensitive(subject.bundle, path) and not _is_own_form(subject, place, path):
            yield subject.finding(
                place,
                "sensitive_in_rule",
                f"'{path}' es un dato sensible: se guarda cifrado y aquí no se conoce.",
                "Deje que un funcionario lo lea y responda en su paso, y use esa respuesta.",
            )


def _read(subject: Subject) -> Iterator[tuple[Place, str]]:
    """Every datum that the engine reads of a case, with the place that names it."""
    for place, condition, bundle in conditions_of(subject):
        yield from ((place, path) for path in paths_in(condition, bundle))
    for placed in subject.steps:
        step = placed.step
        yield from sent(placed)
        if isinstance(step, DecisionStep):
            yield from ((place, cell.data) for place, cell in cells(placed, step))
        if isinstance(step, WaitStep) and step.until:
            yield (*placed.place, "until"), step.until


def _is_own_form(subject: Subject, place: Place, path: str) -> bool:
    asked = subject.bundle.form_of(path.partition(".")[0])
    return place[0] == "forms" and asked == subject.bundle.forms[int(place[1])]
