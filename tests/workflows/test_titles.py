"""What those who apply read of a step: their words in their language, while officials keep the name of the office."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation
from ruamel.yaml import YAML

from documents.models import Document
from procedures.api import bundle_of
from procedures.schema import blocks
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from tests.workflows.test_counter import attended
from workflows import titles
from workflows.models import Case, CaseTask, Incident
from workflows.presenting.language import document_name

pytestmark = pytest.mark.django_db

OFFICE, PLAIN, ENGLISH = "Examen de admisibilidad", "Revisión de que no falte nada", "Check that nothing is missing"


def test_whoever_applies_reads_plain_names_and_officials_their_own(story: Story, visitor: Visitor) -> None:
    case = story.file()
    followed, every_step = (text_of(visitor("Ana").get(at(page, case.ref))) for page in ("case", "why"))
    assert PLAIN in followed
    assert f"{PLAIN}: Departamento de Rentas" in followed, "who is responsible"
    assert "Revisión del local por la Dirección de Obras" in every_step, "also inside a block"
    assert OFFICE not in followed + every_step
    official = text_of(visitor("Beto").get(at("desk_case", case.ref)))
    assert OFFICE in official
    assert PLAIN not in official


def test_a_page_in_english_says_them_in_english(story: Story, visitor: Visitor) -> None:
    case = story.file()
    page = text_of(visitor("Ana").get(at("case", case.ref), headers={"accept-language": "en"}))
    assert ENGLISH in page
    assert PLAIN not in page


def test_an_official_who_reads_in_english_reads_steps_and_documents_in_english_too(
    story: Story, visitor: Visitor
) -> None:
    """Lists, the step's own page, what waits and the file; the documents themselves keep their titles."""
    case = story.file()
    story.claim(case, "admision", "Beto")
    english_page = {"accept-language": "en"}
    beto = visitor("Beto")
    task = story.task(case, "admision")
    english = bundle_of(case.version).spoken("en", "en").step("admision").title
    assert english != OFFICE
    for page in (at("inbox"), at("desk_case", case.ref), at("desk_step", case.ref, task.pk)):
        shown = text_of(beto.get(page, headers=english_page))
        assert english in shown, page
        assert OFFICE not in shown, page
        assert OFFICE in text_of(beto.get(page)), page
    file = text_of(beto.get(at("desk_case", case.ref), {"ver": "expediente"}, headers=english_page))
    assert "Certificate of filing" in file
    assert "Application: Patente comercial definitiva" in file
    assert "Certificado de presentación" not in file
    mine = text_of(visitor("Ana").get(at("case", case.ref), headers=english_page))
    assert "Certificate of filing" in mine
    assert Document.objects.filter(file=case.file, title="Certificado de presentación").exists()


SPANISH_NAME, ENGLISH_NAME = "Patente comercial definitiva", "Permanent business licence"
IN_ENGLISH = {"accept-language": "en"}


def staff_pages(story: Story, visitor: Visitor) -> Iterator[str]:
    """What officials read of a case in lists, by search, on its own page and when they hand work out, in English."""
    case = story.file()
    Incident.objects.create(
        case=case, agency=case.agency, kind=Incident.Kind.STALLED, detail="…", opened_at=story.now, owner=None
    )
    beto, elena, ines, julia = (visitor(name) for name in ("Beto", "Elena", "Inés", "Julia"))
    yield beto.get(at("inbox"), {"ver": "grupo"}, headers=IN_ENGLISH).content.decode()
    yield beto.get(at("inbox"), {"q": case.number}, headers=IN_ENGLISH).content.decode()
    yield beto.get(at("desk_case", case.ref), headers=IN_ENGLISH).content.decode()
    yield elena.get(at("assign"), headers=IN_ENGLISH).content.decode()
    yield ines.get(at("incidents"), headers=IN_ENGLISH).content.decode()
    yield ines.get(at("versions"), headers=IN_ENGLISH).content.decode()
    here = attended(story)
    story.draft(story.offering("patente_comercial"), who="Bruno")
    yield julia.get(at("counter_attendance", here.pk), headers=IN_ENGLISH).content.decode()


