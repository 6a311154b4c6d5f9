"""Looks up what somebody presents, a code or a file, and has files read in a limited child."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings

from documents.api import ChildStopped, LimitedChild, document_by_code, document_by_sha256
from documents.models import Document
from legaltime import api as legaltime
from signatures import rules, trust
from signatures.models import SignatureRequest
from signatures.queries import document_of_revision, expected_signatures
from signatures.receipt import FACTS, RECORD, ReceiptFacts, read_receipt
from signatures.rules import FoundSignature, Presented, Registered, Verdict

MAX_FILE = 20 * 1024 * 1024
"""Bytes of a file that the page takes."""

HolderCheck = Callable[[Document, str], bool]


@dataclass
class _Hooks:
    holder_check: HolderCheck | None = field(default=None)


_hooks = _Hooks()


def set_holder_check(check: HolderCheck) -> None:
    """Tell here how to know that somebody holds a document: `check(document, last four characters of the RUN)`."""
    _hooks.holder_check = check


def can_ask_holder() -> bool:
    """Whether a document that is not public can be opened by its holder on the verification page."""
    return _hooks.holder_check is not None


def is_holder(document: Document, answer: str) -> bool:
    """Whether the answer is that of the document's holder."""
    return _hooks.holder_check is not None and _hooks.holder_check(document, answer)


@dataclass(frozen=True)
class Finding:
    """The verdict on what was presented, the document of ours that it belongs to, and the signatures in the file."""

    verdict: Verdict
    document: Document | None = None
    signatures: tuple[FoundSignature, ...] = ()
    by_code: bool = False
    """Only a code was presented: nothing is known of the copy that carries it."""
    receipt: ReceiptFacts | None = None
    """What the file proves by itself, when it is a receipt that the registry does not have."""


@dataclass(frozen=True)
class _Read:
    """What a limited child read in a file."""

    signatures: tuple[FoundSignature, ...]
    carried: dict[str, str]


def verify_code(code: str) -> Finding:
    """The issued document with this code, in any spelling. NOT_ISSUED for every other text, whatever the reason."""
    document = document_by_code(code)
    return Finding(Verdict.NOT_ISSUED if document is None else Verdict.AUTHENTIC, document, by_code=True)


def verify_file(data: bytes) -> Finding:
    """The verdict on a file: first by its digest, else by the signatures in it, which a limited child reads."""
    sha256 = hashlib.sha256(data).hexdigest()
    document = document_by_sha256(sha256) or document_of_revision(sha256)
    if document is not None:
        return Finding(rules.verdict(Presented(sha256, len(data)), _registered(document, data)), document)
    found = _read(data)
    document = _document_of(found.signatures if found else ())
    return _judged(data, found, document)


def verify_alone(data: bytes) -> Finding:
    """The verdict on a file by itself, without the registry: only a receipt proves more than that it was signed."""
    return _judged(data, _read(data), None)


def _judged(data: bytes, found: _Read | None, document: Document | None) -> Finding:
    known = _registered(document, data) if document is not None else None
    receipt = read_receipt(found.carried, found.signatures) if found else None
    presented = Presented(
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        prefix_sha256=hashlib.sha256(data[: known.size]).hexdigest() if known and len(data) > known.size else "",
        readable=found is not None,
        signatures=found.signatures if found else (),
        proves_receipt=receipt is not None,
    )
    verdict = rules.verdict(presented, known)
    return Finding(verdict, document, presented.signatures, receipt=receipt if verdict == Verdict.RECEIPT else None)


def _registered(document: Document, data: bytes) -> Registered:
    """What the registry knows: of the issued revision that `data` begins with, else of the document's latest bytes."""
    expected = expected_signatures(document)
    for issued in document.revisions.select_related("blob").order_by("-order"):
        blob = issued.blob
        if len(data) >= blob.size and hashlib.sha256(data[: blob.size]).hexdigest() == blob.sha256:
            return Registered(blob.sha256, blob.size, expected, issued.level)
    return Registered(document.sha256, document.blob.size if document.blob else 0, expected)


def _document_of(found: tuple[FoundSignature, ...]) -> Document | None:
    """The document of ours that one of the signatures states to have signed."""
    digests = [item.digest for item in found if item.digest]
    requests = SignatureRequest.objects.filter(digest__in=digests, state=SignatureRequest.State.SIGNED)
    request = requests.select_related("document__agency", "document__blob").order_by("-order").first()
    return request.document if request else None


def _read(data: bytes) -> _Read | None:
    """What is in a file; None when it cannot be read within the limits."""
    encode = base64.b64encode
    request = {
        "pdf": encode(data).decode(),
        "roots": [encode(root).decode() for root in trust.roots()],
        "demo_root": encode(trust.demo_root()).decode(),
        "now": legaltime.now().isoformat(),
        "carries": [FACTS, RECORD],
    }
    try:
        answer: dict[str, Any] = _child().ask(request)
    except ChildStopped:
        return None
    if "signatures" not in answer:
        return None
    return _Read(tuple(FoundSignature(**item) for item in answer["signatures"]), answer["carried"])


@cache
def _child() -> LimitedChild:
    return LimitedChild(
        "signatures.analysis",
        address_space=1 << 30,
        cpu_seconds=20,
        wall_seconds=30 * settings.CHILD_PATIENCE,
        requests_per_child=20,
    )
