"""The lists of a draft: questions by page, steps with their ways and picture, documents and notices."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.urls import get_script_prefix, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import TypeAdapter, ValidationError

from designer import contents, patterns, tree, wording
from designer.cards import questions, steps, texts
from designer.cards.scene import Scene
from designer.models import ProcedureDraft
from designer.presenting.findings import Said, said_of
from designer.queries import readable, roles_of_agency
from designer.tree import Address, Data
from procedures.api import Condition, describe, render_diagram

TITLES = {
    "ficha": gettext_lazy("Ficha"),
    "forms": gettext_lazy("Preguntas"),
    "steps": gettext_lazy("Pasos"),
    "documents": gettext_lazy("Documentos y avisos"),
}
MOST_BESIDE = 60
"""Questions that the list beside a card shows; a longer form shows those of one page."""
_CONDITION: TypeAdapter[Any] = TypeAdapter(Condition)


def item_url(draft: ProcedureDraft, address: Address) -> str:
    """The card of an item."""
    return f"{_items_url(draft.pk, get_script_prefix())}{tree.written(address)}/"


@lru_cache(maxsize=64)
def _items_url(pk: int, prefix: str) -> str:
    """What comes before the address of every item of a draft; a page has hundreds of them."""
    return reverse("designer:item", args=[pk, "-"]).removesuffix("-/")


def forms_context(draft: ProcedureDraft, form: Data) -> dict[str, Any]:
    """The numbered questions of a form, and the other forms."""
    return {
        "forms": [
            {"id": each["id"], "title": who_fills(draft, each), "current": each["id"] == form["id"],
             "url": reverse("designer:form", args=[draft.pk, each["id"]])}
            for each in draft.content.get("forms") or ()
        ],
        "form": form,
        "who": who_fills(draft, form),
        "pages": pages_of(draft, form, ()),
        "type_options": _type_options(),
        "pages_address": tree.written(("forms", form["id"], "pages")),
        "form_url": item_url(draft, ("forms", form["id"])),
    }  # fmt: skip


def _type_options() -> SafeString:
    """The types of question as options, written once: a long form has them on each of its pages."""
    groups = (
        (group, format_html_join("", '<option value="{}">{}</option>', ((name, title) for name, title, _use in types)))
        for group, types in questions.TYPE_GROUPS
    )
    return format_html_join("", '<optgroup label="{}">{}</optgroup>', groups)


def outline_of(draft: ProcedureDraft, form: Data, current: Address) -> list[dict[str, Any]]:
    """The list beside a card: of a long form, the questions of the card's own page and the titles of the others."""
    count = sum(len(page.get("fields") or ()) for page in form.get("pages") or ())
    return pages_of(draft, form, current, is_folded=count > MOST_BESIDE)


def pages_of(draft: ProcedureDraft, form: Data, current: Address, *, is_folded: bool = False) -> list[dict[str, Any]]:
    """The pages of a form with their numbered questions; folded, only those of the page of `current`."""
    found, number, made = [said for said in said_of(draft) if said.is_error], 0, []
    for page in form.get("pages") or ():
        here = ("forms", form["id"], "pages", page["id"])
        fields = []
        for field in page.get("fields") or ():
            number += 1
            if is_folded and here != current[:4]:
                continue
            fields.append(_field(draft, (*here, "fields", field["id"]), field, number, found, current))
        made.append({
            "title": page.get("title"), "address": tree.written(here), "url": item_url(draft, here), "fields": fields,
            "fields_address": tree.written((*here, "fields")), "current": here == current,
            "missing": [said for said in found if said.address == here],
        })  # fmt: skip
    return made


def number_of(form: Data, address: Address) -> tuple[int, int]:
    """The number of a question in its form, and how many there are."""
    names = [here for here, _field in tree.fields_of_form(form)]
    own = address[:6]
    return (names.index(own) + 1 if own in names else 0), len(names)


