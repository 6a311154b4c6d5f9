"""The edits that `bench.designer` measures, in a process and a database of their own."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable
from typing import Any

import django

BACKEND = "accounts.backends.VerifiedIdentityBackend"
SIZES = {"chico": (5, 20), "grande": (200, 500)}
"""Steps and questions."""


def main() -> None:
    """Writes both procedures, edits them by turns, and prints the figures as one line of JSON."""
    django.setup()
    from django.core.management import call_command

    from bench.sides import alternate, figures, table

    call_command("migrate", verbosity=0)
    editors = {name: _Editor(*size) for name, size in SIZES.items()}
    found = {}
    for act in ("guardar mientras se escribe", "guardar con el botón"):
        sides = {name: _acts(editor)[act] for name, editor in editors.items()}
        timings = alternate(sides, rounds=int(sys.argv[1]), warm_up=3)
        print(act)
        print(table(timings, "chico"))
        found[act] = figures(timings)
    print(json.dumps(found))


class _Editor:
    """Inés at a question in the middle of a procedure."""

    def __init__(self, steps: int, questions: int) -> None:
        from django.test import Client
        from django.urls import reverse

        from accounts.api import demo_people, person_by_run, seed_people
        from accounts.models import Agency, User
        from designer import operations, tree
        from legaltime.api import now

        seed_people(now=now())
        person = person_by_run(next(one.run for one in demo_people() if one.given_names == "Inés"))
        assert person is not None
        agency = Agency.objects.get(code="muni-ejemplo")
        content = written(steps, questions, agency)
        draft = operations.create_draft(agency=agency, content=content, summary="Creó", by=person, now=now())
        fields = list(tree.fields_of_form(content["forms"][0]))
        self.url = reverse("designer:item", args=[draft.pk, tree.written(fields[len(fields) // 2][0])])
        self.client = Client()
        self.client.force_login(getattr(person, "user", None) or User.objects.create_for(person), backend=BACKEND)
        self._words = (f"Pregunta cambiada {number}" for number in itertools.count())

    def typed(self) -> None:
        """Saved while typing."""
        assert self.client.post(f"{self.url}?guardar=1", self._data()).status_code == 200

    def saved(self) -> None:
        """Saved with the button, and the page that comes back."""
        assert self.client.post(self.url, self._data(), follow=True).status_code == 200

    def _data(self) -> dict[str, str]:
        return {"label": next(self._words), "required": "on", "hint": ""}


def _acts(editor: _Editor) -> dict[str, Callable[[], object]]:
    return {"guardar mientras se escribe": editor.typed, "guardar con el botón": editor.saved}


def written(steps: int, questions: int, agency: Any) -> dict[str, Any]:
    """A procedure of that size: one question in three hangs from the one before; the steps follow each other."""
    from designer import starting

    content = starting.empty(f"Trámite de {steps} pasos", agency, set())
    content = starting.with_questions(content, "\n".join(f"Pregunta {n}" for n in range(questions - 5)))
    fields = [field for page in content["forms"][0]["pages"] for field in page["fields"]]
    for place in range(2, len(fields), 3):
        row = {"field": f"inicio.{fields[place - 1]['id']}", "op": "filled"}
        fields[place]["visible_when"] = {"all": [row]}
    decides = {"id": "aprueba", "type": "yes_no", "label": "¿Se aprueba?"}
    page = {"id": "resultado", "title": "Resultado", "fields": [decides]}
    content["forms"].append({"id": "revision", "title": "Revisión", "pages": [page]})
    content["roles"] = [{"id": "revisor", "title": "Revisora o revisor"}]
    last = steps - 2
    tasks = [
        {"id": f"tarea_{n}", "kind": "task", "title": f"Tarea {n}", "role": "revisor", "form": "revision",
         "next": f"tarea_{n + 1}" if n < last else "fin"}
        for n in range(1, last + 1)
    ]  # fmt: skip
    start, end = content["steps"]
    content["steps"] = [{**start, "next": "tarea_1"}, *tasks, end]
    return content


if __name__ == "__main__":
    main()
