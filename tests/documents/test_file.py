"""The electronic file: its identifier, its index, and what can no longer change."""

from datetime import timedelta

import pytest
from django.db import Error, transaction

from accounts.models import Agency
from documents.api import (
    ContentFrozen,
    FileClosed,
    add_item,
    attach_upload,
    close_file,
    freeze_content,
    index_of,
    store_blob,
)
from documents.errors import DocumentEmpty
from documents.models import BookEntry, Document, ElectronicFile, FileItem
from documents.operations import give_number
from tests.documents.makers import NOW, decree, new_document, new_file


def enter(file: ElectronicFile, document: Document, minute: int = 0) -> FileItem:
    return add_item(
        file=file,
        document=document,
        direction=FileItem.Direction.IN,
        origin="web form",
        entered_by="Ana la ciudadana",
        now=NOW + timedelta(minutes=minute),
    )


def test_every_file_gets_its_own_identifier(agency: Agency) -> None:
    """R1."""
    identifiers = {new_file(agency).iuie for _ in range(100)}
    assert len(identifiers) == 100
    assert all(iuie.startswith("EXP-20260304-") for iuie in identifiers)


def test_the_identifier_carries_the_day_of_the_agency_not_of_utc(agency: Agency) -> None:
    file = new_file(agency, now=NOW.replace(day=5, hour=1))
    assert file.iuie.startswith("EXP-20260304-")


def test_two_agencies_may_hold_the_same_identifier_but_one_may_not_twice(agency: Agency) -> None:
    """R1: unique with the body."""
    file = new_file(agency)
    other = Agency.objects.create(code="otra", name="Otra", commune="13101")
    ElectronicFile.objects.create(agency=other, iuie=file.iuie, opened_at=NOW)
    with pytest.raises(Error), transaction.atomic():
        ElectronicFile.objects.create(agency=agency, iuie=file.iuie, opened_at=NOW)


def test_items_keep_the_order_of_entry_without_gaps(agency: Agency) -> None:
    """R2."""
    file = new_file(agency)
    for minute in (3, 1, 2):
        enter(file, new_document(agency, file=file), minute)
    assert [item.seq for item in file.items.all()] == [1, 2, 3]
    assert [item.entered_at.minute for item in file.items.all()] == [3, 1, 2]


def test_an_item_can_be_neither_changed_nor_removed(agency: Agency) -> None:
    """R3: the database itself refuses."""
    file = new_file(agency)
    item = enter(file, new_document(agency, file=file))
    with pytest.raises(Error), transaction.atomic():
        FileItem.objects.filter(pk=item.pk).update(entered_by="Nadie")
    with pytest.raises(Error), transaction.atomic():
        FileItem.objects.filter(pk=item.pk).delete()


def test_a_number_in_the_book_can_be_neither_changed_nor_removed(agency: Agency) -> None:
    entry = give_number(agency=agency, kind="decreto", document=None, now=NOW)
    with pytest.raises(Error), transaction.atomic():
        BookEntry.objects.filter(pk=entry.pk).update(number=9)
    with pytest.raises(Error), transaction.atomic():
        BookEntry.objects.filter(pk=entry.pk).delete()


def test_a_closed_file_takes_nothing_more(agency: Agency) -> None:
    file = new_file(agency)
    close_file(file_id=file.pk, now=NOW)
    with pytest.raises(FileClosed, match=file.iuie):
        enter(file, new_document(agency, file=file))


def test_closing_again_keeps_the_first_date(agency: Agency) -> None:
    file = new_file(agency)
    close_file(file_id=file.pk, now=NOW)
    close_file(file_id=file.pk, now=NOW + timedelta(days=1))
    file.refresh_from_db()
    assert file.closed_at == NOW


def test_an_empty_document_does_not_enter(agency: Agency) -> None:
    file = new_file(agency)
    with pytest.raises(DocumentEmpty):
        enter(file, new_document(agency, file=file, content=None))


def test_what_entered_the_file_says_the_same_for_ever(agency: Agency) -> None:
    file = new_file(agency)
    document = new_document(agency, file=file)
    assert enter(file, document).sha256 == document.content_sha256
    with pytest.raises(ContentFrozen):
        freeze_content(document=document, content=decree(title="Otro"), now=NOW)


def test_a_draft_can_be_rewritten_and_keeps_its_code(agency: Agency) -> None:
    document = new_document(agency)
    code, digest = document.code, document.content_sha256
    freeze_content(document=document, content=decree(title="Otro"), now=NOW)
    document.refresh_from_db()
    assert document.content["title"] == "Otro"
    assert document.content["verification"]["code"] == code == document.code
    assert document.content_sha256 != digest


def test_an_upload_enters_with_the_digest_of_its_bytes(agency: Agency) -> None:
    file = new_file(agency)
    blob = store_blob(data=b"%PDF-1.7 plano", media_type="application/pdf", now=NOW)
    upload = attach_upload(file=file, blob=blob, title="Plano del local", now=NOW)
    assert enter(file, upload).sha256 == blob.sha256
    assert upload.state == Document.State.IN_FORCE


def test_the_index_lists_each_item_with_its_metadata(agency: Agency) -> None:
    file = new_file(agency)
    enter(file, new_document(agency, file=file))
    index = index_of(file)
    assert [item["seq"] for item in index["items"]] == [1]
    assert index["metadata"]["MGDEE53_1"] == [index["items"][0]["metadata"]["MGDDE1_1"]]
