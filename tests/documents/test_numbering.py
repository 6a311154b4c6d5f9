"""Numbering books: gap-free, never reused, never antedated, in the Chilean year."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction

from accounts.models import Agency
from documents.api import NumberAntedated, give_number
from documents.models import BookEntry
from tests.documents.makers import NOW, new_document
from tests.jobs import databases

OPEN_BOOK = """
from accounts.models import Agency
from documents.models import NumberingBook
agency = Agency.objects.create(code="chillan", name="Municipalidad de Ejemplo", commune="16101")
NumberingBook.objects.create(agency=agency, kind="decreto", year=2026)
"""
ASK = """
from accounts.models import Agency
from documents.api import give_number
from tests.documents.makers import NOW
for _ in range(10):
    print(give_number(agency=Agency.objects.get(), kind="decreto", document=None, now=NOW).number)
"""
ASK_UNLOCKED = """
from django.db import IntegrityError, transaction
from documents.models import BookEntry, NumberingBook
from tests.documents.makers import NOW
for turn in range(10):
    book = NumberingBook.objects.get()
    if turn == 0:
        meet()
    try:
        with transaction.atomic():
            BookEntry.objects.create(book=book, number=book.last + 1, given_on=NOW.date(), given_at=NOW)
            NumberingBook.objects.update(last=book.last + 1)
        print(book.last + 1)
    except IntegrityError:
        print("refused")
"""


def numbers(agency: Agency, kind: str, moments: list[datetime]) -> list[int]:
    return [give_number(agency=agency, kind=kind, document=None, now=now).number for now in moments]


def test_numbers_follow_each_other_in_each_book(agency: Agency) -> None:
    other = Agency.objects.create(code="otra", name="Otra", commune="13101")
    assert numbers(agency, "decreto", [NOW] * 3) == [1, 2, 3]
    assert numbers(agency, "certificado", [NOW]) == [1]
    assert numbers(other, "decreto", [NOW]) == [1]


def test_the_year_turns_at_midnight_in_chile_and_not_in_utc(agency: Agency) -> None:
    new_years_eve = datetime(2027, 1, 1, 2, 59, tzinfo=UTC)  # 31 December, 23:59 in Santiago
    assert numbers(agency, "decreto", [NOW, new_years_eve]) == [1, 2]
    assert numbers(agency, "decreto", [new_years_eve + timedelta(minutes=1)]) == [1]


def test_a_document_keeps_the_number_it_has(agency: Agency) -> None:
    document = new_document(agency)
    first = give_number(agency=agency, kind="decreto", document=document, now=NOW)
    assert give_number(agency=agency, kind="decreto", document=document, now=NOW + timedelta(days=3)) == first
    document.refresh_from_db()
    assert (document.number, document.issued_on) == ("1", NOW.date())


def test_a_clock_that_goes_back_gives_no_number(agency: Agency) -> None:
    numbers(agency, "decreto", [NOW])
    with pytest.raises(NumberAntedated):
        numbers(agency, "decreto", [NOW - timedelta(days=1)])
    with pytest.raises(NumberAntedated):
        numbers(agency, "decreto", [NOW - timedelta(days=300)])


def test_a_rolled_back_act_leaves_no_gap(agency: Agency) -> None:
    numbers(agency, "decreto", [NOW])
    with transaction.atomic():
        numbers(agency, "decreto", [NOW])
        transaction.set_rollback(True)
    assert numbers(agency, "decreto", [NOW]) == [2]
    assert list(BookEntry.objects.values_list("number", flat=True)) == [1, 2]


def given_at_once(env: dict[str, str], code: str, meetings: int = 1) -> list[str]:
    """What three processes got, each asking for numbers of one book at the same moment."""
    databases.migrate(env)
    databases.output(databases.python(OPEN_BOOK, env=env))
    return " ".join(databases.together(code, env=env, processes=3, meetings=meetings)).split()


def test_three_processes_at_once_leave_neither_gap_nor_repetition_on_sqlite(tmp_path: Path) -> None:
    given = given_at_once(databases.environment(tmp_path), ASK)
    assert sorted(map(int, given)) == list(range(1, 31))


@pytest.mark.services
def test_three_processes_at_once_leave_neither_gap_nor_repetition_on_postgresql(
    tmp_path: Path, postgres_url: str
) -> None:
    given = given_at_once(databases.environment(tmp_path, DATABASE_URL=postgres_url), ASK)
    assert sorted(map(int, given)) == list(range(1, 31))


def test_without_the_lock_the_same_race_breaks_the_book(tmp_path: Path) -> None:
    """The control: the race of the tests above is real."""
    given = given_at_once(databases.environment(tmp_path), ASK_UNLOCKED, meetings=2)
    assert sorted(given) != sorted(map(str, range(1, 31)))
