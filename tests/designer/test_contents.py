"""A question of a long procedure is changed at the cost of that question, by whichever process."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.designer_sides import written
from designer import contents, operations, tree
from designer.cards import offered
from designer.cards.scene import Scene
from designer.models import ProcedureDraft
from designer.queries import findings_of, readable
from procedures import remembered
from procedures.api import written_data
from tests.designer.conftest import Desk
from tests.story import MORNING

BACKEND = "accounts.backends.VerifiedIdentityBackend"
NAME = ("forms", "solicitud", "pages", "contacto", "fields", "nombre")


@pytest.fixture
def long(desk: Desk) -> ProcedureDraft:
    content = written(40, 120, desk.agency)
    draft = operations.create_draft(agency=desk.agency, content=content, summary="Creó", by=desk.by, now=MORNING)
    return ProcedureDraft.objects.get(pk=draft.pk)


def middle_of(draft: ProcedureDraft) -> tree.Address:
    fields = list(tree.fields_of_form(draft.content["forms"][0]))
    return fields[len(fields) // 2][0]


def typed(desk: Desk, draft: ProcedureDraft, words: str) -> ProcedureDraft:
    """The label of the question in the middle changed, by a request of its own."""
    here = (*middle_of(draft), "label")
    operations.put_item(draft=draft, address=here, item=words, seen="", by=desk.by, now=desk.story.now)
    return ProcedureDraft.objects.get(pk=draft.pk)


def as_another_process(draft: ProcedureDraft) -> ProcedureDraft:
    """The draft as a process reads it that did not write it last, but knows an older content of it."""
    contents._RECENT[:] = [pair for pair in contents._RECENT if pair[1] is not draft.content]
    return ProcedureDraft.objects.get(pk=draft.pk)


@pytest.mark.parametrize("reader", [lambda draft: draft, as_another_process], ids=["same process", "another"])
def test_only_the_question_that_changed_is_read_again(
    desk: Desk, long: ProcedureDraft, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: Counter[str] = Counter()
    read, read_step = remembered._read, remembered._read_step

    def reading(data: Any, part: Any) -> Any:
        counted[part.__name__] += 1
        return read(data, part)

    def reading_step(data: Any) -> Any:
        counted["Step"] += 1
        return read_step(data)

    monkeypatch.setattr(remembered, "_read", reading)
    monkeypatch.setattr(remembered, "_read_step", reading_step)
    assert findings_of(long.content).errors == []
    assert counted["Field"] >= 120
    assert counted["Step"] == 40
    counted.clear()
    changed = reader(typed(desk, long, "¿Cuánto mide?"))
    assert findings_of(changed.content).bundle is not None
    assert counted == {"Field": 1, "Page": 1}
    assert readable(changed.content).forms[0].field(middle_of(changed)[-1]).label == "¿Cuánto mide?"
    assert counted == {"Field": 1, "Page": 1}


def test_a_content_is_what_the_database_holds_though_another_process_wrote_it(desk: Desk) -> None:
    draft = desk.empty()
    other = tree.put(draft.content, (*NAME, "label"), "Así te llamas")
    ProcedureDraft.objects.filter(pk=draft.pk).update(content=json.dumps(other, indent=1))
    found = ProcedureDraft.objects.get(pk=draft.pk)
    assert tree.get(found.content, NAME)["label"] == "Así te llamas"
    assert tree.get(found.content, ("steps",)) is tree.get(draft.content, ("steps",))
    assert ProcedureDraft.objects.get(pk=draft.pk).content is found.content


def test_a_content_that_somebody_changes_in_place_is_refused_and_that_of_others_stays(desk: Desk) -> None:
    draft = desk.empty()
    with pytest.raises(TypeError):
        tree.get(draft.content, NAME)["label"] = "Otra"
    mine = operations.edit_with(draft=draft, change=dict, address=(), summary="Nada", by=desk.by, now=MORNING)
    assert mine.content == draft.content


def test_a_process_remembers_few_contents_and_still_knows_a_draft_that_another_person_edits(desk: Desk) -> None:
    quiet, busy = desk.empty("Permiso quieto"), desk.empty("Permiso que cambia")
    quiet = ProcedureDraft.objects.get(pk=quiet.pk)
    for number in range(contents.MOST + 4):
        busy = desk.do(operations.put_item, busy, address=(*NAME, "label"), item=f"Nombre {number}", seen="")
    assert len(contents._RECENT) <= contents.MOST
    assert sum(known.get("code") == busy.code for _text, known in contents._RECENT) <= contents.MOST_OF_ONE
    assert ProcedureDraft.objects.get(pk=quiet.pk).content is quiet.content


def test_saving_while_typing_costs_the_same_statements_in_a_long_procedure_and_writes_no_list(
    desk: Desk, long: ProcedureDraft, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list of everything that a condition may look at is for the page that shows it, not for each letter."""
    written_lists: list[Any] = []
    monkeypatch.setattr("designer.cards.editor.offered_data", written_lists.append)
    client.force_login(desk.story.user("Inés"), backend=BACKEND)
    counts = []
    for draft in (desk.empty(), long):
        url = f"/diseno/{draft.pk}/parte/{tree.written(middle_of(draft))}/?guardar=1"
        for turn in range(2):
            with CaptureQueriesContext(connection) as asked:
                assert client.post(url, {"label": f"Pregunta {turn}", "required": "on"}).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert written_lists == []


