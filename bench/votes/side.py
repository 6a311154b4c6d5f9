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

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Count as CountOf
from django.db.models import F
from django.test import Client

from accounts.models import Agency
from bench.catalogue_sides import load
from legaltime.api import now
from participation.models import Count, Subject, Support
from participation.models.supports import DEMONSTRATION
from participation.operations import counting, figures, progress, supporting, tallying
from participation.operations.subjects import stems_of
from participation.rules.thresholds import SLOTS
from procedures.models import CatalogueEntry
from tests.story import Story
from workflows.models import Case

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
GIVEN = supporting.Given(provider=DEMONSTRATION)
CROWD_FROM, PAGES_FROM = 50_000_000, 100_000_000
"""Where the ids of the people of each part begin."""
CASES_FROM = 100_000_000
"""Where the ids of the cases begin."""
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
                                            family_names, email, phone, language)
               SELECT n, 'bench', 'CL', 'bench-' || n, 'Persona', '', '', '', '' FROM generate_series(%s, %s) n
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
        supporting.insert(subject_id=subject, kind="digitise", person_id=person, given=GIVEN, now=NOW)

    return give


def _counter(subject: int) -> Callable[[int], None]:
    """The insert and `total = total + 1` on one row, as most platforms begin."""

    def give(person: int) -> None:
        with transaction.atomic():
            _row(subject, person).save(force_insert=True)
            Count.objects.filter(subject_id=subject).update(total=F("total") + 1)

    return give


def crowd(people: int, fichas: int) -> dict[str, Any]:
    """Everybody asks for nine at random, five from one process and five from another at once; what came of it.

    The fifth is the same in both: a double press. Two processes go through each quarter of the people in one order,
    so that the same person's lock, limit and UNIQUE are asked for at the same time.
    """
    _people(CROWD_FROM, people)
    Subject.objects.bulk_create(
        Subject(code=f"p-c{number}", title=f"Petición {number}", threshold=10**6, spread=0, opened_at=NOW)
        for number in range(fichas)
    )
    ids = _asked()
    code = "import django; django.setup(); from bench.votes import side; side.crowd_part({}, {}, {})"
    quarter = people // 4
    started = time.perf_counter()
    running = [
        subprocess.Popen([sys.executable, "-c", code.format(share * quarter, quarter, half)], cwd=ROOT)
        for share in range(4)
        for half in (0, 1)
    ]
    if any(process.wait() for process in running):
        raise RuntimeError("a part of the crowd failed")
    return {"people": people, "seconds": round(time.perf_counter() - started), **_came_of_it(ids)}


def _asked() -> list[int]:
    return list(Subject.objects.filter(code__startswith="p-c").order_by("pk").values_list("pk", flat=True))


def crowd_part(first: int, number: int, half: int) -> None:
    """A share of the crowd, its first five wishes or its last five."""
    ids = _asked()
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")  # the disk is measured in the rates, not here
    for person in range(CROWD_FROM + first, CROWD_FROM + first + number):
        wanted = random.Random(person).sample(ids, SLOTS + 2)
        for subject in wanted[4:] if half else wanted[:5]:
            supporting.insert(subject_id=subject, kind="digitise", person_id=person, given=GIVEN, now=NOW)


def _came_of_it(ids: list[int]) -> dict[str, int]:
    rows = Support.objects.filter(subject_id__in=ids, withdrawn_at=None)
    pairs = rows.values("person_id", "subject_id").annotate(n=CountOf("pk")).filter(n__gt=1)
    held = rows.values("person_id").annotate(n=CountOf("pk"))
    counting.recount(subject_ids=set(Subject.objects.values_list("pk", flat=True)), now=NOW)
    return {
        "supports": rows.count(),
        "doubles": pairs.count(),
        "over_the_limit": held.filter(n__gt=SLOTS).count(),
        "under_the_limit": held.filter(n__lt=SLOTS).count(),
        "differences": counting.recount_all(now=NOW + timedelta(days=1)),
        **_recount_outside(),
    }


