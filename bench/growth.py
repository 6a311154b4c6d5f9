"""From a thousand cases to a million on PostgreSQL: transitions beside raw SQL, the bandeja and its counts."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.services.postgres import PrivatePostgres

ROOT = Path(__file__).resolve().parent.parent
GOALS = {"transition_growth_over_control": 1.15, "inbox_ms_1m": 50, "count_ms_1m": 50}
"""What may not be exceeded."""


def run(quick: bool) -> dict[str, Any]:
    """The figures of both sizes; quick runs end at 20,000 cases and promise nothing."""
    small, large, rounds = (1_000, 20_000, 5) if quick else (1_000, 1_000_000, 15)
    found = _measured(small, large, rounds)
    before, after = found["small"], found["large"]
    figures = {
        "transition_growth_over_control": round(
            (after["transition"] / before["transition"]) / (after["control"] / before["control"]), 2
        ),
        "inbox_ms_1m": after["inbox"],
        "count_ms_1m": after["count"],
    }
    print(f"{'casos':>12}{'paso ms':>12}{'a mano ms':>12}{'bandeja ms':>12}{'contar ms':>12}")
    for size in (before, after):
        columns = "".join(f"{size[name]:>12.2f}" for name in ("transition", "control", "inbox", "count"))
        print(f"{size['cases']:>12,}{columns}")
    holds = quick or all(figures[name] <= goal for name, goal in GOALS.items())
    return {"holds": holds, "goals": GOALS, "rounds": rounds, "sizes": found, **figures}


def _measured(small: int, large: int, rounds: int) -> dict[str, Any]:
    server = PrivatePostgres.start(durable=True)
    try:
        with tempfile.TemporaryDirectory(prefix="sinpapeleo-bench-") as folder:
            private = {
                "SINPAPELEO_DATA": folder,
                "DATABASE_URL": server.url("postgres"),
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "ALLOWED_HOSTS": "testserver",
            }
            begin = "import django; django.setup(); from bench.growth_side import main; "
            code = f"{begin}main({small}, {large}, {rounds})"
            command = [sys.executable, "-c", code]
            done = subprocess.run(
                command, cwd=ROOT, env={**os.environ, **private}, stdout=subprocess.PIPE, text=True, check=True
            )
    finally:
        server.stop()
    found: dict[str, Any] = json.loads(done.stdout)
    return found
