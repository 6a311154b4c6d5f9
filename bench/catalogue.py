"""Time of a search of 5,000 fichas on SQLite and PostgreSQL: known words, misspelt ones, filters, and a page."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from bench.engine import ROOT, databases

GOAL_MS = 50.0
FICHAS = 5_000


def run(quick: bool) -> dict[str, Any]:
    """The slowest kind of search must answer within the goal in every database that this machine has."""
    found = {}
    for name, environment in databases():
        with environment as variables:
            found[name] = _measured(variables, 3 if quick else 30)
        print(table(name, found[name]))
    slowest = max(side["median_ms"] for sides in found.values() for side in sides.values())
    return {
        "holds": slowest <= GOAL_MS,
        "goal_ms": GOAL_MS,
        "fichas": FICHAS,
        "slowest_ms": slowest,
        "databases": found,
    }


def _measured(variables: Mapping[str, str], rounds: int) -> dict[str, dict[str, float]]:
    command = [sys.executable, "-m", "bench.catalogue_sides", str(FICHAS), str(rounds)]
    answer = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **variables}, stdout=subprocess.PIPE, text=True, check=True
    )
    result: dict[str, dict[str, float]] = json.loads(answer.stdout.splitlines()[-1])
    return result


def table(name: str, sides: Mapping[str, Mapping[str, float]]) -> str:
    """A line per kind of search."""
    lines = [f"{name:<34}{'mediana ms':>12}{'p95 ms':>10}{'sentencias':>12}"]
    lines += [
        f"{side:<34}{found['median_ms']:>12.1f}{found['p95_ms']:>10.1f}{found['statements']:>12.0f}"
        for side, found in sides.items()
    ]
    return "\n".join(lines)
