"""What other rooms may use of signatures."""

from signatures.errors import (
    AlreadySigned,
    EarlierSignatureMissing,
    SignatureError,
    SignatureUnderWay,
    TooManyAttempts,
    WrongSignatureKind,
)
from signatures.operations import record_evidence, seal_document, sign_document
from signatures.queries import (
    failure_of,
    has_signed,
    is_renewal,
    signature_facts,
    signatures_of,
    waiting_for,
    who_signed,
)
from signatures.receipt import ReceiptFacts, receipt_files
from signatures.rules import Verdict
from signatures.throttle import Limit, network_of
from signatures.throttle import count as count_attempt
from signatures.verification import Finding, set_holder_check, verify_code, verify_file

__all__ = [
    "AlreadySigned",
    "EarlierSignatureMissing",
    "Finding",
    "Limit",
    "ReceiptFacts",
    "SignatureError",
    "SignatureUnderWay",
    "TooManyAttempts",
    "Verdict",
    "WrongSignatureKind",
    "count_attempt",
    "failure_of",
    "has_signed",
    "is_renewal",
    "network_of",
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
    "who_signed",
]
