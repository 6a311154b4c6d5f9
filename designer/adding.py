"""New items as people ask for them, and places to which items move."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Person
from designer import flow, operations, patterns, tree
from designer.cards.parts import part_of
from designer.models import ProcedureDraft
from designer.numbers import plain_number
from designer.tree import Address, Data


def add(draft: ProcedureDraft, into: Address, data: QueryDict, *, by: Person, now: datetime) -> Address:
    """Add what was asked for to a list; returns where it stands. ValueError for what cannot be added there."""
    if into and into[-1] == "next" and isinstance(tree.find(draft.content, into), str):
        return _first_way(draft, into, by, now)
    with translation.override("es"):  # what a procedure says is in Spanish, whoever writes it
        made, place = _made(draft, into, data)
    saved = operations.add_item(
        draft=draft, into=into, item=made.item, place=place, beside=made.beside, bindings=made.bindings, by=by, now=now
    )
    if "id" in made.item:
        return (*into, str(made.item["id"]))
    return (*into, str(place if place is not None else len(tree.get(saved.content, into)) - 1))


def where_to(content: Data, address: Address, data: QueryDict) -> tuple[Address, int]:
    """The list and place that a move asks for: «subir», «bajar», or a list with a place. ValueError, ItemGone."""
    here = tree.position(content, address)
    if data.get("a") in ("subir", "bajar"):
        return _beside(content, address, here, -1 if data["a"] == "subir" else 1)
    into = tree.parse(data.get("en", "")) or address[:-1]
    place = plain_number(data.get("lugar"), -1)
    if [*into[::2]] != [*address[:-1][::2]] or place < 0:
        raise ValueError
    tree.get(content, into)
    return into, place


def _beside(content: Data, address: Address, here: int, step: int) -> tuple[Address, int]:
    """One place further; a question at the edge of its page goes on to the next page."""
    siblings = tree.get(content, address[:-1])
    there = here + step
    if 0 <= there < len(siblings) or address[0] != "forms" or len(address) != 6:
        return address[:-1], max(0, min(there, len(siblings) - 1))
    pages = tree.get(content, address[:3])
    page = tree.position(content, address[:4]) + step
    if not 0 <= page < len(pages):
        return address[:-1], here
    into = (*address[:3], pages[page]["id"], "fields")
    return into, 0 if step > 0 else len(pages[page].get("fields") or ())


def _made(draft: ProcedureDraft, into: Address, data: QueryDict) -> tuple[patterns.NewStep, int | None]:
    part = part_of((*into, "0"))
    if part is not None:
        return patterns.NewStep(part.fresh(draft.content, into)), None
    maker = _MAKERS.get(_list_kind(into))
    if maker is None:
        raise ValueError
    made: tuple[patterns.NewStep, int | None] = maker(draft, into, data)
    return made


def _list_kind(into: Address) -> str:
    if not into:
        return ""
    if into[0] == "steps" and (into[-1] == "steps" or (len(into) > 2 and into[-2] == "branches")):
        return "steps"
    return into[-1]


def _question(draft: ProcedureDraft, into: Address, data: QueryDict) -> tuple[patterns.NewStep, int | None]:
    kind = data.get("tipo", "text")
    if into[0] != "forms" or kind not in patterns.QUESTION_TYPES:
        raise ValueError
    if len(into) == 7:
        taken = tree.ids(tree.find(draft.content, into))
        label = data.get("texto", "").strip() or _("Pregunta nueva")
        return patterns.NewStep({"id": tree.new_id(label, taken, "pregunta"), "type": kind, "label": label}), None
    question = patterns.new_question(draft.content, into[1], kind, data.get("texto", "").strip())
    return patterns.NewStep(question), None


def _page(draft: ProcedureDraft, into: Address, data: QueryDict) -> tuple[patterns.NewStep, int | None]:
    return patterns.NewStep(patterns.new_page(draft.content, into[1], data.get("titulo", "").strip())), None


def _step(draft: ProcedureDraft, into: Address, data: QueryDict) -> tuple[patterns.NewStep, int | None]:
    siblings = tree.get(draft.content, into)
    after = data.get("despues", "")
    place = next((n + 1 for n, step in enumerate(siblings) if step["id"] == after), _before_end(siblings))
    wish = patterns.Wish(
        draft.content, data.get("clase", ""), data.get("titulo", "").strip(), data.get("cargo", ""),
        siblings[:place], draft.agency,
    )  # fmt: skip
    made = patterns.new_step(wish)
    if len(into) > 1 and "next" not in made.item and place == len(siblings):
        made.item["next"] = flow.JOIN
    return made, place


def _before_end(siblings: list[Data]) -> int:
    """New steps go before the first end unless a place is chosen."""
    return next((place for place, step in enumerate(siblings) if step["kind"] == "end"), len(siblings))


def _block(draft: ProcedureDraft, into: Address, data: QueryDict) -> tuple[patterns.NewStep, int | None]:
    kind = data.get("clase", "paragraph")
    if kind == "answers":
        start = next((step["id"] for step in draft.content["steps"] if step["kind"] == "start"), "")
        item: Data = {"kind": "answers", "step": start}
    else:
        item = {"kind": kind, "text": _("Escribe aquí el texto.")}
    place = plain_number(data.get("lugar"), -1)
    return patterns.NewStep(item), place if place >= 0 else None


def _named(key: str, start: Any) -> Any:
    def make(draft: ProcedureDraft, into: Address, data: QueryDict) -> tuple[patterns.NewStep, int | None]:
        title = data.get("titulo", "").strip() or start()["title"]
        taken = tree.ids(draft.content.get(key))
        return patterns.NewStep({**start(), "id": tree.new_id(title, taken, key[:-1]), "title": title}), None

    return make


def _notice(draft: ProcedureDraft, into: Address, data: QueryDict) -> tuple[patterns.NewStep, int | None]:
    subject = data.get("titulo", "").strip() or _("Novedades de tu solicitud N° {case.number}")
    name = tree.new_id(subject, tree.ids(draft.content.get("notices")), "aviso")
    return patterns.NewStep({"id": name, "subject": subject, "body": _("Hola, {applicant.name}:")}), None


def _way(draft: ProcedureDraft, into: Address, data: QueryDict) -> tuple[patterns.NewStep, int | None]:
    """One more way out, tried before «en los demás casos»."""
    step = tree.get(draft.content, into[:-1])
    target = flow.onward(step)
    path = next(iter(patterns.paths_of(draft.content, step)), "")
    return patterns.NewStep({"when": {"all": [{"field": path, "op": "filled"}]}, "goto": target}), 0


def _first_way(draft: ProcedureDraft, into: Address, by: Person, now: datetime) -> Address:
    """A step that led to one place gets alternatives."""
    step = tree.get(draft.content, into[:-1])
    path = next(iter(patterns.paths_of(draft.content, step)), "")
    way = {"when": {"all": [{"field": path, "op": "filled"}]}, "goto": step["next"]}
    changed = {**step, "next": [way, {"otherwise": step["next"]}]}
    operations.put_item(draft=draft, address=into[:-1], item=changed, seen="", by=by, now=now)
    return (*into, "0")


_MAKERS: dict[str, Any] = {
    "fields": _question,
    "pages": _page,
    "steps": _step,
    "blocks": _block,
    "roles": _named("roles", lambda: {"title": _("Cargo nuevo")}),
    "documents": _named("documents", lambda: {"title": _("Documento nuevo"), "kind": "resolution", "blocks": [
        {"kind": "paragraph", "text": _("Escribe aquí el texto.")}]}),
    "forms": _named("forms", lambda: {"title": _("Formulario nuevo"), "pages": [{"id": "pagina", "title": _("Página"),
        "fields": [{"id": "pregunta", "type": "text", "label": _("Pregunta nueva")}]}]}),
    "notices": _notice,
    "next": _way,
}  # fmt: skip
