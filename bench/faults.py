"""Kills processes, drops and doubles messages: nothing may be lost or done twice."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

MANAGE = Path(__file__).resolve().parent.parent / "manage.py"
SCENARIOS = ("Mail", "Render", "Seal")
PRODUCT = [part for name in SCENARIOS for part in ("--scenario", f"bench.fault_scenarios.{name}")]
"""The product's own kinds of job: slower, so fewer simulations, and real processes killed at every step."""
SHORT, LONG = ["--runs", "2", "--seconds", "15"], ["--runs", "60", "--seconds", "300"]


def run(quick: bool) -> dict[str, Any]:
    """Faults in the mechanism by many simulations, then in mail, rendering and sealing; holds when all is once."""
    parts = [_faults(["--quick"] if quick else []), _faults([*(SHORT if quick else LONG), *PRODUCT])]
    totals: Counter[str] = Counter()
    for figures, _code in parts:
        totals.update(figures)
    return {**totals, "holds": all(code == 0 for _figures, code in parts)}


def _faults(arguments: list[str]) -> tuple[dict[str, int], int]:
    """One run of `manage.py faults`: its figures and its exit code."""
    line = ""
    command = [sys.executable, str(MANAGE), "faults", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
    return json.loads(line), process.returncode
