"""The page of an item: its place in the list beside it, its controls, and where its buttons lead."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from designer import flow, tree, wording
from designer.cards import parts, questions, steps, texts, ways
from designer.cards.asked import ASKED
from designer.cards.conditions import Sentence
from designer.cards.editor import Editor
from designer.errors import DesignError
from designer.models import ProcedureDraft
from designer.presenting import lists
from designer.presenting.findings import said_of
from designer.presenting.reviewing import panel
from designer.presenting.testing import seen_words
from designer.queries import frozen_ids, readable
from designer.tree import Address, Data
from procedures.api import counted, electronic_support

NOT_LOSSLESS = gettext_lazy(
    "Esta pregunta ya se publicó y ese tipo no sirve para lo que la gente respondió. Agrega una pregunta nueva y quita "
    "esta: las solicitudes en curso conservan la anterior."
)
_TABS = {
    **{"forms": "questions", "steps": "steps", "roles": "steps", "law": "steps", "exemption": "steps"},
    **{"term": "ficha", "fees": "ficha"},
}
"""The tab under which each part of a procedure is changed."""
_LISTS = {"forms": "questions", **dict.fromkeys(("steps", "roles", "law", "exemption"), "steps")}
"""The page whose list holds each part; «Documentos y avisos» for the rest."""
_HEADINGS = {
    "question": gettext_lazy("Pregunta"),
    "page": gettext_lazy("Página de preguntas"),
    "form": gettext_lazy("Formulario"),
    "step": gettext_lazy("Paso"),
    "way": gettext_lazy("Salida del paso"),
    "document": gettext_lazy("Documento"),
    "block": gettext_lazy("Bloque del documento"),
    "notice": gettext_lazy("Aviso"),
    "role": gettext_lazy("Cargo"),
    "law": gettext_lazy("Ley N° 19.880"),
    "exemption": gettext_lazy("Ley N° 19.880, artículos 18 y 46; DS N° 4 de 2020, artículos 28 a 35"),
}


def context(editor: Editor, conflict: DesignError | None = None) -> dict[str, Any]:
    """What the template of a card needs."""
    draft, here = editor.draft, editor.address
    return {
        "editor": editor,
        "conflict": conflict,
        "now_says": editor.form.differences if conflict else [],
        "comments": panel(draft, tree.written(here)),
        "caption": editor.part.caption if editor.part else _HEADINGS[editor.kind],
        "errors": editor.problems,
        "tab": _TABS.get(here[0], "documents"),
        "back_url": back_url(draft, here),
        "back_label": back_label(draft.content, here),
        "address": tree.written(here),
        "sentences": [sentence(editor, found) for found in editor.sentences],
        "parts": parts_of(draft, editor.kind, editor.item, here),
        **_OF_KIND.get(editor.kind, _nothing)(editor),
    }


def sentence(editor: Editor, found: Sentence) -> dict[str, Any]:
    """What the template of a condition needs."""
    return {"sentence": found, "editor": editor, "seen_words": seen_words(editor.draft, found.read)}


def parts_of(draft: ProcedureDraft, kind: str, item: Data, here: Address) -> list[dict[str, Any]]:
    """The lists of parts on the card of an item that may hold some."""
    made = []
    for part in parts.parts_held(kind, item):
        into = parts.list_of(part, here)
        rows = [_part(draft, part, row, (*into, str(row.get("id", number))))
                for number, row in enumerate(tree.find(draft.content, into) or [])]  # fmt: skip
        made.append({"kind": part, "into": tree.written(into), "rows": rows})
    return made


def _part(draft: ProcedureDraft, part: parts.PartKind, row: Data, here: Address) -> dict[str, Any]:
    asked = ASKED.get(part.name, ())
    words = lists.sentence(draft, row.get(asked[0].key)) if asked else ""
    return {
        "title": parts.named(part, row, draft.content, here[:-1]),
        "address": tree.written(here),
        "url": lists.item_url(draft, here),
        "condition": str(asked[0].sentence) % {"words": words} if words else "",
        "missing": [said for said in said_of(draft) if said.is_error and said.address[: len(here)] == here],
    }


def back_url(draft: ProcedureDraft, address: Address) -> str:
    """The page one level up: the document of a block, the step of a way, or the list."""
    around = _around(address)
    if around:
        return reverse("designer:item", args=[draft.pk, tree.written(around)])
    return f"{list_url(draft, address)}#{anchor(tree.written(address))}"


def back_label(content: Data, address: Address) -> str:
    """Words for the way back."""
    around = _around(address)
    if around:
        return wording.title_of(tree.find(content, around), content)
    named = {"roles": "steps", "notices": "documents", "law": "steps", "exemption": "steps", "term": "ficha",
             "fees": "ficha"}  # fmt: skip
    return str(lists.TITLES[named.get(address[0], address[0])])


def ficha_parts(draft: ProcedureDraft) -> list[dict[str, Any]]:
    """The other lengths of the term of the whole procedure and what it charges, for the page of the ficha."""
    term = draft.content.get("term")
    lengths = parts_of(draft, "term", term, ("term",)) if isinstance(term, dict) and term else []
    return [*lengths, *parts_of(draft, "procedure", draft.content, ())]


def support_of(draft: ProcedureDraft) -> dict[str, Any]:
    """The score of electronic support, as far as it is written (R74)."""
    criteria = electronic_support(readable(draft.content), draft.content.get("ficha", {}).get("channels") or ())
    met, total = counted(criteria)
    return {"criteria": criteria, "met": met, "total": total}


def _around(address: Address) -> Address:
    if parts.part_of(address) is not None:
        holder = parts.holder_of(address)
        return holder if holder != ("term",) else ()
    if address[0] == "documents" and len(address) == 4:
        return address[:2]
    if "next" in address:
        return address[: address.index("next")]
    return address[:6] if address[0] == "forms" and len(address) == 8 else ()


def list_url(draft: ProcedureDraft, address: Address) -> str:
    """The page whose list holds an item."""
    if address[0] == "documents" and len(address) == 4:
        return reverse("designer:item", args=[draft.pk, tree.written(address[:2])])
    if "next" in address:
        return reverse("designer:item", args=[draft.pk, tree.written(address[: address.index("next")])])
    if address[0] == "forms" and len(address) == 8:
        return reverse("designer:item", args=[draft.pk, tree.written(address[:6])])
    if parts.part_of(address) is not None:
        return _holder_url(draft, parts.holder_of(address))
    name = _LISTS.get(address[0], "documents")
    url = reverse(f"designer:{name}", args=[draft.pk])
    return f"{url}{address[1]}/" if address[0] == "forms" and len(address) > 2 else url


def _holder_url(draft: ProcedureDraft, holder: Address) -> str:
    return reverse("designer:ficha", args=[draft.pk]) if holder in ((), ("term",)) else lists.item_url(draft, holder)


def anchor(address: str) -> str:
    """The id of an item in its list."""
    return "i-" + address.replace("/", "-")


def own_path(wanted: str, draft: ProcedureDraft) -> str:
    """A page of this draft to go back to; its home for anything else."""
    home = reverse("designer:home", args=[draft.pk])
    return wanted if wanted.startswith(home) and "//" not in wanted and "\\" not in wanted else home


def is_published(draft: ProcedureDraft, address: Address) -> bool:
    """Whether the item stands in a published version, so that its id and the meaning of its answers are fixed."""
    if address[0] == "forms" and len(address) >= 6:
        return f"forms/{address[1]}/{address[5]}" in set(frozen_ids(draft))
    return address[0] == "steps" and f"steps/{address[-1]}" in set(frozen_ids(draft))


def _nothing(editor: Editor) -> dict[str, Any]:
    return {}


def _exemption(editor: Editor) -> dict[str, Any]:
    if editor.item:
        return {"introduction": _("Con este trámite se pide una excepción. Se quita con el botón del final.")}
    return {
        "introduction": _(
            "Este trámite no es el formulario con que se pide una excepción, y casi ninguno lo es: la institución "
            "necesita uno solo. Lo será cuando digas aquí qué respuestas dicen lo que se pide."
        )
    }


def _question(editor: Editor) -> dict[str, Any]:
    form = tree.get(editor.draft.content, editor.address[:2])
    kept = {one["id"]: one for one in editor.item.get("options") or ()}
    return {
        "options": [_with_condition(editor, row, kept.get(row.id)) for row in editor.options],
        "type_name": questions.TYPE_NAMES[editor.item["type"]],
        "types": questions.TYPE_GROUPS,
        "outline": lists.outline_of(editor.draft, form, editor.address),
        "place": lists.number_of(form, editor.address),
        "preview_url": reverse("designer:preview", args=[editor.draft.pk, tree.written(editor.address)]),
        "rows_of_group": [
            {"title": wording.title_of(field, editor.draft.content),
             "url": lists.item_url(editor.draft, here), "address": tree.written(here)}
            for field in editor.item.get("fields") or ()
            for here in [(*editor.address, "fields", field["id"])]
        ],
        "is_published": is_published(editor.draft, editor.address),
    }  # fmt: skip


def _with_condition(editor: Editor, row: questions.OptionRow, kept: Data | None) -> questions.OptionRow:
    """An option with when it is offered; it has its own card once it is kept."""
    if kept is not None:
        row.condition = lists.sentence(editor.draft, kept.get("only_when"))
        row.condition_url = lists.item_url(editor.draft, (*editor.address, "options", row.id))
    return row


def _page(editor: Editor) -> dict[str, Any]:
    form = tree.get(editor.draft.content, editor.address[:2])
    return {"outline": lists.outline_of(editor.draft, form, editor.address)}


def _step(editor: Editor) -> dict[str, Any]:
    item, deciding = editor.item, ways.questions_that_decide(editor.scene)
    by = {question["id"]: ways.ways_by(item, question) for question in deciding}
    return {
        "kind_name": steps.KIND_NAMES[item["kind"]],
        "targets": steps.step_choices(editor.scene),
        "add_into": "" if item["kind"] == "end" else tree.written(flow.list_around(editor.address)),
        **lists.what_may_be_added(editor.scene),
        "leads_on": "next" in item or item["kind"] != "end",
        "one_target": item.get("next") if isinstance(item.get("next"), str) else "",
        "deciding": [
            {"id": question["id"], "label": question.get("label"), "ways": by[question["id"]] is not None,
             "answers": [(name, words, (by[question["id"]] or {}).get(name, "")) for name, words in
                         ways.answers_of(question)]}
            for question in deciding
        ],
        "ways": lists.ways_of(editor.draft, editor.address),
        "has_own_ways": isinstance(item.get("next"), list) and not any(found is not None for found in by.values()),
        "form_url": _form_url(editor),
        "document_url": _named_url(editor, "document", "documents"),
        "notice_url": _named_url(editor, "notice", "notices"),
        "outline": lists.steps_of(editor.draft, editor.address),
    }  # fmt: skip


def _form_url(editor: Editor) -> str:
    form = editor.item.get("form")
    known = tree.find(editor.draft.content, ("forms", str(form)))
    return reverse("designer:form", args=[editor.draft.pk, form]) if known else ""


def _named_url(editor: Editor, key: str, top: str) -> str:
    address = (top, str(editor.item.get(key)))
    return lists.item_url(editor.draft, address) if tree.find(editor.draft.content, address) else ""


def _document(editor: Editor) -> dict[str, Any]:
    return {
        "blocks": lists.blocks_of(editor.draft, editor.address),
        "block_kinds": texts.BLOCK_KINDS,
        "preview_url": reverse("designer:document", args=[editor.draft.pk, editor.address[1]]),
        "pdf_url": reverse("designer:pdf", args=[editor.draft.pk, editor.address[1]]),
    }


def _block(editor: Editor) -> dict[str, Any]:
    here = _document_of_block(editor)
    if editor.item.get("kind") == "answers":
        return here
    marks = {"has_marks": True, "has_lists": editor.item.get("kind") == "paragraph"}
    return {"insertable": texts.insertable(editor.scene), "insert_below": "text", **marks, **here}


def _document_of_block(editor: Editor) -> dict[str, Any]:
    shown = reverse("designer:document", args=[editor.draft.pk, editor.address[1]])
    return {
        "preview_url": f"{shown}#bloque-{editor.address[3]}",
        "pdf_url": reverse("designer:pdf", args=[editor.draft.pk, editor.address[1]]),
        "kind_name": dict(texts.BLOCK_KINDS)[editor.item["kind"]],
    }


def _notice(editor: Editor) -> dict[str, Any]:
    return {
        "insertable": texts.insertable(editor.scene),
        "insert_below": "body",
        "preview_url": reverse("designer:notice", args=[editor.draft.pk, editor.address[1]]),
    }


_OF_KIND: dict[str, Any] = {
    "question": _question,
    "page": _page,
    "step": _step,
    "document": _document,
    "block": _block,
    "notice": _notice,
    "exemption": _exemption,
}
