"""Pages under load on SQLite and PostgreSQL: catalogue, a page of questions and the bandeja."""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import requests
from ruamel.yaml import YAML

from bench.visitor import Visitor
from bench.walk import SCENARIO, instance
from tests.services.postgres import PrivatePostgres

VISITORS = 4
"""People who ask for the next page as soon as they have the last one."""


def run(quick: bool) -> dict[str, Any]:
    """Pages per second and ms until the whole answer came, for each page and database. It promises no figure."""
    seconds = 2.0 if quick else 15.0
    found = {"sqlite": _measured("", seconds)}
    server = PrivatePostgres.start(durable=True)
    try:
        found["postgresql"] = _measured(server.url("postgres"), seconds)
    finally:
        server.stop()
    for database, pages in found.items():
        for page, row in pages.items():
            print(f"{database:<12}{page:<12}{row['per_second']:>8.1f} por segundo {row['p50_ms']:>8.0f} ms p50", end="")
            print(f"{row['p95_ms']:>8.0f} ms p95")
    return {"visitors": VISITORS, "seconds": seconds, "databases": found}


def _measured(database: str, seconds: float) -> dict[str, dict[str, float]]:
    with (
        tempfile.TemporaryDirectory(prefix="sinpapeleo-bench-") as folder,
        instance(Path(folder), {}, database) as base,
    ):
        return {name: load(visitor, seconds) for name, visitor in _visitors(base).items()}


def _visitors(base: str) -> dict[str, Visitor]:
    """Somebody at each page."""
    scenario = YAML(typ="safe").load(SCENARIO)
    people, agency = scenario["people"], scenario["agency"]
    begun = Visitor(base, people["ana"]).visit(f"/tramites/{agency}/patente_comercial/").press("Empezar")
    return {
        "catálogo": Visitor(base, "").visit("/"),
        "formulario": begun,
        "bandeja": Visitor(base, people["beto"]).visit("/bandeja/?ver=grupo"),
    }


def load(visitor: Visitor, seconds: float) -> dict[str, float]:
    """Ask for the visitor's page from several browsers at once until the time is over."""
    until, taken, failed = time.monotonic() + seconds, list[float](), list[int]()

    def ask() -> None:
        session = requests.Session()
        session.trust_env = False
        session.cookies.update(visitor.session.cookies)
        while time.monotonic() < until:
            started = time.perf_counter()
            answer = session.get(visitor.url, timeout=60)
            taken.append((time.perf_counter() - started) * 1000)
            if answer.status_code != 200:
                failed.append(answer.status_code)

    threads = [threading.Thread(target=ask) for _ in range(VISITORS)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "per_second": round(len(taken) / (time.monotonic() - started), 1),
        "p50_ms": round(statistics.median(taken), 1),
        "p95_ms": round(sorted(taken)[int(len(taken) * 0.95)], 1),
        "failed": len(failed),
    }