def _field(
    draft: ProcedureDraft, here: Address, field: Data, number: int, found: list[Said], current: Address
) -> dict[str, Any]:
    return {
        "number": number,
        "title": field.get("label") or field.get("text") or field["id"],
        "type": questions.TYPE_NAMES.get(field.get("type", ""), ""),
        "optional": field.get("required") is False,
        "condition": sentence(draft, field.get("visible_when")),
        "url": item_url(draft, here),
        "address": tree.written(here),
        "current": here == current[:6],
        "missing": [said for said in found if said.address[: len(here)] == here],
        "options": len(field.get("options") or ()),
    }


def sentence(draft: ProcedureDraft, condition: Any) -> str:
    """A condition in words, or nothing."""
    if not condition:
        return ""
    try:
        return describe(_CONDITION.validate_python(condition), readable(draft.content))
    except ValidationError:
        return _("condición sin terminar")


def who_fills(draft: ProcedureDraft, form: Data) -> str:
    """The form by who fills it in: what citizens see, or the task of an official."""
    for _at, step in tree.all_steps(draft.content):
        if step.get("form") == form["id"]:
            title = wording.title_of(step, draft.content)
            return _("La solicitud") if step["kind"] == "start" else _("Tarea: %(title)s") % {"title": title}
    return wording.title_of(form, draft.content)


def steps_context(draft: ProcedureDraft) -> dict[str, Any]:
    """The steps as a list, their picture, and what may be added."""
    scene = Scene(draft.content, ("steps", ""), draft.agency)
    return {
        "steps": steps_of(draft, ()),
        "diagram": diagram(draft),
        **what_may_be_added(scene),
        "roles": _roles(draft),
        "agency_roles": roles_of_agency(draft.agency),
    }


def what_may_be_added(scene: Scene) -> dict[str, Any]:
    """The kinds of a new step and who may do it."""
    kinds = [(kind, steps.KIND_NAMES[kind]) for kind in patterns.ADDABLE]
    return {"kinds": kinds, "role_choices": steps.role_choices(scene)}


def diagram(draft: ProcedureDraft) -> SafeString:
    """The picture of the flow, each box a link to its step."""
    bundle = readable(draft.content)
    addresses = {step["id"]: here for here, step in tree.all_steps(draft.content)}
    if not bundle.steps:
        return SafeString("")
    return render_diagram(bundle, link=lambda name: item_url(draft, addresses[name]) if name in addresses else "")


def steps_of(draft: ProcedureDraft, current: Address) -> list[dict[str, Any]]:
    """Every step in reading order, those of branches inside their block."""
    return _steps(draft, draft.content.get("steps") or [], ("steps",), "", current, said_of(draft))


def _steps(
    draft: ProcedureDraft, siblings: list[Data], into: Address, prefix: str, current: Address, found: list[Said]
) -> list[dict[str, Any]]:
    made = []
    for place, step in enumerate(siblings, 1):
        here, number = (*into, step["id"]), f"{prefix}{place}"
        branches = [
            {"number": n, "address": tree.written((*here, "branches", str(n - 1))),
             "steps": _steps(draft, branch, (*here, "branches", str(n - 1)), f"{number}.{n}.", current, found)}
            for n, branch in enumerate(step.get("branches") or (), 1)
        ]  # fmt: skip
        if step.get("steps"):
            inner = (*here, "steps")
            rows = _steps(draft, step["steps"], inner, f"{number}.", current, found)
            branches.append({"number": 0, "address": tree.written(inner), "steps": rows})
        made.append({
            "id": step["id"], "number": number, "title": step.get("title"), "kind": steps.KIND_NAMES.get(step["kind"]),
            "step_kind": step["kind"], "who": _who(draft.content, step), "url": item_url(draft, here),
            "address": tree.written(here), "current": here == current, "branches": branches,
            "ways": ways_of(draft, here), "deadline": steps.term_words(step),
            "movable": step["kind"] not in ("start",),
            "missing": [s for s in found if s.is_error and s.address[: len(here)] == here
                        and "branches" not in s.address[len(here):]],
        })  # fmt: skip
    return made


