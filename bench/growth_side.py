"""What one database answers at one size: transitions beside raw SQL, the bandeja and its counts. Prints JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from audit.models import Event
from bench.sides import alternate
from documents.models import ElectronicFile
from tests.story import Story
from workflows.bandeja import Bandeja
from workflows.commands import desk
from workflows.models import Case, CaseParty, CaseTask

SIZES = ("small", "large")
OPEN_EVERY = 100
"""One case of so many waits in the official's group; the others have ended."""
Row = Mapping[str, Callable[[int], object]]


def main(small: int, large: int, rounds: int) -> None:
    """Measure with `small` cases in the database, then with `large`."""
    call_command("migrate", verbosity=0)
    story = Story.begin()
    model = story.file()
    found, loaded = {}, 0
    for name, size in zip(SIZES, (small, large), strict=True):
        started = time.monotonic()
        load(model, loaded, size)
        loaded = size
        found[name] = {"cases": size, "load_s": round(time.monotonic() - started, 1), **measure(story, rounds)}
    json.dump(found, sys.stdout)


def load(model: Case, first: int, last: int) -> None:
    """Copies of a case with its file, person, step and events, by COPY. Row triggers are off: the model is sound."""
    case, file, task = last_id(Case), last_id(ElectronicFile), model.task_set.get(step_id="admision")
    late = story_day(model)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        copies(cursor, ElectronicFile, model.file_id, first, last, {"iuie": lambda n: f"P-{n}"})
        ended: Row = {
            "file_id": lambda n: file + 1 + n - first,
            "ref": lambda n: f"{n:016d}",
            "number": lambda n: f"P-{n}",
            "filed_at": lambda n: late(n),
            "finished": lambda n: "\\N" if n % OPEN_EVERY == 0 else late(n),
        }
        copies(cursor, Case, model.pk, first, last, ended)
        of_case: Row = {"case_id": lambda n: case + 1 + n - first}
        copies(cursor, CaseParty, model.parties.get().pk, first, last, of_case)
        states: Row = {"status": lambda n: "NEW" if n % OPEN_EVERY == 0 else "DONE", "filed_at": lambda n: late(n)}
        copies(cursor, CaseTask, task.pk, first, last, {**of_case, **states})
        event = Event.objects.filter(stream=f"case:{model.ref}").earliest("pk")
        copies(cursor, Event, event.pk, first, last, {"stream": lambda n: f"case:{n:016d}"})
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE")


def story_day(model: Case) -> Callable[[int], str]:
    """An instant for each case, spread over three years before the model's."""
    return lambda n: (model.filed_at - timedelta(minutes=n % 1_500_000)).isoformat()


def last_id(model: Any) -> int:
    """The highest key in use."""
    return int(model.objects.order_by("-pk").values_list("pk", flat=True)[0])


def copies(cursor: Any, model: Any, pk: int, first: int, last: int, changes: Row) -> None:
    """Rows `first` to `last`: the model's row as PostgreSQL writes it, with a new key and these columns changed."""
    table, base = model._meta.db_table, last_id(model)
    cursor.execute(f'SELECT * FROM "{table}" LIMIT 0')
    columns = [column.name for column in cursor.description]
    with cursor.copy(f'COPY (SELECT * FROM "{table}" WHERE id = {pk}) TO STDOUT') as out:
        line = b"".join(bytes(part) for part in out).decode().rstrip("\n").split("\t")
    every: Row = {**changes, "id": lambda n: base + 1 + n - first}
    places = {columns.index(name): change for name, change in every.items()}
    with cursor.copy(f'COPY "{table}" FROM STDIN') as into:
        for chunk in range(first, last, 5000):
            into.write("".join(lines(line, places, range(chunk, min(chunk + 5000, last)))))
    cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM \"{table}\"))")


def lines(row: list[str], places: Mapping[int, Callable[[int], object]], numbers: range) -> Iterator[str]:
    """The text of some rows."""
    for number in numbers:
        for place, change in places.items():
            row[place] = str(change(number))
        yield "\t".join(row) + "\n"


def measure(story: Story, rounds: int) -> dict[str, float]:
    """Medians in ms. A transition and its control take turns, each time with a case of their own."""
    steps, control = list(prepared(story, rounds + 2)), prepared_control(story, rounds + 2)
    turns = alternate({"transition": lambda: steps.pop()(), "control": lambda: control.pop()()}, rounds=rounds)
    beto, client = story.people["Beto"], Client()
    client.force_login(story.user("Beto"), backend=settings.AUTHENTICATION_BACKENDS[0])
    pages = alternate(
        {
            "inbox": lambda: client.get(reverse("workflows:inbox"), {"ver": "grupo"}),
            "count": lambda: Bandeja(beto, story.now.date()).unclaimed().order_by()[:100].count(),
        },
        rounds=rounds,
    )
    return {name: round(found.median, 3) for name, found in {**turns, **pages}.items()}


def prepared(story: Story, how_many: int) -> Iterator[Callable[[], None]]:
    """Steps taken by an official, ready to be answered."""
    for _case in range(how_many):
        case = story.file()
        task, user = story.task(case, "admision"), story.user("Beto")
        CaseTask.objects.filter(pk=task.pk).update(status="ASSIGNED", owner=user)  # taken out of turn
        answered = desk.Answered(data=story.posted(case, "admision", {"resultado": "admitir"}))
        yield partial(desk.complete, task=task, by=user, answered=answered, now=story.now)


def prepared_control(story: Story, how_many: int) -> list[Callable[[], None]]:
    """The same tables read and written by hand, for cases of their own."""
    return [partial(by_hand, story.file()) for _case in range(how_many)]


def by_hand(case: Case) -> None:
    """Lock the case, read its open steps, end one, begin another, tell it to the chain, save the case."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM workflows_case WHERE id = %s FOR UPDATE", [case.pk])
        cursor.execute("SELECT id FROM workflows_casetask WHERE case_id = %s AND status = 'NEW'", [case.pk])
        (task,) = cursor.fetchone()
        cursor.execute("UPDATE workflows_casetask SET status = 'DONE', finished = now() WHERE id = %s", [task])
        for table, where in (("workflows_casetask", task), ("workflows_submission", case.submissions.get().pk)):
            columns = [field.column for field in table_of(table)._meta.concrete_fields if not field.primary_key]
            names = ", ".join(columns)
            values = ", ".join("seq + 1" if name == "seq" else name for name in columns)
            cursor.execute(f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE id = %s", [where])
        head = Event.objects.filter(stream=f"case:{case.ref}").latest("seq")
        head.pk, head.seq = None, head.seq + 1
        head.save(force_insert=True)
        cursor.execute("UPDATE workflows_case SET audit_seq = audit_seq + 1 WHERE id = %s", [case.pk])


def table_of(name: str) -> Any:
    """The model of a table."""
    return {"workflows_casetask": CaseTask, "workflows_submission": Case.submissions.rel.related_model}[name]