def _recount_outside() -> dict[str, int]:
    """What the tally cost, and the exit of the recount program over the published files: 0 when everything agrees."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        batches = tallying.publish(now=NOW, is_last=True)
        seconds = time.perf_counter() - started
        names = []
        for batch in batches:
            names.append(f"{folder}/{batch.number}.json")
            Path(names[-1]).write_bytes(bytes(batch.body))
        said = Path(folder, "apoyos.json")
        said.write_bytes(Client().get("/participa/datos/apoyos.json").content)
        program = [sys.executable, "-I", str(ROOT / "participation" / "recount.py"), "--apoyos", str(said), *names]
        wrong = subprocess.run(program, stdout=subprocess.DEVNULL, check=False).returncode
    return {"batches": len(batches), "tally_seconds": round(seconds), "recount_exit": wrong}


def pages(supports: int, cases: int, fichas: int) -> dict[str, Any]:
    """Milliseconds of the pages with so many supports in the table, a fifth of them on one hot subject.

    There are so many cases of all the institutions of the catalogue as well, and a proposal for each of its fichas.
    """
    ids = _asked()
    visitor = _country(cases, fichas)
    each = 5
    _people(PAGES_FROM, supports // each)
    with connection.cursor() as cursor:
        _fill(cursor, ids, supports // each, each)
    started = time.perf_counter()
    counting.fold(now=NOW)
    folded = time.perf_counter() - started
    started = time.perf_counter()
    counting.fold(now=NOW + timedelta(hours=1))
    refolded = time.perf_counter() - started
    figures.fold_figures(now=NOW)
    tallying.publish(now=NOW)
    started = time.perf_counter()
    progress.fold_months(now=now())
    months = time.perf_counter() - started
    return {
        "supports": Support.objects.count(),
        "cases": Case.objects.count(),
        "fichas": CatalogueEntry.objects.count(),
        "fold_everything_seconds": round(folded, 1),
        "fold_ms": round(refolded * 1000, 1),
        "fold_year_of_cases_seconds": round(months, 1),
        "milliseconds": {name: round(_milliseconds(visitor, path), 1) for name, path in _addresses(ids[0]).items()},
    }


def _country(cases: int, fichas: int) -> Client:
    """The catalogue, a proposal in the words of each ficha, cases of each institution, and somebody signed in."""
    story = Story.begin()
    load(fichas)
    entries = CatalogueEntry.objects.select_related("institution")[:fichas]
    texts = [(one.name[:200], one.institution.name, one.summary) for one in entries]
    Subject.objects.bulk_create(
        Subject(
            code=f"p-s{place}",
            title=title,
            body_name=body,
            summary=summary,
            stems=stems_of(title, body, summary),
            opened_at=NOW,
        )
        for place, (title, body, summary) in enumerate(texts)
    )
    names = sorted({body for _title, body, _summary in texts})
    Agency.objects.bulk_create(
        Agency(code=f"bench-{place}", name=name, commune="13101") for place, name in enumerate(names)
    )
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role TO replica")
        _file(cursor, story.file(), cases)
        cursor.execute("SET session_replication_role TO origin")
        cursor.execute("ANALYZE workflows_case, participation_subject, procedures_catalogueentry")
    visitor = Client()
    visitor.force_login(story.user("Ana"), backend=settings.AUTHENTICATION_BACKENDS[0])
    return visitor


def _file(cursor: Any, model: Case, cases: int) -> None:
    """Copies of a case over three years and all institutions; most of them ended within a month."""
    changed = {
        "id": f"{CASES_FROM} + n",
        "file_id": f"{CASES_FROM} + n",
        "ref": "lpad(n::text, 16, '0')",
        "number": "'B-' || n",
        "agency_id": "(%(agencies)s::bigint[])[1 + n %% %(many)s]",
        "filed_at": "%(now)s - make_interval(mins => n %% 1500000)",
        "finished": "CASE WHEN n %% 10 > 0 THEN %(now)s - make_interval(mins => n %% 1500000 - n %% 43200) END",
    }
    columns = [str(field.column) for field in Case._meta.concrete_fields]
    values = ", ".join(changed.get(column, f'model."{column}"') for column in columns)
    agencies = list(Agency.objects.values_list("pk", flat=True))
    cursor.execute(
        f"""INSERT INTO workflows_case ({", ".join(f'"{column}"' for column in columns)})
            SELECT {values} FROM workflows_case model, generate_series(1, %(cases)s) n WHERE model.id = %(model)s""",
        {"agencies": agencies, "many": len(agencies), "now": now(), "cases": cases, "model": model.pk},
    )


def _fill(cursor: Any, ids: list[int], people: int, each: int) -> None:
    """Supports, and what every tenth tells, in one statement each. Row triggers are off: the rows are sound."""
    cursor.execute("SET session_replication_role TO replica")
    cursor.execute(
        """INSERT INTO participation_support (subject_id, person_id, kind, door, provider, at)
           SELECT (%s::bigint[])[CASE k WHEN 0 THEN 1 ELSE 2 + (p * 7 + k * 101) %% %s END],
                  p, 'digitise', 'web', 'demostracion', %s
             FROM generate_series(%s, %s) p, generate_series(0, %s) k ON CONFLICT DO NOTHING""",
        [ids, len(ids) - 1, NOW - timedelta(days=30), PAGES_FROM, PAGES_FROM + people - 1, each - 1],
    )
    cursor.execute(
        """INSERT INTO participation_evidence (support_id, times_a_year, minutes, days, visits, distance_km, pesos,
                                               papers, at)
           SELECT id, 1 + id %% 6, 30 + id %% 200, 1 + id %% 30, 1 + id %% 4, id %% 40, id %% 9000, '["birth"]', %s
             FROM participation_support WHERE person_id >= %s AND id %% 10 = 0""",
        [NOW - timedelta(days=30), PAGES_FROM],
    )
    cursor.execute("SET session_replication_role TO origin")
    cursor.execute("ANALYZE participation_support, participation_evidence, accounts_person")


def _addresses(hot: int) -> dict[str, str]:
    code = Subject.objects.values_list("code", flat=True).get(pk=hot)
    return {
        "lista": "/participa/",
        "por apoyos": "/participa/?orden=apoyos",
        "buscar": "/participa/?q=permiso+de+circulación",
        "proponer": "/participa/proponer/?q=certificado+de+residencia+para+estudiantes",
        "petición": f"/participa/t/{code}/",
        "recuento": "/participa/recuento/",
        "respuestas": "/participa/respuestas/",
        "avance": "/avance/",
        "avance de una": "/avance/?institucion=bench-1",
        "avance, datos": "/avance/datos.json",
    }


def _milliseconds(visitor: Client, path: str) -> float:
    samples = []
    for _visit in range(12):
        started = time.perf_counter()
        answer = visitor.get(path)
        samples.append((time.perf_counter() - started) * 1000)
        assert answer.status_code == 200, path
    return median(samples[2:])
