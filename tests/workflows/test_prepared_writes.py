"""A write whose SQL is written once leaves the row that Django's own `save` would leave."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import DatabaseError, IntegrityError, connection, models
from django.test.utils import CaptureQueriesContext

from tests.story import Story
from workflows.models import Case, CaseTask, Deadline
from workflows.prepared import insert, update

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 13, tzinfo=UTC)


@pytest.fixture
def case(story: Story) -> Case:
    return story.file()


def a_clock(case: Case) -> Deadline:
    return Deadline(
        case=case,
        agency_id=case.agency_id,
        amount=5,
        unit="business_days",
        legal_source="Ley 19.880, art. 24",
        trigger="entered",
        due_on=date(2026, 3, 11),
        explanation={"notes": ["ñandú", None, 3]},
    )


def columns(row: models.Model) -> dict[str, Any]:
    stored = type(row)._base_manager.get(pk=row.pk)
    return {field.attname: getattr(stored, field.attname) for field in row._meta.concrete_fields if field.name != "id"}


def sql_of(write: Any) -> str:
    with CaptureQueriesContext(connection) as captured:
        write()
    return str(captured.captured_queries[-1]["sql"])


@pytest.mark.parametrize("kind", ["clock", "task"])
def test_an_inserted_row_and_its_sql_are_those_of_save(case: Case, kind: str) -> None:
    task = CaseTask.objects.filter(process=case).latest("pk")

    def row() -> models.Model:
        if kind == "clock":
            return a_clock(case)
        names = [field.attname for field in CaseTask._meta.concrete_fields if field.name != "id"]
        return CaseTask(**{name: getattr(task, name) for name in names})

    plain, ours = row(), row()
    django = sql_of(lambda: plain.save(force_insert=True))
    assert sql_of(lambda: insert(ours)) == django
    assert columns(ours) == columns(plain)
    assert ours.pk == plain.pk + 1
    ours.save()
    assert columns(ours) == columns(plain)


def test_an_updated_row_and_its_sql_are_those_of_save(case: Case) -> None:
    names = ("title", "data", "audit_head", "due_on")
    case.title, case.data, case.audit_head, case.due_on = "Otro", {"paso": {"ñ": [1, None]}}, b"\x00\xff", NOW.date()
    ours = sql_of(lambda: update(case, names))
    django = sql_of(lambda: case.save(update_fields=names))
    assert ours == django
    stored = Case.objects.get(pk=case.pk)
    assert (stored.title, stored.data, bytes(stored.audit_head), stored.due_on) == (
        case.title,
        case.data,
        case.audit_head,
        case.due_on,
    )


def test_a_row_that_is_gone_is_not_updated_in_silence(case: Case) -> None:
    clock = a_clock(case)
    insert(clock)
    Deadline.objects.filter(pk=clock.pk).delete()
    with pytest.raises(DatabaseError):
        update(clock, ("amount",))


def test_a_column_that_is_not_there_is_refused(case: Case) -> None:
    with pytest.raises(FieldDoesNotExist):
        update(case, ("title", "titel"))


def test_what_the_database_refuses_is_refused(case: Case) -> None:
    clock = a_clock(case)
    clock.case_id = None  # type: ignore[assignment]
    with pytest.raises(IntegrityError):
        insert(clock)
