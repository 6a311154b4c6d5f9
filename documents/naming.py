"""Acts in words: what one is called, what another did to it, and whether its effects are suspended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _

from documents.language import as_html, marked_spanish
from documents.models import Document


def name_of(act: Document, *, on_page: bool = False) -> str:
    """The act as texts name it: title, number and day. `on_page`: as HTML that says that its title is in Spanish."""
    number = _(" N° %(number)s") % {"number": act.number} if act.number else ""
    day = f", {act.issued_on:%d/%m/%Y}" if act.issued_on else ""
    if on_page:
        return format_html("{}{}{}", marked_spanish(act.title), number, day)
    return f"{act.title}{number}{day}"


def change_of(act: Document, *, on_page: bool = False) -> str:
    """What a later act did to this one; "" where none did (Ley 19.880 art. 59). `on_page`: as HTML."""
    if act.changed_by is None:
        return ""
    match act.state:
        case Document.State.REPLACED:
            words = _("Reemplazado por: %(act)s")
        case Document.State.ANNULLED:
            words = _("Sin efecto por: %(act)s")
        case Document.State.IN_FORCE if act.changed_by.state == Document.State.ANNULLED:
            words = _("Vigente otra vez: quedó sin efecto lo que lo había cambiado (%(act)s)")
        case _modified:
            words = _("Vigente, modificado por: %(act)s")
            names = [name_of(one, on_page=on_page) for one in changes_of(act)]
            return _placed(words, on_page=on_page, act=_joined(names, on_page=on_page))
    return _placed(words, on_page=on_page, act=name_of(act.changed_by, on_page=on_page))


def changes_of(act: Document) -> Iterator[Document]:
    """The later acts that changed this one, and then each other, the first one first."""
    while act.changed_by is not None:
        act = act.changed_by
        yield act


def suspension_of(act: Document, *, on_page: bool = False) -> str:
    """Since when the effects of an act in force are suspended and by what; "" where they are not (art. 57)."""
    if act.state != Document.State.IN_FORCE:
        return ""
    words = _(
        "Sus efectos están suspendidos desde el %(since)s, mientras se resuelve un recurso, por: %(by)s (Ley 19.880, "
        "art. 57)"
    )
    lasting = [pause for pause in act.pauses if not pause["until"]]
    return _paused(words, lasting[0], on_page=on_page) if lasting else ""


def past_suspensions_of(act: Document, *, on_page: bool = False) -> list[str]:
    """From when to when its effects were suspended, and by what, the first time first."""
    words = _("Sus efectos estuvieron suspendidos del %(since)s al %(until)s, por: %(by)s")
    return [_paused(words, pause, on_page=on_page) for pause in act.pauses if pause["until"]]


def notes_of(act: Document) -> list[str]:
    """What stands beside an act where a page lists it: what changed it, and when its effects are or were suspended."""
    now = (change_of(act, on_page=True), suspension_of(act, on_page=True))
    return [*(text for text in now if text), *past_suspensions_of(act, on_page=True)]


def _paused(words: str, pause: dict[str, str], *, on_page: bool) -> str:
    days = {name: _day(pause[name]) for name in ("since", "until") if pause[name]}
    return _placed(words, on_page=on_page, by=marked_spanish(pause["by"]) if on_page else pause["by"], **days)


def _day(stored: str) -> str:
    return date_format(date.fromisoformat(stored), "SHORT_DATE_FORMAT")


def _joined(names: list[str], *, on_page: bool) -> str:
    return format_html("; ".join("{}" for _name in names), *names) if on_page else "; ".join(names)


def _placed(words: str, *, on_page: bool, **parts: str) -> str:
    """The sentence with its parts; as HTML, where one of them says its own language."""
    return as_html(words, **parts) if on_page else words % parts