def ways_of(draft: ProcedureDraft, address: Address) -> list[dict[str, Any]]:
    """The ways out of a step in words, each with its card when there are several."""
    step = tree.get(draft.content, address)
    written = step.get("next")
    if not isinstance(written, list):
        return [{"words": "", "to": _target(draft, written), "url": ""}] if written else []
    made = []
    for place, way in enumerate(written):
        here = (*address, "next", str(place))
        words = way.get("label") or sentence(draft, way.get("when")) or _("En los demás casos")
        made.append({
            "words": words, "to": _target(draft, way.get("goto") or way.get("otherwise")),
            "url": item_url(draft, here), "address": tree.written(here), "condition": sentence(draft, way.get("when")),
            "removable": "otherwise" not in way,
        })  # fmt: skip
    return made


def _target(draft: ProcedureDraft, name: Any) -> str:
    if name == "join":
        return _("termina la rama")
    titles = contents.settled(draft.content).remembered(_titles_of_steps)
    return titles.get(str(name)) or _("un paso que no existe")


def _titles_of_steps(content: Data) -> dict[str, str]:
    """Gathered once: each way out of each step names another."""
    return {step["id"]: wording.title_of(step, content) for _at, step in tree.all_steps(content)}


def _who(content: Data, step: Data) -> str:
    titles = {slot["id"]: slot.get("title", slot["id"]) for slot in content.get("roles") or ()}
    named = [step["role"]] if step.get("role") else step.get("signers") or []
    if named:
        return _(" y ").join(titles.get(slot, slot) for slot in named)
    return _("La persona") if step["kind"] in ("start", "correction") else _("El sistema")


def _roles(draft: ProcedureDraft) -> list[dict[str, Any]]:
    return [
        {"id": slot["id"], "title": slot.get("title"), "bound": draft.bindings.get(slot["id"]),
         "url": item_url(draft, ("roles", slot["id"])), "address": tree.written(("roles", slot["id"]))}
        for slot in draft.content.get("roles") or ()
    ]  # fmt: skip


def documents_context(draft: ProcedureDraft) -> dict[str, Any]:
    """Documents and notices with what is missing in each."""
    found = said_of(draft)
    return {key: [_text(draft, key, item, found) for item in draft.content.get(key) or ()] for key in
            ("documents", "notices")}  # fmt: skip


def _text(draft: ProcedureDraft, key: str, item: Data, found: list[Said]) -> dict[str, Any]:
    here = (key, item["id"])
    users = [
        wording.title_of(step, draft.content) for _at, step in tree.all_steps(draft.content)
        if item["id"] in (step.get("document"), step.get("notice"))
    ]  # fmt: skip
    return {
        "title": wording.title_of(item, draft.content), "url": item_url(draft, here), "address": tree.written(here),
        "users": users,
        "kind": dict(texts.DOCUMENT_KINDS).get(item.get("kind"), ""),
        "missing": [said for said in found if said.is_error and said.address[:2] == here],
    }  # fmt: skip


def blocks_of(draft: ProcedureDraft, document: Address) -> list[dict[str, Any]]:
    """The blocks of a document in order."""
    found, made = said_of(draft), []
    for place, block in enumerate(tree.get(draft.content, document).get("blocks") or ()):
        here = (*document, "blocks", str(place))
        made.append({
            "kind": dict(texts.BLOCK_KINDS).get(block.get("kind"), ""), "block_kind": block.get("kind"),
            "text": wording.in_words(block.get("text") or wording.title_of(block, draft.content), draft.content),
            "part": dict(texts.PARTS).get(block.get("role"), ""), "condition": sentence(draft, block.get("when")),
            "url": item_url(draft, here), "address": tree.written(here),
            "missing": [said for said in found if said.is_error and said.address[:4] == here],
        })  # fmt: skip
    return made
