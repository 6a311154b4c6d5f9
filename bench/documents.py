"""A document rendered, signed and closed, beside the way in which tutorials do it with WeasyPrint and pyHanko."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from typing import Any

from bench.engine import ROOT
from bench.walk import free_ports

SIDES = "import django, sys; django.setup(); from bench.documents_sides import main; main(int(sys.argv[1]))"
GOALS = {
    "documents_ratio_to_tutorial": (2.2, "at least"),
    "sign_over_rsa2048": (40.0, "at most"),
    "lta_close_ms": (110.0, "at most"),
    "two_process_ratio": (1.8, "at least"),
}


def run(quick: bool) -> dict[str, Any]:
    """Each figure must reach its goal; all are measured in one run, taking turns where two sides are compared."""
    with tempfile.TemporaryDirectory(prefix="sinpapeleo-documents-") as folder, free_ports() as port:
        environment = {
            **os.environ,
            "SINPAPELEO_DATA": folder,
            "SINPAPELEO_DEMO": "1",
            "PORT": str(port),
            "SINPAPELEO_DEMO_PKI_PORT": str(port + 3),
            "DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        environment.pop("TSA_URL", None)
        answer = subprocess.run(
            [sys.executable, "-c", SIDES, "4" if quick else "25"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    *shown, last = answer.stdout.splitlines()
    print("\n".join(shown))
    found: dict[str, Any] = json.loads(last)
    missed = [name for name, goal in GOALS.items() if not _reaches(found[name], *goal)]
    return {"holds": not missed, "missed": missed, "goals": {name: goal[0] for name, goal in GOALS.items()}, **found}


def _reaches(value: float, goal: float, sense: str) -> bool:
    return value >= goal if sense == "at least" else value <= goal
