"""Conditions that a statement itself must say, so that an index which is for them serves every plan."""

import pytest

from workflows.models import CaseTask, StatusIn

pytestmark = pytest.mark.django_db


def test_the_states_are_written_in_the_statement_where_a_plan_for_all_values_sees_them() -> None:
    statement, values = CaseTask.objects.filter(StatusIn("NEW"), role_id=7).only("pk").query.sql_with_params()
    assert """"status" IN ('NEW')""" in statement
    assert values == (7,)


def test_only_words_are_states() -> None:
    with pytest.raises(ValueError, match="OR"):
        StatusIn("NEW') OR ('x'='x")
