"""Groups of questions that repeat in rows, and texts that only inform."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procedures.expressions import added
from procedures.fields.base import FieldKind, display_value, json_schema, kind_of, register
from procedures.fields.numbers import plain
from procedures.schema import Field, shape_of


@register
class GroupKind(FieldKind):
    """Rows of the same questions: [{"id": row id, question id: answer…}]. `forms` draws and reads the rows."""

    name = "group"
    title = gettext_lazy("Grupo que se repite")
    template_name = "fields/group.html"

    def control(self, field: Field) -> forms.Field:
        """None of its own; the questions of each row have theirs."""
        raise TypeError("a group is read row by row")

    def display(self, field: Field, answer: Any) -> str:
        """One line for each row."""
        questions = [question for question in field.fields if question.is_question]
        lines = []
        for place, row in enumerate(answer, 1):
            said = [
                f"{question.label}: {', '.join(display_value(question, row[question.id]).splitlines())}"
                for question in questions
                if question.id in row
            ]
            lines.append(f"{row_title(field, place)}. {'; '.join(said)}")
        return "\n".join([*lines, *(f"{label}: {total}" for label, total in totals_of(field, answer))])

    def json_schema(self, field: Field) -> dict[str, Any]:
        """A list of objects, each with its row id."""
        questions = [question for question in field.fields if question.is_question]
        properties = {question.id: json_schema(question) for question in questions}
        required = [one.id for one in questions if one.required and not one.is_conditional and one.type != "computed"]
        row = {"type": "object", "required": ["id", *required], "properties": {"id": {"type": "string"}, **properties}}
        return {"type": "array", "items": row, "minItems": field.min_rows, "maxItems": field.max_rows}

    def sample(self, field: Field) -> list[dict[str, Any]]:
        """As many rows as it needs, at least one."""
        questions = [question for question in field.fields if question.is_question]
        return [
            {"id": f"r{place}", **{question.id: kind_of(question).sample_at(question, place) for question in questions}}
            for place in range(1, max(1, field.min_rows) + 1)
        ]


def row_title(field: Field, place: int) -> str:
    """What a row is called on screen: "Socio 2"."""
    return f"{field.row_title or field.label} {place}"


def totals_of(field: Field, rows: Any) -> list[tuple[str, str]]:
    """What the columns that are totalled add up to, in words, each with its label."""
    found = []
    for question in (inner for inner in field.fields if inner.id in field.totals):
        total = added({field.id: rows or []}, f"{field.id}.{question.id}")
        kind = kind_of(question)
        stored = int(total) if shape_of(question.datum_type) == "whole" else plain(total)
        found.append((_("Total de %(label)s") % {"label": question.label}, kind.display(question, stored)))
    return found


def repeated_row(field: Field, rows: list[dict[str, Any]]) -> int | None:
    """Place, counted from 1, of the first row that repeats another in what must not be repeated; None without one."""
    seen: list[Any] = []
    for place, row in enumerate(rows, 1):
        key = [row.get(name) for name in field.unique]
        if all(part is not None for part in key) and key in seen:
            return place
        seen.append(key)
    return None


@register
class ComputedKind(FieldKind):
    """What the engine works out from other answers: shown, stored, and never typed."""

    name = "computed"
    title = gettext_lazy("Cálculo")
    template_name = "fields/computed.html"

    def control(self, field: Field) -> forms.Field:
        """None: nobody writes it."""
        raise TypeError("a computed answer is not asked")

    def as_data(self, name: str, answer: Any) -> dict[str, list[str]]:
        """Nothing: it is worked out again."""
        return {}

    def display(self, field: Field, answer: Any) -> str:
        """As its result is said."""
        result = as_result(field)
        return kind_of(result).display(result, answer)

    def json_schema(self, field: Field) -> dict[str, Any]:
        """That of its result."""
        result = as_result(field)
        return kind_of(result).json_schema(result)

    def sample(self, field: Field) -> Any:
        """That of its result."""
        result = as_result(field)
        return kind_of(result).sample(result)


def as_result(field: Field) -> Field:
    """A computed question as one of its result's type, which has the words for it."""
    unit = {"unit": field.unit} if field.result in ("integer", "decimal") else {}
    return Field(id=field.id, type=field.result, label=field.label, **unit)  # type: ignore[arg-type]


@register
class SectionKind(FieldKind):
    """A heading among the questions, with or without a text."""

    name = "section"
    title = gettext_lazy("Título de sección")
    template_name = "fields/section.html"

    def json_schema(self, field: Field) -> dict[str, Any]:
        """Nothing is ever stored."""
        return {"not": {}}

    def sample(self, field: Field) -> None:
        """None."""
        return


@register
class InfoKind(FieldKind):
    """A text among the questions. It takes no answer."""

    name = "info"
    title = gettext_lazy("Texto informativo")
    template_name = "fields/info.html"

    def json_schema(self, field: Field) -> dict[str, Any]:
        """Nothing is ever stored."""
        return {"not": {}}

    def sample(self, field: Field) -> None:
        """None."""
        return