def test_what_a_condition_may_look_at_is_gathered_in_one_pass(desk: Desk, long: ProcedureDraft) -> None:
    class Counting(dict[str, str]):
        passes = 0

        def __iter__(self) -> Any:
            Counting.passes += 1
            return super().__iter__()

    bundle = readable(long.content)
    bundle.__dict__["types"] = Counting(bundle.types)
    scene = Scene(long.content, middle_of(long), desk.agency)
    groups = offered.known_data(scene)
    assert Counting.passes == 1
    assert len(groups) > 30


def test_the_latest_revision_is_the_draft_and_every_older_one_keeps_its_own_content(desk: Desk) -> None:
    draft = desk.empty()
    label = (*NAME, "label")
    draft = desk.do(operations.put_item, draft, address=label, item="Primera", seen="")
    draft = desk.do(operations.put_item, draft, address=label, item="Segunda", seen="")  # the same sitting
    later = desk.story.now + timedelta(hours=1)
    draft = desk.do(operations.put_item, draft, address=label, item="Tercera", seen="", now=later)
    kept = {one.number: one for one in draft.revisions.all()}
    said = {number: tree.get(one.content, label) for number, one in kept.items()}
    assert said == {1: "Tu nombre completo", 2: "Segunda", 3: "Tercera"}
    assert [bool(kept[number].packed) for number in (1, 2, 3)] == [True, True, False]
    draft = desk.do(operations.undo, draft, revision=3, now=later)
    assert tree.get(draft.content, label) == "Segunda"
    assert tree.get(draft.revisions.get(number=3).content, label) == "Tercera"


def test_a_content_is_stored_as_the_text_by_which_it_is_known(desk: Desk) -> None:
    draft = desk.empty()
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM designer_proceduredraft WHERE id = %s", [draft.pk])
        (stored,) = cursor.fetchone()
    assert stored == written_data(draft.content)
    assert json.loads(stored) == draft.content


def test_going_back_to_code_from_before_leaves_each_revision_with_its_own_content(desk: Desk) -> None:
    draft = desk.empty()
    desk.do(operations.put_item, draft, address=("title",), item="Otro", seen="")
    assert not draft.revisions.get(number=2).packed
    import_module("designer.migrations.0006_content_as_text").pack_the_latest(apps, None)
    titles = [json.loads(zlib.decompress(bytes(one.packed)))["title"] for one in draft.revisions.order_by("number")]
    assert titles == ["Permiso de prueba", "Otro"]
