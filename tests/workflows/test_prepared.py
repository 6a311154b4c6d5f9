"""A read whose SQL is written once gives what the same query would give, each time anew."""

from threading import Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.story import Story
from workflows.commands.locking import TASK
from workflows.models import Case, CaseTask
from workflows.prepared import PreparedRead

pytestmark = pytest.mark.django_db
BY_ID = PreparedRead(1, lambda case: Case.objects.select_related("agency", "version").filter(pk=case))


@pytest.fixture
def cases(story: Story) -> list[Case]:
    return [story.file(), story.file()]


def test_every_column_and_every_joined_row_is_what_the_query_gives(cases: list[Case]) -> None:
    for case in cases:
        plain = Case.objects.select_related("agency", "version").get(pk=case.pk)
        read = BY_ID.rows(case.pk)[0]
        for field in Case._meta.concrete_fields:
            assert getattr(read, field.attname) == getattr(plain, field.attname), field.name
        with CaptureQueriesContext(connection) as captured:
            assert (read.agency, read.version) == (plain.agency, plain.version)
        assert not captured.captured_queries


def test_the_sql_is_that_of_the_query(cases: list[Case]) -> None:
    task = CaseTask.objects.filter(process=cases[1]).latest("pk")
    TASK.first(cases[0].pk, task.pk)
    with CaptureQueriesContext(connection) as captured:
        assert TASK.first(cases[1].pk, task.pk) == task
        assert CaseTask.objects.select_related("role").filter(process_id=cases[1].pk, pk=task.pk).first() == task
    prepared, plain = (query["sql"].split(" ORDER BY")[0] for query in captured.captured_queries)
    assert prepared == plain


def test_rows_are_read_anew_and_changing_one_changes_no_other(cases: list[Case]) -> None:
    read = BY_ID.rows(cases[0].pk)[0]
    read.title = "Cambiado en memoria"
    Case.objects.filter(pk=cases[0].pk).update(title="Cambiado en la base")
    assert BY_ID.rows(cases[0].pk)[0].title == "Cambiado en la base"


def test_nobody_is_found_under_an_id_of_nothing(cases: list[Case]) -> None:
    assert BY_ID.rows(0) == []
    assert BY_ID.first(0) is None


def test_a_wrong_number_of_ids_is_refused(cases: list[Case]) -> None:
    with pytest.raises(ValueError, match="longer"):
        BY_ID.rows(1, 2)


def test_each_thread_writes_its_own_for_its_own_connection() -> None:
    seen: list[int] = []
    builds = PreparedRead(1, lambda case: seen.append(1) or Case.objects.filter(pk=case))  # type: ignore[func-returns-value]

    def read() -> None:
        builds.rows(0), builds.rows(0)
        connection.close()

    read()
    other = Thread(target=read)
    other.start()
    other.join()
    assert len(seen) == 2