def test_an_official_who_reads_in_english_reads_each_procedure_by_its_english_name(
    story: Story, visitor: Visitor
) -> None:
    for place, page in enumerate(staff_pages(story, visitor)):
        assert ENGLISH_NAME in page, place
        assert SPANISH_NAME not in page, place


def test_what_has_no_english_words_says_at_the_desk_that_it_is_spanish(story: Story, visitor: Visitor) -> None:
    """WCAG 3.1.2: a screen reader says it with the voice of its language."""
    case = story.file()
    Case.objects.filter(pk=case.pk).update(title="Patente de antes")
    CaseTask.objects.filter(process=case).update(step_title="Paso de antes")
    beto = visitor("Beto")
    for query in ({"ver": "grupo"}, {"q": case.number}):
        page = beto.get(at("inbox"), query, headers=IN_ENGLISH).content.decode()
        assert '<span lang="es">Patente de antes</span>' in page, query
        assert '<span lang="es">Paso de antes</span>' in page, query
    listed = beto.get(at("inbox"), {"ver": "grupo"}, headers=IN_ENGLISH).content.decode()
    assert '<option lang="es" value="admision">Paso de antes</option>' in listed
    on_page = beto.get(at("desk_case", case.ref), headers=IN_ENGLISH).content.decode()
    assert '<span lang="es">Patente de antes</span></h1>' in on_page
    assert ", Patente de antes – " in on_page.partition("</title>")[0], "the head holds no tag"
    assert 'lang="es">' not in beto.get(at("inbox"), {"ver": "grupo"}).content.decode()


def test_an_act_of_the_law_is_called_in_english_on_a_page_in_english_and_what_people_attach_as_they_called_it(
    story: Story,
) -> None:
    bundle = bundle_of(story.offering("patente_comercial").version).spoken("en", "en")
    kinds = Document.Kind
    with translation.override("en"):
        act = Document(
            definition_id="law_withdrawal_act", title="Decreto que declara el desistimiento", kind=kinds.DECREE
        )
        assert document_name(act, bundle) == "Decree declaring the withdrawal"
        own = Document(title="Certificado de presentación", kind=kinds.ATTACHMENT)
        assert document_name(own, bundle) == '<span lang="es">Certificado de presentación</span>'
        told = Document(title="Constancia de notificación: Recurso", kind=kinds.NOTIFICATION)
        assert document_name(told, bundle).startswith("Certificate of notification: ")


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        (OFFICE, PLAIN),
        (f"{OFFICE}: Local 2", f"{PLAIN}: Local 2"),
        (f"{OFFICE} y otro", f"{OFFICE} y otro"),
        ("Primer examen", "Primer examen"),
    ],
    ids=["plain", "of a row", "of another version that begins alike", "of another version"],
)
def test_a_step_of_a_row_keeps_its_name_and_one_of_another_version_its_title(
    story: Story, stored: str, said: str
) -> None:
    bundle = bundle_of(story.offering("patente_comercial").version)
    task = CaseTask(step_id="admision", step_title=stored)
    assert titles.for_applicant(task, bundle, "es") == said
    assert titles.for_official(task, bundle, "es") == stored


def test_the_steps_that_the_law_adds_have_plain_names_too_in_both_languages(story: Story) -> None:
    bundle = bundle_of(story.offering("patente_comercial").version)
    task = CaseTask(step_id="law_withdrawal_draft", step_title="Redacción del acto")
    assert titles.for_official(task, bundle, "es") == "Redacción del acto"
    assert titles.for_applicant(task, bundle, "es") == "Preparación de la decisión"
    assert titles.for_applicant(task, bundle, "en") == "Preparing the decision"


def test_no_name_for_people_is_written_for_a_step_of_the_law_that_does_not_exist() -> None:
    folder = Path(blocks.__file__).parent
    plain = YAML(typ="safe").load(folder / "ley_19880_applicant.yaml")
    law = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("ley_19880_[0-9]*.yaml")))
    assert plain.keys() <= set(re.findall(r"(?:title|decide): ([^,\n}]+)", law))
