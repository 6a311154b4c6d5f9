"""The ways out of a step: to one place, or by the answers of a question of its form."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from designer import tree
from designer.cards.scene import Scene
from designer.tree import Data


def questions_that_decide(scene: Scene) -> list[Data]:
    """The questions of the step's form whose answer may say where to go: those with a few fixed answers."""
    form = tree.find(scene.content, ("forms", str(scene.item.get("form"))))
    if scene.item.get("kind") not in ("task", "start") or not form:
        return []
    return [
        field
        for _at, field in tree.fields_of_form(form)
        if field["type"] == "yes_no" or (field["type"] == "choice" and 1 < len(field.get("options") or ()) <= 10)
    ]


def answers_of(question: Data) -> list[tuple[str, str]]:
    """The answers of such a question: id and words."""
    if question["type"] == "yes_no":
        return [("yes", _("Sí")), ("no", _("No"))]
    return [(option["id"], option.get("label", option["id"])) for option in question.get("options") or ()]


def ways_by(step: Data, question: Data) -> dict[str, str] | None:
    """{answer: step} when the ways out follow this question and nothing else; None otherwise."""
    ways = step.get("next")
    if not isinstance(ways, list) or not ways or "otherwise" not in ways[-1]:
        return None
    targets = {answer: ways[-1]["otherwise"] for answer, _words in answers_of(question)}
    for way in ways[:-1]:
        rows = (way.get("when") or {}).get("all") or [{}]
        row, path = rows[0], f"{step['id']}.{question['id']}"
        if len(rows) != 1 or row.get("field") != path or row.get("op") != "eq":
            return None
        value = row.get("value")
        targets[("yes" if value else "no") if isinstance(value, bool) else str(value)] = way["goto"]
    return targets


def next_by(step: Data, question: Data, targets: dict[str, str]) -> Any:
    """The ways out that follow the answers of a question; the words of each answer name its way."""
    answers = [(answer, words) for answer, words in answers_of(question) if targets.get(answer)]
    if len({targets[answer] for answer, _words in answers}) <= 1:
        return targets[answers[0][0]] if answers else step.get("next")
    present = [way for way in step.get("next") or () if isinstance(way, dict)]
    labels = {way.get("goto") or way.get("otherwise"): way.get("label") for way in present}
    ways: list[Data] = []
    for answer, words in answers[:-1]:
        value = answer == "yes" if question["type"] == "yes_no" else answer
        row = {"field": f"{step['id']}.{question['id']}", "op": "eq", "value": value}
        ways.append({"when": {"all": [row]}, "goto": targets[answer], "label": labels.get(targets[answer]) or words})
    last, words = answers[-1]
    return [*ways, {"otherwise": targets[last], "label": labels.get(targets[last]) or words}]


def typed_next(scene: Scene, step: Data, data: QueryDict) -> Any:
    """The ways out as they were sent: one step, by the answer of a question, or those that stood."""
    mode = data.get("salida", "")
    if mode == "una":
        return data.get("salida-paso") or step.get("next")
    for question in questions_that_decide(scene):
        if mode == f"segun:{question['id']}":
            sent = {answer: data.get(f"salida-{question['id']}-{answer}", "") for answer, _w in answers_of(question)}
            return step["next"] if sent == ways_by(step, question) else next_by(step, question, sent)
    return step.get("next")
