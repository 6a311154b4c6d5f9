"""What other rooms may use of signatures."""

from signatures.errors import (
    AlreadySigned,
    EarlierSignatureMissing,
    SignatureError,
    SignatureUnderWay,
    WrongSignatureKind,
)
from signatures.operations import record_evidence, seal_document, sign_document
from signatures.queries import failure_of, is_renewal, signature_facts, signatures_of, waiting_for
from signatures.receipt import ReceiptFacts, receipt_files
from signatures.rules import Verdict
from signatures.verification import Finding, set_holder_check, verify_code, verify_file

__all__ = [
    "AlreadySigned",
    "EarlierSignatureMissing",
    "Finding",
    "ReceiptFacts",
    "SignatureError",
    "SignatureUnderWay",
    "Verdict",
    "WrongSignatureKind",
    "failure_of",
    "is_renewal",
    "receipt_files",
    "record_evidence",
    "seal_document",
    "set_holder_check",
    "sign_document",
    "signature_facts",
    "signatures_of",
    "verify_code",
    "verify_file",
    "waiting_for",
]
