"""One door to the gate: from a YAML text or from a bundle to everything that was found."""

from typing import Any

from pydantic import ValidationError

import procedures.soundness  # noqa: F401 (registers the checks of this room)
from procedures.findings import CheckResult, Finding, Place, make_finding
from procedures.gate import Subject, run
from procedures.reading import read_yaml, schema_findings
from procedures.remembered import with_parts_read
from procedures.schema import SCHEMA_VERSION, Bundle, UnknownSchemaVersion, upcast


def check(text: str, source_name: str = "") -> CheckResult:
    """The bundle written in a YAML text, and every fault with its line, message and remedy."""
    reading = read_yaml(text)
    if reading.data is None:
        return CheckResult(None, reading.findings, source_name)
    bundle, found = _bundle(reading.data, reading.lines)
    if bundle is not None:
        found += run(Subject(bundle, reading.lines))
    findings = sorted([*reading.findings, *found], key=lambda finding: finding.line)
    return CheckResult(bundle, findings, source_name)


def check_data(data: Any) -> CheckResult:
    """The bundle held in plain data (not read from a file: lines are 0), and every fault with its place."""
    bundle, found = _bundle(data, {})
    return CheckResult(bundle, found if bundle is None else [*found, *run(Subject(bundle))])


def check_bundle(bundle: Bundle) -> list[Finding]:
    """What the gate finds in a bundle that did not come from a file (lines are 0)."""
    return run(Subject(bundle))


def _bundle(data: Any, lines: dict[Place, int]) -> tuple[Bundle | None, list[Finding]]:
    if not isinstance(data, dict):
        message = "Un trámite se escribe con claves: «schema_version: 1», «code: …»."
        return None, [make_finding(lines, (), "not_a_mapping", message, "Parta de un ejemplo.")]
    try:
        return Bundle.model_validate(with_parts_read(upcast(data) if "schema_version" in data else data)), []
    except UnknownSchemaVersion as error:
        remedy = f"Escriba «schema_version: {SCHEMA_VERSION}»."
        return None, [make_finding(lines, ("schema_version",), "unknown_version", str(error), remedy)]
    except ValidationError as error:
        return None, schema_findings(error, data, lines)
