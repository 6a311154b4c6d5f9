"""Signature fields, prepared revisions and finished signatures in a PDF, over pyHanko. No Django, no network.

All fields are made in the revision of the first signature, which certifies the document; the closing field locks
everything. That shape lets nobody add a field, a stamp or a page afterwards without its being seen.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.fields import (
    FieldMDPAction,
    FieldMDPSpec,
    MDPPerm,
    SigFieldSpec,
    SigSeedSubFilter,
    append_signature_field,
)
from pyhanko.sign.signers import ExternalSigner
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest

DIGEST = "sha256"


@dataclass(frozen=True)
class Place:
    """Where and how one signature goes: the field, whether it certifies (first), whether it closes (last)."""

    field_name: str
    certifies: bool
    closes: bool
    signer_name: str
    reason: str


@dataclass(frozen=True)
class Prepared:
    """A revision that lacks only the signature, its digest, and where the signature goes."""

    data: bytes
    digest: bytes
    start: int
    end: int


def prepare(
    pdf: bytes, place: Place, *, fields: Sequence[tuple[str, str]], bytes_reserved: int, now: datetime
) -> Prepared:
    """The next revision of `pdf` with room for one signature at `place`.

    `fields` lists (name, label) of all fields of the document, in order of signature; they are made when the place
    certifies. `bytes_reserved` counts hexadecimal digits. `now` is the declared time of the signature.
    """
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    if place.certifies:
        for number, (name, label) in enumerate(fields, start=1):
            append_signature_field(writer, _field(name, label, closes=number == len(fields)))
    signer = PdfSigner(_metadata(place), ExternalSigner(signing_cert=None, cert_registry=None, signature_value=256))
    session = signer.init_signing_session(writer, existing_fields_only=True)
    session.system_time = now
    waiting = session.prepare_tbs_document(validation_info=None, bytes_reserved=bytes_reserved)
    output = BytesIO()
    prepared, _ = waiting.digest_tbs_document(output=output)
    return Prepared(
        output.getvalue(), prepared.document_digest, prepared.reserved_region_start, prepared.reserved_region_end
    )


def fill(prepared: Prepared, cms: bytes) -> bytes:
    """The signed revision: `cms` (DER) put where it goes. Raises ValueError when it does not fit."""
    room = (prepared.end - prepared.start - 2) // 2
    if len(cms) > room:
        raise ValueError(f"signature of {len(cms)} bytes, room for {room}")
    output = BytesIO(prepared.data)
    waiting = PreparedByteRangeDigest(prepared.digest, prepared.start, prepared.end)
    waiting.fill_with_cms(output, cms)
    return output.getvalue()


def digest_of(data: bytes, start: int, end: int) -> bytes:
    """SHA-256 of a prepared revision without the reserved region."""
    return hashlib.sha256(data[:start] + data[end:]).digest()


def _field(name: str, label: str, *, closes: bool) -> SigFieldSpec:
    return SigFieldSpec(
        sig_field_name=name,
        readable_field_name=label,
        field_mdp_spec=FieldMDPSpec(FieldMDPAction.ALL) if closes else None,
        doc_mdp_update_value=MDPPerm.NO_CHANGES if closes else None,
    )


def _metadata(place: Place) -> PdfSignatureMetadata:
    return PdfSignatureMetadata(
        field_name=place.field_name,
        md_algorithm=DIGEST,
        subfilter=SigSeedSubFilter.PADES,
        name=place.signer_name,
        reason=place.reason,
        certify=place.certifies,
        docmdp_permissions=MDPPerm.NO_CHANGES if place.closes else MDPPerm.FILL_FORMS,
    )
