"""Back-off and leases: pure arithmetic."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from jobs import rules


@given(st.integers(1, 60_000), st.integers(1, 10**12))
def test_the_wait_doubles_up_to_an_hour_and_never_exceeds_it_by_more_than_a_tenth(attempts: int, job_id: int) -> None:
    plain = min(rules.BACKOFF_BASE.total_seconds() * 2 ** min(attempts, 30), 3600)
    assert plain <= rules.backoff(attempts, job_id).total_seconds() <= plain * 1.1 + 1e-6


def test_jobs_that_failed_together_do_not_return_together() -> None:
    assert len({rules.backoff(3, job_id) for job_id in range(100)}) == 100


def test_a_claim_outlasts_the_time_limit_of_its_handler() -> None:
    assert rules.lease(timedelta(seconds=10)) > timedelta(seconds=15)
