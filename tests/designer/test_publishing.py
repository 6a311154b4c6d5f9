"""From draft to version: changes in sentences, files in and out, and who may publish."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from designer import operations, publishing, reviewing, tree
from designer.errors import NotReady
from designer.models import ProcedureDraft
from designer.presenting import pages
from procedures.api import changes, check, write_yaml
from tests.designer.conftest import Desk

STREET = ("forms", "solicitud", "pages", "local", "fields", "direccion")


def opened(desk: Desk) -> ProcedureDraft:
    """The published licence, open to be changed."""
    version = desk.story.offering("patente_comercial").version
    return operations.open_version(version=version, agency=desk.agency, by=desk.by, now=desk.story.now)


def test_an_untouched_draft_of_a_version_changes_nothing(desk: Desk) -> None:
    assert publishing.changes_since_published(opened(desk)) == []


def test_changes_are_sentences_and_long_texts_are_compared_word_by_word(desk: Desk) -> None:
    draft = opened(desk)
    street = tree.get(draft.content, STREET)
    desk.do(operations.put_item, draft, address=STREET, item={**street, "label": "Dirección exacta"}, seen="")
    new = {"id": "piso", "type": "text", "label": "Piso", "required": False}
    desk.do(operations.add_item, draft, into=STREET[:-1], item=new)
    found = publishing.changes_since_published(draft) or []
    sentences = {change.text for change in found}
    assert "Se agregó la pregunta «Piso»." in sentences
    assert "En la pregunta «Dirección exacta» cambió el texto." in sentences
    words = changes({"summary": "uno dos tres"}, {"summary": "uno cuatro tres"})[0].words
    assert words == [("", "uno "), ("del", "dos"), ("ins", "cuatro"), ("", " tres")]


def test_publishing_gives_the_next_version_and_the_older_one_can_be_brought_back(desk: Desk) -> None:
    draft = opened(desk)
    before = draft.content
    desk.do(operations.put_item, draft, address=("title",), item="Patente comercial", seen="")
    offering = publishing.publish_draft(draft=draft, revision=draft.revision, by=desk.by, now=desk.story.now)
    assert (offering.version.number, offering.version.title) == (2, "Patente comercial")
    draft.refresh_from_db()
    assert publishing.changes_since_published(draft) == []
    desk.do(operations.restore, draft, content=before, summary="Volvió a la versión 1")
    assert [change.text for change in publishing.changes_since_published(draft) or []] == [
        "En el trámite cambió el nombre."
    ]


def test_nobody_publishes_what_another_typed_on_after_the_page_was_read(desk: Desk) -> None:
    """Words typed within minutes join the latest change, whose number stays: what was read is named by its content."""
    draft = opened(desk)
    street = tree.get(draft.content, STREET)
    desk.do(operations.put_item, draft, address=STREET, item={**street, "label": "Dirección"}, seen="")
    read, seen = reviewing.digest_of(draft), draft.revision
    desk.do(operations.put_item, draft, address=STREET, item={**street, "label": "Dirección exacta"}, seen="")
    assert draft.revision == seen
    with pytest.raises(NotReady, match="cambió el trámite"):
        publishing.publish_draft(draft=draft, revision=seen, digest=read, by=desk.by, now=desk.story.now)
    client = Client()
    client.force_login(desk.story.user("Inés"), backend="accounts.backends.VerifiedIdentityBackend")
    url = reverse("designer:publish", args=[draft.pk])
    assert client.post(url, {"revision": seen, "digest": read}).status_code == 422
    assert client.post(url, {"revision": draft.revision, "digest": reviewing.digest_of(draft)}).status_code == 302


def test_nobody_publishes_what_they_did_not_review_nor_without_the_grant(desk: Desk) -> None:
    draft = opened(desk)
    with pytest.raises(NotReady, match="mientras lo revisabas"):
        publishing.publish_draft(draft=draft, revision=draft.revision + 1, by=desk.by, now=desk.story.now)
    beto = desk.story.people["Beto"]
    with pytest.raises(NotReady, match="permiso"):
        publishing.publish_draft(draft=draft, revision=draft.revision, by=beto, now=desk.story.now)


def test_what_is_not_sound_is_not_published(desk: Desk) -> None:
    draft = desk.empty()
    with pytest.raises(NotReady, match="errores"):
        publishing.publish_draft(draft=draft, revision=draft.revision, by=desk.by, now=desk.story.now)


def test_yaml_out_and_in_is_the_same_procedure(desk: Desk) -> None:
    draft = opened(desk)
    read = check(write_yaml(draft.content)).bundle
    assert read is not None
    assert read.canonical() == check(write_yaml(read.model_dump(mode="json", exclude_defaults=True))).bundle.canonical()  # type: ignore[union-attr]
    assert read.model_dump(mode="json", exclude_defaults=True) == draft.content


def test_pull_and_apply_take_procedures_to_files_and_back(desk: Desk, tmp_path: Path) -> None:
    draft = opened(desk)
    call_command("procedures", "pull", str(tmp_path), "--agency", "muni-ejemplo", stdout=StringIO())
    file = tmp_path / "patente_comercial.yaml"
    file.write_text(file.read_text().replace("Patente comercial definitiva", "Patente definitiva"))
    said = StringIO()
    call_command("procedures", "apply", str(file), "--agency", "muni-ejemplo", "--dry-run", stdout=said)
    assert "cambió el nombre" in said.getvalue()
    draft.refresh_from_db()
    assert draft.title == "Patente comercial definitiva"
    call_command(
        "procedures", "apply", str(file), "--agency", "muni-ejemplo", "--by", "40.800.900-6", stdout=StringIO()
    )
    draft.refresh_from_db()
    assert draft.title == "Patente definitiva"


def test_apply_takes_the_whole_folder_that_pull_left_and_says_where_there_is_none(desk: Desk, tmp_path: Path) -> None:
    folder, said = tmp_path / "tramites", StringIO()
    call_command("procedures", "pull", str(folder), "--agency", "muni-ejemplo", stdout=StringIO())
    call_command("procedures", "apply", str(folder), "--agency", "muni-ejemplo", "--dry-run", stdout=said)
    assert all(str(path) in said.getvalue() for path in folder.glob("*.yaml"))
    with pytest.raises(CommandError, match="No hay un archivo de trámite"):
        call_command("procedures", "apply", str(tmp_path / "otra"), "--agency", "muni-ejemplo", "--dry-run")


def test_a_broken_file_says_its_line_and_changes_nothing(desk: Desk) -> None:
    draft = opened(desk)
    client = Client()
    client.force_login(desk.story.user("Inés"), backend="accounts.backends.VerifiedIdentityBackend")
    page = client.post(reverse("designer:files", args=[draft.pk]), {"texto": "schema_version: 1\ncode: [x"})
    assert page.status_code == 422
    assert "Línea" in page.content.decode()
    draft.refresh_from_db()
    assert draft.revision == 1


def test_a_version_is_tried_first_by_a_part_of_the_people_and_then_opened_to_all_from_its_page(desk: Desk) -> None:
    draft = opened(desk)
    desk.do(operations.put_item, draft, address=("title",), item="Patente nueva", seen="")
    client = Client()
    client.force_login(desk.story.user("Inés"), backend="accounts.backends.VerifiedIdentityBackend")
    url, change = (reverse(f"designer:{name}", args=[draft.pk]) for name in ("publish", "pilot"))
    read = {"revision": draft.revision, "digest": reviewing.digest_of(draft)}
    wrong = client.post(url, {**read, "para": "oficina", "oficina": "0"})
    assert "Elige la oficina" in wrong.content.decode()
    assert client.post(url, {**read, "para": "parte", "parte": "10"}).status_code == 302
    page = client.get(url).content.decode()
    assert "La versión 2 está en piloto" in page
    home = client.get(reverse("designer:home", args=[draft.pk])).content.decode()
    assert "La versión 2 está en piloto." in home
    assert f'href="{url}"' in home
    assert "Se ofrece al 10 % de las personas" in page
    assert "¿Para quiénes?" not in page
    client.post(change, {"que": "ampliar", "parte": "50"})
    assert "Se ofrece al 50 % de las personas" in client.get(url).content.decode()
    client.post(change, {"que": "abrir"})
    assert "en piloto" not in client.get(url).content.decode()
    refused = client.post(change, {"que": "cerrar"}, follow=True).content.decode()
    assert "Ya no hay nada que cambiar" in refused


def test_the_gate_warns_of_roles_with_one_person_and_does_not_block(desk: Desk) -> None:
    """A signature that one person alone may give is said with what the office does instead."""
    draft, client = opened(desk), Client()
    desk.do(operations.put_item, draft, address=("title",), item="Patente nueva", seen="")
    client.force_login(desk.story.user("Inés"), backend="accounts.backends.VerifiedIdentityBackend")
    page = client.get(reverse("designer:publish", args=[draft.pk])).content.decode()
    assert "Cargos con muy poca gente" in page
    assert "Una sola persona ocupa hoy este cargo" in page
    assert "firma quien la subrogue" in page
    assert 'name="revision"' in page


def test_what_is_offered_already_is_not_published_again(desk: Desk) -> None:
    """The page says what publishing would do: nothing, other people, a version, or an older one again."""
    draft, client = opened(desk), Client()
    client.force_login(desk.story.user("Inés"), backend="accounts.backends.VerifiedIdentityBackend")
    url, home = (reverse(f"designer:{name}", args=[draft.pk]) for name in ("publish", "home"))
    before = draft.content
    assert publishing.news_of(draft) == publishing.News("nothing", 1)
    page = client.get(url).content.decode()
    assert "No hay nada que publicar" in page
    assert "Publicar la versión" not in page
    assert 'name="revision"' not in page
    assert "la versión 1 dice lo mismo" in client.get(home).content.decode()
    read = {"revision": draft.revision, "digest": reviewing.digest_of(draft)}
    assert "No hay nada que publicar" in client.post(url, read).content.decode()
    role = Role.objects.filter(unit__agency=draft.agency).exclude(pk=draft.bindings["jefatura"]).earliest("pk")
    operations.bind_role(draft=draft, slot="jefatura", role=role, by=desk.by, now=desk.story.now)
    assert "Cambiar quién actúa en la versión 1" in client.get(url).content.decode()
    read["digest"] = reviewing.digest_of(ProcedureDraft.objects.get(pk=draft.pk))
    assert "actúan quienes elegiste" in client.post(url, read, follow=True).content.decode()
    draft.refresh_from_db()
    assert publishing.news_of(draft) == publishing.News("nothing", 1)
    desk.do(operations.put_item, draft, address=("ficha", "cost"), item="Cuesta 1 UTM.", seen="")
    assert publishing.news_of(draft) == publishing.News("version", 2)
    publishing.publish_draft(draft=draft, revision=draft.revision, by=desk.by, now=desk.story.now)
    draft.refresh_from_db()
    desk.do(operations.restore, draft, content=before, summary="Volvió a la versión 1")
    assert publishing.news_of(draft) == publishing.News("again", 1)
    assert "Volver a ofrecer la versión 1" in client.get(url).content.decode()
    publishing.publish_draft(draft=draft, revision=draft.revision, by=desk.by, now=desk.story.now)
    draft.refresh_from_db()
    assert publishing.news_of(draft) == publishing.News("nothing", 1), "withdrawn, and offered again"


def test_whatever_differs_between_two_contents_has_a_sentence() -> None:
    """No page says that nothing changed while the bytes did."""
    old = {"law": {"officer": "a", "appeals": {"amount": 5}}, "forms": [{"id": "f", "pages": [{"id": "p"}]}]}
    other = [
        {**old, "law": {"officer": "a", "appeals": {"amount": 10}}},
        {**old, "translations": {"en": {"title": "Licence"}}},
        {**old, "forms": [{"id": "f", "rules": [{"id": "r"}], "pages": [{"id": "p"}]}]},
        {**old, "forms": [{"id": "f", "pages": [{"id": "p", "skip": [{"goto": "q"}]}]}]},
        {**old, "something": "new"},
    ]
    told = [[change.text for change in changes(old, new)] for new in other]
    assert told == [
        ["En los bloques legales cambió el plazo para presentar recursos."],
        ["Cambió 1 traducción (en)."],
        ["En el formulario «f» cambió las reglas entre respuestas."],
        ["En la página «p» cambió los saltos."],
        ["Cambió algo que aquí no se dice."],
    ]
    assert changes(old, dict(old)) == []


def test_a_condition_that_changed_is_told_as_a_sentence_of_its_own_time(desk: Desk) -> None:
    """What each condition named was called then, even where the question is gone now."""
    old = desk.example("excepcion_medios_electronicos").content
    asked = [field for _at, field in tree.fields_of_form(tree.get(old, ("forms", "solicitud")))]
    shown = next(field for field in asked if field["id"] == "forma")
    labels = {field["id"]: field["label"] for field in asked}
    new = tree.put(old, ("forms", "solicitud", "pages", "peticion", "fields", "forma", "visible_when"),
                   {"all": [{"field": "inicio.circunstancia", "op": "eq", "value": "edad"}]})  # fmt: skip
    told = next(one for one in changes(old, new) if shown["label"] in one.text)
    assert labels["pide"] in told.before
    assert told.after == f"«{labels['circunstancia']}» es «Tengo 60 años o más»"
    assert told.told == (told.before, told.after)
    assert "field" not in told.before + told.after


def test_the_list_of_procedures_asks_the_database_the_same_however_many_drafts_it_has(desk: Desk) -> None:
    """And each row says what the draft's own pages say."""
    assert pages.listing(desk.agency, "", "")["rows"], "read once"
    made, statements = [opened(desk), desk.empty()], []
    for more in ("Permiso de feria", "Permiso de carro", "Permiso de kiosco"):
        made.append(desk.empty(more))
        with CaptureQueriesContext(connection) as read:
            shown = pages.listing(desk.agency, "", "")
        statements.append(len(read))
    assert statements[0] == statements[2]
    rows = {row["code"]: row for row in shown["rows"]}
    assert len(statements) + 2 == len([row for row in rows.values() if row["draft"]])
    for draft in made:
        missing, kind = len(pages.missing_in(draft)), rows[draft.code]["kind"]
        assert (f"{missing} cosa" in rows[draft.code]["state"]) is bool(missing), draft
        assert kind == ("warning" if missing else "" if publishing.news_of(draft).kind == "nothing" else "success")
    assert {row["kind"] for row in rows.values()} == {"", "warning"}
    desk.do(operations.put_item, made[0], address=("ficha", "cost"), item="Cuesta 1 UTM.", seen="")
    assert "success" in {row["kind"] for row in pages.listing(desk.agency, "", "")["rows"]}
