"""Small procedures for tests, made from the sound certificate by changing parts of it."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from procedures.schema import Bundle

GOLDEN = Path(__file__).parent / "golden"


@cache
def licence() -> Bundle:
    """The business licence: corrections, two branches, three kinds of decree."""
    return Bundle.model_validate_json((GOLDEN / "licence.json").read_bytes())


def certificate_data() -> dict[str, Any]:
    """The data of the certificate, to change and validate again."""
    data: dict[str, Any] = json.loads((GOLDEN / "certificate.json").read_bytes())
    return data


def with_fields(*fields: dict[str, Any]) -> Bundle:
    """A procedure whose application (step `inicio`) asks exactly these questions."""
    data = certificate_data()
    data["forms"][0]["pages"] = [{"id": "unica", "title": "Única", "fields": list(fields)}]
    return Bundle.model_validate(data)


def with_steps(*steps: dict[str, Any], **more: Any) -> Bundle:
    """A procedure with the certificate's application and these steps after its start, the first of them next."""
    data = {**certificate_data(), **more}
    start = data["steps"][0] | {"next": steps[0]["id"]}
    data["steps"] = [start, *steps]
    return Bundle.model_validate(data)
