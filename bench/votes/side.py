"""What each process of the measurement does."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Count as CountOf
from django.db.models import F
from django.test import Client

from participation.models import Count, Subject, Support, TallyBatch
from participation.operations import counting, supporting, tallying
from participation.rules.thresholds import SLOTS

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
GIVEN = supporting.Given(provider=supporting.DEMONSTRATION)
SHARE = 60_000
"""People of each racing process."""
ROOT = Path(__file__).resolve().parents[2]


def tell(answer: Any) -> None:
    """The last line is the answer."""
    print(json.dumps(answer))


def prepare(processes: int) -> dict[str, int]:
    """Tables, one hot subject with its counter row, and people for every process."""
    call_command("migrate", verbosity=0)
    subject = Subject.objects.create(code="p-hot", title="Muy pedida", threshold=10**6, spread=0, opened_at=NOW)
    Count.objects.create(subject=subject, folded_at=NOW)
    _people(1_000_000, processes * SHARE)
    return {"subject": subject.pk}


def _people(first: int, number: int) -> None:
    """People `first`… with ids of their own, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO accounts_person (id, document_kind, document_country, document_index, given_names,
                                            family_names, email, phone)
               SELECT n, 'bench', 'CL', 'bench-' || n, 'Persona', '', '', '' FROM generate_series(%s, %s) n
               ON CONFLICT DO NOTHING""",
            [first, first + number - 1],
        )


def race(share: int, rounds: int, seconds: float) -> dict[str, list[float]]:
    """Give supports to the one hot subject, in turns that begin at the same instant in every process; rates by side."""
    subject = Subject.objects.get(code="p-hot").pk
    sides = {"insert": _insert(subject), "support": _support(subject), "counter": _counter(subject)}
    order = list(sides)
    rates: dict[str, list[float]] = {side: [] for side in sides}
    people = iter(range(1_000_000 + share * SHARE, 1_000_000 + (share + 1) * SHARE))
    _turn(sides["support"], people, time.time() + 0.2)
    print("ready", flush=True)
    begin = float(input())
    for turn in range(rounds * len(order)):
        side = order[(turn + turn // len(order)) % len(order)]
        start = begin + turn * (seconds + 0.3)
        time.sleep(max(0.0, start - time.time()))
        rates[side].append(_turn(sides[side], people, start + seconds))
    return rates


def _turn(give: Callable[[int], None], people: Iterator[int], until: float) -> float:
    """Supports per second until that instant."""
    started, done = time.time(), 0
    while time.time() < until:
        give(next(people))
        done += 1
    return done / max(time.time() - started, 0.001)


def _row(subject: int, person: int) -> Support:
    return Support(subject_id=subject, person_id=person, kind="digitise", provider=GIVEN.provider, at=NOW)


def _insert(subject: int) -> Callable[[int], None]:
    """A Django insert with the same UNIQUE: no limit, no lock."""
    return lambda person: _row(subject, person).save(force_insert=True)


def _support(subject: int) -> Callable[[int], None]:
    """Ours: the person locked, the limit checked."""

    def give(person: int) -> None:
        with transaction.atomic():
            supporting.insert(subject_id=subject, kind="digitise", person_id=person, given=GIVEN, now=NOW)

    return give


def _counter(subject: int) -> Callable[[int], None]:
    """The insert and `total = total + 1` on one row, as most platforms begin."""

    def give(person: int) -> None:
        with transaction.atomic():
            _row(subject, person).save(force_insert=True)
            Count.objects.filter(subject_id=subject).update(total=F("total") + 1)

    return give


def crowd(people: int, fichas: int) -> dict[str, int]:
    """Everybody supports nine at random, and many press twice, from several processes; what came of it."""
    _people(50_000_000, people)
    for number in range(fichas):
        Subject.objects.create(
            code=f"p-c{number}", title=f"Petición {number}", threshold=10**6, spread=0, opened_at=NOW
        )
    ids = list(Subject.objects.filter(code__startswith="p-c").values_list("pk", flat=True))
    code = "import django; django.setup(); from bench.votes import side; side.crowd_part({}, {}, {})"
    # Every share goes to two processes, so that the same person presses in both at once.
    shares = [(one % 4) * people // 4 for one in range(8 if people > 1_000 else 4)]
    size = people // 4 if len(shares) == 8 else people
    running = [
        subprocess.Popen([sys.executable, "-c", code.format(share if size < people else 0, size, seed)], cwd=ROOT)
        for seed, share in enumerate(shares)
    ]
    if any(process.wait() for process in running):
        raise RuntimeError("a part of the crowd failed")
    return _came_of_it(ids)


def crowd_part(first: int, number: int, seed: int) -> None:
    """A share of the crowd."""
    ids = list(Subject.objects.filter(code__startswith="p-c").values_list("pk", flat=True))
    for person in range(50_000_000 + first, 50_000_000 + first + number):
        wanted = random.Random(person * 10 + seed // 4).sample(ids, SLOTS + 2)
        for subject in wanted:
            with transaction.atomic():
                supporting.insert(subject_id=subject, kind="digitise", person_id=person, given=GIVEN, now=NOW)


def _came_of_it(ids: list[int]) -> dict[str, int]:
    rows = Support.objects.filter(subject_id__in=ids, withdrawn_at=None)
    pairs = rows.values("person_id", "subject_id").annotate(n=CountOf("pk")).filter(n__gt=1)
    over = rows.values("person_id").annotate(n=CountOf("pk")).filter(n__gt=SLOTS)
    counting.recount(subject_ids=set(Subject.objects.values_list("pk", flat=True)), now=NOW)
    return {
        "supports": rows.count(),
        "doubles": pairs.count(),
        "over_the_limit": over.count(),
        "differences": counting.recount_all(now=NOW + timedelta(days=1)) + _recount_outside(),
    }


def _recount_outside() -> int:
    """The exit of the recount program over the published files: 0 when everything agrees."""
    with tempfile.TemporaryDirectory() as folder:
        while tallying.publish(now=NOW, is_last=True):
            pass
        visitor, names = Client(), []
        for batch in TallyBatch.objects.order_by("number"):
            names.append(f"{folder}/{batch.number}.json")
            Path(names[-1]).write_bytes(bytes(batch.body))
        said = Path(folder, "apoyos.json")
        said.write_bytes(visitor.get("/participa/datos/apoyos.json").content)
        program = [sys.executable, "-I", str(ROOT / "participation" / "recount.py"), "--apoyos", str(said), *names]
        return subprocess.run(program, stdout=subprocess.DEVNULL, check=False).returncode


def pages(supports: int) -> dict[str, Any]:
    """Milliseconds of the pages with so many supports in the table."""
    ids = list(Subject.objects.filter(code__startswith="p-c").values_list("pk", flat=True))
    people = supports // 5
    _people(100_000_000, people)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO participation_support (subject_id, person_id, kind, door, provider, at)
               SELECT (%s::bigint[])[1 + (p * 7 + k * 101) %% %s], p, 'digitise', 'web', 'demostracion', %s
                 FROM generate_series(%s, %s) p, generate_series(0, 4) k ON CONFLICT DO NOTHING""",
            [ids, len(ids), NOW, 100_000_000, 100_000_000 + people - 1],
        )
        cursor.execute("ANALYZE participation_support")
    started = time.perf_counter()
    counting.recount(subject_ids=ids, now=NOW)
    folded = time.perf_counter() - started
    code = Subject.objects.filter(pk__in=ids).values_list("code", flat=True)[0]
    addresses = {"lista": "/participa/", "por apoyos": "/participa/?orden=apoyos", "petición": f"/participa/t/{code}/"}
    return {
        "supports": Support.objects.count(),
        "fold_seconds": round(folded, 1),
        "milliseconds": {name: round(_milliseconds(path), 1) for name, path in addresses.items()},
    }


def _milliseconds(path: str) -> float:
    visitor = Client()
    samples = []
    for _visit in range(12):
        started = time.perf_counter()
        answer = visitor.get(path)
        samples.append((time.perf_counter() - started) * 1000)
        assert answer.status_code == 200, path
    return median(samples[2:])
