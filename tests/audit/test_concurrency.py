"""Several processes write one chain at the same moment."""

from pathlib import Path

import pytest

from tests.jobs import databases

APPEND = """
from audit.api import append_to_stream
from legaltime.api import now
for _ in range(10):
    append_to_stream(stream="reads:1", kind="file.read", actor="person:1", at=now(), body={})
"""
VERIFY = """
from audit.api import verify_stream
verdict = verify_stream("reads:1")
print(verdict.ok, verdict.length)
"""
APPEND_UNLOCKED = """
from django.db import IntegrityError
from audit.api import Head, append
from legaltime.api import now
try:
    append(stream="case:X", head=Head(), kind="case.read", actor="person:1", at=now(), body={})
except IntegrityError:
    print("refused")
"""


def appended_at_once(env: dict[str, str]) -> str:
    databases.migrate(env)
    databases.together(APPEND, env=env, processes=4)
    return databases.output(databases.python(VERIFY, env=env)).strip()


def test_four_processes_make_one_whole_chain_on_sqlite(tmp_path: Path) -> None:
    assert appended_at_once(databases.environment(tmp_path)) == "True 40"


@pytest.mark.services
def test_four_processes_make_one_whole_chain_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    assert appended_at_once(databases.environment(tmp_path, DATABASE_URL=postgres_url)) == "True 40"


def test_without_the_lock_of_the_head_only_one_of_two_events_enters(tmp_path: Path) -> None:
    env = databases.environment(tmp_path)
    databases.migrate(env)
    said = databases.together(APPEND_UNLOCKED, env=env, processes=2)
    assert sorted("refused" in text for text in said) == [False, True]
