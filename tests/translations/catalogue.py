"""Finds the Spanish texts of the program and keeps the English catalogue in step with them.

    python -m tests.translations.catalogue

adds new texts (without translation), drops those no longer used and compiles. It needs no gettext tools;
`manage.py makemessages -l en` gives the same texts where they are installed. Spanish is the language of the source.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polib
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent.parent
PO = ROOT / "locale/en/LC_MESSAGES/django.po"
WIDTH = 120
ROOMS = (
    *("config", "designer", "participation", "workflows", "notifications", "signatures", "documents"),
    *("procedures", "accounts", "audit", "jobs", "legaltime"),
)
SINGULAR = frozenset({"_", "gettext", "gettext_lazy", "gettext_noop"})
PLURAL = frozenset({"ngettext", "ngettext_lazy"})
IN_CONTEXT = frozenset({"pgettext", "pgettext_lazy"})
_LITERAL = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_ONE = re.compile(rf"\b_?gettext\({_LITERAL}\)|\b_\({_LITERAL}\)")
_TWO = re.compile(rf"\bngettext\({_LITERAL},\s*{_LITERAL},")
_WITH_CONTEXT = re.compile(rf"\bpgettext\({_LITERAL},\s*{_LITERAL}\)")


class Text(NamedTuple):
    """A text to translate, with its plural and its context, where it has them."""

    singular: str
    plural: str = ""
    context: str = ""


def text_of(entry: polib.POEntry) -> Text:
    """The text that an entry of the catalogue translates."""
    return Text(entry.msgid, entry.msgid_plural or "", entry.msgctxt or "")


def texts() -> set[Text]:
    """Every text of the program's Python and templates."""
    found = {text for room in ROOMS for path in (ROOT / room).rglob("*.py") for text in in_python(path.read_text())}
    for path in (ROOT / "templates").rglob("*"):
        if path.suffix in {".html", ".txt"}:
            found.update(in_template(path.read_text()))
    return _without_repeats(found)


def _without_repeats(found: set[Text]) -> set[Text]:
    """A text with a plural covers the same text without one."""
    plural = {(text.singular, text.context) for text in found if text.plural}
    return {text for text in found if text.plural or (text.singular, text.context) not in plural}


def in_python(source: str) -> Iterator[Text]:
    """Literal arguments of the translation functions."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        words = [part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        if name in SINGULAR and words:
            yield Text(words[0])
        elif name in PLURAL and len(words) > 1:
            yield Text(words[0], words[1])
        elif name in IN_CONTEXT and len(words) > 1:
            yield Text(words[1], context=words[0])


def in_template(source: str) -> Iterator[Text]:
    """What Django's own extraction would hand to xgettext."""
    code = templatize(source)
    for match in _TWO.finditer(code):
        yield Text(*(ast.literal_eval(part) for part in match.groups()))
    for match in _WITH_CONTEXT.finditer(code):
        context, text = (ast.literal_eval(part) for part in match.groups())
        yield Text(text, context=context)
    for match in _ONE.finditer(code):
        yield Text(ast.literal_eval(match[1] or match[2]))


def update() -> list[str]:
    """Bring the catalogue up to date and compile it; returns the texts still without translation."""
    catalogue = polib.pofile(str(PO), wrapwidth=WIDTH) if PO.exists() else _new_catalogue()
    wanted = texts()
    kept = {text_of(entry): entry for entry in catalogue if not entry.obsolete}
    catalogue.clear()
    for text in sorted(wanted):
        catalogue.append(kept.get(text) or _new_entry(text))
    catalogue.save(str(PO))
    catalogue.save_as_mofile(str(PO.with_suffix(".mo")))
    return [entry.msgid for entry in catalogue if not entry.translated()]


def _new_entry(text: Text) -> polib.POEntry:
    context = text.context or None
    if text.plural:
        return polib.POEntry(
            msgid=text.singular, msgid_plural=text.plural, msgctxt=context, msgstr_plural={0: "", 1: ""}
        )
    return polib.POEntry(msgid=text.singular, msgctxt=context, msgstr="")


def _new_catalogue() -> polib.POFile:
    catalogue = polib.POFile(wrapwidth=WIDTH)
    catalogue.metadata = {
        "Project-Id-Version": "sin-papeleo",
        "Language": "en",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    return catalogue


if __name__ == "__main__":
    if not settings.configured:
        settings.configure(USE_I18N=False)
    for missing in update():
        print(missing)
