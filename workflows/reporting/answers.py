"""What a system answers to a step's form: each answer as a person would write it in the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from procedures.api import Bundle
from workflows.bulk.columns import as_posted
from workflows.commands.desk import InvalidAnswers
from workflows.errors import CommandRefused


class WrongAnswers(CommandRefused):
    """Some answers cannot stand in the step's form. `problems`: (question id, sentence)."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__(_("Hay un problema con las respuestas."))
        self.problems = problems


def posted(bundle: Bundle, step_id: str, given: Mapping[str, Any]) -> MultiValueDict[str, str]:
    """The answers as a browser would send them. Raises WrongAnswers."""
    asked = {question.id: question for question in bundle.fields_of(step_id) if question.is_question}
    data: MultiValueDict[str, str] = MultiValueDict()
    problems = []
    for name, value in given.items():
        if name not in asked:
            problems.append((name, _("Este paso no hace esa pregunta.")))
            continue
        try:
            for entry, values in as_posted(asked[name], _written(value)).items():
                data.setlist(entry, values)
        except ValueError as error:
            problems.append((name, str(error)))
    if problems:
        raise WrongAnswers(problems)
    return data


def _written(value: Any) -> str:
    """A JSON value as a person would write it in a cell."""
    if isinstance(value, bool):
        return "sí" if value else "no"
    if isinstance(value, list):
        return ";".join(value)
    return str(value).replace(".", ",") if isinstance(value, float) else str(value)


def problems_of(error: InvalidAnswers | WrongAnswers) -> list[tuple[str, str]]:
    """(question id, sentence) of what is wrong with the answers."""
    if isinstance(error, WrongAnswers):
        return error.problems
    questions = {box.target: box.question.id for box in error.form.boxes}
    return [(questions.get(one.target, ""), one.text) for one in error.form.problems]
