"""From YAML text to a bundle, or to findings with the line to mend. Nothing here knows Django."""

from procedures.reading.errors import schema_findings
from procedures.reading.yaml import Reading, read_yaml

__all__ = ["Reading", "read_yaml", "schema_findings"]
