"""A job that lives in the database claims by SQL of its own; it takes exactly the rows that any other claim would."""

from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest

from jobs import execution
from jobs.models import Job

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 13, tzinfo=UTC)
MINE, THEIRS = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("state", "late", "token", "stored_token", "attempts"),
    list(product(["ready", "sent", "running"], [True, False], [None, MINE], [None, MINE, THEIRS], [0, 1])),
)
def test_both_claims_take_the_same_rows(
    state: str, late: bool, token: UUID | None, stored_token: UUID | None, attempts: int
) -> None:
    due = NOW - timedelta(seconds=1) if late else NOW + timedelta(seconds=1)
    stored = Job.objects.create(
        kind="toy.count", state=state, run_at=due, token=stored_token, attempts=attempts, created_at=NOW
    )
    read = Job(pk=stored.pk, token=token, attempts=0)
    expected = execution._free(read, NOW).exists()
    assert execution._claim_and_finish(read, NOW) == expected
    stored.refresh_from_db()
    assert (stored.state == "done") == expected
    assert (stored.attempts, stored.token, stored.run_at) == (
        (1, None, None) if expected else (attempts, stored_token, due)
    )
