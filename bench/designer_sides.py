"""The edits and pages that `bench.designer` measures, in a process and a database of their own."""

from __future__ import annotations

import itertools
import json
import re
import resource
import sys
from collections.abc import Callable
from time import process_time
from typing import Any

from lxml import html

_SEEN = re.compile(r'name="seen"[^>]*value="([0-9a-f]+)"')
BACKEND = "accounts.backends.VerifiedIdentityBackend"
SIZES = {"chico": (5, 20), "grande": (200, 500)}
"""Steps and questions."""
PAGES = {
    "Resumen": "home",
    "Preguntas": "questions",
    "Recorrido": "routes",
    "Pasos": "steps",
    "Documentos": "documents",
    "Probar": "trial",
    "Sugerencias": "quality",
    "Publicar": "publish",
    "Todo en una página": "whole",
}


def main() -> None:
    """Writes both procedures, edits and opens them by turns, and prints the figures as one line of JSON."""
    from django.core.management import call_command

    import config.wsgi  # noqa: F401 (the program as the web server starts it)
    from bench.sides import Timing, alternate, figures, table

    rounds = int(sys.argv[1])

    call_command("migrate", verbosity=0)
    editors = {name: _Editor(*size) for name, size in SIZES.items()}
    edits = {}
    for act in _acts(editors["chico"]):
        sides = {name: _acts(editor)[act] for name, editor in editors.items()}
        timings = alternate(sides, rounds=rounds, warm_up=3, clock=process_time)
        print(act)
        print(table(timings, "chico"))
        edits[act] = figures(timings)
    large = editors["grande"]
    opened = {
        title: Timing(title, tuple(large.opened(name) for _ in range(max(3, rounds // 3))))
        for title, name in PAGES.items()
    }
    print(table(opened, "Resumen"))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"edits": edits, "pages": figures(opened), "memory_mb": memory}))


class _Editor:
    """Inés at the questions in the middle of a procedure."""

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
        fields = [address for address, _field in tree.fields_of_form(content["forms"][0])]
        middle = fields[len(fields) // 2 - 4 : len(fields) // 2 + 4]
        self.draft = draft.pk
        self.client = Client()
        self.client.force_login(getattr(person, "user", None) or User.objects.create_for(person), backend=BACKEND)
        self.cards = [_Card(self.client, reverse("designer:item", args=[draft.pk, tree.written(at)])) for at in middle]
        self._turns = itertools.cycle(self.cards[1:])

    def typed(self) -> None:
        """Saved while typing."""
        self.cards[0].typed()

    def advised(self) -> None:
        """What the gate says of it, which the page asks for after each saving."""
        self.typed()
        assert self.client.get(f"{self.cards[0].url}?consejos=1").status_code == 200

    def saved(self) -> None:
        """Saved with the button, and the page that comes back."""
        self.cards[0].read(self.cards[0].sent(""))

    def began(self) -> None:
        """The first letter typed in another question."""
        next(self._turns).typed()

    def opened(self, name: str) -> float:
        """Milliseconds of a page that is opened right after a change, so that nothing of it is remembered."""
        from django.urls import reverse

        self.typed()
        started = process_time()
        assert self.client.get(reverse(f"designer:{name}", args=[self.draft])).status_code == 200
        return (process_time() - started) * 1000


class _Card:
    """The card of a question in a browser, which sends all that its form holds."""

    def __init__(self, client: Any, url: str) -> None:
        self.client, self.url = client, url
        self._words = (f"Pregunta cambiada {number}" for number in itertools.count())
        page: Any = html.fromstring(client.get(url).content.decode())
        form = page.get_element_by_id("card")
        self._data: dict[str, list[str]] = {}
        for name, value in form.form_values():
            self._data.setdefault(name, []).append(value)

    def typed(self) -> None:
        """Other words, saved by the page itself."""
        self.read(self.sent("?guardar=1"))

    def sent(self, query: str) -> str:
        """Other words, sent; returns the page that comes back."""
        data = {**self._data, "label": [next(self._words)]}
        answer = self.client.post(self.url + query, data, follow=True)
        page: str = answer.content.decode()
        assert answer.status_code == 200, page
        return page

    def read(self, page: str) -> None:
        """Take from a page what tells which content it shows."""
        seen = _SEEN.search(page)
        assert seen is not None, page
        self._data["seen"] = [seen.group(1)]


def _acts(editor: _Editor) -> dict[str, Callable[[], object]]:
    return {
        "guardar mientras se escribe": editor.typed,
        "y revisar lo escrito": editor.advised,
        "guardar con el botón": editor.saved,
        "empezar en otra pregunta": editor.began,
    }


def written(steps: int, questions: int, agency: Any) -> dict[str, Any]:
    """A sound procedure of that size: one question in three hangs from the one before; the steps follow each other."""
    from designer import starting

    content = starting.empty(f"Trámite de {steps} pasos", agency, set())
    example = starting.plain(starting.example("certificado_patente_vigente").bundle)
    content |= {key: example[key] for key in ("summary", "ficha", "term")}
    content = starting.with_questions(content, "\n".join(f"Pregunta {n}" for n in range(questions - 5)))
    fields = [field for page in content["forms"][0]["pages"] for field in page["fields"]]
    for place in range(2, questions - 5, 3):
        row = {"field": f"inicio.{fields[place - 1]['id']}", "op": "filled"}
        fields[place]["visible_when"] = {"all": [row]}
    decides = {"id": "aprueba", "type": "yes_no", "label": "¿Se aprueba?"}
    page = {"id": "resultado", "title": "Resultado", "fields": [decides]}
    content["forms"].append({"id": "revision", "title": "Revisión", "pages": [page]})
    content["roles"] = [{"id": "revisor", "title": "Revisora o revisor"}]
    last = steps - 4
    tasks = [
        {"id": f"tarea_{n}", "kind": "task", "title": f"Tarea {n}", "role": "revisor", "form": "revision",
         "next": f"tarea_{n + 1}" if n < last else "firma"}
        for n in range(1, last + 1)
    ]  # fmt: skip
    start, end = content["steps"]
    content["steps"] = [{**start, "next": "tarea_1"}, *tasks, *_ENDING, end]
    return content | {"documents": [_ACT], "notices": [_NOTICE]}


_ENDING = (
    {"id": "firma", "kind": "sign", "title": "Firmar", "document": "acto", "signers": ["revisor"], "level": "advanced",
     "on_return": "tarea_1", "next": "aviso"},
    {"id": "aviso", "kind": "notify", "title": "Avisar", "notice": "entrega", "attach": ["acto"], "act": "firma",
     "next": "fin"},
)  # fmt: skip
_ACT = {
    "id": "acto",
    "kind": "resolution",
    "title": "Resolución",
    "numbering": {"book": "resoluciones"},
    "blocks": [
        {"kind": "paragraph", "role": role, "text": f"Sobre lo que pide {{inicio.nombre}}: {role}."}
        for role in ("facts", "law", "reasons", "decision", "appeals")
    ],
}
_NOTICE = {"id": "entrega", "subject": "Respuesta a tu solicitud", "body": "La respuesta está en «Mis trámites»."}


if __name__ == "__main__":
    main()
