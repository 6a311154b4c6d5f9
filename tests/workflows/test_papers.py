"""Several files in one question, and identity papers that others only see as marked copies."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from documents.models import Document
from procedures.api import NotPublishable, keep_handout
from tests.procedures.bundles import certificate_data
from tests.story import PDF, Story
from tests.workflows.desk import Visitor
from tests.workflows.flows import flow, offer, report
from workflows import drafts, uploads
from workflows.commands import filing
from workflows.models import Case, CaseParty, Draft

pytestmark = pytest.mark.django_db
PAPERS: dict[str, Any] = {
    "id": "cedula",
    "type": "file",
    "label": "Cédula por ambos lados",
    "min_files": 2,
    "max_files": 3,
    "identity": True,
}


def asking(story: Story, *questions: dict[str, Any]) -> str:
    """A published procedure whose application asks these questions too; its code."""
    forms = certificate_data()["forms"]
    forms[0]["pages"][0]["fields"] += questions
    data = flow(report("revisar", "revision", "sello"))
    return offer(story, {**data, "forms": [forms[0], *data["forms"][1:]]})


def photo(shade: int) -> bytes:
    out = BytesIO()
    Image.new("RGB", (640, 400), (shade, shade, shade)).save(out, "JPEG")
    return out.getvalue()


def begun(story: Story, sides: int = 2) -> Draft:
    draft = drafts.begin(offering=story.offering(asking(story, PAPERS)), by=story.people["Ana"], now=story.now)
    files = [
        uploads.keep(
            draft=draft, name="cedula", upload=SimpleUploadedFile(f"{side}.jpg", photo(side * 40)), now=story.now
        )
        for side in range(1, sides + 1)
    ]
    story.fill(draft, cedula=files)
    return draft


def filed(story: Story) -> Case:
    draft = begun(story)
    return filing.start(draft=draft, by=story.people["Ana"], signature=story.signature(draft), now=story.now)


def test_each_file_of_the_question_is_a_document_of_the_file_and_stands_in_the_receipt(story: Story) -> None:
    case = filed(story)
    uploads_of_case = Document.objects.filter(file=case.file, kind=Document.Kind.ATTACHMENT)
    assert [document.title for document in uploads_of_case.order_by("pk")] == ["1.jpg", "2.jpg"]
    value = case.submissions.get().values.get(field_id="cedula")
    assert [value.document, *value.more_documents.all()] == list(uploads_of_case.order_by("pk"))


def test_an_official_and_another_interested_person_get_a_marked_copy_and_the_owner_the_original(
    story: Story, visitor: Visitor
) -> None:
    """The original stays sealed in the file (Ley 19.880 art. 18); what circulates says what it is for."""
    case = filed(story)
    paper = Document.objects.filter(file=case.file, kind=Document.Kind.ATTACHMENT).earliest("pk")
    CaseParty.objects.create(
        case=case, agency=case.agency, kind=CaseParty.Kind.JOINED, person=story.people["María"], joined_at=story.now
    )
    own = visitor("Ana").get(f"/s/{case.ref}/documentos/{paper.pk}/")
    third = visitor("María").get(f"/s/{case.ref}/documentos/{paper.pk}/")
    official = visitor("Beto").get(f"/bandeja/{case.ref}/documentos/{paper.pk}/")
    assert own.content == photo(40)
    assert third.status_code == official.status_code == 200
    assert photo(40) not in (third.content, official.content)
    assert Image.open(BytesIO(official.content)).size == (640, 400)


def test_too_few_sides_do_not_pass_the_review(story: Story) -> None:
    with pytest.raises(drafts.Incomplete):
        drafts.complete_answers(begun(story, sides=1))


def test_a_form_to_download_must_be_here_before_the_procedure_is_published(story: Story, visitor: Visitor) -> None:
    template = {"name": "poder.pdf", "sha256": "a" * 64}
    question: dict[str, Any] = {"id": "poder", "type": "file", "label": "Poder", "template": template}
    with pytest.raises(NotPublishable):
        asking(story, question)
    question["template"] = keep_handout(
        agency=story.agency, name="..\\poder.pdf", data=PDF, by=None, now=story.now + timedelta(seconds=1)
    )
    asking(story, question)
    answer = visitor("Ana").get(f"/catalogo/plantillas/{question['template']['sha256']}/")
    assert (answer.content, answer["Content-Disposition"]) == (PDF, 'attachment; filename="poder.pdf"')
