"""A child that does what hostile input may make it do."""

import os
import sys
import time
from typing import Any


def spin() -> None:
    while True:
        pass


def eat() -> str:
    try:
        return str(len(bytearray(1 << 30)))
    except MemoryError:
        return "MemoryError"


def answer(request: dict[str, Any]) -> Any:
    actions: dict[str, Any] = {
        "pid": os.getpid,
        "sleep": lambda: time.sleep(60),
        "spin": spin,
        "eat": eat,
        "die": lambda: os._exit(7),
        "print": lambda: print("basura", file=sys.stdout) or "ok",
        "length": lambda: len(request["text"]),
        "environment": lambda: sorted(os.environ),
    }
    return actions[request["do"]]()
