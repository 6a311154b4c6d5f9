"""Private databases for tests that need several processes or real commits."""

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from tests.services import migrated

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = "SINPAPELEO_CHILD_PATIENCE"


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The environment of a process that works on a private SQLite file in `folder`."""
    kept = not_ours()
    kept.pop("DATABASE_URL", None)
    return {**kept, "SINPAPELEO_DATA": str(folder), "SINPAPELEO_DEMO_PKI_PORT": "0", **more}


def not_ours() -> dict[str, str]:
    """The environment without our settings and pytest's, but with patience: a process of a test has no more machine."""
    ours = {name for name in os.environ if name.startswith(("SINPAPELEO_", "PYTEST"))} - {PATIENCE}
    return {name: value for name, value in os.environ.items() if name not in ours}


def python(code: str, *arguments: str, env: dict[str, str]) -> subprocess.Popen[str]:
    """A Python process that runs `code` with Django ready."""
    prelude = "import django; django.setup()\n"
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", prelude + code, *arguments],
        cwd=ROOT,
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def together(code: str, *arguments: str, env: dict[str, str], processes: int, meetings: int = 1) -> list[str]:
    """What each of several processes printed that began `code` at the same moment.

    `code` may call `meet()` where they wait for each other again, once for each further meeting: a control shows what
    happens without a lock because its processes met, and not because the machine was quick.
    """
    gate = "def meet():\n    print('ready', flush=True)\n    input()\nmeet()\n"
    with ExitStack() as until_ended:  # also when one of them fails: the others must not trouble the next test
        started = [until_ended.enter_context(python(gate + code, *arguments, env=env)) for _ in range(processes)]
        for _meeting in range(meetings):
            for process in started:
                assert process.stdout is not None
                assert process.stdout.readline() == "ready\n", output(process)
            for process in started:
                assert process.stdin is not None
                process.stdin.write("\n")
                process.stdin.flush()
        return [output(process) for process in started]


def output(process: subprocess.Popen[str]) -> str:
    """What a process printed; AssertionError with its complaints when it failed."""
    printed, complaints = process.communicate(timeout=580)  # below the limit of a test
    assert process.returncode == 0, complaints
    return printed


def migrate(env: dict[str, str]) -> None:
    """Give a private SQLite file its tables. A database of `postgres_url` has them already."""
    if "DATABASE_URL" not in env:
        migrated.copied_into(Path(env["SINPAPELEO_DATA"]))
