"""Job table against plain Celery on the same broker: how many jobs per second each gets through."""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
GOAL, BATCHED_GOAL = 0.8, 1.5
"""Throughput of the job table as a share of plain Celery's: one job per message, and twenty."""
SIDES = ("celery", "jobs", "batched")


def run(quick: bool) -> dict[str, Any]:
    """Jobs per second of each side, taking turns, and the two ratios."""
    rounds, units = (1, 300) if quick else (5, 1000)
    rates: dict[str, list[float]] = {side: [] for side in SIDES}
    for turn in range(rounds):
        for side in SIDES[turn % 3 :] + SIDES[: turn % 3]:
            rates[side].append(units / _seconds(side, units))
    middle = {side: statistics.median(found) for side, found in rates.items()}
    for side, rate in middle.items():
        print(f"{side:<12}{rate:>8.0f} por segundo")
    ratio, batched = middle["jobs"] / middle["celery"], middle["batched"] / middle["celery"]
    return {
        "per_second": {side: round(rate) for side, rate in middle.items()},
        "rounds": rounds,
        "jobs_ratio_to_celery": round(ratio, 2),
        "batched_ratio_to_celery": round(batched, 2),
        "holds": quick or (ratio >= GOAL and batched >= BATCHED_GOAL),
    }


def _seconds(side: str, units: int) -> float:
    """How long a real worker with two children took, from the first message to the last effect."""
    code = f"import django; django.setup(); from bench.jobs.side import work; work({side!r}, {units})"
    with tempfile.TemporaryDirectory(prefix="sinpapeleo-bench-") as folder:
        private = {"SINPAPELEO_DATA": folder, "DATABASE_URL": "", "CELERY_BROKER_URL": "memory://localhost/"}
        environment = {"DJANGO_SETTINGS_MODULE": "config.settings", "CELERY_SKIP_CHECKS": "1", **os.environ, **private}
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout.split()[0])
