"""Reads the signatures of a PDF with pyHanko. No Django and no network: for uploads it runs in a limited child."""

import asyncio
import base64
import hashlib
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from io import BytesIO
from typing import Any

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import async_validate_pdf_signature, async_validate_pdf_timestamp
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from signatures.pki import common_name, run_of_certificate
from signatures.rules import FoundSignature

for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)  # they log names from certificates and hostile files

_CHANGES = {
    ModificationLevel.NONE: "none",
    ModificationLevel.LTA_UPDATES: "archival",
    ModificationLevel.FORM_FILLING: "filling",
}


class Unreadable(Exception):
    """The file is not a PDF that can be analysed."""


def read_signatures(pdf: bytes, roots: Sequence[bytes], demo_root: bytes = b"") -> list[FoundSignature]:
    """All signatures and document time stamps in the order of signing. `roots` are DER certificates.

    Raises Unreadable: hostile files make the reader fail in many ways, and none of them may look green.
    """
    try:
        reader = PdfFileReader(BytesIO(pdf))
        # In a thread of its own: the caller may be inside an event loop.
        with ThreadPoolExecutor(max_workers=1) as pool:
            found = [pool.submit(asyncio.run, _read(item, roots, demo_root)) for item in reader.embedded_signatures]
            return [one.result() for one in found]
    except Exception as error:
        raise Unreadable(type(error).__name__) from error


async def _read(item: EmbeddedPdfSignature, roots: Sequence[bytes], demo_root: bytes) -> FoundSignature:
    is_timestamp = str(item.sig_object_type) == "/DocTimeStamp"
    declared = item.self_reported_timestamp
    context = ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(root) for root in roots], allow_fetching=False, moment=declared
    )
    check = async_validate_pdf_timestamp if is_timestamp else async_validate_pdf_signature
    status: Any = await check(item, context)
    stamp = status if is_timestamp else status.timestamp_validity
    certificate = x509.load_der_x509_certificate(item.signer_cert.dump())
    path = status.validation_path
    root = next(iter(path)).dump() if path is not None and status.trusted else b""
    return FoundSignature(
        field=item.field_name,
        digest=_stated_digest(item),
        intact=status.intact,
        valid=status.valid,
        trusted=status.trusted,
        demonstration=bool(root) and root == demo_root,
        covers_file=status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
        later_changes=_CHANGES.get(status.modification_level, "other") if status.modification_level else "none",
        allowed_changes=is_timestamp or bool(status.docmdp_ok),
        is_timestamp=is_timestamp,
        certificate_sha256=hashlib.sha256(item.signer_cert.dump()).hexdigest(),
        holder=common_name(certificate.subject),
        run=run_of_certificate(certificate),
        issuer=common_name(certificate.issuer),
        declared_at=declared.isoformat() if declared and not is_timestamp else "",
        stamped_at=stamp.timestamp.isoformat() if stamp is not None and stamp.trusted else "",
    )


def _stated_digest(item: EmbeddedPdfSignature) -> str:
    for attribute in item.signer_info["signed_attrs"]:
        if attribute["type"].native == "message_digest":
            return bytes(attribute["values"][0].native).hex()
    return ""


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Answers {"pdf": base64, "roots": [base64 DER], "demo_root": base64 DER or ""} with {"signatures": [...]}
    or {"error": class of the failure}.
    """
    decode = base64.b64decode
    try:
        found = read_signatures(
            decode(request["pdf"]), [decode(root) for root in request["roots"]], decode(request["demo_root"])
        )
    except Unreadable as error:
        return {"error": str(error)}
    except (MemoryError, RecursionError) as error:
        return {"error": type(error).__name__}
    return {"signatures": [asdict(item) for item in found]}
