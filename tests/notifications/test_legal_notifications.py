"""Legal notifications recorded by hand: medium, moment, evidence, effective date; append-only."""

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from accounts.models import Agency, Person
from documents.models import Document, ElectronicFile
from legaltime.api import Place, Term, due_date
from notifications.errors import (
    ActNotInForce,
    AlreadyNotified,
    BeforeTheAct,
    EvidenceMissing,
    NotYetHappened,
)
from notifications.models import NotificationRecord
from notifications.operations import Notified, record_notification
from notifications.queries import notifications_of
from tests.notifications.conftest import NOW

pytestmark = pytest.mark.django_db

Record = Callable[..., NotificationRecord]
STATED = [field.name for field in fields(Notified)]


@pytest.fixture
def record(file: ElectronicFile, agency: Agency, ana: Person, beto: Person, decree: Document, place: Place) -> Record:
    """Beto records that Ana was given the decree in the office just now, with changes."""

    def record(**changes: Any) -> NotificationRecord:
        facts: dict[str, Any] = {
            "file": file,
            "agency": agency,
            "case_ref": "7K3MQ2XW9D4HB5TV",
            "subject_id": "notificar",
            "occurrence": 1,
            "document": decree,
            "person": ana,
            "medium": "office",
            "occurred_at": NOW,
            "evidence": "",
            "by": beto,
            "place": place,
            "now": NOW,
        }
        facts |= changes
        told = {name: facts.pop(name) for name in STATED if name in facts}
        return record_notification(notified=Notified(**told), **facts)

    return record


def test_in_the_office_it_takes_effect_the_same_day_and_names_the_official_r32(record: Record, beto: Person) -> None:
    made = record()
    assert (made.effective_on, made.reading) == (date(2026, 8, 17), "office")
    assert (made.occurred_at, made.recorded_by, made.recorded_at) == (NOW, beto, NOW)


def test_a_term_of_five_days_counts_from_the_notification_and_skips_the_local_holiday(
    record: Record, place: Place
) -> None:
    due = due_date(starts_on=record().effective_on, term=Term(5, "business_days"), place=place)
    assert due.date == date(2026, 8, 25)
    elsewhere = Place("16301", place.zone)
    assert due_date(starts_on=date(2026, 8, 17), term=Term(5, "business_days"), place=elsewhere).date == date(
        2026, 8, 24
    )


def test_a_letter_takes_effect_on_the_third_business_day(record: Record) -> None:
    made = record(medium="letter", evidence="Seguimiento 990012345678")
    # 18, 19 and 21 August: the 20th is a holiday in Chillán
    assert (made.effective_on, made.reading) == (date(2026, 8, 21), "letter_third_day")


@pytest.mark.parametrize(("reading", "effective_on"), [("A", date(2026, 8, 21)), ("B", date(2026, 8, 24))])
def test_the_platform_counts_three_business_days_from_sending_by_either_reading_r26(
    record: Record, reading: str, effective_on: date
) -> None:
    made = record(medium="platform", transaction_code=" TX-1 ", reading=reading)
    assert (made.effective_on, made.reading) == (effective_on, f"ddu_{reading}")
    assert made.transaction_code == "TX-1"


def test_reading_b_is_the_default(record: Record) -> None:
    assert record(medium="platform", evidence="TX-1").reading == "ddu_B"


def test_an_act_of_the_person_that_shows_knowledge_starts_the_clock_r34(record: Record) -> None:
    made = record(medium="tacit", evidence="Escrito de la persona del 17/08/2026 que responde al decreto")
    assert (made.effective_on, made.reading) == (date(2026, 8, 17), "tacit")


def test_the_day_is_that_of_the_agency_and_not_of_greenwich(record: Record) -> None:
    late_evening = datetime(2026, 8, 18, 2, 30, tzinfo=UTC)
    assert record(occurred_at=late_evening, now=late_evening).effective_on == date(2026, 8, 17)


def test_the_future_is_refused(record: Record) -> None:
    with pytest.raises(NotYetHappened, match="no pueden ser futuras"):
        record(occurred_at=datetime(2026, 8, 17, 14, 1, tzinfo=UTC))


def test_a_day_before_the_act_is_refused_and_its_own_day_is_not(record: Record) -> None:
    with pytest.raises(BeforeTheAct, match="14/08/2026"):
        record(occurred_at=datetime(2026, 8, 13, 20, tzinfo=UTC))
    assert record(occurred_at=datetime(2026, 8, 14, 13, tzinfo=UTC)).effective_on == date(2026, 8, 14)


def test_without_a_document_it_may_not_come_before_the_file(record: Record) -> None:
    with pytest.raises(BeforeTheAct, match="10/08/2026"):
        record(document=None, occurred_at=datetime(2026, 8, 9, 20, tzinfo=UTC))
    assert record(document=None).document is None


@pytest.mark.parametrize("state", ["draft", "issuing", "replaced", "annulled"])
def test_an_act_that_is_not_in_force_is_refused(record: Record, decree: Document, state: str) -> None:
    decree.state = state
    with pytest.raises(ActNotInForce, match="«Decreto N° 12» no está vigente"):
        record()


@pytest.mark.parametrize(
    ("medium", "what"), [("letter", "seguimiento"), ("platform", "código de transacción"), ("tacit", "actuación")]
)
def test_every_medium_but_the_office_needs_its_evidence(record: Record, medium: str, what: str) -> None:
    with pytest.raises(EvidenceMissing, match=what):
        record(medium=medium, evidence="  ")
    assert not NotificationRecord.objects.exists()


def test_the_same_thing_is_notified_to_a_person_once(record: Record, beto: Person) -> None:
    record()
    with pytest.raises(AlreadyNotified, match="ya está registrada"):
        record()
    record(person=beto)
    record(occurrence=2)
    assert NotificationRecord.objects.count() == 3


def test_a_medium_that_nobody_knows_is_a_mistake_of_the_program(record: Record) -> None:
    with pytest.raises(ValueError, match="pigeon"):
        record(medium="pigeon")


def test_the_notifications_of_a_file_are_those_recorded(record: Record, file: ElectronicFile) -> None:
    assert not notifications_of(file)
    made = record()
    assert list(notifications_of(file)) == [made]


def test_a_record_is_neither_changed_nor_removed_r3(record: Record) -> None:
    made = record()
    rows = NotificationRecord.objects.filter(pk=made.pk)
    for change in (lambda: rows.update(effective_on=date(2030, 1, 1)), made.delete):
        with pytest.raises((IntegrityError, DatabaseError), match="append-only"), transaction.atomic():
            change()
    made.refresh_from_db()
    assert made.effective_on == date(2026, 8, 17)
