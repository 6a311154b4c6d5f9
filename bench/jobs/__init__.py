"""Job table against plain Celery, embedded and on Valkey: CPU time per job of all processes, taking turns."""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.services import valkey

ROOT = Path(__file__).resolve().parents[2]
GOAL, BATCHED_GOAL = 0.8, 1.5
"""Jobs per CPU second of the job table as a share of plain Celery's: one job per message, and twenty."""
SIDES = ("celery", "jobs", "batched")
Spent = dict[str, list[tuple[float, float]]]
"""side: seconds and CPU seconds of each round."""


def run(quick: bool) -> dict[str, Any]:
    """The ratios on each broker; the embedded one's are the bench's. CPU, because other programs slow all sides."""
    rounds, units = (1, 300) if quick else (5, 1000)
    with valkey.broker() as url:
        found = {
            name: figures(_rounds(broker, rounds, units), units)
            for name, broker in (("memory", "memory://localhost/"), ("valkey", url))
        }
    for name, broker in found.items():
        for side, row in broker["sides"].items():
            print(f"{name:<10}{side:<10}{row['cpu_ms']:>8.2f} ms de CPU{row['per_second']:>8.0f} por segundo")
    ratios = {key: value for key, value in found["memory"].items() if key.endswith("_ratio_to_celery")}
    return {
        "brokers": found,
        "rounds": rounds,
        **ratios,
        "holds": quick
        or all(
            broker["jobs_ratio_to_celery"] >= GOAL and broker["batched_ratio_to_celery"] >= BATCHED_GOAL
            for broker in found.values()
        ),
    }


def figures(spent: Spent, units: int) -> dict[str, Any]:
    """Medians per job of each side, and what they are to plain Celery's."""
    cpu = {side: statistics.median(cpu for _wall, cpu in rows) / units for side, rows in spent.items()}
    wall = {side: statistics.median(wall for wall, _cpu in rows) / units for side, rows in spent.items()}
    return {
        "sides": {side: {"cpu_ms": round(cpu[side] * 1000, 3), "per_second": round(1 / wall[side])} for side in SIDES},
        "jobs_ratio_to_celery": round(cpu["celery"] / cpu["jobs"], 2),
        "batched_ratio_to_celery": round(cpu["celery"] / cpu["batched"], 2),
    }


def _rounds(broker: str, rounds: int, units: int) -> Spent:
    spent: Spent = {side: [] for side in SIDES}
    for turn in range(rounds):
        for side in SIDES[turn % 3 :] + SIDES[: turn % 3]:
            spent[side].append(_spent(side, units, broker))
    return spent


def _spent(side: str, units: int, broker: str) -> tuple[float, float]:
    """What a real worker with two children took, from the first message to the last effect."""
    code = f"import django; django.setup(); from bench.jobs.side import work; work({side!r}, {units})"
    with tempfile.TemporaryDirectory(prefix="sinpapeleo-bench-") as folder:
        private = {"SINPAPELEO_DATA": folder, "DATABASE_URL": "", "CELERY_BROKER_URL": broker}
        environment = {"DJANGO_SETTINGS_MODULE": "config.settings", "CELERY_SKIP_CHECKS": "1", **os.environ, **private}
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    said = dict(line.split() for line in done.stdout.splitlines() if line.startswith(("wall ", "cpu ")))
    return float(said["wall"]), float(said["cpu"])
