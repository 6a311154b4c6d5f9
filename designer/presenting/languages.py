"""The pages of the languages of a draft: how far each is, and its texts beside the Spanish."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from designer import wording
from designer.cards.scene import Scene
from designer.cards.texts import insertable
from designer.models import ProcedureDraft
from designer.presenting import lists
from designer.presenting.findings import url_of as card_url
from designer.translating.operations import seen_of
from designer.translating.queries import Progress, Text, progress_of, progress_of_all, texts_in_language
from designer.translating.rules import LANGUAGES, is_filled, language_name, problem_with
from designer.tree import Address
from procedures.api import BadPlaceholder, placeholders, word_difference

MOST_ON_PAGE = 120
"""Texts on one page: a long form goes on to the next."""
_LONG = 50
"""Characters that a line of a text holds."""
_FICHA = frozenset({"title", "summary", "ficha", "term", "fees"})


@dataclass(frozen=True)
class Asked:
    """Which texts a page shows."""

    language: str
    part: str = ""
    only_due: bool = False
    number: int = 1

    def address(self, draft: ProcedureDraft, **other: Any) -> str:
        """The page's own address, or that of one that differs in something."""
        wanted = {"parte": self.part, "falta": "1" if self.only_due else "", "hoja": self.number, **other}
        if wanted["hoja"] == 1:
            wanted["hoja"] = ""
        said = urlencode({key: value for key, value in wanted.items() if value})
        return url_of(draft, self.language) + (f"?{said}" if said else "")


def url_of(draft: ProcedureDraft, language: str) -> str:
    """The page of a language."""
    return reverse("designer:language", args=[draft.pk, language])


