"""Supporting against a Django insert with the same UNIQUE and a counter row; pages, searches and the dashboard over
2.5 million supports, a million cases and thousands of fichas."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.services.postgres import PrivatePostgres

ROOT = Path(__file__).resolve().parent.parent.parent
GOAL, PAGE_GOAL = 0.7, 50
"""Supports per second as a share of plain inserts', and milliseconds of a page."""
SIDES = ("insert", "support", "counter")
PROCESSES = 8
PEOPLE, SUPPORTS = 100_000, 2_500_000
"""Of the crowd, and in the table that the pages read."""
CASES, FICHAS = 1_000_000, 5_000
"""That the dashboard tells of; there are as many proposals as fichas."""


def run(quick: bool) -> dict[str, Any]:
    """Supports per second of each side, taking turns; a crowd that must leave no double; pages over a full table."""
    rounds, seconds, processes = (3, 1.0, 4) if quick else (9, 5.0, PROCESSES)
    people, fichas = (200, 50) if quick else (PEOPLE, 500)
    server = PrivatePostgres.start(durable=True)
    try:
        with server.database("votos") as url, tempfile.TemporaryDirectory(prefix="sinpapeleo-bench-") as folder:
            bench = _Bench(url, folder)
            Path(folder, "static").mkdir()
            bench.work("prepare", processes)
            rates = _rates(bench, rounds, seconds, processes)
            crowd = bench.work("crowd", people, fichas)
            pages = bench.work("pages", *((50_000, 20_000, 300) if quick else (SUPPORTS, CASES, FICHAS)))
    finally:
        server.stop()
    return _judged(rates, crowd, pages, quick)


def _rates(bench: _Bench, rounds: int, seconds: float, processes: int) -> dict[str, list[float]]:
    """Supports per second of all processes together, by side, in turns that every process takes at the same time."""
    racing = [bench.start("race", one, rounds, seconds) for one in range(processes)]
    for process in racing:
        assert process.stdout is not None
        process.stdout.readline()  # it is ready
    begin = f"{time.time() + 1}\n"
    for process in racing:
        assert process.stdin is not None
        process.stdin.write(begin)
        process.stdin.flush()
    told = [_answer(process) for process in racing]
    return {side: [sum(turn) for turn in zip(*(one[side] for one in told), strict=True)] for side in SIDES}


def _judged(rates: dict[str, list[float]], crowd: Any, pages: Any, quick: bool) -> dict[str, Any]:
    middle = {side: statistics.median(found) for side, found in rates.items()}
    for side, rate in middle.items():
        print(f"{side:<12}{rate:>8.0f} por segundo")
    ratio = round(middle["support"] / middle["insert"], 2)
    clean = not any(crowd[name] for name in ("doubles", "over_the_limit", "differences", "recount_exit"))
    fast = max(pages["milliseconds"].values()) <= PAGE_GOAL
    print(f"razón a una inserción: {ratio}   multitud: {crowd}   páginas (ms): {pages['milliseconds']}")
    return {
        "per_second": {side: round(rate) for side, rate in middle.items()},
        "rounds": {side: [round(rate) for rate in found] for side, found in rates.items()},
        "votes_ratio_to_insert": ratio,
        "votes_ratio_to_counter": round(middle["support"] / middle["counter"], 2),
        "crowd": crowd,
        "pages": pages,
        "holds": clean and (quick or (ratio >= GOAL and fast)),
    }


class _Bench:
    """Runs `bench.votes.side` in processes of their own, on one database."""

    def __init__(self, url: str, folder: str) -> None:
        private = {"SINPAPELEO_DATA": folder, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}
        self.environment = {**os.environ, **private}

    def work(self, name: str, *numbers: int) -> Any:
        """What one process answers."""
        return _answer(self.start(name, *numbers))

    def start(self, name: str, *arguments: float) -> subprocess.Popen[str]:
        """A process at work."""
        given = ", ".join(repr(argument) for argument in arguments)
        code = f"import django; django.setup(); from bench.votes import side; side.tell(side.{name}({given}))"
        command = [sys.executable, "-c", code]
        return subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )


def _answer(process: subprocess.Popen[str]) -> Any:
    said, _errors = process.communicate()
    if process.returncode:
        raise RuntimeError("a side of the measurement failed; its words are above")
    return json.loads(said.splitlines()[-1])
