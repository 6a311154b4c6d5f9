"""What each part of a procedure under construction is called on screen. Pure but for the language."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from designer.tree import Address, Data, all_steps, fields_of_form, find, words_of
from procedures.api import APPEAL_DATA, CASE_DATA, worded


def name_of(data: Data, address: Address) -> str:
    """The item at an address, or the one around it, in words: la pregunta «Nombre»."""
    for size in range(len(address), 0, -1):
        words = _words(data, address[:size])
        if words:
            return words
    return _("el trámite")


def title_of(item: Any, content: Data) -> str:
    """What an item says of itself: its title, label, subject or id, or whose answers it shows.

    `content` is the procedure that holds it.
    """
    if not isinstance(item, dict):
        return str(item or "")
    for key in ("title", "label", "subject", "message", "text", "norm", "id"):
        if item.get(key):
            return _short(in_words(str(item[key]), content).replace("**", ""))
    if item.get("kind") == "answers":
        return _("Respuestas de «%(step)s»") % {"step": title_of(_step(str(item.get("step")), content), content)}
    return ""


def in_words(text: str, content: Data) -> str:
    """A text with its data called as the pages call them: {número de la solicitud}."""
    return worded(text, lambda path: datum_words(path, content)) if "{" in text else text


def datum_words(path: str, content: Data) -> str:
    """What a datum is called: that of the case, a charge, or the question of a step; "" for one that nobody knows."""
    first, _dot, second = path.partition(".")
    if path in _OF_THE_CASE:
        return _OF_THE_CASE[path]
    if first == "fee":
        return str((find(content, ("fees", second)) or {}).get("title", ""))
    if first == "deadline":
        title = _step(second, content).get("title")
        return _("vencimiento de «%(step)s»") % {"step": title} if title else ""
    step = _step(first, content)
    form = find(content, ("forms", str(step.get("form"))))
    for _at, field in fields_of_form(form) if form else ():
        if field["id"] == second:
            return str(field.get("label") or "")
    values = step.get("values") or {}
    value = values.get(second)
    return str((value.get("label") if isinstance(value, dict) else "") or words_of(second)) if second in values else ""


def _step(name: str, content: Data) -> Data:
    return next((step for _at, step in all_steps(content) if step["id"] == name), {})


def text_name(path: str) -> str:
    """What a text, named by its path, is of its part: its help, its error message."""
    names = [part for part in path.split(".") if not part.isdecimal()]
    if names[-2:] == ["action", "label"]:
        return _("Texto del botón")
    inside = next((key for key in ("options", "fields") if key in names[-3:-1]), "")
    is_inner = inside and ".fields." in path and (inside == "options" or path.count(".fields.") > 1)
    found = _TEXTS_INSIDE.get((inside, names[-1])) if is_inner else None
    found = found or _TEXTS.get(names[-1])
    return _(found) if found else names[-1]


def _words(data: Data, address: Address) -> str:
    pattern = _pattern(address)
    item = find(data, address[: address.index("next")] if pattern == "steps/*/next" else address)
    if pattern in _WHOLE:
        return str(_(_WHOLE[pattern]))
    if pattern not in _NAMED:
        return ""
    return _(_NAMED[pattern]) % {"name": title_of(item, data) or address[-1]}


def _pattern(address: Address) -> str:
    """The kind of place, without names: forms/*/pages/*; a step of a branch is a step."""
    if address[-2:-1] in (("amounts",), ("decide_in_amounts",), ("role_when",)):
        return "fees/amounts" if address[0] == "fees" else address[-2]
    if address[:2] == ("law", "formalities") and len(address) == 3:
        return "law/formalities"
    if address[0] == "steps" and len(address) > 1:
        if "next" in address:
            return "steps/*/next" if address[-1] != "next" else "steps/*"
        return "steps/*" if address[-2] == "steps" or address[-3:-2] == ("branches",) else ""
    return "/".join(part if index % 2 == 0 else "*" for index, part in enumerate(address))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 70 else f"{line[:68].rstrip()}…"


_OF_THE_CASE = {**CASE_DATA, **APPEAL_DATA}
_WHOLE = {
    "ficha": gettext_noop("la ficha"),
    "term": gettext_noop("el plazo legal"),
    "law": gettext_noop("los bloques legales"),
    "exemption": gettext_noop("la excepción a los medios electrónicos"),
    "title": gettext_noop("el nombre del trámite"),
    "summary": gettext_noop("la presentación"),
    "translations": gettext_noop("las traducciones"),
    "forms/*/pages/*/skip/*": gettext_noop("un salto entre páginas"),
    "amounts": gettext_noop("otra duración de un plazo"),
    "decide_in_amounts": gettext_noop("otra duración de un plazo"),
    "fees/amounts": gettext_noop("otro monto de un cobro"),
    "role_when": gettext_noop("otro cargo de un paso"),
}
_NAMED = {
    "fees/*": gettext_noop("el cobro «%(name)s»"),
    "roles/*": gettext_noop("el cargo «%(name)s»"),
    "forms/*": gettext_noop("el formulario «%(name)s»"),
    "forms/*/pages/*": gettext_noop("la página «%(name)s»"),
    "forms/*/pages/*/fields/*": gettext_noop("la pregunta «%(name)s»"),
    "forms/*/pages/*/fields/*/fields/*": gettext_noop("la pregunta «%(name)s» del grupo"),
    "steps/*": gettext_noop("el paso «%(name)s»"),
    "steps/*/next": gettext_noop("una salida del paso «%(name)s»"),
    "documents/*": gettext_noop("el documento «%(name)s»"),
    "documents/*/blocks/*": gettext_noop("el bloque «%(name)s»"),
    "notices/*": gettext_noop("el aviso «%(name)s»"),
    "forms/*/pages/*/exits/*": gettext_noop("la salida «%(name)s» del formulario"),
    "forms/*/rules/*": gettext_noop("la regla «%(name)s»"),
    "forms/*/pages/*/fields/*/options/*": gettext_noop("la opción «%(name)s»"),
    "law/formalities": gettext_noop("la tramitación posterior «%(name)s»"),
}
_TEXTS_INSIDE = {
    ("options", "label"): gettext_noop("Opción"),
    ("options", "hint"): gettext_noop("Ayuda de la opción"),
    ("fields", "label"): gettext_noop("Pregunta de cada fila"),
    ("fields", "hint"): gettext_noop("Ayuda de esa pregunta"),
}
_TEXTS = {
    "title": gettext_noop("Nombre"),
    "applicant_title": gettext_noop("Cómo lo lee quien solicita"),
    "summary": gettext_noop("Qué se obtiene"),
    "label": gettext_noop("Texto"),
    "hint": gettext_noop("Ayuda"),
    "help": gettext_noop("Instrucciones"),
    "text": gettext_noop("Texto"),
    "message": gettext_noop("Mensaje de error"),
    "statement": gettext_noop("Lo que la persona declara"),
    "row_title": gettext_noop("Nombre de cada fila"),
    "group": gettext_noop("Grupo de opciones"),
    "audience": gettext_noop("A quién está dirigido"),
    "cost": gettext_noop("Cuánto cuesta"),
    "response": gettext_noop("Cuándo y cómo se responde"),
    "paid": gettext_noop("Qué pasa con el pago"),
    "requirements": gettext_noop("Qué hay que tener a mano"),
    "note": gettext_noop("Qué dice la norma"),
    "purpose": gettext_noop("Para qué se usan los datos"),
    "subject": gettext_noop("Asunto"),
    "body": gettext_noop("Texto"),
    "hours": gettext_noop("Días y horas de atención"),
    "per": gettext_noop("Por qué se multiplica el cobro"),
}
"""Keys of texts as the pages call them."""
