"""Two officials of one group take, and finish, the same step at the same moment."""

from pathlib import Path

import pytest

from tests.jobs import databases

PREPARE = """
from accounts.api import appoint
from tests.story import Story
story = Story.begin()
role = story.people["Beto"].memberships.get().role
day = story.now.date()
appoint(person=story.people["Bruno"], role=role, post="Revisor (S)", starts_on=day, by="test", now=story.now)
for name in ("Beto", "Bruno"):
    story.user(name)
story.file()
"""
TAKE = """
from pathlib import Path
from django.conf import settings
from django.db import IntegrityError
from accounts.models import User
from tests.story import MORNING
from workflows.commands import desk
from workflows.errors import CommandRefused
from workflows.models import CaseTask

def seen_by_both(run, task_id, task_of=desk.task_of):
    task = task_of(run, task_id)
    wait_for_the_other()
    return task

desk.task_of = seen_by_both
try:
    open(Path(settings.DATA_DIR) / "first", "x").close()
    name = "Beto"
except FileExistsError:
    name = "Bruno"
task = CaseTask.objects.get(step_id="admision")
try:
    desk.claim(task=task, by=User.objects.get(person__given_names=name), now=MORNING)
    print("taken")
except (CommandRefused, IntegrityError) as refusal:
    print(type(refusal).__name__, refusal)
"""
LOCKED = (
    """
import time
wait_for_the_other = lambda: time.sleep(0.5)  # kept out by the lock, it never comes
"""
    + TAKE
)
UNLOCKED = (
    """
from django.db.models import QuerySet
QuerySet.select_for_update = lambda rows, **options: rows
wait_for_the_other = meet
"""
    + TAKE
)


def said_by_both(code: str, env: dict[str, str], meetings: int = 1) -> list[str]:
    databases.migrate(env)
    databases.output(databases.python(PREPARE, env=env))
    return sorted(databases.together(code, env=env, processes=2, meetings=meetings))


def one_has_it(said: list[str]) -> bool:
    return said[1].strip() == "taken" and said[0].startswith("TaskTaken") and "tiene este paso" in said[0]


def test_one_takes_it_and_the_other_learns_who_on_sqlite(tmp_path: Path) -> None:
    assert one_has_it(said_by_both(LOCKED, databases.environment(tmp_path)))


@pytest.mark.services
def test_one_takes_it_and_the_other_learns_who_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    assert one_has_it(said_by_both(LOCKED, databases.environment(tmp_path, DATABASE_URL=postgres_url)))


@pytest.mark.services
def test_without_the_lock_of_the_case_both_go_on_until_their_events_collide(tmp_path: Path, postgres_url: str) -> None:
    """The control: it is the lock that keeps them apart; the audit chain is the second wall."""
    said = said_by_both(UNLOCKED, databases.environment(tmp_path, DATABASE_URL=postgres_url), meetings=2)
    assert said[0].startswith("IntegrityError")
    assert "audit_one_event_per_place" in said[0]
    assert said[1].strip() == "taken"
