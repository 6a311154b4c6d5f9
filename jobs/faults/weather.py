"""Where bad luck comes from: a seeded generator that also counts the faults it causes."""

import os
import random
from pathlib import Path

from django.conf import settings

JOURNAL = Path(settings.DATA_DIR) / "faults"
"""Effects and faults are written here, outside the database, one line each."""


def note(journal: str, line: str) -> None:
    """Append a line that survives the death of this process at the next instruction."""
    JOURNAL.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(JOURNAL / journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, f"{line}\n".encode())
    finally:
        os.close(descriptor)


def noted(journal: str) -> list[str]:
    """The lines of a journal."""
    path = JOURNAL / journal
    return path.read_text().splitlines() if path.exists() else []


def forget_effects() -> None:
    """Empty all journals but that of the faults."""
    JOURNAL.mkdir(parents=True, exist_ok=True)
    for path in JOURNAL.glob("*"):
        if path.name != "faults":
            path.unlink()


class Weather:
    """Decides by its seed whether a fault happens."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311  (must be repeatable)
        self.calm = False

    def strikes(self, probability: float, what: str) -> bool:
        """Whether the fault `what` happens now; it is counted when it does."""
        if self.calm or self.random.random() >= probability:
            return False
        note("faults", what)
        return True


current = Weather(0)
"""The weather of this process."""


def change(weather: Weather) -> None:
    """Let another weather rule this process."""
    global current
    current = weather
