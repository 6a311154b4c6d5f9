"""The limited child: stopped at each limit, and replaced for the next request."""

from collections.abc import Callable, Iterator

import pytest

from documents.limits import ChildStopped, LimitedChild

Make = Callable[..., LimitedChild]


@pytest.fixture
def child() -> Iterator[Make]:
    """Makes children that run tests/documents/naughty.py."""
    made: list[LimitedChild] = []

    def make(**limits: float) -> LimitedChild:
        values = {"address_space": 400 << 20, "cpu_seconds": 5, "wall_seconds": 90, **limits}
        made.append(LimitedChild("tests.documents.naughty", **values))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.stop()


def test_it_answers_and_stays_warm(child: Make) -> None:
    one = child()
    assert one.ask({"do": "pid"}) == one.ask({"do": "pid"})


def test_it_is_replaced_after_its_number_of_requests(child: Make) -> None:
    one = child(requests_per_child=1)
    assert one.ask({"do": "pid"}) != one.ask({"do": "pid"})


def test_whoever_sleeps_is_killed_by_the_clock_of_the_parent(child: Make) -> None:
    one = child(wall_seconds=1)
    with pytest.raises(ChildStopped, match="wall time"):
        one.ask({"do": "sleep"})


def test_whoever_spins_is_stopped_by_the_kernel_and_the_next_request_is_served(child: Make) -> None:
    one = child(cpu_seconds=1)
    with pytest.raises(ChildStopped, match="ended with"):
        one.ask({"do": "spin"})
    assert one.ask({"do": "pid"})


def test_memory_has_a_ceiling(child: Make) -> None:
    assert child().ask({"do": "eat"}) == "MemoryError"


def test_a_child_that_dies_is_reported_and_replaced(child: Make) -> None:
    one = child()
    with pytest.raises(ChildStopped, match="ended with 7"):
        one.ask({"do": "die"})
    assert one.ask({"do": "pid"})


def test_what_it_prints_does_not_break_the_exchange(child: Make) -> None:
    assert child().ask({"do": "print"}) == "ok"


def test_a_request_larger_than_a_pipe_arrives_whole(child: Make) -> None:
    assert child().ask({"do": "length", "text": "x" * 3_000_000}) == 3_000_000


def test_the_child_does_not_inherit_the_secrets_of_the_parent(child: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "secreto")
    assert "SECRET_KEY" not in child().ask({"do": "environment"})
