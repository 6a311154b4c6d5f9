"""Kills processes, drops and doubles messages: nothing may be lost or done twice."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PRODUCT: tuple[str, ...] = ()
"""Dotted names of the scenarios that exercise the product's own kinds of job."""


def run(quick: bool) -> dict[str, Any]:
    """The figures of `manage.py faults`, and whether nothing was lost or done twice."""
    command = [sys.executable, str(Path(__file__).resolve().parent.parent / "manage.py"), "faults"]
    command += ["--quick"] if quick else []
    for name in PRODUCT:
        command += ["--scenario", name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = ""
        for line in process.stdout:
            print(line, end="", flush=True)
    return {**json.loads(line), "holds": process.returncode == 0}
