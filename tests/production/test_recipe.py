"""The production recipe, really run: two web processes, two workers, PostgreSQL, Valkey and an S3 service."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import redis
from ruamel.yaml import YAML

from bench.visitor import Visitor
from bench.walk import SCENARIO, Walk
from tests.jobs.waiting import until
from tests.production.installation import RECIPE, WORKERS, Installation, installed
from tests.services.processes import listens
from tests.services.s3 import S3

FIRST, SECOND = WORKERS


class WalkThroughFaults(Walk):
    """The walk of the README while a worker dies at work and the broker forgets everything."""

    own: Installation
    patience = 240
    killed = 0

    def person(self, name: str, run: str) -> Visitor:
        """A browser that opens a connection for each page, so that the proxy takes turns."""
        visitor = super().person(name, run)
        visitor.session.headers["Connection"] = "close"
        return visitor

    def do_file(self, who: Visitor, code: str, entry: Mapping[str, Any]) -> None:
        """Only one worker is at work when the first application is filed, and it dies while it seals."""
        if self.killed:
            super().do_file(who, code, entry)
            return
        self.own.end(SECOND)
        super().do_file(who, code, entry)
        self.killed = self.own.kill_at_work(FIRST, "signatures.apply", seconds=240)
        redis.Redis.from_url(self.own.broker).flushdb()
        self.own.begin(SECOND)


@pytest.mark.services
@pytest.mark.timeout(900)
def test_a_case_ends_with_a_verified_act_although_a_worker_dies_and_the_broker_is_wiped(
    tmp_path: Path, postgres_url: str, valkey_url: str, s3_server: S3
) -> None:
    s3_server.empty()
    with installed(tmp_path, database=postgres_url, broker=valkey_url, files=s3_server) as own:
        walk = WalkThroughFaults(own.url, {})
        walk.own = own
        walk.scenario(YAML(typ="safe").load(SCENARIO))
        until(lambda: own.unfinished() == 0, seconds=240)
        state, attempts = own.outcome(walk.killed)
        assert (state, attempts >= 2) == ("done", True)
        assert min(own.proxy.served.values()) > 20
        assert len(s3_server.contents()) > 5
        assert not list(tmp_path.glob("*/files/*"))
    until(lambda: not any(listens(port) for port in own.webs), seconds=240)


def test_the_recipe_names_the_commands_that_the_test_runs() -> None:
    text = RECIPE.read_text()
    for command in ("manage web --port", "manage worker --name mesa", "manage worker --name pdf", "manage migrate"):
        assert command in text
    queues = {queue for found in re.findall(r"--queues ([a-z,]+)", text) for queue in found.split(",")}
    assert queues == {"fast", "mail", "bulk", "pdf", "sign"}
