"""`manage.py procedures test`: the scenarios beside each procedure, played and taken back."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils.translation import gettext as _

from procedures.api import Bundle, Subcommand, Write, check
from workflows.rehearsal.operations import EngineBroke, rehearse
from workflows.rehearsal.play import ACTIONS
from workflows.rehearsal.report import Report
from workflows.rehearsal.scenario import BadScenario, Scenario, read_scenarios
from workflows.sample import EXAMPLES

SCENARIOS = "scenarios"
"""Folder beside the procedures whose files tell their scenarios: `<procedure>.yaml`, `<procedure>-<case>.yaml`."""


def subcommand() -> Subcommand:
    """To be registered when the program starts."""
    return Subcommand("test", str(_("prueba trámites con las historias escritas junto a ellos")), _arguments, _run)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files",
        nargs="*",
        type=Path,
        metavar="ARCHIVO",
        help=str(_("trámites; todos los ejemplos si no se nombra ninguno")),
    )


def _run(options: Mapping[str, Any], write: Write) -> None:
    _prepare()
    files = options["files"] or sorted(EXAMPLES.glob("*.yaml"))
    failed = sum(not report.holds for path in files for report in _tested(Path(path), write))
    if failed:
        raise CommandError(_("Pruebas que no pasaron: %(count)s.") % {"count": failed})


def _prepare() -> None:
    """Give a database its tables where there are none yet: whoever keeps procedures in git may run nothing else."""
    if not connection.introspection.table_names():
        call_command("migrate", verbosity=0, interactive=False)


def _tested(path: Path, write: Write) -> Iterator[Report]:
    bundle = readable_bundle(path)
    if bundle is None:
        return
    for scenario in scenarios_of(path):
        try:
            report = rehearse(bundle=bundle, scenario=scenario, beside=_neighbours(path))
        except EngineBroke as broke:
            words = {"file": path.name, "scenario": scenario.title, "step": broke, "cause": repr(broke.__cause__)}
            raise CommandError(_("%(file)s: %(scenario)s: el motor falló en «%(step)s»: %(cause)s") % words) from broke
        write(f"{'✔' if report.holds else '✘'} {path.name}: {scenario.title}")
        for place, moment in enumerate(report.moments, start=1):
            for fault in moment.faults:
                write(f"    {place}. {moment.action} {moment.subject}: {fault}")
        yield report


def readable_bundle(path: Path) -> Bundle | None:
    """The procedure in a file; None for a file that is something else. Raises CommandError."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        raise CommandError(_("No se puede leer «%(path)s».") % {"path": path}) from None
    return check(text, str(path)).bundle if "schema_version" in text else None


def scenarios_of(path: Path) -> list[Scenario]:
    """The scenarios beside a procedure's file. Raises CommandError."""
    folder = path.parent / SCENARIOS
    files = sorted([*folder.glob(f"{path.stem}.yaml"), *folder.glob(f"{path.stem}-*.yaml")])
    try:
        return [one for file in files for one in read_scenarios(file.read_text(encoding="utf-8"), ACTIONS)]
    except BadScenario as error:
        raise CommandError(str(error)) from error


def _neighbours(path: Path) -> dict[str, Bundle]:
    found = [readable_bundle(file) for file in sorted(path.parent.glob("*.yaml"))]
    return {bundle.code: bundle for bundle in found if bundle is not None}
