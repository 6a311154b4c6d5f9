"""What other rooms may use of signatures."""

from signatures.errors import (
    AlreadySigned,
    EarlierSignatureMissing,
    SignatureError,
    SignatureUnderWay,
    WrongSignatureKind,
)
from signatures.operations import record_evidence, seal_document, sign_document
from signatures.queries import failure_of, signature_facts, signatures_of

__all__ = [
    "AlreadySigned",
    "EarlierSignatureMissing",
    "SignatureError",
    "SignatureUnderWay",
    "WrongSignatureKind",
    "failure_of",
    "record_evidence",
    "seal_document",
    "sign_document",
    "signature_facts",
    "signatures_of",
]
