"""A long list that the municipality publishes in versions, and questions that choose from it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from procedures.api import NotPublishable, UnreadableCatalogue, build_form, changes_of, publish_list, send_list
from procedures.lists.queries import search_list
from procedures.models import ListVersion
from tests.story import Story
from tests.workflows.desk import Visitor
from tests.workflows.test_papers import asking
from workflows import drafts
from workflows.models import Draft

pytestmark = pytest.mark.django_db
SCHOOL = {"id": "escuela", "type": "listed", "label": "Establecimiento", "list_code": "escuelas"}
SECTOR = {"id": "sector", "type": "listed", "label": "Sector", "list_code": "sectores"}
STREET = {"id": "calle", "type": "listed", "label": "Calle", "list_code": "calles", "under": "sector"}
SCHOOLS = "código;nombre\n1001;Liceo Ñielol\n1002;Escuela Básica José Martí\n1003;Escuela Santa María\n"


def published(story: Story, title: str, rows: str, later: int = 0) -> ListVersion:
    at = story.now - timedelta(hours=1) + timedelta(minutes=later)
    sent = send_list(agency=story.agency, title=title, content=rows.encode(), by=None, now=at)
    return publish_list(version=sent, by=None, now=at)


def begun(story: Story, *questions: dict[str, Any]) -> Draft:
    draft = drafts.begin(offering=story.offering(asking(story, *questions)), by=story.people["Ana"], now=story.now)
    story.fill(draft)
    return draft


def answered(draft: Draft, **typed: Any) -> Any:
    """The form of the first page with this typed over what is stored."""
    data = dict(drafts.page_form(draft, 1, stored=True).data.lists())  # type: ignore[attr-defined]
    return drafts.page_form(draft, 1, {**data, **{name.replace("__", "-"): text for name, text in typed.items()}})


def test_words_without_accents_find_entries_and_one_is_chosen(story: Story) -> None:
    version = published(story, "Escuelas", SCHOOLS)
    draft = begun(story, SCHOOL)
    assert [entry.code for entry in search_list(version.pk, "NIELOL").entries] == ["1001"]
    assert [entry.code for entry in search_list(version.pk, "marti escuela").entries] == ["1002"]
    form = answered(draft, escuela="escuela", escuela__elegida="")
    assert form.problems[0].text == "Elige en «Establecimiento» una de las opciones que encontramos"
    assert "Escuela Santa María" in str(form)
    form = answered(draft, escuela="escuela", escuela__elegida="1003")
    assert form.cleaned_answers()["escuela"] == {
        "code": "1003", "label": "Escuela Santa María", "list": "escuelas", "version": 1,
    }  # fmt: skip
    assert (
        answered(draft, escuela="liceo nielol", escuela__elegida="1003").cleaned_answers()["escuela"]["code"] == "1001"
    )
    assert "No encontramos «zzz»" in answered(draft, escuela="zzz", escuela__elegida="").problems[0].text


def test_an_application_keeps_the_version_it_began_with(story: Story) -> None:
    published(story, "Escuelas", SCHOOLS)
    draft = begun(story, SCHOOL)
    published(story, "Escuelas", "código;nombre\n1001;Liceo Nuevo\n", later=120)
    assert answered(draft, escuela="Liceo Ñielol", escuela__elegida="").is_valid()
    assert not answered(draft, escuela="Liceo Nuevo", escuela__elegida="").is_valid()
    story.now += timedelta(hours=3)
    fresh = drafts.begin(offering=draft.offering, by=story.people["Ana"], now=story.now)
    assert drafts.listed_sample(fresh, drafts.bundle_for(fresh).field("inicio.escuela"), {})["version"] == 2


def test_a_list_under_another_only_offers_what_belongs_to_the_answer_above(story: Story) -> None:
    published(story, "Sectores", "codigo,nombre\nn,Norte\ns,Sur\n")
    published(story, "Calles", "codigo,nombre,padre\n1,Libertad,n\n2,Libertad,s\n3,Prat,s\n")
    draft = begun(story, SECTOR, STREET)
    assert (
        answered(draft, sector="Sur", sector__elegida="s", calle="Libertad", calle__elegida="").cleaned_answers()[
            "calle"
        ]["code"]
        == "2"
    )
    assert not answered(draft, sector="Norte", sector__elegida="n", calle="Prat", calle__elegida="3").is_valid()
    waiting = answered(draft, sector="", sector__elegida="", calle="Prat", calle__elegida="3")
    assert any("Responde primero la pregunta anterior" in problem.text for problem in waiting.problems)


def test_five_thousand_entries_are_searched_in_three_statements(
    story: Story, django_assert_max_num_queries: Any
) -> None:
    rows = "codigo,nombre\n" + "".join(f"{place},Establecimiento {place}\n" for place in range(5000))
    version = published(story, "Escuelas", rows)
    with django_assert_max_num_queries(3):
        found = search_list(version.pk, "establecimiento 49")
    assert (len(found.entries), found.entries[0].label) == (20, "Establecimiento 49")
    assert found.more > 50


def test_a_file_is_looked_at_before_it_is_published(story: Story, visitor: Visitor) -> None:
    published(story, "Escuelas", SCHOOLS)
    changed = "código;nombre\n1001;Liceo Ñielol B\n1004;Escuela Nueva\n1004;Repetida\n;\n"
    sent = send_list(agency=story.agency, title="Escuelas", content=changed.encode(), by=None, now=story.now)
    found = changes_of(sent)
    assert (found.added, found.renamed) == (["Escuela Nueva"], [("Liceo Ñielol", "Liceo Ñielol B")])
    assert sent.problems[0] == "Línea 4: el código «1004» está repetido."
    page = visitor("Inés").get(f"/diseno/listas/{sent.pk}/").content.decode()
    assert "Escuela Santa María" in page
    visitor("Inés").post(f"/diseno/listas/{sent.pk}/")
    sent.refresh_from_db()
    assert sent.number == 2
    with pytest.raises(UnreadableCatalogue):
        send_list(agency=story.agency, title="Escuelas", content=b"uno,dos\n1,2\n", by=None, now=story.now)


def test_a_procedure_is_not_published_before_its_list(story: Story) -> None:
    with pytest.raises(NotPublishable):
        asking(story, SCHOOL)


def test_an_application_may_name_another_of_the_same_person_that_is_still_open(story: Story) -> None:
    case = story.file()
    previous = {"id": "anterior", "type": "own_case", "label": "Solicitud anterior", "only_open": True}
    draft = begun(story, previous)
    assert drafts.complete_answers(draft)["anterior"]["label"] == case.number
    case.finished = story.now
    case.save(update_fields=["finished"])
    with pytest.raises(drafts.Incomplete):
        drafts.complete_answers(draft)
    other = drafts.begin(offering=draft.offering, by=story.people["Bruno"], now=story.now)
    assert drafts.around(other).own_cases("", False) == []


def test_a_preview_asks_no_database_for_its_list() -> None:
    from tests.forms.sample import bundle_asking

    form = build_form(bundle=bundle_asking([SCHOOL]), step_id="inicio", page=1, answers={})
    assert "Establecimiento" in str(form)


def test_a_short_list_is_read_at_once_and_changing_the_answer_above_offers_its_own(story: Story) -> None:
    published(story, "Sectores", "codigo,nombre\nn,Norte\ns,Sur\n")
    published(story, "Calles", "codigo,nombre,padre\n1,Libertad,n\n2,Libertad,s\n3,Prat,s\n")
    draft = begun(story, SECTOR, STREET)
    north = answered(draft, sector="", sector__elegida="n", calle="", calle__elegida="1")
    assert north.cleaned_answers()["calle"]["code"] == "1"
    assert 'type="radio" name="sector-elegida"' in str(north)
    assert 'type="text" name="sector"' not in str(north)
    drafts.save(draft=draft, changed=north.cleaned_answers(), removed=set(), now=story.now)
    draft.refresh_from_db()
    marks = [box.mark for box in north.boxes]
    south = answered(draft, sector="", sector__elegida="s", calle="", calle__elegida="1", _visto=marks)
    assert [one.text for one in south.newly_asked] == ["Calle"], "what is offered is another list: look again"
    assert "calle" not in south.cleaned_answers()
    assert "Prat" in str(south)
