"""Questions in a spreadsheet: a row each, read with what is wrong in every one."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from designer.cards.questions import TYPE_NAMES, converted
from designer.errors import CannotRead
from designer.starting import QUESTIONS_PER_PAGE, question_from
from designer.tree import Data, new_id
from workflows.api import UnreadableSheet, read_sheet

MOST_ROWS = 500
COLUMNS = {
    "id": ("nombre interno", "id", "identificador"),
    "label": ("pregunta", "texto", "texto de la pregunta"),
    "type": ("tipo", "se responde con"),
    "options": ("opciones", "respuestas"),
    "required": ("obligatoria", "obligatorio", "requerida"),
    "hint": ("ayuda", "explicacion"),
    "page": ("pagina", "seccion"),
}
"""What each column may be called in the first row, without accents."""
_SHORT = {"texto": "text", "parrafo": "textarea", "si/no": "yes_no", "opcion": "choice", "lista": "choice",
          "rut": "rut", "run": "run", "correo": "email", "e-mail": "email", "numero": "integer", "pesos": "money_clp",
          "monto": "money_clp", "adjunto": "file", "documento": "file", "celular": "phone"}  # fmt: skip
"""Other words for a type, besides its title and its own name."""


@dataclass
class Row:
    """A row of the sheet: its place, the question that it gives, or what is wrong with it."""

    number: int
    question: Data = field(default_factory=dict)
    page: str = ""
    problem: str = ""
    name: str = ""
    """The internal name that the sheet gives it."""
    told: frozenset[str] = frozenset()
    """What the sheet has a column for."""

    @property
    def type_name(self) -> str:
        """What answers it, in words."""
        return str(TYPE_NAMES.get(self.question.get("type", ""), ""))


def rows_of(data: bytes, known: frozenset[str] = frozenset()) -> list[Row]:
    """The questions of a CSV or XLSX file. Raises CannotRead when there is no sheet to read.

    Those `known` by their internal name may leave out their options: they have them.
    """
    try:
        sheet = read_sheet(data)
    except UnreadableSheet as error:
        raise CannotRead(str(error)) from error
    named = {_plain(heading): heading for heading in sheet.headings}
    places = {key: named[name] for key, names in COLUMNS.items() for name in names if name in named}
    if "label" not in places:
        raise CannotRead(
            _("La primera fila debe nombrar las columnas: pregunta, tipo, opciones, obligatoria, ayuda, página. "
              "Solo «pregunta» es necesaria.")
        )  # fmt: skip
    if len(sheet.rows) > MOST_ROWS:
        raise CannotRead(_("La planilla tiene más de %(most)s preguntas. Divídela.") % {"most": MOST_ROWS})
    taken: set[str] = set()
    made = []
    for row in sheet.rows:
        cells = {key: row.cells.get(name, "") for key, name in places.items()}
        made.append(_row(row.line, cells, taken, cells.get("id", "") in known))
    return made


def with_rows(content: Data, rows: list[Row]) -> Data:
    """The procedure with these questions before what the law asks, by page where the sheet says it."""
    form = content["forms"][0]
    pages: list[Data] = []
    for row in rows:
        title = row.page or (pages[-1]["title"] if pages else _("Tu solicitud"))
        is_full = pages and not row.page and len(pages[-1]["fields"]) >= QUESTIONS_PER_PAGE
        if is_full and not row.page:
            title = _("Tu solicitud, parte %(number)s") % {"number": len(pages) + 1}
        if not pages or pages[-1]["title"] != title or is_full:
            known = {page["id"] for page in [*pages, *form["pages"]]}
            pages.append({"id": new_id(title, known, "pagina"), "title": title, "fields": []})
        pages[-1]["fields"].append(_free(row.question, form, pages))
    return {**content, "forms": [{**form, "pages": [*pages, *form["pages"]]}, *content["forms"][1:]]}


def _free(question: Data, form: Data, pages: list[Data]) -> Data:
    """The question under a name that nothing else of the form has."""
    taken = {field["id"] for page in [*form["pages"], *pages] for field in page["fields"]}
    return {**question, "id": new_id(question["label"], taken, "pregunta")}


def _row(number: int, cells: dict[str, str], taken: set[str], is_known: bool) -> Row:
    made = Row(number, page=cells.get("page", ""), name=cells.get("id", ""), told=frozenset(cells))
    label = cells["label"]
    guessed = question_from(label, taken)
    if guessed is None:
        made.problem = _("Falta la pregunta.")
        return made
    taken.add(guessed["id"])
    kind = _kind(cells.get("type", ""), guessed["type"])
    if not kind:
        made.problem = _(
            "No hay un tipo «%(type)s». Escribe, por ejemplo: texto corto, una opción, fecha, archivo."
        ) % {"type": cells["type"]}
        return made
    question = converted({**guessed, "label": label} if cells.get("type") else guessed, kind)
    made.question = {**question, **_more(cells)}
    if not (is_known and not cells.get("options")):
        made.problem = _options(made.question, cells.get("options", ""))
    elif not cells.get("type"):
        made.question["type"] = ""
    return made


def _kind(typed: str, guessed: str) -> str:
    """The type that was written, or the one that the words of the question tell; empty for none there is."""
    wanted = _plain(typed)
    if not wanted:
        return guessed
    titles = {_plain(str(title)): name for name, title in TYPE_NAMES.items()}
    return titles.get(wanted) or _SHORT.get(wanted) or (wanted if wanted in TYPE_NAMES else "")


def _more(cells: dict[str, str]) -> Data:
    more: Data = {"hint": cells["hint"]} if cells.get("hint") else {}
    if _plain(cells.get("required", "")) in ("no", "n", "0", "false", "falso", "opcional"):
        more["required"] = False
    return more


def _options(question: Data, typed: str) -> str:
    """Put the options of the sheet into the question; what is wrong with them."""
    if question["type"] not in ("choice", "choices", "ranking"):
        return _("Solo las preguntas de elegir llevan opciones.") if typed else ""
    plain = typed.replace("\n", "|")
    labels = [part.strip() for part in (plain if "|" in plain else re.sub("[;/]", "|", plain)).split("|")]
    labels = [label for label in labels if label]
    if not labels and len(question.get("options") or ()) > 1 and "si" not in {o["id"] for o in question["options"]}:
        return ""
    if len(labels) < 2:
        return _("Escribe sus opciones, separadas por | (al menos dos).")
    taken: set[str] = set()
    question["options"] = []
    for label in labels:
        name = new_id(label, taken, "opcion")
        taken.add(name)
        question["options"].append({"id": name, "label": label})
    return ""


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text.strip().lower()).encode("ascii", "ignore").decode()
