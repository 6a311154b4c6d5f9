"""The limit of seven, the double press, the crossing and two reviews under races; each lock with its control."""

import json
from typing import Any

import pytest

from tests.jobs import databases

Report = dict[str, list[str]]
RACE = "from tests.participation import race; race.main()"
SCENARIOS = ["over_the_limit", "double_press", "two_folds", "two_reviews"]


def raced(env: dict[str, str]) -> Report:
    databases.migrate(env)
    report: Report = json.loads(databases.output(databases.python(RACE, env=env)).splitlines()[-1])
    return report


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return raced(databases.environment(tmp_path_factory.mktemp("races")))


@pytest.fixture(scope="module")
def on_postgresql(tmp_path_factory: pytest.TempPathFactory, postgres_server: Any) -> Report:
    with postgres_server.with_tables("apoyos") as url:
        return raced(databases.environment(tmp_path_factory.mktemp("races"), DATABASE_URL=url))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_nothing_goes_wrong_on_sqlite(scenario: str, on_sqlite: Report) -> None:
    assert on_sqlite[scenario] == []


@pytest.mark.services
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_nothing_goes_wrong_on_postgresql(scenario: str, on_postgresql: Report) -> None:
    assert on_postgresql[scenario] == []


@pytest.mark.services
def test_the_control_without_the_lock_of_the_person_exceeds_the_limit(on_postgresql: Report) -> None:
    assert on_postgresql["control"] == ["8 apoyos"]


@pytest.mark.services
def test_the_control_without_the_key_of_a_hold_has_the_same_supports_in_two_reviews(on_postgresql: Report) -> None:
    assert on_postgresql["control_of_reviews"] == ["10 apoyos en dos revisiones"]
