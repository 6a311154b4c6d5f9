"""Questions: their bounds are possible, and pages stay short."""

import re
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal

from procedures.fields.relative import day_of_limit, is_relative
from procedures.findings import Finding
from procedures.gate import Phase, Subject, register
from procedures.schema import Field, shape_of
from procedures.soundness.law import fields_with_place, questions_with_place

QUESTIONS_PER_PAGE = 5
SOME_DAY = date(2026, 7, 1)
_PREFILL_TYPES = {
    "person.full_name": {"text"},
    "person.run": {"run", "rut"},
    "person.email": {"email"},
    "person.phone": {"phone"},
}


@register(Phase.NAMES)
def bounds_are_possible(subject: Subject) -> Iterator[Finding]:
    """Minimum and maximum are of the field's type and in order."""
    for place, field, _ in questions_with_place(subject):
        try:
            low, high = _bound(field, field.min), _bound(field, field.max)
        except ValueError:
            yield subject.finding(
                place,
                "bound_of_other_type",
                f"El mínimo o el máximo de '{field.id}' no sirve para el tipo '{field.type}'.",
                "Escriba un entero, un decimal entre comillas, una fecha AAAA-MM-DD o una hora HH:MM, según el tipo. "
                "En una fecha sirve también `today`, o `today + 15 days`.",
            )
            continue
        if is_relative(field.min) != is_relative(field.max):
            low = high = None  # which of them comes first depends on the day
        counts = ((field.min_rows, field.max_rows), (field.min_files, field.max_files))
        if (low is not None and high is not None and low > high) or any(least > most for least, most in counts):
            yield subject.finding(
                place, "bounds_crossed", f"En '{field.id}' el mínimo es mayor que el máximo.", "Cámbielos."
            )


def _bound(field: Field, value: int | str | None) -> Decimal | None:
    """A bound as a number (dates by their day, hours by their minutes); ValueError when it is not of the type."""
    if value is None:
        return None
    if field.type in ("date", "datetime", "period"):
        return Decimal(day_of_limit(value, SOME_DAY).toordinal())
    if field.type == "time":
        clock = time.fromisoformat(str(value))
        return Decimal(clock.hour * 60 + clock.minute)
    if (isinstance(value, str) and shape_of(field.type) != "decimal") or not re.fullmatch(r"-?\d+(\.\d+)?", str(value)):
        raise ValueError(value)
    return Decimal(value)


@register(Phase.NAMES)
def prefills_fit(subject: Subject) -> Iterator[Finding]:
    """A datum of the person fills only a question of its type."""
    for place, field, _ in fields_with_place(subject):
        if field.prefill and field.type not in _PREFILL_TYPES[field.prefill]:
            yield subject.finding(
                (*place, "prefill"),
                "prefill_of_other_type",
                f"'{field.prefill}' no sirve para '{field.id}'.",
                f"Úselo en un campo de tipo {' o '.join(sorted(_PREFILL_TYPES[field.prefill]))}.",
            )


@register(Phase.NAMES)
def options_are_unique(subject: Subject) -> Iterator[Finding]:
    """Each option of a question has its own id, and there is something to choose."""
    for place, field, _ in questions_with_place(subject):
        ids = [option.id for option in field.options]
        if len(ids) != len(set(ids)):
            yield subject.finding(
                (*place, "options"), "repeated_id", f"Dos opciones de '{field.id}' tienen el mismo id.", "Cambie uno."
            )
        if field.type in ("choice", "linked", "ranking") and len(ids) == 1:
            yield subject.finding(
                (*place, "options"),
                "one_option",
                f"'{field.id}' tiene una sola opción.",
                "Agregue otra, o use «declaration».",
            )


@register(Phase.NAMES)
def lists_show_nothing_sensitive(subject: Subject) -> Iterator[Finding]:
    """The field that sums up an application in lists is not sensitive, and can be read in a line."""
    start = subject.bundle.start if any(step.kind == "start" for step in subject.bundle.steps) else None
    if start is None or start.summary_field is None:
        return
    for place, field, form in fields_with_place(subject):
        if (
            form.id == start.form
            and field.id == start.summary_field
            and (field.sensitive or field.type == "textarea" or shape_of(field.type) in ("rows", "file", "none"))
        ):
            yield subject.finding(
                place,
                "summary_not_short",
                f"'{field.id}' no puede resumir la solicitud en las listas.",
                "Elija en «summary_field» una respuesta corta que no sea sensible.",
            )


@register(Phase.NAMES)
def co_applicants_can_be_named(subject: Subject) -> Iterator[Finding]:
    """The group of those who sign too asks each one's RUN and name."""
    start = subject.bundle.start if any(step.kind == "start" for step in subject.bundle.steps) else None
    if start is None or start.co_applicants is None:
        return
    named = start.co_applicants
    wanted = {(named.run, "run"), (named.names, "text")}
    for place, field, form in fields_with_place(subject):
        if form.id != start.form or field.id != named.group:
            continue
        always = {(inner.id, inner.type) for inner in field.fields if inner.required and not inner.is_conditional}
        if field.type != "group" or not wanted <= always:
            yield subject.finding(
                place,
                "co_applicants_unnamed",
                f"'{field.id}' no dice quiénes firman también.",
                "Use un grupo con dos preguntas obligatorias y sin condición: una de tipo `run` y una de tipo `text`. "
                "Nómbrelas en `co_applicants`.",
            )


@register(Phase.NAMES)
def pages_are_short(subject: Subject) -> Iterator[Finding]:
    """Advice when a page asks for too much at once."""
    for number, form in enumerate(subject.bundle.forms):
        for index, page in enumerate(form.pages):
            questions = sum(field.is_question for field in page.fields)
            if questions > QUESTIONS_PER_PAGE:
                yield subject.finding(
                    ("forms", number, "pages", index),
                    "long_page",
                    f"La página '{page.id}' tiene {questions} preguntas.",
                    f"Divídala: hasta {QUESTIONS_PER_PAGE} se leen bien en un teléfono.",
                    "suggestion",
                )
