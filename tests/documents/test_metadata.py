"""R54: the mandatory metadata of files and documents are produced without asking anybody."""

from accounts.models import Agency
from documents.api import add_item, close_file, document_metadata, file_metadata
from documents.metadata import DOCUMENT_MANDATORY, FILE_MANDATORY, Actor, missing
from documents.models import Document, ElectronicFile, FileItem
from tests.documents.makers import NOW, new_document, new_file


def file_with_a_decree(agency: Agency) -> ElectronicFile:
    file = new_file(agency)
    add_item(
        file=file,
        document=new_document(agency, file=file),
        direction=FileItem.Direction.OUT,
        origin="system",
        entered_by="Municipalidad de Ejemplo",
        now=NOW,
    )
    return file


def test_a_closed_file_has_its_18_mandatory_fields(agency: Agency) -> None:
    file = file_with_a_decree(agency)
    close_file(file_id=file.pk, now=NOW)
    file.refresh_from_db()
    assert len(FILE_MANDATORY) == 18
    assert missing(file_metadata(file), FILE_MANDATORY) == []


def test_an_open_file_lacks_only_its_date_of_closing(agency: Agency) -> None:
    metadata = file_metadata(file_with_a_decree(agency))
    assert missing(metadata, FILE_MANDATORY) == ["MGDEE3_2"]
    assert missing(metadata, FILE_MANDATORY, is_open=True) == []


def test_a_document_has_its_12_mandatory_fields(agency: Agency) -> None:
    document = Document.objects.get(file=file_with_a_decree(agency))
    assert len(DOCUMENT_MANDATORY) == 12
    assert missing(document_metadata(document), DOCUMENT_MANDATORY) == []


def test_instants_are_iso_8601_in_utc(agency: Agency) -> None:
    assert file_metadata(new_file(agency))["MGDEE3_1"] == "2026-03-04T15:00:00Z"


def test_custody_follows_the_controlled_list_and_not_the_defective_default(agency: Agency) -> None:
    assert file_metadata(new_file(agency))["MGDEE51_3"] == [4]


def test_the_people_of_the_case_come_after_the_body_that_answers_for_the_file(agency: Agency) -> None:
    metadata = file_metadata(new_file(agency), actors=[Actor(relation=2, kind=1, run="11111111-1")])
    assert metadata["MGDEE52_1"] == [1, 2]
    assert metadata["MGDEE52_3"] == ["", "11111111-1"]


def test_a_missing_field_is_named() -> None:
    assert missing({"MGDDE1_1": "DOCU-1", "MGDDE1_6": ""}, ("MGDDE1_1", "MGDDE1_6")) == ["MGDDE1_6"]
