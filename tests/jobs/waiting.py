"""Waits for what other processes do."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(happened: Callable[[], T], *, seconds: float) -> T:
    """What `happened()` gives as soon as it is true; AssertionError when it is not within `seconds`: allow plenty."""
    deadline = time.monotonic() + seconds
    while not (found := happened()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return found
