"""`manage.py procedures pull` and `apply`: an agency's procedures as files, to keep under git and bring back."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from accounts.api import person_by_run
from accounts.models import Agency, Person
from designer import operations
from designer.models import ProcedureDraft, SavedTest
from designer.publishing import plain_content
from designer.testing.operations import bring_tests
from legaltime.api import now
from procedures.api import Subcommand, Write, bundle_of, changes, check, write_yaml
from procedures.models import Procedure
from workflows.api import scenarios_of

_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


def pull() -> Subcommand:
    """Writes the latest version of each procedure of an agency into a folder."""
    return Subcommand("pull", "guarda en archivos la última versión de cada trámite", _pull_arguments, _pull)


def apply() -> Subcommand:
    """Brings files into the drafts of an agency; publishing stays an act of a person, in the browser."""
    return Subcommand("apply", "trae archivos a los borradores de una institución", _apply_arguments, _apply)


def _pull_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="CARPETA")
    parser.add_argument("--agency", required=True, metavar="CÓDIGO", help="código de la institución")


def _apply_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="ARCHIVO", help="archivos, o la carpeta que dejó pull")
    parser.add_argument("--agency", required=True, metavar="CÓDIGO", help="código de la institución")
    parser.add_argument("--by", metavar="RUN", default="", help="RUN de la persona que los trae")
    parser.add_argument("--dry-run", action="store_true", help="dice qué cambiaría, sin cambiar nada")


def _pull(options: Mapping[str, Any], write: Write) -> None:
    folder: Path = options["folder"]
    folder.mkdir(parents=True, exist_ok=True)
    for procedure in Procedure.objects.filter(owner=_agency(options)).order_by("code"):
        version = procedure.versions.order_by("-number").first()
        if version is None:
            continue
        path = folder / f"{procedure.code}.yaml"
        data = bundle_of(version).model_dump(mode="json", exclude_defaults=True)
        path.write_text(write_yaml(data), encoding="utf-8")
        write(f"{path}: versión {version.number}")
        _pull_tests(procedure, folder, write)


def _pull_tests(procedure: Procedure, folder: Path, write: Write) -> None:
    """The saved tests in the file beside the procedure's that `procedures test` reads."""
    stories = [test.story for test in SavedTest.objects.filter(agency=procedure.owner_id, code=procedure.code)]
    if stories:
        path = folder / "scenarios" / f"{procedure.code}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(write_yaml({"scenarios": stories}), encoding="utf-8")
        write(f"{path}: {len(stories)} casos de prueba")


def _apply(options: Mapping[str, Any], write: Write) -> None:
    agency, by = _agency(options), _person(options)
    for path in _files(options["files"]):
        _apply_one(path, agency, by, write)


def _files(named: Iterable[Path]) -> Iterator[Path]:
    """The files named, and those of a folder that `pull` wrote. Raises CommandError where there is none."""
    for path in named:
        found = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
        if not all(one.is_file() for one in found) or not found:
            raise CommandError(f"No hay un archivo de trámite en «{path}».")
        yield from found


def _apply_one(path: Path, agency: Agency, by: Person | None, write: Write) -> None:
    result = check(path.read_text(encoding="utf-8"), str(path))
    if result.bundle is None:
        raise CommandError("\n".join(f"{path}:{found.line}: {found.message}" for found in result.errors))
    content = result.bundle.model_dump(mode="json", exclude_defaults=True)
    draft = ProcedureDraft.objects.filter(agency=agency, code=result.bundle.code).first()
    found = changes(dict(plain_content(draft)), content) if draft else []
    write(f"{path}: {len(found)} cambios" if draft else f"{path}: trámite nuevo")
    for change in found:
        write(f"  {_SIGNS[change.kind]} {change.text}")
    tests = scenarios_of(path)
    if tests:
        write(f"  {len(tests)} casos de prueba")
    if by is None:
        return
    summary = f"Trajo el archivo {path.name}"
    if draft is None:
        operations.create_draft(agency=agency, content=content, summary=summary, by=by, now=now())
    elif found:
        operations.restore(draft=draft, content=content, summary=summary, by=by, now=now())
    bring_tests(agency=agency, code=result.bundle.code, scenarios=tests, by=by, now=now())


def _agency(options: Mapping[str, Any]) -> Agency:
    agency = Agency.objects.filter(code=options["agency"]).first()
    if agency is None:
        raise CommandError(f"No hay una institución con el código '{options['agency']}'.")
    return agency


def _person(options: Mapping[str, Any]) -> Person | None:
    """Who brings the files; nobody in a dry run, which changes nothing."""
    if options["dry_run"]:
        return None
    person = person_by_run(options["by"]) if options["by"] else None
    if person is None:
        raise CommandError("Di con --by el RUN de quien trae los archivos, o usa --dry-run.")
    return person
