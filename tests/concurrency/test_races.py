"""Every lock of docs/locks.md under a race with real connections, and the same race without locks as its control."""

import json
from typing import Any

import pytest

from tests.jobs import databases

SCENARIOS = {
    "two_decisions": "two officials decide at once: one decision stands and the other is told",
    "two_filings_of_one_draft": "a double click on Firmar y enviar files one case",
    "two_claims": "two claims of one step give it to one",
    "two_orders": "two orders on the same days of one unit: one stands and the other is told",
    "two_administrators": "two who administer end each other's post at once: one stays",
    "an_answer_against_the_clock": "an answer and the timer at once open one step",
    "two_branches_end": "two branches that end at once join once and lose no report",
    "two_signatures": "two signatures asked at once give one request and one number",
    "publishing_against_an_edit": "whoever publishes while somebody edits publishes what was agreed, and loses no edit",
    "a_report_against_the_official": "a system and an official who tell the same at once end one wait",
    "an_answer_against_a_withdrawal": "an answer that comes while its authorisation is taken back is used or not (R60)",
    "two_turns": "two cases that enter a step by turn at once go to two officials",
    "two_joinders": "a case joined to an older one while a younger one is joined to it: one order stands (R63)",
    "a_withdrawal_against_the_decision": "a withdrawal declared while the decision is signed: one of both stands (R18)",
    "impossible_twice": "two officials say at once that a joined case cannot go on: one step opens (R16)",
    "one_sheet_twice": "the same sheet started twice opens one case for each row",
    "officials_at_once": "officials of several offices who act at once leave every case as its log says",
    "a_hundred_filings": "a hundred filings at once have distinct IUIe and numbers without a gap (R1)",
}
Report = dict[str, dict[str, list[str]]]
RACE = "from tests.concurrency import desk_race; desk_race.main()"


def raced(env: dict[str, str]) -> Report:
    databases.migrate(env)
    said = databases.output(databases.python(RACE, env=env))
    report: Report = json.loads(said.splitlines()[-1])
    return report


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return raced(databases.environment(tmp_path_factory.mktemp("races")))


@pytest.fixture(scope="module")
def on_postgresql(tmp_path_factory: pytest.TempPathFactory, postgres_server: Any) -> Report:
    with postgres_server.with_tables("carreras") as url:
        return raced(databases.environment(tmp_path_factory.mktemp("races"), DATABASE_URL=url))


@pytest.fixture(params=["on_sqlite", pytest.param("on_postgresql", marks=pytest.mark.services)])
def report(request: pytest.FixtureRequest) -> Report:
    found: Report = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("scenario", SCENARIOS, ids=SCENARIOS.values())
def test_with_the_lock(scenario: str, report: Report) -> None:
    assert report[scenario]["locked"] == []


@pytest.mark.parametrize("scenario", SCENARIOS, ids=SCENARIOS.values())
def test_the_control_without_the_lock_goes_wrong(scenario: str, report: Report) -> None:
    assert report[scenario]["unlocked"] != []


def test_every_scenario_is_run(on_sqlite: Report) -> None:
    assert set(on_sqlite) == set(SCENARIOS)
