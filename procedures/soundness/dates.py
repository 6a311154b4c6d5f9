"""Values that depend on a date: two never rule the same day, and no day is left out by mistake (R78)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from procedures.expressions import paths_in
from procedures.findings import Finding, Place
from procedures.gate import Phase, Subject, register
from procedures.schema import Dated

_DAY = timedelta(days=1)


def dated_lists(subject: Subject) -> Iterator[tuple[Sequence[Dated], Place]]:
    """Every list of values that depend on data or on a date, with its place: of terms, of fees, of the legal blocks."""
    for placed in subject.steps:
        deadline = getattr(placed.step, "deadline", None)
        if deadline is not None:
            yield deadline.amounts, (*placed.place, "deadline", "amounts")
    yield subject.bundle.term.amounts, ("term", "amounts")
    yield from _of_fees(subject)
    yield from _of_law(subject)


def _of_fees(subject: Subject) -> Iterator[tuple[Sequence[Dated], Place]]:
    for number, fee in enumerate(subject.bundle.fees):
        yield fee.amounts, ("fees", number, "amounts")


def _of_law(subject: Subject) -> Iterator[tuple[Sequence[Dated], Place]]:
    law = subject.bundle.law
    if law is not None and law.appeals is not None:
        yield law.appeals.amounts, ("law", "appeals", "amounts")
        yield law.appeals.decide_in_amounts, ("law", "appeals", "decide_in_amounts")
    if law is not None and law.opposition is not None:
        yield law.opposition.amounts, ("law", "opposition", "amounts")


@register(Phase.NAMES)
def dates_leave_no_doubt(subject: Subject) -> Iterator[Finding]:
    """R78 (Ley 21.180, transitory art. 3): each day has one rule.

    Two unconditional values on one day are an error, and so is one after an unconditional value that rules all its
    days; days between two of them on which the general value comes back are pointed out.
    """
    for ways, place in dated_lists(subject):
        yield from _overlaps(subject, ways, place)
        yield from _gaps(subject, ways, place)


def _overlaps(subject: Subject, ways: Sequence[Dated], place: Place) -> Iterator[Finding]:
    for index, later in enumerate(ways):
        for earlier in ways[:index]:
            first, last = _first(earlier, later), _last(earlier, later)
            if earlier.when is None and first <= last:
                yield subject.finding(
                    (*place, index),
                    "dates_overlap",
                    f"{_days(first, last)} rigen dos valores a la vez, y se tomaría siempre el primero.",
                    "Termine el primero el día antes de que empiece el segundo, o ponga antes el que lleva condición.",
                )


def _gaps(subject: Subject, ways: Sequence[Dated], place: Place) -> Iterator[Finding]:
    dated = sorted((way for way in ways if way.when is None), key=lambda way: way.since or "")
    for before, after in pairwise(dated):
        if before.until is None or after.since is None:
            continue
        first, last = date.fromisoformat(before.until) + _DAY, date.fromisoformat(after.since) - _DAY
        if first <= last:
            yield subject.finding(
                (*place, ways.index(after)),
                "dates_gap",
                f"{_days(first, last)} no rige ninguno de los valores con fecha, y vuelve el general.",
                "Si no es lo que dice la norma, junte las fechas.",
                "suggestion",
            )


def _first(one: Dated, other: Dated) -> date:
    return max(date.fromisoformat(way.since) if way.since else date.min for way in (one, other))


def _last(one: Dated, other: Dated) -> date:
    return min(date.fromisoformat(way.until) if way.until else date.max for way in (one, other))


def _days(first: date, last: date) -> str:
    """The days in words, from and to included; those without a beginning or an end have none."""
    since = "" if first == date.min else f"desde el {first:%d/%m/%Y}"
    until = "" if last == date.max else f"hasta el {last:%d/%m/%Y}"
    return " ".join(filter(None, [since, until])).capitalize() or "Siempre"


@register(Phase.NAMES)
def fees_have_names_of_their_own(subject: Subject) -> Iterator[Finding]:
    """Each fee is named once."""
    seen: set[str] = set()
    for number, fee in enumerate(subject.bundle.fees):
        if fee.id in seen:
            place = ("fees", number, "id")
            yield subject.finding(place, "repeated_id", f"El id '{fee.id}' ya lo usa otro cobro.", "Cámbielo por otro.")
        seen.add(fee.id)


@register(Phase.DATA)
def dated_values_are_known_when_it_is_filed(subject: Subject) -> Iterator[Finding]:
    """What is charged, how long the case may take and how long one may appeal or oppose follow from the application.

    They are asked for on the day of filing, whatever step the case reaches later.
    """
    term: list[tuple[Sequence[Dated], Place]] = [(subject.bundle.term.amounts, ("term", "amounts"))]
    yield from _of_later_steps(subject, _of_fees(subject), "fee_of_later_step", "El monto")
    yield from _of_later_steps(subject, term, "term_of_later_step", "El plazo")
    yield from _of_later_steps(subject, _of_law(subject), "law_term_of_later_step", "El plazo")


def _of_later_steps(
    subject: Subject, lists: Iterable[tuple[Sequence[Dated], Place]], code: str, value: str
) -> Iterator[Finding]:
    starts = {placed.step.id for placed in subject.steps if placed.step.kind == "start"}
    for ways, place in lists:
        for index, way in enumerate(ways):
            named = paths_in(way.when, subject.bundle) if way.when is not None else ()
            for path in named:
                if path.partition(".")[0] not in starts:
                    yield subject.finding(
                        (*place, index, "when"),
                        code,
                        f"{value} depende de '{path}', que no se responde en la solicitud.",
                        "Use respuestas de la solicitud: se debe saber desde que se presenta.",
                    )
