"""Decision tables: every case has exactly one row."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise, product
from math import prod
from typing import Any

from procedures.expressions.problems import RuleError
from procedures.expressions.tables import ORDERED, row_holds
from procedures.expressions.words import label_of, word_of
from procedures.findings import Finding, Place
from procedures.gate import Phase, PlacedStep, Subject, register
from procedures.schema import FACETS, Bundle, DecisionStep, TableCell, shape_of

MOST_CASES = 20_000
"""Combinations of data that are tried at most."""
SHOWN = 3
"""Gaps and overlaps that are told at once."""
SHAPES = frozenset({"text", "whole", "decimal", "day", "truth", "option"})
"""Shapes of answers that a cell can look at."""


def _tables(subject: Subject) -> Iterator[tuple[PlacedStep, DecisionStep]]:
    for placed in subject.steps:
        if isinstance(placed.step, DecisionStep):
            yield placed, placed.step


def cells(placed: PlacedStep, step: DecisionStep) -> Iterator[tuple[Place, TableCell]]:
    """Every cell that compares a datum, with its place."""
    for number, row in enumerate(step.rows):
        for index, cell in enumerate(row.when):
            yield (*placed.place, "rows", number, "when", index), cell


@register(Phase.DATA)
def table_cells_fit_their_data(subject: Subject) -> Iterator[Finding]:
    """Cells compare data with values of their type; each row gives every result, and no other."""
    for placed, step in _tables(subject):
        for place, cell in cells(placed, step):
            problem = _cell_problem(cell, subject)
            if problem:
                yield subject.finding(place, "cell_of_other_type", problem, "Corrija la celda.")
        for number, row in enumerate(step.rows):
            if set(row.then) != set(step.values):
                yield subject.finding(
                    (*placed.place, "rows", number, "then"),
                    "row_without_results",
                    f"La fila {number + 1} no da exactamente los resultados {', '.join(step.values)}.",
                    "Escriba en «then» un valor para cada uno de «values».",
                )


def _cell_problem(cell: TableCell, subject: Subject) -> str:
    kind = subject.bundle.types.get(cell.data)
    if kind is None:
        return f"El campo '{cell.data}' no existe."
    if kind not in FACETS or shape_of(kind) not in SHAPES:
        return f"'{cell.data}', de tipo '{kind}', no sirve en una tabla."
    if _is_sensitive(cell.data, subject):
        return f"'{cell.data}' es un dato sensible: no puede decidir en una tabla."
    if (cell.min is not None or cell.below is not None) and kind not in ORDERED:
        return f"'{cell.data}', de tipo '{kind}', no tiene orden: use «equals»."
    unknown = [str(value) for value in cell.equals if value not in (_options(cell.data, subject) or cell.equals)]
    if unknown:
        return f"{', '.join(unknown)} no es una opción de '{cell.data}'."
    try:
        _samples_of([cell], kind)
    except (RuleError, ValueError, TypeError, OverflowError, InvalidOperation):
        return f"Un valor de la celda no sirve para '{cell.data}', de tipo '{kind}'."
    return ""


def _is_sensitive(path: str, subject: Subject) -> bool:
    try:
        return subject.bundle.field(path).sensitive
    except KeyError:
        return False


@register(Phase.MEANING)
def tables_have_one_row_for_each_case(subject: Subject) -> Iterator[Finding]:
    """No combination of data is without a row, and none has two."""
    for placed, step in _tables(subject):
        axes = _axes(step, subject)
        if prod(len(samples) for samples in axes.values()) > MOST_CASES:
            yield subject.finding(
                placed.place,
                "table_too_big",
                f"La tabla '{step.id}' tiene demasiadas combinaciones para comprobarla.",
                "Divídala en dos tablas, o use menos valores distintos.",
            )
            continue
        yield from _gaps_and_overlaps(subject, placed, step, axes)


def findings_of_table(bundle: Bundle, step_id: str) -> list[tuple[int | None, str]]:
    """What is wrong with a table of a procedure that may still be unfinished: the row, from 0 (None for the whole
    table), and what it is."""
    subject = Subject(bundle)
    found = list(table_cells_fit_their_data(subject)) or list(tables_have_one_row_for_each_case(subject))
    own = next((placed.place for placed in subject.steps if placed.step.id == step_id), None)
    start = f"{'.'.join(map(str, own or ()))}."
    told = [(f"{finding.path}.".removeprefix(start), finding.message) for finding in found
            if own is not None and f"{finding.path}.".startswith(start)]  # fmt: skip
    return [(int(rest.split(".")[1]) if rest.startswith("rows.") else None, text) for rest, text in told]


def _axes(step: DecisionStep, subject: Subject) -> dict[str, list[Any]]:
    cells: dict[str, list[TableCell]] = {}
    for row in step.rows:
        for cell in row.when:
            cells.setdefault(cell.data, []).append(cell)
    return {path: _samples(path, found, subject, step) for path, found in cells.items()}


def _samples(path: str, cells: list[TableCell], subject: Subject, step: DecisionStep) -> list[Any]:
    """One value of each kind of case that the cells can tell apart; None where the datum may be missing."""
    options = _options(path, subject)
    samples = list(options) if options else _samples_of(cells, subject.bundle.types[path])
    samples = [value for value in samples if _within(path, value, subject)]
    return [*samples, None] if _may_be_missing(path, subject, step) else samples


def _options(path: str, subject: Subject) -> tuple[Any, ...]:
    if subject.bundle.types.get(path) in ("yes_no", "declaration"):
        return (True, False)
    try:
        return tuple(option.id for option in subject.bundle.field(path).options)
    except KeyError:
        return ()


def _samples_of(cells: list[TableCell], kind: str) -> list[Any]:
    named = [value for cell in cells for value in (*cell.equals, cell.min, cell.below) if value is not None]
    if kind not in ORDERED:
        return [*dict.fromkeys(named), "otro valor"]
    step: Any = timedelta(days=1) if kind == "date" else Decimal(1) if shape_of(kind) == "whole" else Decimal("0.001")
    points = {date.fromisoformat(str(value)) if kind == "date" else Decimal(str(value)) for value in named}
    around = sorted({point + offset for point in points for offset in (-step, 0 * step, step)} | _between(points, kind))
    return [value.isoformat() for value in around] if kind == "date" else list(around)


def _between(points: set[Any], kind: str) -> set[Any]:
    """A value between each two neighbours, of numbers that have others in between, however near they are."""
    if shape_of(kind) != "decimal":
        return set()
    return {(one + other) / 2 for one, other in pairwise(sorted(points))}


def _within(path: str, value: Any, subject: Subject) -> bool:
    try:
        field = subject.bundle.field(path)
    except KeyError:
        return True
    if not isinstance(value, Decimal):
        return True
    low, high = field.min, field.max
    return (low is None or value >= Decimal(str(low))) and (high is None or value <= Decimal(str(high)))


def _may_be_missing(path: str, subject: Subject, step: DecisionStep) -> bool:
    known = subject.graph.facts.get(step.id, frozenset())
    if path in known:
        return False
    try:
        field = subject.bundle.field(path)
    except KeyError:
        source = subject.bundle.steps_by_id.get(path.partition(".")[0])
        return not isinstance(source, DecisionStep)
    source_id = path.partition(".")[0]
    form = subject.bundle.form_of(source_id)
    return form is None or not form.is_always_answered(field) or source_id not in known


def _gaps_and_overlaps(
    subject: Subject, placed: PlacedStep, step: DecisionStep, axes: Mapping[str, list[Any]]
) -> Iterator[Finding]:
    told: set[tuple[int, ...]] = set()
    for values in product(*axes.values()):
        case = dict(zip(axes, values, strict=True))
        rows = tuple(n for n, row in enumerate(step.rows, 1) if row_holds(row, case, subject.bundle.types))
        if len(rows) == 1 or rows in told:
            continue
        told.add(rows)
        told_case = _in_words(case, subject)
        if rows:
            message = f"Las filas {rows[0]} y {rows[1]} de '{step.id}' sirven a la vez cuando {told_case}."
            place: Place = (*placed.place, "rows", rows[1] - 1)
            yield subject.finding(place, "table_overlap", message, "Cambie una de las dos para que no se crucen.")
        else:
            message = f"Ninguna fila de '{step.id}' sirve cuando {told_case}."
            yield subject.finding(placed.place, "table_gap", message, "Agregue una fila para ese caso.")
        if len(told) == SHOWN:
            return


def _in_words(case: Mapping[str, Any], subject: Subject) -> str:
    told = (f"«{label_of(path, subject.bundle)}» {_value(path, value, subject)}" for path, value in case.items())
    return " y ".join(told) or "no hay datos"


def _value(path: str, value: Any, subject: Subject) -> str:
    if value is None:
        return "no tiene respuesta"
    if isinstance(value, Decimal):
        return f"es {value.normalize():f}".replace(".", ",")
    return f"es {word_of(path, value, subject.bundle)}"
