"""Effects leave the database only through the job table."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.jobs.databases import ROOT, environment

ROOMS = (
    "config",
    "workflows",
    "notifications",
    "signatures",
    "documents",
    "procedures",
    "accounts",
    "audit",
    "legaltime",
)
FORBIDDEN = {"delay", "apply_async", "send_task", "on_commit", "delay_on_commit", "apply_async_on_commit"}


def forbidden_calls(source: str, name: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in FORBIDDEN:
            yield f"{name}:{node.lineno} {node.func.attr}"


def test_nobody_but_the_dispatcher_talks_to_the_broker_or_waits_for_a_commit() -> None:
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    files += [path for path in (ROOT / "jobs").rglob("*.py") if path.name != "dispatcher.py"]
    assert len(files) > 50
    found = [call for path in files for call in forbidden_calls(path.read_text(), str(path.relative_to(ROOT)))]
    assert found == []


def test_control_the_rule_sees_the_calls_that_it_forbids() -> None:
    source = "send_mail.delay(1)\ntransaction.on_commit(lambda: task.apply_async())\n"
    assert [call.split()[1] for call in forbidden_calls(source, "x")] == ["delay", "on_commit", "apply_async"]


def test_a_worker_starts_without_loading_what_makes_pdf_files(tmp_path: Path) -> None:
    code = (
        "import sys, django; django.setup(); import config.celery, jobs.tasks, jobs.worker;"
        "print([name for name in ('weasyprint', 'granian') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]", done.stderr
