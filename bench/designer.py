"""An edit in the designer of a procedure of 200 steps and 500 questions, against the same in one of 5 and 20.

An edit is what the server does when somebody changes the words of a question in the middle: saving it while they type,
saving it and then telling what the gate says of it, saving it with the button, with the page that comes back, and the
first letter of another question each time, which begins a revision. Each sends the whole form of the card, as a browser
does. The pages of the large one are opened right after a change, so that nothing of it is remembered.

The time is that of the process, not of the clock: what else the machine does is not counted.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from typing import Any

from bench.engine import ROOT

GOAL = 3.0
"""An edit of the large procedure may cost this many times that of the small one (pages.md, issue 6)."""
GOAL_MS = 500
"""And a page of it may take this long."""


def run(quick: bool) -> dict[str, Any]:
    """Both procedures by turns, in a process and a database of their own."""
    command = [sys.executable, "-m", "bench.designer_sides", "4" if quick else "30"]
    with tempfile.TemporaryDirectory(prefix="sinpapeleo-bench-") as folder:
        environment = {**os.environ, "SINPAPELEO_DATA": folder, "DJANGO_SETTINGS_MODULE": "config.settings"}
        answer = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    *shown, told = answer.stdout.splitlines()
    print("\n".join(shown))
    found: dict[str, Any] = json.loads(told)
    edits, pages = found["edits"], found["pages"]
    ratios = {act: round(sides["grande"]["median_ms"] / sides["chico"]["median_ms"], 2) for act, sides in edits.items()}
    large = max(ratios.values())
    slowest = max(page["median_ms"] for page in pages.values())
    return {
        "edit_large_over_small": large,
        "ratios": ratios,
        "acts": edits,
        "pages": pages,
        "slowest_page_ms": slowest,
        "memory_mb": found["memory_mb"],
        "goal": GOAL,
        "goal_page_ms": GOAL_MS,
        "holds": large <= GOAL and slowest <= GOAL_MS,
    }
