"""How a procedure begins: empty, from pasted questions, from an example, or as a copy."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Agency
from designer.tree import Data, new_id
from participation.api import Wish
from procedures.api import SCHEMA_VERSION, CheckResult, check

EXAMPLES = Path(settings.BASE_DIR) / "examples"
QUESTIONS_PER_PAGE = 5
MOST_PASTED = 500
MOST_SUMMARY = 300
"""Letters of a request that become the summary."""

_GUESSES = (
    (r"\b(run|rut)\b.*(empresa|raz[oó]n social|sociedad)", "rut"),
    (r"\brun\b", "run"),
    (r"\brut\b", "rut"),
    (r"correo|e-?mail", "email"),
    (r"tel[eé]fono|celular", "phone"),
    (r"\bcomuna\b", "commune"),
    (r"\bfecha\b|\bd[ií]a en que\b", "date"),
    (r"\bmonto\b|\bpesos\b|\bcapital\b|\bvalor en\b", "money_clp"),
    (r"^cu[aá]nt[oa]s\b|\bcantidad\b|\bn[uú]mero de (personas|d[ií]as|hijos)", "integer"),
    (r"^(declaro|acepto|confirmo)\b", "declaration"),
    (r"\badjunta|\bsube\b|\bfotocopia|\bcopia de\b|\bdocumento que\b|\bcertificado de\b|\bfoto\b", "file"),
    (r"^(describe|explica|cu[eé]ntanos|detalla|fundament)", "textarea"),
)
"""Words of a question that tell its type; the first that is found counts."""
_OPTIONS = re.compile(r"^(?P<label>.*?\S)\s*[(\[:]\s*(?P<options>[^()\[\]:]*[/|][^()\[\]:]*)[)\]]?\s*$")


def empty(title: str, agency: Agency, taken_codes: set[str]) -> Data:
    """A procedure with what the law asks of every application (Ley 19.880, art. 30), and nothing else.

    The effect of silence, the terms and their articles are left for a person to decide.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "code": new_id(title, taken_codes, "tramite"),
        "title": title,
        "summary": "",
        "rules_version": "cel-1",
        "ficha": _ficha(title, agency),
        "term": {},
        "roles": [],
        "forms": [{"id": "solicitud", "title": _("Solicitud"), "pages": _art_30_pages()}],
        "steps": [
            {
                "id": "inicio",
                "kind": "start",
                "title": _("Solicitud"),
                "form": "solicitud",
                "statement": _("Declaro que los datos de esta solicitud son verdaderos."),
                "next": "fin",
            },
            {"id": "fin", "kind": "end", "title": _("Trámite terminado"), "outcome": "other"},
        ],
        "documents": [],
        "notices": [],
    }


def with_questions(content: Data, pasted: str) -> Data:
    """The procedure with a page for each few lines pasted, before what the law asks; each line is a question."""
    changed = copy.deepcopy(content)
    form = changed["forms"][0]
    taken = {field["id"] for page in form["pages"] for field in page["fields"]}
    questions = []
    for line in pasted.splitlines()[:MOST_PASTED]:
        question = question_from(line, taken)
        if question:
            taken.add(question["id"])
            questions.append(question)
    pages: list[Data] = []
    for first in range(0, len(questions), QUESTIONS_PER_PAGE):
        number = len(pages) + 1
        title = _("Tu solicitud") if number == 1 else _("Tu solicitud, parte %(number)s") % {"number": number}
        fields = questions[first : first + QUESTIONS_PER_PAGE]
        pages.append({"id": f"parte_{number}", "title": title, "fields": fields})
    form["pages"] = pages + form["pages"]
    return changed


def from_wish(title: str, agency: Agency, taken_codes: set[str], wish: Wish) -> Data:
    """A procedure begun from a citizens' request: its summary, and what is asked today and the State does not hold.

    What the State already has is asked of nobody (Ley 19.880, art. 17 c): it is left out, and the draft says so.
    """
    content = empty(title, agency, taken_codes)
    content["summary"] = wish.summary[:MOST_SUMMARY]
    content["ficha"]["requirements"] = list(wish.requirements)
    content["ficha"]["audience"] = ngettext(
        "Lo pidió %(people)s persona. Escribe aquí quién puede pedirlo.",
        "Lo pidieron %(people)s personas. Escribe aquí quién puede pedirlo.",
        wish.people,
    ) % {"people": wish.people}
    pages: list[Data] = content["forms"][0]["pages"]
    taken = {field["id"] for page in pages for field in page["fields"]}
    asked = []
    for paper in wish.papers:
        label = _("Adjunta: %(paper)s") % {"paper": paper}
        asked.append({"id": new_id(paper, taken, "papel"), "type": "file", "label": label, "required": False})
        taken.add(asked[-1]["id"])
    if asked:
        pages.append({"id": "papeles", "title": _("Lo que hay que adjuntar"), "fields": asked})
    return content


