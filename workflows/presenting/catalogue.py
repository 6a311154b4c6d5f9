"""What the first page, the search and the fichas show, of procedures that are done here and of those that are not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procedures.api import Filters, Found, institutions, levels, life_events, most_asked, search
from procedures.models import CatalogueEntry, LifeEvent, Online
from workflows.presenting.language import entry_texts, foreign_spanish, marked
from workflows.rules import WaitingTime

PAGE_SIZE = 20
SHOWN_FIRST = 6
"""Fichas of the first page."""
TAGS = {Online.HERE: "success", Online.ELSEWHERE: "active"}
LEVELS = {
    0: gettext_lazy("0: no está en línea"),
    1: gettext_lazy("1: solo informa"),
    2: gettext_lazy("2: se descarga el formulario"),
    3: gettext_lazy("3: se envía en línea"),
    4: gettext_lazy("4: todo en línea"),
    5: gettext_lazy("5: en línea y se adelanta a pedirlo"),
}


@dataclass(frozen=True)
class Asked:
    """What the address asks for, as it was written."""

    q: str = ""
    institucion: str = ""
    hecho: str = ""
    modo: str = ""
    nivel: str = ""
    todos: str = ""
    p: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        """The parameters that pages of the catalogue know; others do not count."""
        return cls(**{name: str(query[name]).strip()[:200] for name in cls.__dataclass_fields__ if name in query})

    @property
    def is_anything(self) -> bool:
        """Whether something is searched; else the first page is shown."""
        return any((self.q, self.institucion, self.hecho, self.modo, self.nivel, self.todos))

    @property
    def filters(self) -> Filters:
        """The filters; what is not one of their values limits nothing."""
        return Filters(
            institution=self.institucion,
            life_event=self.hecho if self.hecho in LifeEvent.values else "",
            online=self.modo if self.modo in ("digital", "paper") else "",
            level=int(self.nivel) if self.nivel in set("012345") else None,
        )

    @property
    def page(self) -> int:
        """Number of the page, from 1."""
        return max(int(self.p), 1) if self.p.isdecimal() and len(self.p) < 6 else 1

    @property
    def rest(self) -> str:
        """The address without its page, to go to another one."""
        given = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "p"}
        return urlencode({name: value for name, value in given.items() if value}) + "&"


def home_context() -> dict[str, Any]:
    """The first page: search, moments of life, what is asked most."""
    counted = life_events()
    here = reverse("workflows:catalogue")
    events = [
        {"title": event.label, "count": counted[event.value], "url": f"{here}?hecho={event.value}"}
        for event in LifeEvent
        if event.value in counted
    ]
    return {"events": events, "popular": cards(most_asked(SHOWN_FIRST)), "asked": Asked()}


def results_context(asked: Asked) -> dict[str, Any]:
    """One page of a search with its filters."""
    found = search(asked.q, asked.filters, page=asked.page, size=PAGE_SIZE)
    return {
        "asked": asked,
        "is_wordless": bool(asked.q) and not found.has_words,
        "found": found,
        "fichas": cards(found.entries),
        "page": _page(found, asked.page),
        "unknown": ", ".join(f"«{written}»" for written, _searched in found.instead),
        "instead": ", ".join(f"«{searched}»" for _written, searched in found.instead),
        "institutions": institutions(),
        "events": LifeEvent.choices,
        "levels": [(str(level), LEVELS[level]) for level in levels()],
        "modes": [("digital", _("En línea")), ("paper", _("En persona, en papel o no se sabe"))],
    }


def _page(found: Found, number: int) -> Page[int]:
    """Where this page stands among all; the entries themselves are not in it."""
    return Paginator(range(found.total), PAGE_SIZE).get_page(number)


def cards(entries: Sequence[CatalogueEntry]) -> list[dict[str, Any]]:
    """The lines of a list, in the language of the page where there are words for it."""
    texts = entry_texts(entries)
    return [_card(entry, *texts.get(entry.pk, (entry.name, entry.summary))) for entry in entries]


def _card(entry: CatalogueEntry, title: str, summary: str) -> dict[str, Any]:
    return {
        "title": title,
        "summary": summary,
        "agency": entry.institution.name,
        "place": entry.place,
        "url": ficha_url(entry),
        "tag": Online(entry.online).label,
        "tag_kind": TAGS.get(Online(entry.online), ""),
    }


def ficha_url(entry: CatalogueEntry) -> str:
    """Address of the ficha of an entry."""
    return reverse("workflows:ficha", args=[entry.institution.code, entry.code])


def paper_context(entry: CatalogueEntry) -> dict[str, Any]:
    """The ficha of a procedure that is not done here: what, where, cost, requirements, and where to go on."""
    facts = [(_("Costo"), entry.cost), (_("Respuesta"), entry.response), (_("Dónde"), entry.channels)]
    volume = f"{entry.yearly_volume:,}".replace(",", ".") if entry.yearly_volume else ""
    return {
        "entry": entry,
        "facts": [(label, marked(value, foreign_spanish())) for label, value in facts if value],
        "more": [
            (label, value)
            for label, value in (
                (_("Para quién es"), marked(entry.audience, foreign_spanish())),
                (_("Para"), entry.place),
                (_("Base legal"), marked(entry.legal_basis, foreign_spanish())),
                (_("Solicitudes al año"), volume),
                (_("Nivel de digitalización"), LEVELS[entry.level] if entry.level is not None else ""),
            )
            if value
        ],
        "is_elsewhere": entry.online == Online.ELSEWHERE,
        "is_gone": entry.online == Online.HERE,
        "site": urlsplit(entry.external_url).hostname or "",
        "similar": similar(entry),
        "source": public_source(entry.source),
    }


def public_source(source: str) -> str:
    """Whose information it is, as people read it: the site, or the name of the text without its place in a register."""
    site = _SITE.match(source)
    return site[0] if site else source.partition(" #")[0]


_SITE = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?![\w@])")


def kept_for_staff(entry: CatalogueEntry) -> list[tuple[str, str]]:
    """What the source says in codes, or could not be read, by its heading: for whoever keeps the catalogue."""
    kept = [(_("Código de la institución"), entry.institution.code), (_("Fuente"), entry.source)]
    return [(label, value) for label, value in [*kept, *entry.remarks.items()] if value]


def similar(entry: CatalogueEntry) -> Sequence[dict[str, Any]]:
    """Procedures like this one that are done here, for whoever came by the name."""
    found = search(entry.name, Filters(online="digital"), size=4)
    here = [other for other in found.entries if other.pk != entry.pk and other.online == Online.HERE]
    return cards(here[:3]) if found.has_all else []


def waiting_words(waiting: WaitingTime | None) -> dict[str, Any] | None:
    """How long people really waited, in words; None when too few cases have ended."""
    if waiting is None:
        return None
    return {
        "half": _days(waiting.half),
        "most": _days(waiting.most),
        "nearly_all": _days(waiting.nearly_all),
        "cases": waiting.cases,
        "is_slower": waiting.is_slower,
    }


def _days(days: int) -> str:
    if days == 0:
        return _("el mismo día")
    return _("en 1 día o menos") if days == 1 else _("en %(days)s días o menos") % {"days": days}
