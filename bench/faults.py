"""Kills processes, the database and the broker, drops and doubles messages: nothing may be lost or done twice."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.services import valkey
from tests.services.postgres import PrivatePostgres

MANAGE = Path(__file__).resolve().parent.parent / "manage.py"
SCENARIOS = ("Mail", "Render", "Seal")
PRODUCT = [part for name in SCENARIOS for part in ("--scenario", f"bench.fault_scenarios.{name}")]
"""The product's own kinds of job: slower, so fewer simulations, and real processes killed at every step."""
CASES = ["--between", "40", "--only", "--scenario", "bench.fault_cases.Cases"]
"""Whole cases with every kind of step. Each takes dozens of decisions, so that a run is long."""
Part = tuple[str, list[str]]


def run(quick: bool) -> dict[str, Any]:
    """Faults in the mechanism by many simulations, in mail, rendering and sealing, and in whole cases; holds when all
    is done once and no case stands still."""
    found = [(name, *_faults(arguments)) for name, arguments in parts(quick)]
    totals: Counter[str] = Counter()
    for _name, figures, _code in found:
        totals.update(figures)
    return {
        "parts": {name: figures for name, figures, _code in found},
        "holds": all(code == 0 for _name, _figures, code in found),
        **totals,
    }


def parts(quick: bool) -> Iterator[Part]:
    """What is run one after another: name and arguments of `manage.py faults`."""
    yield "simulation", ["--runs", "60" if quick else "500", "--seconds", "0"]
    yield "embedded", ["--runs", "2" if quick else "20", "--seconds", "15" if quick else "120", *PRODUCT]
    walked = ["--runs", "1", "--decisions", "60"] if quick else ["--runs", "20", "--decisions", "150", "--all-kinds"]
    yield "cases", [*walked, "--seconds", "0" if quick else "120", *CASES]
    program = valkey.find_program()
    assert program is not None
    server = PrivatePostgres.start(durable=True)  # a crash must find its log on disk
    try:
        services = ["--database", server.url("postgres"), "--broker-program", program[0], *PRODUCT]
        yield "services", ["--runs", "0", "--seconds", "20" if quick else "180", *services]
    finally:
        server.stop()


def _faults(arguments: list[str]) -> tuple[dict[str, int], int]:
    """One run of `manage.py faults`: its figures and its exit code."""
    line = ""
    command = [sys.executable, str(MANAGE), "faults", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
    return json.loads(line), process.returncode
