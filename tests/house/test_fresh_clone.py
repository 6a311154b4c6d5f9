"""What the README's commands say on a machine where nothing was prepared yet."""

import os
import subprocess
import sys
from pathlib import Path

from tests.house.tree import ROOT


def manage(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command over an empty data folder."""
    environment = {**os.environ, "SINPAPELEO_DATA": str(folder), "DATABASE_URL": ""}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_a_command_over_a_database_without_tables_says_how_to_make_them(tmp_path: Path) -> None:
    told = manage(tmp_path, "verify_audit")
    assert told.returncode == 1
    assert "./run manage migrate" in told.stderr
    assert "Traceback" not in told.stderr


def test_stories_are_played_where_nothing_else_ever_ran(tmp_path: Path) -> None:
    told = manage(tmp_path, "procedures", "test", "examples/certificado_patente_vigente.yaml")
    assert told.returncode == 0, told.stderr
    assert "✔" in told.stdout
