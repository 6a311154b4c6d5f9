"""What other rooms may use of the log."""

from audit.operations import Pending, UnknownValue, append, append_to_stream, chain, erase_personal, insert
from audit.queries import register_heads, verify_all, verify_stream
from audit.rules import ChainVerdict, Head, NotCanonical, canonical_bytes, commitment, sha256_hex
from audit.triggers import append_only

__all__ = [
    "ChainVerdict",
    "Head",
    "NotCanonical",
    "Pending",
    "UnknownValue",
    "append",
    "append_only",
    "append_to_stream",
    "canonical_bytes",
    "chain",
    "commitment",
    "erase_personal",
    "insert",
    "register_heads",
    "sha256_hex",
    "verify_all",
    "verify_stream",
]
