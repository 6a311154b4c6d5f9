"""The portable receipt of a filing: what a sealed PDF carries for machines, and what it proves without any registry.

Two files go inside the PDF: the six contents of the certificate of presentation (D10 30) and
the record of what was presented, in canonical JSON; the first holds the digest of the second.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from documents.api import Attachment
from signatures.pki import tidy_number
from signatures.rules import FoundSignature

KIND = "certificado de presentación, D10 art. 30"
FACTS, RECORD = "comprobante.json", "presentacion.json"
"""Names of the two files inside the PDF."""


@dataclass(frozen=True)
class ReceiptFacts:
    """The six contents: moment, origin, file, body, who presents, who receives; and the files that were attached."""

    number: str
    presented_at: datetime
    effective_at: datetime
    origin: str
    file: str
    agency: str
    agency_rut: str
    procedure: str
    presented_by: str
    presented_by_run: str
    """Both empty where who presents keeps their identity back."""
    received_by: str
    files: tuple[tuple[str, str], ...]
    """Name and SHA-256 of each."""


def receipt_files(facts: ReceiptFacts, record: bytes) -> tuple[Attachment, ...]:
    """What goes inside the PDF. `record` is the canonical presentation record."""
    body = {
        **asdict(facts),
        "version": 1,
        "kind": KIND,
        "presented_at": facts.presented_at.isoformat(),
        "effective_at": facts.effective_at.isoformat(),
        "presentation_sha256": hashlib.sha256(record).hexdigest(),
    }
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return (
        Attachment(name=FACTS, description="Contenido del certificado de presentación", text=text),
        Attachment(name=RECORD, description="Registro de lo presentado", text=record.decode()),
    )


def read_receipt(carried: Mapping[str, str], signatures: Sequence[FoundSignature]) -> ReceiptFacts | None:
    """What the receipt in a file says, when the file alone proves it; None otherwise.

    All signatures and stamps must hold, the last one cover every byte, and the seal be of the very body that the
    receipt names, by its RUT: another holder of a trusted certificate could write any name there.
    """
    if not signatures or not signatures[-1].covers_file or not all(item.is_sound for item in signatures):
        return None
    try:
        body = json.loads(carried[FACTS])
        facts = _facts(body)
        is_whole = hashlib.sha256(carried[RECORD].encode()).hexdigest() == body["presentation_sha256"]
    except (KeyError, ValueError, TypeError):
        return None
    sealed_by = tidy_number(signatures[0].run)
    is_theirs = bool(sealed_by) and sealed_by == tidy_number(facts.agency_rut)
    return facts if body.get("kind") == KIND and is_whole and is_theirs else None


def _facts(body: Mapping[str, Any]) -> ReceiptFacts:
    """Raises KeyError, ValueError and TypeError for what is not a receipt."""
    texts = {name: str(body[name]) for name, kind in ReceiptFacts.__annotations__.items() if kind is str}
    return ReceiptFacts(
        presented_at=datetime.fromisoformat(body["presented_at"]),
        effective_at=datetime.fromisoformat(body["effective_at"]),
        files=tuple((str(name), str(sha256)) for name, sha256 in body["files"]),
        **texts,
    )
