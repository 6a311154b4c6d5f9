"""Reads the signatures of a PDF with pyHanko. No Django and no network: for uploads it runs in a limited child."""

import asyncio
import base64
import hashlib
import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import datetime
from io import BytesIO
from typing import Any

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import async_validate_pdf_signature, async_validate_pdf_timestamp
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.policy_decl import (
    CertificateFetchingRule,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.fetchers.requests_fetchers import RequestsFetcherBackend
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

from signatures.pki import common_name, run_of_certificate
from signatures.rules import FoundSignature

for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)  # they log names from certificates and hostile files

MOST_CARRIED = 40
LONGEST_CARRIED = 2_000_000
"""Entries and bytes of the files inside a PDF that are looked at."""
_CHANGES = {
    ModificationLevel.NONE: "none",
    ModificationLevel.LTA_UPDATES: "archival",
    ModificationLevel.FORM_FILLING: "filling",
}


class Unreadable(Exception):
    """The file is not a PDF that can be analysed."""


def read_signatures(
    pdf: bytes, roots: Sequence[bytes], demo_root: bytes = b"", *, now: datetime
) -> list[FoundSignature]:
    """All signatures and document time stamps in the order of signing. `roots` are DER certificates.

    Raises Unreadable: hostile files make the reader fail in many ways, and none of them may look green.
    """
    try:
        # In a thread of its own: the caller may be inside an event loop.
        with ThreadPoolExecutor(max_workers=1) as pool:
            return pool.submit(asyncio.run, _read_all(pdf, roots, demo_root, now)).result()
    except Exception as error:
        raise Unreadable(type(error).__name__) from error


async def _read_all(pdf: bytes, roots: Sequence[bytes], demo_root: bytes, now: datetime) -> list[FoundSignature]:
    trusted = [asn1_x509.Certificate.load(root) for root in roots]
    items = PdfFileReader(BytesIO(pdf)).embedded_signatures
    found = [await _read(item, trusted, demo_root) for item in items]
    moment = _last_stamp(found, now)
    if moment is None:
        return found
    return [
        one if one.is_timestamp else replace(one, archived_at=await _archived_at(item, trusted, moment))
        for item, one in zip(items, found, strict=True)
    ]


def _last_stamp(found: Sequence[FoundSignature], now: datetime) -> datetime | None:
    """The time of the last stamp over the document, while its certificate lasts: until then it proves the rest."""
    stamps = [item for item in found if item.is_timestamp]
    if not stamps or not stamps[-1].is_sound or datetime.fromisoformat(stamps[-1].expires_at) < now:
        return None
    return datetime.fromisoformat(stamps[-1].stamped_at)


async def _archived_at(item: EmbeddedPdfSignature, roots: list[asn1_x509.Certificate], moment: datetime) -> str:
    """When the oldest document time stamp was made that, with what the file carries, proves the signature (EN 319
    102-1, 5.6.3) at the `moment` of the last one; "" when it does not.

    Nothing is fetched, and a certificate without revocation data does not pass.
    """
    policy = CertValidationPolicySpec(SimpleTrustManager.build(trust_roots=roots), CertRevTrustPolicy(REQUIRE_REVINFO))
    offline = RevocationInfoGatheringSpec(
        RevinfoOnlineFetchingRule.LOCAL_ONLY, RequestsFetcherBackend(), CertificateFetchingRule.NEVER_FETCH
    )
    result = await ades_lta_validation(
        item,
        PdfSignatureValidationSpec(SignatureValidationSpec(policy, offline)),
        timing_info=ValidationTimingInfo(moment, moment, point_in_time_validation=True),
    )
    oldest = result.oldest_evidence_record_timestamp
    return oldest.isoformat() if oldest is not None and result.ades_subindic == AdESPassed.OK else ""


async def _read(item: EmbeddedPdfSignature, roots: list[asn1_x509.Certificate], demo_root: bytes) -> FoundSignature:
    is_timestamp = str(item.sig_object_type) == "/DocTimeStamp"
    declared = _declared_at(item, is_timestamp)
    context = ValidationContext(trust_roots=roots, allow_fetching=False, moment=declared)
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
        stamped_by=_subject(stamp.signing_cert) if stamp is not None and stamp.trusted else "",
        chain=tuple(_subject(link) for link in path)[::-1] if root and path is not None else (),
        expires_at=certificate.not_valid_after_utc.isoformat(),
    )


def _declared_at(item: EmbeddedPdfSignature, is_timestamp: bool) -> datetime | None:
    """The moment for which the certificate is judged: what the signature says of itself, or the token's time."""
    if not is_timestamp:
        return item.self_reported_timestamp
    moment: datetime = item.signed_data["encap_content_info"]["content"].parsed["gen_time"].native
    return moment


def _subject(certificate: asn1_x509.Certificate) -> str:
    return common_name(x509.load_der_x509_certificate(certificate.dump()).subject)


def _stated_digest(item: EmbeddedPdfSignature) -> str:
    for attribute in item.signer_info["signed_attrs"]:
        if attribute["type"].native == "message_digest":
            return bytes(attribute["values"][0].native).hex()
    return ""


def read_carried(pdf: bytes, names: Sequence[str]) -> dict[str, str]:
    """The texts of the files inside a PDF that have one of these names. What cannot be read proves nothing: {}."""
    try:
        reader = PdfFileReader(BytesIO(pdf))
        return {name: text for name, text in _carried(reader) if name in names}
    except Exception:
        return {}


def _carried(reader: PdfFileReader) -> Iterator[tuple[str, str]]:
    """Name and text of each file in the flat list that our documents have."""
    if "/Names" not in reader.root or "/EmbeddedFiles" not in reader.root["/Names"]:
        return
    listed = reader.root["/Names"]["/EmbeddedFiles"].get("/Names", [])
    for place in range(1, min(len(listed), MOST_CARRIED), 2):
        described = listed[place]
        data = described["/EF"]["/F"].data
        if len(data) <= LONGEST_CARRIED:
            yield str(described.get("/UF", described["/F"])), data.decode("utf-8", "replace")


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Answers {"pdf": base64, "roots": [base64 DER], "demo_root": base64 DER or "", "now": ISO 8601} with
    {"signatures": [...], "carried": texts of the files named in "carries"} or {"error": class of the failure}.
    """
    decode = base64.b64decode
    try:
        carried = read_carried(decode(request["pdf"]), request["carries"])
        found = read_signatures(
            decode(request["pdf"]),
            [decode(root) for root in request["roots"]],
            decode(request["demo_root"]),
            now=datetime.fromisoformat(request["now"]),
        )
    except Unreadable as error:
        return {"error": str(error)}
    except (MemoryError, RecursionError) as error:
        return {"error": type(error).__name__}
    return {"signatures": [asdict(item) for item in found], "carried": carried}