def question_from(line: str, taken: set[str]) -> Data | None:
    """A question from a line of text, its type guessed from its words; None for a blank line.

    «¿Qué necesitas? (Copia / Original)» has options; «¿Tienes local? (Sí / No)» is answered yes or no.
    """
    text = re.sub(r"^\s*(?:[-*•]|\d+[.)])\s*", "", line).strip()
    if not text:
        return None
    is_optional = bool(re.search(r"\(opcional\)\s*$", text, re.I))
    text = re.sub(r"\s*\(opcional\)\s*$", "", text, flags=re.I)
    found = _OPTIONS.match(text)
    labels = [part.strip() for part in re.split(r"[/|]", found["options"]) if part.strip()] if found else []
    label = found["label"].rstrip(":( ") if found and len(labels) > 1 else text
    question: Data = {"id": new_id(label, taken, "pregunta"), "type": _guess(label), "label": label}
    if len(labels) > 1:
        question |= _choosing(labels)
    if is_optional:
        question["required"] = False
    return question


def _choosing(labels: list[str]) -> Data:
    if [label.lower() for label in labels] in (["sí", "no"], ["si", "no"]):
        return {"type": "yes_no"}
    taken: set[str] = set()
    options = []
    for label in labels:
        option = {"id": new_id(label, taken, "opcion"), "label": label}
        taken.add(option["id"])
        options.append(option)
    return {"type": "choice", "options": options}


def _guess(label: str) -> str:
    plain = re.sub(r"^[¿¡\s]+", "", label.lower())
    return next((kind for pattern, kind in _GUESSES if re.search(pattern, plain)), "text")


def examples() -> list[tuple[str, str, str]]:
    """The example procedures: name of the file, title and summary, by title."""
    found = []
    for path in EXAMPLES.glob("*.yaml"):
        result = example(path.stem)
        if result.bundle is not None:
            found.append((path.stem, result.bundle.title, result.bundle.summary))
    return sorted(found, key=lambda item: item[1])


def example(name: str) -> CheckResult:
    """An example procedure by the name of its file. FileNotFoundError when there is none."""
    if not re.fullmatch(r"[a-z0-9_]+", name):
        raise FileNotFoundError(name)
    return check((EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8"))


def copy_of(content: Data, title: str, taken_codes: set[str]) -> Data:
    """Another procedure with the same content, under its own name and code."""
    return {**copy.deepcopy(content), "title": title, "code": new_id(title, taken_codes, "tramite")}


def plain(result: Any) -> Data:
    """A bundle as the data that a draft holds."""
    data: Data = result.model_dump(mode="json", exclude_defaults=True)
    return data


def _ficha(title: str, agency: Agency) -> Data:
    return {
        "requirements": [],
        "channels": ["web", "counter"],
        "minutes": 5,
        "contact": {
            "office": agency.name,
            "phone": agency.phone,
            "email": agency.email,
            "hours": agency.office_hours,
        },
        "legal_basis": [],
        "cpat": {"name": title},
        "silence": {},
        "retention": {},
        "personal_data": {
            "purpose": _("Decidir la solicitud y comunicarnos contigo."),
            "basis": _("Ley N° 19.628, artículo 20"),
        },
    }


def _art_30_pages() -> list[Data]:
    return [
        {
            "id": "contacto",
            "title": _("Cómo te contactamos"),
            "fields": [
                {"id": "nombre", "type": "text", "label": _("Tu nombre completo"), "prefill": "person.full_name",
                 "autocomplete": "name", "max_length": 200, "art30": "names"},
                {"id": "correo", "type": "email", "label": _("Correo electrónico"), "required": False,
                 "prefill": "person.email", "autocomplete": "email", "art30": "medium",
                 "hint": _("Si no tienes, te notificamos en tu domicilio digital único (Casilla Única).")},
            ],
        },
        {
            "id": "peticion",
            "title": _("Lo que pides"),
            "fields": [
                {"id": "peticion", "type": "textarea", "label": _("¿Qué pides?"), "rows": 3, "max_length": 1000,
                 "art30": "petition"},
                {"id": "hechos", "type": "textarea", "label": _("¿Por qué lo pides?"), "rows": 4,
                 "max_length": 2000, "art30": "facts"},
                {"id": "autoriza_envio", "type": "yes_no", "art30": "sensitive_authorisation",
                 "label": _("¿Autorizas que otros órganos del Estado nos envíen datos sensibles tuyos para decidir?"),
                 "hint": _("Si respondes que no, la solicitud sigue igual.")},
            ],
        },
    ]  # fmt: skip
