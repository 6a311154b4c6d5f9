"""Groups of questions that repeat in rows, and texts that only inform."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from procedures.fields.base import FieldKind, display_value, json_schema, kind_of, register
from procedures.schema import Field


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
            said = [display_value(question, row[question.id]) for question in questions if question.id in row]
            lines.append(f"{row_name(field, place)}: {', '.join(said)}")
        return "\n".join(lines)

    def json_schema(self, field: Field) -> dict[str, Any]:
        """A list of objects, each with its row id."""
        questions = [question for question in field.fields if question.is_question]
        properties = {question.id: json_schema(question) for question in questions}
        required = [question.id for question in questions if question.required and question.visible_when is None]
        row = {"type": "object", "required": ["id", *required], "properties": {"id": {"type": "string"}, **properties}}
        return {"type": "array", "items": row, "minItems": field.min_rows, "maxItems": field.max_rows}

    def sample(self, field: Field) -> list[dict[str, Any]]:
        """As many rows as it needs, at least one."""
        questions = [question for question in field.fields if question.is_question]
        answers = {question.id: kind_of(question).sample(question) for question in questions}
        return [{"id": f"r{place}", **answers} for place in range(1, max(1, field.min_rows) + 1)]


def row_name(field: Field, place: int) -> str:
    """What a row is called on screen: "Socio 2"."""
    return f"{field.row_title or field.label} {place}"


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
