"""A procedure in other languages, written on its page: what is missing, what changed in Spanish, and who wrote it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from lxml import html

from designer import operations, starting, tree
from designer.errors import CannotRead
from designer.models import DraftTranslation, ProcedureDraft
from designer.presenting.findings import said_of
from designer.translating import sheets
from designer.translating.operations import Typed, seen_of, translate
from designer.translating.queries import Progress, Text, progress_of, texts_in_language
from designer.translating.rules import followed, translatable
from procedures.schema import Bundle
from procedures.schema.overlay import texts_in, texts_of, units_of
from tests.designer.conftest import Desk
from workflows.api import write_csv

BACKEND = "accounts.backends.VerifiedIdentityBackend"
STREET = ("forms", "solicitud", "pages", "local", "fields", "direccion")
LABEL = ".".join((*STREET, "label"))


@pytest.fixture
def browser(desk: Desk) -> Client:
    """Inés, signed in."""
    client = Client()
    client.force_login(desk.story.user("Inés"), backend=BACKEND)
    return client


def text_at(draft: ProcedureDraft, path: str, language: str = "en") -> Text:
    return next(text for text in texts_in_language(draft, language) if text.path == path)


def say(desk: Desk, draft: ProcedureDraft, path: str, words: str, seen: str = "", language: str = "en") -> Any:
    typed = [Typed(path, words, seen_of(seen))]
    kept = translate(draft=draft, language=language, typed=typed, by=desk.by, now=desk.story.now)
    draft.refresh_from_db()
    return kept


def relabel(desk: Desk, draft: ProcedureDraft, label: str) -> None:
    street = tree.get(draft.content, STREET)
    desk.do(operations.put_item, draft, address=STREET, item={**street, "label": label}, seen="")


@pytest.mark.parametrize("name", ["patente_comercial", "acceso_informacion", "ocupacion_espacio_publico"])
def test_plain_data_has_the_texts_and_the_units_that_the_bundle_has(name: str) -> None:
    bundle = starting.example(name).bundle
    assert bundle is not None
    written = list(texts_in(Bundle, starting.plain(bundle)))
    assert [(text.path, text.text) for text in written] == list(texts_of(bundle))
    units: dict[str, list[str]] = {}
    for text in written:
        units.setdefault(text.unit, []).append(text.path)
    assert {unit: sorted(paths) for unit, paths in units.items()} == {
        unit: sorted(paths) for unit, paths in units_of(bundle)
    }


def test_a_procedure_that_lacks_half_of_itself_still_lists_its_texts(desk: Desk) -> None:
    draft = desk.empty()
    paths = [text.path for text in translatable(draft.content)]
    assert "title" in paths
    assert any(path.startswith("forms.solicitud.pages.") for path in paths)
    assert not any(".blocks." in path for path in paths), "acts are issued in Spanish"


def test_what_is_missing_is_counted_and_a_text_that_changes_in_spanish_asks_to_be_looked_at(desk: Desk) -> None:
    draft = desk.example()
    assert (progress_of(draft, "en").missing, progress_of(draft, "en").stale) == (0, 0)
    relabel(desk, draft, "Dirección exacta del local")
    stale = text_at(draft, LABEL)
    assert stale.is_stale
    assert stale.before == "Dirección del local"
    say(desk, draft, LABEL, "Exact address of the premises", seen=stale.translation)
    assert not text_at(draft, LABEL).is_stale
    relabel(desk, draft, "Dirección del local")
    assert text_at(draft, LABEL).is_stale


def test_a_translation_that_still_serves_is_said_to(desk: Desk) -> None:
    draft = desk.example()
    relabel(desk, draft, "Dirección del  local")
    relabel(desk, draft, "Dirección del local comercial")
    said = text_at(draft, LABEL).translation
    typed = [Typed(LABEL, said, seen_of(said), is_right=True)]
    translate(draft=draft, language="en", typed=typed, by=desk.by, now=desk.story.now)
    assert not text_at(draft, LABEL).is_stale
    assert DraftTranslation.objects.get(draft=draft).made[LABEL] == ["Dirección del local comercial", said]


def test_two_people_translate_at_once_and_neither_loses_anything(desk: Desk) -> None:
    draft, other = desk.example(), "title"
    was, title = text_at(draft, LABEL).translation, text_at(draft, other).translation
    say(desk, draft, LABEL, "Where it is", seen=was)
    typed = [Typed(LABEL, was, seen_of(was)), Typed(other, "Licence", seen_of(title))]
    kept = translate(draft=draft, language="en", typed=typed, by=desk.by, now=desk.story.now)
    assert (kept.written, kept.changed) == ([other], []), "what was left as it was shown is nobody's word"
    late = say(desk, draft, LABEL, "Its address", seen=was)
    assert late.changed == [LABEL]
    assert text_at(draft, LABEL).translation == "Where it is"


def test_translations_go_along_with_what_moves_and_go_with_what_is_removed(desk: Desk) -> None:
    """A translation of nothing keeps a procedure from being published, so that none is left behind."""
    draft = desk.example()
    said = text_at(draft, LABEL).translation
    relabel(desk, draft, "Dirección, con número")
    elsewhere = (*STREET[:3], "quien", "fields")
    desk.do(operations.move_item, draft, address=STREET, into=elsewhere, place=0)
    moved = text_at(draft, ".".join((*elsewhere, "direccion", "label")))
    assert (moved.translation, moved.before) == (said, "Dirección del local")
    assert progress_of(draft, "en").strays == 0
    desk.do(operations.rename_item, draft, address=(*elsewhere, "direccion"), name="calle")
    assert text_at(draft, ".".join((*elsewhere, "calle", "label"))).translation == said
    revision = draft.revision
    desk.do(operations.put_item, draft, address=("law",), item=None, seen="")
    found = progress_of(draft, "en")
    assert (found.strays, found.missing) == (0, 0)
    desk.do(operations.undo, draft, revision=revision + 1)
    assert progress_of(draft, "en").missing == 0


def test_a_list_without_names_takes_each_translation_to_the_new_place_of_its_text() -> None:
    before = {"ficha": {"requirements": ["Uno", "Dos", "Tres"]}, "translations": {"en": {
        "ficha.requirements.0": "One", "ficha.requirements.1": "Two", "ficha.requirements.2": "Three",
        "ficha.requisitos.0": "of nothing"}}}  # fmt: skip
    after = {**before, "ficha": {"requirements": ["Cero", "Tres", "Dos"]}}
    assert followed(before, after)["translations"]["en"] == {
        "ficha.requirements.1": "Three", "ficha.requirements.2": "Two", "ficha.requirements.0": "One",
        "ficha.requisitos.0": "of nothing"}  # fmt: skip
    fewer = {**before, "ficha": {"requirements": ["Tres"]}}
    assert followed(before, fewer)["translations"]["en"] == {
        "ficha.requirements.0": "Three",
        "ficha.requisitos.0": "of nothing",
    }


def test_the_page_shows_each_text_beside_its_translation_and_only_what_is_due_when_asked(
    desk: Desk, browser: Client
) -> None:
    draft = desk.example()
    url = reverse("designer:language", args=[draft.pk, "en"])
    whole = browser.get(url, {"parte": "forms.solicitud"}).content.decode()
    assert "Dirección del local" in whole
    due = browser.get(url, {"parte": "forms.solicitud", "falta": "1"}).content.decode()
    assert "no falta nada" in due
    relabel(desk, draft, "Dirección exacta del local")
    page = browser.get(url, {"parte": "forms.solicitud", "falta": "1"}).content.decode()
    assert "Cambió el español" in page
    assert "<ins>" in page
    drawn: Any = html.fromstring(page)
    assert drawn.xpath("//form[@id='translations']//textarea/@name") == [f"t.{LABEL}"]
    home = browser.get(reverse("designer:home", args=[draft.pk])).content.decode()
    assert "1 cambió en español" in home


def test_what_is_typed_is_kept_while_typing_and_a_second_time_by_the_button(desk: Desk, browser: Client) -> None:
    draft = desk.empty()
    url = reverse("designer:language", args=[draft.pk, "arn"])
    sent = {"t.title": " Küdaw ", "antes.title": seen_of("")}
    saved = browser.post(f"{url}?guardar=1", sent)
    assert saved.status_code == 200
    assert seen_of("Küdaw") in saved.content.decode(), "the page learns what is kept now"
    draft.refresh_from_db()
    assert draft.content["translations"] == {"arn": {"title": "Küdaw"}}
    late = browser.post(url, {"t.title": "Kimün", "antes.title": seen_of("")})
    assert late.status_code == 409
    assert "Kimün" in late.content.decode(), "nothing typed is lost"
    browser.post(url, {"t.title": "", "antes.title": seen_of("Küdaw")})
    draft.refresh_from_db()
    assert "translations" not in draft.content
    assert "Usar «Küdaw»" in browser.get(url).content.decode(), "what was said before is offered"
    browser.post(url, {"usar": "title", "t.title": "", "antes.title": seen_of("")})
    draft.refresh_from_db()
    assert draft.content["translations"] == {"arn": {"title": "Küdaw"}}


def test_a_letter_that_no_text_may_have_is_taken_out_of_a_translation(desk: Desk, browser: Client) -> None:
    """PostgreSQL keeps no NUL in JSON: it would be an error of ours."""
    draft = desk.empty()
    url = reverse("designer:language", args=[draft.pk, "arn"])
    sent = {"t.title": "Kü\x00daw", "antes.title": seen_of(""), "sirve.title": "1"}
    assert browser.post(url, sent).status_code == 302
    draft.refresh_from_db()
    assert draft.content["translations"] == {"arn": {"title": "Küdaw"}}


def test_translations_of_nothing_are_told_on_the_page_of_the_language_and_taken_away_there(
    desk: Desk, browser: Client
) -> None:
    draft = desk.example()
    words = {**draft.content["translations"]["en"], "forms.solicitud.pages.nada.title": "Nothing"}
    desk.do(operations.put_item, draft, address=("translations",), item={"en": words}, seen="")
    url = reverse("designer:language", args=[draft.pk, "en"])
    assert url in browser.get(reverse("designer:home", args=[draft.pk])).content.decode()
    assert "de un texto que ya no está" in browser.get(url).content.decode()
    browser.post(url, {"sobrantes": "1"})
    draft.refresh_from_db()
    assert progress_of(draft, "en") == Progress("en", progress_of(draft, "en").total, 0, 0, 0)


def test_what_is_half_translated_is_told_in_words_and_leads_to_the_text_that_lacks(desk: Desk, browser: Client) -> None:
    draft = desk.example()
    lacking = f"{'.'.join(STREET)}.hint"
    say(desk, draft, lacking, "", seen=text_at(draft, lacking).translation)
    [said] = [one for one in said_of(draft) if one.address[:1] == ("translations",)]
    assert (said.text, said.is_error) == ("Falta la traducción (inglés) de «Ayuda».", False)
    assert said.what == f"la pregunta «{tree.get(draft.content, STREET)['label']}»"
    answer = browser.get(said.url)
    assert answer.status_code == 302
    page, _hash, place = answer["Location"].partition("#")
    shown: Any = html.fromstring(browser.get(page).content.decode())
    assert shown.get_element_by_id(place).get("name") == f"t.{lacking}"


def test_a_sheet_goes_out_to_a_translator_and_comes_back_in_one_change(desk: Desk, browser: Client) -> None:
    draft = desk.example()
    url = reverse("designer:language_sheet", args=[draft.pk, "fr"])
    sheet = browser.get(url).content.decode("utf-8-sig")
    assert sheet.splitlines()[0] == "Ruta;Español;Traducción"
    rows = [
        "Ruta;Español;Traducción",
        f"title;{draft.title};Licence commerciale",
        "summary;Otra cosa;Autre chose",
        "nada.de.esto;Nada;Rien",
    ]
    sent = SimpleUploadedFile("fr.csv", "\r\n".join(rows).encode())
    answer = browser.post(url, {"planilla": sent}, follow=True).content.decode()
    assert "Trajiste 1 traducción" in answer
    assert "su español cambió" in answer
    assert "su ruta no es de este trámite" in answer
    assert "Deshacer" in answer
    draft.refresh_from_db()
    assert draft.content["translations"]["fr"] == {"title": "Licence commerciale"}
    refused = browser.post(url, {"planilla": SimpleUploadedFile("x.csv", b"a;b\r\n1;2")})
    assert refused.status_code == 422
    assert "La primera fila" in refused.content.decode()


def sheet_of(*rows: tuple[str, str, str]) -> io.BytesIO:
    return io.BytesIO(write_csv(sheets.COLUMNS, rows))


def test_the_sheet_of_a_long_procedure_comes_back_whole(desk: Desk) -> None:
    draft = desk.example()
    form, page = draft.content["forms"][0], draft.content["forms"][0]["pages"][0]
    asked = [{"id": f"p{number}", "type": "text", "label": f"Pregunta {number}", "hint": "Ayuda"}
             for number in range(600)]  # fmt: skip
    long = {**page, "fields": [*page["fields"], *asked]}
    desk.do(operations.put_item, draft, address=("forms", form["id"], "pages", page["id"]), item=long, seen="")
    whole = sheets.written(draft, "fr").replace(b"Pregunta 7;", b"Pregunta 7;" + b"Q" * 20_000)
    assert whole.count(b"\n") > 1_200
    brought = sheets.bring(draft=draft, language="fr", file=io.BytesIO(whole), by=desk.by, now=desk.story.now)
    assert (brought.written, len(brought.told)) == (1, 1)
    longer = io.BytesIO(whole.replace(b"Q" * 20_000, b"Q" * 20_001))
    with pytest.raises(CannotRead, match=r"más de 20\.000 letras"):
        sheets.bring(draft=draft, language="fr", file=longer, by=desk.by, now=desk.story.now)


def test_rows_lost_to_somebody_who_writes_meanwhile_are_told_with_their_reason(desk: Desk) -> None:
    draft = desk.example()
    shown = ProcedureDraft.objects.get(pk=draft.pk)
    say(desk, draft, "title", "Licence", seen=text_at(draft, "title").translation)
    relabel(desk, draft, "Dirección exacta del local")
    file = sheet_of(("title", draft.title, "Business licence"), (LABEL, "Dirección del local", "Where it is"))
    brought = sheets.bring(draft=shown, language="en", file=file, by=desk.by, now=desk.story.now)
    assert brought == sheets.Brought(written=0, unknown=0, older=1, changed=1, strange=0)
    assert "recibió otra traducción mientras la traías" in " ".join(brought.told)
    draft.refresh_from_db()
    assert text_at(draft, "title").translation == "Licence"
    assert text_at(draft, LABEL).is_stale


def test_notices_have_a_part_of_their_own_where_the_data_in_braces_are_explained_and_must_stay(
    desk: Desk, browser: Client
) -> None:
    draft = desk.example()
    notice = draft.content["notices"][0]
    address = ("notices", notice["id"])
    body = ".".join((*address, "body"))
    told = {**notice, "body": "Tu número es {case.number}."}
    desk.do(operations.put_item, draft, address=address, item=told, seen="")
    url = reverse("designer:language", args=[draft.pk, "fr"]) + "?parte=avisos"
    page = browser.get(url).content.decode()
    assert "Avisos a la persona" in page
    assert "<code>{case.number}</code> número de la solicitud" in page
    assert f"{body};Tu número es {{case.number}}.;" in sheets.written(draft, "fr").decode()
    wrong = "Votre numéro: {case.numero}."
    refused = browser.post(url, {f"t.{body}": wrong, f"antes.{body}": seen_of("")})
    assert refused.status_code == 422
    drawn: Any = html.fromstring(refused.content.decode())
    box = drawn.get_element_by_id(f"t-{seen_of(body)}")
    assert (box.text.strip(), box.get("aria-invalid")) == (wrong, "true"), "nothing typed is lost"
    error = drawn.get_element_by_id(box.get("aria-describedby").split()[0]).text_content()
    assert "no tiene el dato {case.numero}" in error
    assert drawn.xpath("//*[@class='error-summary']//a/@href") == [f"#{box.get('id')}"]
    file = sheet_of((body, "Tu número es {case.number}.", "Votre numéro: {case"))
    brought = sheets.bring(draft=draft, language="fr", file=file, by=desk.by, now=desk.story.now)
    assert (brought.written, brought.strange) == (0, 1)
    assert "entre llaves" in brought.told[-1]
    say(desk, draft, body, "Votre numéro: {case.number}.", language="fr")
    desk.do(operations.put_item, draft, address=(*address, "body"), item="Es el {case.number}.", seen="")
    assert text_at(draft, body, "fr").is_stale
    assert "Cambió el español" in browser.get(url).content.decode()


@pytest.mark.parametrize("language", ["es", "EN", "inglés", "english", "e1"])
def test_only_codes_of_other_languages_have_a_page(desk: Desk, browser: Client, language: str) -> None:
    assert browser.get(f"/diseno/{desk.empty().pk}/idiomas/{language}/").status_code == 404
