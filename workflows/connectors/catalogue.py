"""The connectors that the operator allows: a JSON file named by SINPAPELEO_CONNECTORS."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workflows.connectors.guard import Refused, Request, exchange


class UnknownConnector(Exception):
    """No connector has that name, or the agency may not use it."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    method: str = Field(default="GET", pattern="^(GET|POST)$")
    headers: dict[str, str] = Field(default_factory=dict)
    """Header: fixed text, or "file:PATH" for a secret kept in a file of its own."""
    seconds: float = Field(default=10.0, gt=0, le=25)
    agencies: tuple[str, ...] = ()
    """Codes of the agencies that may use it; empty for all."""
    allow_loopback: bool = False


@dataclass(frozen=True)
class Connector:
    """A system that may be asked."""

    name: str
    entry: _Entry

    def ask(self, inputs: dict[str, Any], key: str) -> Any:
        """The JSON that it answers to these inputs; `key` is the same in every attempt. Raises Refused, Unavailable."""
        entry = self.entry
        headers = {name: _secret(value) for name, value in entry.headers.items()}
        headers |= {"Accept": "application/json", "Idempotency-Key": key, "User-Agent": "sin-papeleo"}
        body, url = None, entry.url
        if entry.method == "POST":
            body = json.dumps(inputs).encode()
            headers["Content-Type"] = "application/json"
        elif inputs:
            url += ("&" if "?" in url else "?") + _query(inputs)
        loopback = entry.allow_loopback and settings.DEMO
        answer = exchange(Request(entry.method, url, headers, body, entry.seconds, loopback))
        try:
            return json.loads(answer)
        except (ValueError, RecursionError) as error:
            raise Refused("La respuesta del servicio no es JSON.") from error


def connector(name: str, agency_code: str) -> Connector:
    """The connector of that name, if the agency may use it. Raises UnknownConnector."""
    listed = _listed(settings.CONNECTORS)
    if name not in listed or (listed[name].agencies and agency_code not in listed[name].agencies):
        raise UnknownConnector(name)
    return Connector(name, listed[name])


def _listed(path: str) -> dict[str, _Entry]:
    """Read at each use: a connector changes without a restart."""
    if not path:
        return {}
    try:
        written = json.loads(Path(path).read_text(encoding="utf-8"))
        return {name: _Entry.model_validate(entry) for name, entry in written.items()}
    except (OSError, ValueError, ValidationError, AttributeError) as error:
        raise UnknownConnector("SINPAPELEO_CONNECTORS") from error


def _query(inputs: dict[str, Any]) -> str:
    """What stands in an address: what was not answered is left out, as its name alone would be an answer («None»)."""
    told = {name: value for name, value in inputs.items() if value is not None}
    return urlencode({name: json.dumps(value) if isinstance(value, bool) else value for name, value in told.items()})


def _secret(value: str) -> str:
    return Path(value.removeprefix("file:")).read_text().strip() if value.startswith("file:") else value
