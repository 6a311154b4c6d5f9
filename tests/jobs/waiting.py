"""Waits for what other processes do."""

import time
from collections.abc import Callable


def until(happened: Callable[[], object], *, seconds: float) -> None:
    """Return as soon as `happened()` is true; AssertionError when it is not within `seconds`: allow plenty."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
