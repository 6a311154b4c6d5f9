"""CPU time of a transition: viewflow by hand, our engine without and with events, and raw SQL, in one run."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
GOALS = {"viewflow_cpu_over_ours": 1.5, "viewflow_cpu_over_ours_with_events": 1.0}
WORDS = {
    "viewflow": "viewflow a mano, sus tablas",
    "spiffworkflow": "SpiffWorkflow, una fila por caso",
    "ours": "núcleo: nodos y filas",
    "ours_with_events": "con eventos y plazos",
    "ours_whole_command": "orden entera, con formulario",
    "raw_sql": "SQL directo",
}


def run(quick: bool) -> dict[str, Any]:
    """The figures of each database that this machine has; PostgreSQL's count where there is one."""
    rounds, cases = (2, 5) if quick else (7, 10)
    found: dict[str, Any] = {}
    for name, environment in databases():
        with environment as variables:
            found[name] = figures(_measured(variables, rounds, cases))
        print(table(name, found[name]))
    counted = found.get("postgresql") or found["sqlite"]
    ratios = {key: value for key, value in counted.items() if "_over_" in key}
    return {
        "holds": quick or all(counted[name] >= goal for name, goal in GOALS.items()),
        "goals": GOALS,
        "rounds": rounds,
        "cases_per_round": cases,
        "databases": found,
        **ratios,
        "statements_per_case": counted["statements_per_case"],
    }


def databases() -> Iterator[tuple[str, Any]]:
    """SQLite in a file, and PostgreSQL: of DATABASE_URL's server, or a private one that keeps fsync."""
    yield "sqlite", _folder("")
    from tests.services.postgres import find_programs

    if os.environ.get("DATABASE_URL", "").startswith("postgres") or find_programs():
        yield "postgresql", _postgres()


@contextmanager
def _folder(url: str) -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory(prefix="sinpapeleo-bench-") as folder:
        yield {"SINPAPELEO_DATA": folder, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "bench.engine_settings"}


@contextmanager
def _postgres() -> Iterator[dict[str, str]]:
    from tests.services.postgres import PostgresServer, PrivatePostgres

    given = os.environ.get("DATABASE_URL", "")
    server = PostgresServer(given, "DATABASE_URL") if given else PrivatePostgres.start(durable=True)
    try:
        with server.database(f"medida_{os.getpid()}") as url, _folder(url) as variables:
            yield variables
    finally:
        server.stop()


def _measured(variables: Mapping[str, str], rounds: int, cases: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.engine_sides", str(rounds), str(cases)]
    environment = {**os.environ, **variables}
    answer = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return result


def figures(measured: Mapping[str, Any]) -> dict[str, Any]:
    """Median CPU ms per transition of each side, and the ratios that the goals speak of.

    A ratio is the median of those of each round, whose sides ran one after the other.
    """
    samples: Mapping[str, list[float]] = measured["samples"]

    def ratio(over: str, under: str) -> float:
        pairs = zip(samples[over], samples[under], strict=True)
        return round(statistics.median(above / below for above, below in pairs), 2)

    return {
        "cpu_ms_per_transition": {name: round(statistics.median(values), 3) for name, values in samples.items()},
        "viewflow_cpu_over_ours": ratio("viewflow", "ours"),
        "viewflow_cpu_over_ours_with_events": ratio("viewflow", "ours_with_events"),
        "viewflow_cpu_over_whole_command": ratio("viewflow", "ours_whole_command"),
        "spiffworkflow_cpu_over_ours": ratio("spiffworkflow", "ours"),
        "ours_cpu_over_raw": ratio("ours", "raw_sql"),
        "raw_over_viewflow": ratio("raw_sql", "viewflow"),
        "statements_per_case": measured["statements_per_case"],
    }


def table(name: str, found: Mapping[str, Any]) -> str:
    """A line per side: CPU ms per transition, statements per case, and how much dearer viewflow is."""
    cpu, counted = found["cpu_ms_per_transition"], found["statements_per_case"]
    lines = [f"{name:<30}{'CPU ms/paso':>12}{'sentencias/caso':>17}{'viewflow/este':>15}"]
    lines += [
        f"{words:<30}{cpu[side]:>12.2f}{counted[side]:>17}{cpu['viewflow'] / cpu[side]:>15.2f}"
        for side, words in WORDS.items()
    ]
    return "\n".join(lines)
