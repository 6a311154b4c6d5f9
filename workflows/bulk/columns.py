"""The columns of a procedure's sheet: one for each question that fits in a cell, and what a cell says to it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procedures.api import Bundle, Field, PageForm, build_form, kind_of
from workflows.bulk import people
from workflows.bulk.people import folded

KEY = gettext_lazy("Clave de la fila")
YES, NO = ("sí", "si", "s", "x", "1", "yes", "verdadero"), ("no", "n", "0", "falso")
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})|(\d{4})-(\d{2})-(\d{2})")
MOST_OPTIONS_SHOWN = 8


@dataclass(frozen=True)
class Column:
    """A question and the heading of its column."""

    question: Field
    heading: str


@dataclass
class CheckedRow:
    """What a row would file, and what is wrong with it."""

    line: int
    key: str
    answers: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    people: list[dict[str, str]] = field(default_factory=list)
    """Interested persons whom it names."""


def columns(bundle: Bundle) -> list[Column]:
    """A column for each question of the application that one cell can answer."""
    asked = [one for one in bundle.fields_of(bundle.start.id) if _fits_in_a_cell(one)]
    labels = [one.label.casefold() for one in asked]
    return [
        Column(one, one.label if labels.count(one.label.casefold()) == 1 else f"{one.label} ({one.id})")
        for one in asked
    ]


def without_column(bundle: Bundle) -> list[Field]:
    """Questions that must be answered and that no cell can answer: with any, there is no sheet."""
    fields = bundle.fields_of(bundle.start.id)
    return [
        one
        for one in fields
        if one.is_question and one.type != "computed" and one.required and not _fits_in_a_cell(one)
    ]


def template(bundle: Bundle) -> tuple[list[str], list[list[str]]]:
    """Headings and one row that shows what each column takes."""
    found = columns(bundle)
    shown = [_example(column.question) for column in found]
    headings = [str(KEY), *(column.heading for column in found), *people.headings()]
    return headings, [["A-001", *shown, *people.examples()]]


def unknown_headings(bundle: Bundle, headings: Sequence[str]) -> list[str]:
    """Columns of a sheet that are nobody's."""
    known = {folded(str(KEY)), *(folded(column.heading) for column in columns(bundle))}
    known |= {folded(column.question.id) for column in columns(bundle)} | people.known()
    return [heading for heading in headings if folded(heading) not in known]


def missing_headings(bundle: Bundle, headings: Sequence[str]) -> list[str]:
    """Columns without which no row can be right: of questions that everybody must answer."""
    given, form = {folded(heading) for heading in headings}, bundle.form_of(bundle.start.id)
    return [
        column.heading
        for column in columns(bundle)
        if form is not None
        and form.is_always_answered(column.question)
        and not given & {folded(column.heading), folded(column.question.id)}
    ]


def check_row(bundle: Bundle, line: int, cells: Mapping[str, str], pesos: Any = None) -> CheckedRow:
    """The row as the form of the application takes it; each problem names its column and says what to do."""
    by_heading = {folded(heading): cell for heading, cell in cells.items()}
    data: MultiValueDict[str, str] = MultiValueDict()
    row = CheckedRow(line, _key(by_heading, cells))
    wrong: set[str] = set()
    for column in columns(bundle):
        cell = by_heading.get(folded(column.heading), by_heading.get(folded(column.question.id), ""))
        if not cell:
            continue
        try:
            for name, values in as_posted(column.question, cell).items():
                data.setlist(name, values)
        except ValueError as error:
            row.problems.append(f"{column.heading}: {error}")
            wrong.add(column.question.id)
    form = build_form(bundle=bundle, step_id=bundle.start.id, page=None, answers={}, data=data, files={}, pesos=pesos)
    if not form.is_valid():
        row.problems += _problems_of(form, wrong)
    named = people.named_in(by_heading)
    row.answers, row.people = form.cleaned_answers(), named.people
    row.problems += named.problems
    return row


def as_posted(question: Field, cell: str) -> dict[str, list[str]]:
    """A cell as a browser would send it. ValueError, in words, when it cannot be what the question asks."""
    if question.type == "yes_no":
        return {question.id: [_yes_or_no(cell)]}
    if question.type == "date":
        return _date(question, cell)
    if question.options:
        many = question.type == "choices"
        parts = [part.strip() for part in cell.split(";")] if many else [cell]
        return {question.id: [_option(question, part) for part in parts if part]}
    return {question.id: [cell]}


def _fits_in_a_cell(question: Field) -> bool:
    if not question.is_question or question.type in ("computed", "group", "file", "signature"):
        return False
    kind = kind_of(question)
    sample = kind.sample(question)
    if question.type == "date":
        return True
    return sample is not None and list(kind.as_data(question.id, sample)) == [question.id]


def _example(question: Field) -> str:
    if question.options:
        return " / ".join(option.label for option in question.options[:MOST_OPTIONS_SHOWN])
    return kind_of(question).display(question, kind_of(question).sample(question))


def _key(by_heading: Mapping[str, str], cells: Mapping[str, str]) -> str:
    """What tells the row from all others: the key that staff gave it, else its whole content."""
    given = by_heading.get(folded(str(KEY)), "")
    said = given or repr(sorted((folded(name), cell) for name, cell in cells.items()))
    return sha256(f"{'key' if given else 'row'}:{said}".encode()).hexdigest()


def _yes_or_no(cell: str) -> str:
    if folded(cell) in YES:
        return "yes"
    if folded(cell) in NO:
        return "no"
    raise ValueError(_("escribe sí o no"))


def _date(question: Field, cell: str) -> dict[str, list[str]]:
    match = _DAY.fullmatch(cell)
    if match is None:
        raise ValueError(_("escribe la fecha como 25/11/2026"))
    day, month, year, iso_year, iso_month, iso_day = match.groups()
    parts = (day or iso_day, month or iso_month, year or iso_year)
    return {f"{question.id}_{place}": [part] for place, part in enumerate(parts)}


def _option(question: Field, cell: str) -> str:
    for option in question.options:
        if folded(cell) in (folded(option.label), option.id.casefold()):
            return option.id
    offered = ", ".join(option.label for option in question.options[:MOST_OPTIONS_SHOWN])
    raise ValueError(_("elige una de estas: %(options)s") % {"options": offered})


def _problems_of(form: PageForm, told: Collection[str]) -> list[str]:
    """What is wrong with the answers; nothing of the questions about whose cell it was `told` already."""
    asked = {box.target: box.question for box in form.boxes}
    said = [
        f"{asked[one.target].label}: {one.text}" if one.target in asked else one.text
        for one in form.problems
        if one.target not in asked or asked[one.target].id not in told
    ]
    if said or told:
        return list(dict.fromkeys(said))
    if form.exit is not None:
        said = [form.exit.title]
    return said or [_("Falta responder algo que depende de otra respuesta.")]
