"""A procedure's data as the YAML that people read, keep under git and send each other."""

import io
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

_FIRST = (
    "schema_version", "code", "id", "kind", "type", "title", "applicant_title", "label", "summary", "rules_version",
    "ficha", "term", "roles", "forms", "steps", "documents", "notices",
)  # fmt: skip
WIDTH = 118


def write_yaml(data: dict[str, Any]) -> str:
    """The YAML text of a bundle's data; reading it back gives the same data."""
    writer = YAML()
    writer.default_flow_style = False
    writer.allow_unicode = True
    writer.width = WIDTH
    writer.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    writer.dump(_ordered(data), out)
    return out.getvalue()


def _ordered(value: Any) -> Any:
    """The same data with what names a thing first, and texts of several lines as they read."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: _FIRST.index(key) if key in _FIRST else len(_FIRST))
        return {key: _ordered(value[key]) for key in keys}
    if isinstance(value, list | tuple):
        return [_ordered(item) for item in value]
    return LiteralScalarString(value) if isinstance(value, str) and "\n" in value else value
