"""Answering one page of a form of 500 questions, against one of 10: reading, checking and saving it, and drawing it.

Both pages ask five questions. One question in three hangs from an earlier answer, and every earlier answer is stored.
"""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from bench.sides import alternate, figures, table  # noqa: E402
from procedures import schema  # noqa: E402
from procedures.api import build_form, summary  # noqa: E402
from procedures.schema import Bundle  # noqa: E402

GOAL = 6.0
"""The page of the long form may cost this many times that of the short one."""
PER_PAGE = 5
SIDES = {"formulario de 10": 10, "formulario de 500": 500}


def run(quick: bool) -> dict[str, Any]:
    """Time of answering and drawing the last page, and of the review, on both forms."""
    rounds = 5 if quick else 40
    forms = {name: _Form(size) for name, size in SIDES.items()}
    pages = alternate({name: form.answer_last_page for name, form in forms.items()}, rounds=rounds)
    reviews = alternate({name: form.review for name, form in forms.items()}, rounds=rounds)
    short, long = pages
    print(table(pages, short))
    print(table(reviews, short))
    ratio = pages[long].median / pages[short].median
    return {
        "page": figures(pages),
        "review": figures(reviews),
        "cost_500_over_10": round(ratio, 2),
        "goal": GOAL,
        "holds": ratio <= GOAL,
    }


class _Form:
    """A form of so many questions, all answered."""

    def __init__(self, size: int) -> None:
        self.bundle = _bundle(size)
        self.last = size // PER_PAGE
        self.answers = {f"p{place}": f"respuesta {place}" for place in range(size)}
        names = list(self.answers)[-PER_PAGE:]
        self.data = {name: self.answers[name] for name in names} | {"_visto": names}

    def answer_last_page(self) -> None:
        """What a person's POST and the page after it cost."""
        form = self._page(self.data)
        assert form.is_valid()
        form.cleaned_answers()
        str(self._page(None))

    def _page(self, data: Any) -> Any:
        return build_form(
            bundle=self.bundle, step_id="inicio", page=self.last, answers={"inicio": self.answers}, data=data
        )

    def review(self) -> None:
        """All the answers in words."""
        summary(self.bundle, "inicio", {"inicio": self.answers})


def _bundle(size: int) -> Bundle:
    questions = [_question(place) for place in range(size)]
    pages = [
        {"id": f"pagina{start}", "title": f"Página {start}", "fields": questions[start : start + PER_PAGE]}
        for start in range(0, size, PER_PAGE)
    ]
    start = {
        "id": "inicio",
        "kind": "start",
        "title": "Inicio",
        "form": "largo",
        "statement": "Declaro.",
        "next": "fin",
    }
    return Bundle.model_construct(
        schema_version=1,
        code="medido",
        title="Formulario medido",
        forms=tuple(_parts("Form", [{"id": "largo", "title": "Largo", "pages": pages}])),
        steps=tuple(_parts("StartStep", [start])),
        roles=(),
        documents=(),
        notices=(),
    )


def _parts(name: str, items: list[dict[str, Any]]) -> list[Any]:
    return [getattr(schema, name).model_validate(item) for item in items]


def _question(place: int) -> dict[str, Any]:
    question: dict[str, Any] = {"id": f"p{place}", "type": "text", "label": f"Pregunta {place}"}
    if place % 3 == 2:
        row = {"field": f"inicio.p{place - 1}", "op": "filled"}
        question["visible_when"] = {"all": [row]}
    return question
