"""Conditions on the state of a step, written out in the statement instead of passed beside it."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, F, Func


class StatusIn(Func):
    """`status IN ('NEW', …)`, to be given to `filter`.

    PostgreSQL plans a prepared statement once for all values, and uses a partial index then only if the statement
    itself says what the index is for.
    """

    template = "%(expressions)s IN (%(written)s)"
    output_field = BooleanField()

    def __init__(self, *states: str, status: str = "status", **extra: Any) -> None:
        if not all(state.isalpha() for state in states):
            raise ValueError(states)
        super().__init__(F(status), written=", ".join(f"'{state}'" for state in states), **extra)