def address_of_text(draft: ProcedureDraft, language: str, path: str) -> str:
    """Where on the pages of a language a text is translated; the first of them for one that is not there."""
    for part, _title, texts in _parts(draft, texts_in_language(draft, language)):
        for place, text in enumerate(texts):
            if text.path == path:
                there = Asked(language, part, number=1 + place // MOST_ON_PAGE)
                return f"{there.address(draft)}#t-{seen_of(path)}"
    return url_of(draft, language)


def overview(draft: ProcedureDraft) -> dict[str, Any]:
    """Each language with how far it is, and those that may be added."""
    found = progress_of_all(draft)
    used = {one.language for one in found}
    return {
        "tab": "home",
        "languages": [
            {"name": language_name(one.language), "url": url_of(draft, one.language), "told": told(one),
             "is_whole": not (one.missing or one.stale or one.strays)}
            for one in found
        ],
        "others": [(code, name) for code, name in LANGUAGES.items() if code not in used],
    }  # fmt: skip


def told(one: Progress) -> str:
    """How far a language is, in words."""
    name = language_name(one.language)
    if not (one.missing or one.stale):
        return _("%(language)s: todo traducido, %(total)s textos.") % {"language": name, "total": one.total}
    said = []
    if one.missing:
        text = ngettext("falta %(n)s de %(total)s textos", "faltan %(n)s de %(total)s textos", one.missing)
        said.append(text % {"n": one.missing, "total": one.total})
    if one.stale:
        text = ngettext("%(n)s cambió en español", "%(n)s cambiaron en español", one.stale)
        said.append(text % {"n": one.stale})
    return _("%(language)s: %(told)s.") % {"language": name, "told": "; ".join(said)}


def context(draft: ProcedureDraft, asked: Asked, typed: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The texts of a part of the procedure beside what they say in a language; `typed` is what was not kept."""
    texts = texts_in_language(draft, asked.language)
    progress = progress_of(draft, asked.language, texts)
    parts = _parts(draft, texts)
    part = next((one for one in parts if one[0] == asked.part), parts[0])
    shown = [text for text in part[2] if text.is_due] if asked.only_due else part[2]
    first = MOST_ON_PAGE * (asked.number - 1)
    here = Asked(asked.language, part[0], asked.only_due, asked.number)
    return {
        "tab": "home",
        "language": asked.language,
        "language_name": language_name(asked.language),
        "told": told(progress),
        "strays": progress.strays,
        "parts": [_tab(draft, here, *one) for one in parts],
        "part_title": part[1],
        "is_of_notices": part[0] == "avisos",
        "groups": list(_groups(draft, shown[first : first + MOST_ON_PAGE], typed or {})),
        "only_due": asked.only_due,
        "all_url": here.address(draft, falta="", hoja=1),
        "due_url": here.address(draft, falta="1", hoja=1),
        "here": here.address(draft),
        "saving": here.address(draft, guardar="1"),
        "back": here.address(draft, hoja=here.number - 1) if first else "",
        "onward": here.address(draft, hoja=here.number + 1) if len(shown) > first + MOST_ON_PAGE else "",
    }


def _tab(draft: ProcedureDraft, here: Asked, key: str, title: str, texts: list[Text]) -> dict[str, Any]:
    due = sum(text.is_due for text in texts)
    return {"title": title, "due": due, "url": here.address(draft, parte=key, hoja=1), "current": key == here.part}


def _parts(draft: ProcedureDraft, texts: list[Text]) -> list[tuple[str, str, list[Text]]]:
    """The texts by the tasks of the procedure's home, each form apart."""
    titles: dict[str, str] = {"ficha": _("Presentación y requisitos")}
    for form in draft.content.get("forms") or ():
        titles[f"forms.{form['id']}"] = lists.who_fills(draft, form)
    titles |= {"pasos": _("Pasos y responsables"), "documentos": _("Documentos"), "avisos": _("Avisos a la persona")}
    found: dict[str, list[Text]] = {key: [] for key in titles}
    for text in texts:
        found.setdefault(_part_of(text.path), []).append(text)
    parts = [(key, titles.get(key, key), inside) for key, inside in found.items() if inside]
    return parts or [("ficha", titles["ficha"], [])]


def _part_of(path: str) -> str:
    first, _dot, rest = path.partition(".")
    if first in _FICHA:
        return "ficha"
    if first == "forms":
        return f"forms.{rest.partition('.')[0]}"
    return {"documents": "documentos", "notices": "avisos"}.get(first, "pasos")


def _groups(draft: ProcedureDraft, texts: list[Text], typed: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The texts by what they belong to, with where its Spanish is changed."""
    half = {text.unit for text in texts if text.is_missing} & {text.unit for text in texts if not text.is_missing}
    data = _data_of(draft) if any(is_filled(text.path) for text in texts) else {}
    for name, group in groupby(texts, key=lambda text: wording.name_of(draft.content, _address(text))):
        inside = list(group)
        yield {
            "title": name[:1].upper() + name[1:],
            "url": card_url(draft, _address(inside[0]) or ("title",)),
            "rows": [_row(text, typed, data) for text in inside],
            "is_half": any(text.unit in half for text in inside),
        }


def _address(text: Text) -> Address:
    """The part to which a text belongs."""
    return tuple(text.unit.split(".")) if text.unit else ()


def _data_of(draft: ProcedureDraft) -> dict[str, str]:
    """The data that a text may name, in words."""
    groups = insertable(Scene(draft.content, (), draft.agency))
    return {token.strip("{}").partition("|")[0]: words for _title, inside in groups for token, words in inside}


def _named(text: Text, data: Mapping[str, str]) -> list[dict[str, str]]:
    """The data that a notice names, as its Spanish writes them, with what each is."""
    try:
        found = placeholders(text.spanish) if is_filled(text.path) else []
    except BadPlaceholder:
        return []
    tokens = {"{" + "|".join(filter(None, (one.path, one.format))) + "}": one.path for one in found}
    return [{"token": token, "words": data.get(path, "")} for token, path in tokens.items()]


def _row(text: Text, typed: Mapping[str, str], data: Mapping[str, str]) -> dict[str, Any]:
    said = typed.get(text.path, text.translation)
    return {
        "path": text.path,
        "key": seen_of(text.path),
        "what": wording.text_name(text.path),
        "spanish": text.spanish,
        "said": said,
        "seen": seen_of(text.translation),
        "is_missing": text.is_missing,
        "problem": problem_with(text.path, text.spanish, said),
        "data": _named(text, data),
        "offered": text.offered,
        "difference": word_difference(text.before, text.spanish) if text.is_stale else [],
        "rows": min(18, 1 + max(len(text.spanish), len(said)) // _LONG + text.spanish.count("\n")),
    }
