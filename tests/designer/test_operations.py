"""Drafts are changed item by item, by several people, and nothing is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from designer import operations, sample, starting, tree
from designer.errors import CodeTaken, ItemChanged, ItemGone, NothingToUndo, StillUsed
from designer.models import ProcedureDraft
from designer.queries import findings_of
from procedures.api import check_data
from tests.designer.conftest import Desk
from tests.story import MORNING

NAME = ("forms", "solicitud", "pages", "contacto", "fields", "nombre")


def rebuild(desk: Desk, wanted: dict[str, Any]) -> ProcedureDraft:
    """The procedure written again through the operations, one item at a time."""
    draft = desk.empty(wanted["title"])
    for key in ("forms", "steps", "roles", "documents", "notices"):
        desk.do(operations.put_item, draft, address=(key,), item=[], seen="")
    for key in [key for key in ("title", "summary", "ficha", "term", "law") if key in wanted]:
        desk.do(operations.put_item, draft, address=(key,), item=wanted[key], seen="")
    for role in wanted.get("roles", ()):
        desk.do(operations.add_item, draft, into=("roles",), item=role)
    for form in wanted["forms"]:
        desk.do(operations.add_item, draft, into=("forms",), item={**form, "pages": []})
        for page in form["pages"]:
            here = ("forms", form["id"], "pages")
            desk.do(operations.add_item, draft, into=here, item={**page, "fields": []})
            for field in page["fields"]:
                desk.do(operations.add_item, draft, into=(*here, page["id"], "fields"), item=field)
    rebuild_steps(desk, draft, wanted["steps"], ("steps",))
    for document in wanted.get("documents", ()):
        desk.do(operations.add_item, draft, into=("documents",), item={**document, "blocks": []})
        for block in document["blocks"]:
            desk.do(operations.add_item, draft, into=("documents", document["id"], "blocks"), item=block)
    for notice in wanted.get("notices", ()):
        desk.do(operations.add_item, draft, into=("notices",), item=notice)
    return draft


def rebuild_steps(desk: Desk, draft: ProcedureDraft, steps: list[dict[str, Any]], into: tree.Address) -> None:
    for step in steps:
        plain = {key: value for key, value in step.items() if key != "branches"}
        branches = step.get("branches", [])
        desk.do(
            operations.add_item,
            draft,
            into=into,
            item={**plain, **({"branches": [[] for _ in branches]} if branches else {})},
        )
        for number, branch in enumerate(branches):
            rebuild_steps(desk, draft, branch, (*into, step["id"], "branches", str(number)))
    for step in steps:
        ways = {key: value for key, value in step.items() if key != "branches"}
        if step.get("branches"):
            ways["branches"] = tree.get(draft.content, (*into, step["id"], "branches"))
        desk.do(operations.put_item, draft, address=(*into, step["id"]), item=ways, seen="")


def test_patente_comercial_rebuilt_item_by_item_is_the_same_bytes(desk: Desk) -> None:
    example = starting.example("patente_comercial").bundle
    assert example is not None
    wanted = example.model_copy(update={"translations": {}})  # other languages are written in the file
    built = rebuild(desk, starting.plain(wanted))
    found = check_data(built.content)
    assert found.errors == []
    assert found.bundle is not None
    assert found.bundle.canonical() != wanted.canonical()
    again = {**built.content, "code": "patente_comercial"}
    same = check_data(again).bundle
    assert same is not None
    assert same.canonical() == wanted.canonical()


def test_an_empty_procedure_asks_what_the_law_asks_and_lacks_what_a_person_must_decide(desk: Desk) -> None:
    """R5, R73: term, silence and their articles have no default."""
    draft = desk.empty()
    paths = {finding.path for finding in findings_of(draft.content).errors}
    assert {"term", "ficha.silence", "ficha.legal_basis"} <= paths
    assert not any("art30" in finding.remedy for finding in findings_of(draft.content).errors)


def test_pasted_lines_become_questions_of_the_type_that_their_words_say(desk: Desk) -> None:
    lines = ["1. ¿Cuál es tu RUN?", "- Correo de contacto (opcional)", "", "¿Tienes local? (Sí / No)"]
    lines += ["Giro (Alimentos / Comercio)", "Describe la actividad"]
    content = starting.with_questions(desk.empty().content, "\n".join(lines))
    fields = content["forms"][0]["pages"][0]["fields"]
    assert [field["type"] for field in fields] == ["run", "email", "yes_no", "choice", "textarea"]
    assert fields[1]["required"] is False
    assert [option["label"] for option in fields[3]["options"]] == ["Alimentos", "Comercio"]
    assert fields[0]["label"] == "¿Cuál es tu RUN?"


def test_two_people_may_change_different_items_and_neither_loses_the_same_one(desk: Desk) -> None:
    draft = desk.empty()
    seen = tree.fingerprint(tree.get(draft.content, NAME))
    field = tree.get(draft.content, NAME)
    desk.do(operations.put_item, draft, address=NAME, item={**field, "label": "Nombre"}, seen=seen)
    stale = ProcedureDraft.objects.get(pk=draft.pk)
    elena = desk.story.people["Elena"]
    with pytest.raises(ItemChanged, match="Inés"):
        desk.do(operations.put_item, stale, address=NAME, item={**field, "label": "Nombres"}, seen=seen, by=elena)
    other = (*NAME[:-1], "correo")
    desk.do(operations.put_item, stale, address=other, item={**tree.get(draft.content, other), "label": "E-mail"},
            seen=tree.fingerprint(tree.get(draft.content, other)), by=elena)  # fmt: skip
    assert tree.get(stale.content, NAME)["label"] == "Nombre"
    assert tree.get(stale.content, other)["label"] == "E-mail"


def test_a_question_that_a_rule_uses_is_not_removed_and_the_refusal_says_where(desk: Desk) -> None:
    draft = desk.example("certificado_patente_vigente")
    address = ("forms", "solicitud", "pages", "patente", "fields", "rut")
    with pytest.raises(StillUsed, match="paso"):
        desk.do(operations.remove_item, draft, address=address)
    draft.refresh_from_db()
    assert tree.find(draft.content, address)


def test_what_was_removed_comes_back_with_undo_and_undo_can_be_undone(desk: Desk) -> None:
    draft = desk.empty()
    before = draft.content
    address = ("forms", "solicitud", "pages", "contacto", "fields", "correo")
    desk.do(operations.remove_item, draft, address=address)
    assert tree.find(draft.content, address) is None
    desk.do(operations.undo, draft, revision=draft.revision)
    assert draft.content == before
    desk.do(operations.undo, draft, revision=draft.revision)
    assert tree.find(draft.content, address) is None
    with pytest.raises(NothingToUndo):
        desk.do(operations.undo, draft, revision=1)


def test_saving_while_typing_leaves_one_revision_in_the_history(desk: Desk) -> None:
    draft = desk.empty()
    field = tree.get(draft.content, NAME)
    for size in range(1, 6):
        desk.story.now += timedelta(seconds=1)
        desk.do(operations.put_item, draft, address=NAME, item={**field, "label": "Nombre"[:size]}, seen="")
    assert list(draft.revisions.order_by("number").values_list("number", flat=True)) == [1, 2]
    desk.story.now += timedelta(hours=1)
    desk.do(operations.put_item, draft, address=NAME, item={**field, "label": "Otro"}, seen="")
    assert draft.revision == 3
    assert draft.revisions.get(number=2).content["forms"][0]["pages"][0]["fields"][0]["label"] == "Nombr"


def test_a_new_step_enters_the_way_and_a_removed_one_leaves_it_whole(desk: Desk) -> None:
    draft = desk.empty()
    for name in ("revision", "visita"):
        item = {"id": name, "kind": "task", "title": name, "role": "r", "form": "f"}
        desk.do(operations.add_item, draft, into=("steps",), item=item, place=1)
    ways = {step["id"]: step.get("next") for step in draft.content["steps"]}
    assert ways == {"inicio": "visita", "visita": "revision", "revision": "fin", "fin": None}
    desk.do(operations.move_item, draft, address=("steps", "visita"), into=("steps",), place=2)
    ways = {step["id"]: step.get("next") for step in draft.content["steps"]}
    assert ways == {"inicio": "revision", "revision": "visita", "visita": "fin", "fin": None}
    desk.do(operations.remove_item, draft, address=("steps", "revision"))
    assert [step.get("next") for step in draft.content["steps"]] == ["visita", "fin", None]


def test_an_agency_has_one_draft_for_each_code_and_a_removed_one_is_gone(desk: Desk) -> None:
    draft = desk.empty()
    with pytest.raises(CodeTaken, match="Permiso de prueba"):
        desk.empty()
    desk.do(operations.bind_role, draft, slot="x", role=None)
    operations.discard_draft(draft=draft, by=desk.by, now=desk.story.now)
    with pytest.raises(ItemGone):
        operations.undo(draft=draft, revision=1, by=desk.by, now=desk.story.now)


def test_the_demonstration_has_a_draft_half_written_and_only_one(desk: Desk) -> None:
    for _again in range(2):
        sample.begin_one(MORNING)
    draft = ProcedureDraft.objects.get(title=sample.TITLE)
    opened = (*sample.WHO[:-1], "rut_de_la_empresa")
    assert tree.get(draft.content, opened)["visible_when"]
    assert [step["kind"] for step in draft.content["steps"]] == ["start", "task", "sign", "notify", "end"]
    assert tree.find(draft.content, tree.parse(draft.comments.get().address))
    assert findings_of(draft.content).errors


def test_two_people_who_change_different_things_of_a_question_both_keep_theirs(desk: Desk) -> None:
    draft = desk.empty()
    field = tree.get(draft.content, NAME)
    seen = tree.fingerprint(field)
    elena = desk.story.people["Elena"]
    desk.do(operations.put_item, draft, address=NAME, item={**field, "hint": "Como en tu cédula"}, seen=seen)
    mine = {**field, "label": "¿Cómo te llamas?"}
    with pytest.raises(ItemChanged):
        desk.do(operations.put_item, draft, address=NAME, item=mine, seen=seen, by=elena)
    desk.do(operations.put_item, draft, address=NAME, item=mine, seen=seen, by=elena, joins=True)
    both = tree.get(draft.content, NAME)
    assert (both["label"], both["hint"]) == ("¿Cómo te llamas?", "Como en tu cédula")
    other = {**field, "hint": "Como te dicen"}
    with pytest.raises(ItemChanged):
        desk.do(operations.put_item, draft, address=NAME, item=other, seen=seen, by=elena, joins=True)
