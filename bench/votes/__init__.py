"""Supporting against a Django insert with the same UNIQUE, against a counter row, and pages over 2.5 million supports."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.services.postgres import PrivatePostgres

ROOT = Path(__file__).resolve().parent.parent.parent
GOAL, PAGE_GOAL = 0.7, 50
"""Supports per second as a share of plain inserts', and milliseconds of a page."""
SIDES = ("insert", "support", "counter")
PROCESSES = 8


def run(quick: bool) -> dict[str, Any]:
    """Supports per second of each side, taking turns; a crowd that must leave no double; pages over a full table."""
    rounds, seconds = (3, 2) if quick else (7, 6)
    people, fichas = (3_000, 50) if quick else (100_000, 500)
    server = PrivatePostgres.start(durable=True)
    try:
        with server.database("votos") as url, tempfile.TemporaryDirectory(prefix="sinpapeleo-bench-") as folder:
            bench = _Bench(url, folder)
            bench.work("prepare", rounds * 3 * PROCESSES)
            rates = _rates(bench, rounds, seconds)
            crowd = bench.work("crowd", people, fichas)
            pages = bench.work("pages", 250_000 if quick else 2_500_000)
    finally:
        server.stop()
    return _judged(rates, crowd, pages, quick)


def _rates(bench: _Bench, rounds: int, seconds: int) -> dict[str, list[float]]:
    rates: dict[str, list[float]] = {side: [] for side in SIDES}
    for turn in range(rounds):
        for side in SIDES[turn % 3 :] + SIDES[: turn % 3]:
            rates[side].append(bench.race(side, seconds))
    return rates


def _judged(rates: dict[str, list[float]], crowd: Any, pages: Any, quick: bool) -> dict[str, Any]:
    middle = {side: statistics.median(found) for side, found in rates.items()}
    for side, rate in middle.items():
        print(f"{side:<12}{rate:>8.0f} por segundo")
    ratio = round(middle["support"] / middle["insert"], 2)
    clean = crowd["doubles"] == crowd["over_the_limit"] == crowd["differences"] == 0
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
        self.turn = 0

    def work(self, name: str, *numbers: int) -> Any:
        """What one process answers."""
        return _answer(self._start(name, *numbers))

    def race(self, side: str, seconds: int) -> float:
        """Supports per second of all processes together."""
        self.turn += 1
        racing = [self._start("race", side, self.turn * PROCESSES + one, seconds) for one in range(PROCESSES)]
        return float(sum(_answer(process)["rate"] for process in racing))

    def _start(self, name: str, *arguments: str | int) -> subprocess.Popen[str]:
        given = ", ".join(repr(argument) for argument in arguments)
        code = f"import django; django.setup(); from bench.votes import side; side.tell(side.{name}({given}))"
        command = [sys.executable, "-c", code]
        return subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, text=True)


def _answer(process: subprocess.Popen[str]) -> Any:
    said, _errors = process.communicate()
    if process.returncode:
        raise RuntimeError("a side of the measurement failed; its words are above")
    return json.loads(said.splitlines()[-1])
