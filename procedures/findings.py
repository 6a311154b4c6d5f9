"""What the reading of a procedure and its publish gate find."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from procedures.schema import Bundle

Severity = Literal["error", "suggestion"]
Place = tuple[str | int, ...]
"""Where something stands in the data: ("steps", 3, "next", 0)."""


@dataclass(frozen=True)
class Finding:
    """One fault (an error keeps the procedure from being published) or one piece of advice, in Spanish."""

    code: str
    severity: Severity
    line: int
    """Line of the file, from 1; 0 when the procedure was not read from a file."""
    path: str
    """Place in the data: "steps.3.next.0"."""
    message: str
    remedy: str


@dataclass(frozen=True)
class CheckResult:
    """The bundle, when the text could be read as one, and everything found, in order of line."""

    bundle: Bundle | None
    findings: list[Finding] = field(default_factory=list)
    source_name: str = ""

    @property
    def errors(self) -> list[Finding]:
        """The findings that keep it from being published."""
        return [finding for finding in self.findings if finding.severity == "error"]


def make_finding(
    lines: Mapping[Place, int], place: Place, code: str, message: str, remedy: str, severity: Severity = "error"
) -> Finding:
    """A finding at `place`, with the line of the nearest part around it that has one."""
    known = next((place[:size] for size in range(len(place), -1, -1) if place[:size] in lines), None)
    line = lines[known] if known is not None else 0
    return Finding(code, severity, line, ".".join(map(str, place)), message, remedy)
