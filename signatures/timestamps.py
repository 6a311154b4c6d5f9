"""Time from a third party (RFC 3161): in each signature, and over the whole document when it closes."""

from functools import cache
from io import BytesIO
from typing import Any

from django.conf import settings
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper, TimestampDSSContentSettings
from pyhanko.sign.timestamps.api import TimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.sign.timestamps.requests_client import RequestsHTTPTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore, collect_validation_info
from pyhanko_certvalidator import ValidationContext, errors

from signatures import revocation
from signatures.errors import CertificateNotTrusted, CertificateRevoked, RevocationUnknown, TimestampUnavailable
from signatures.pdf import DIGEST

TIMEOUT = 10
"""Seconds to wait for a stamp."""
STAMP_ROOM = 32_768
"""Hexadecimal digits to keep free for a token with its chain."""
FAILURES = (TimestampRequestError, OSError, ValueError)
"""What a time stamp authority that is down, or answers nonsense, ends in."""


def authority() -> TimeStamper | None:
    """The authority of settings.TSA_URL; None leaves signatures at level B-B, and documents say so."""
    return _authority(settings.TSA_URL) if settings.TSA_URL else None


@cache
def _authority(url: str) -> TimeStamper:
    """Kept: it remembers the authority's certificate, and so asks for one stamp instead of two."""
    return RequestsHTTPTimeStamper(url, timeout=TIMEOUT)  # type: ignore[no-untyped-call]


def forget_authority() -> None:
    """Ask for its certificate again: authorities change theirs every few months."""
    _authority.cache_clear()


def archive(pdf: bytes) -> bytes:
    """`pdf` with one more revision: what proves each signature, and a time stamp over it all (PAdES B-LTA).

    The first time it gathers the chains and revocations of every signature; later, to renew, those of the last time
    stamp. Goes to the network. Raises TimestampUnavailable, RevocationUnknown, CertificateRevoked and
    CertificateNotTrusted.
    """
    stamper = authority()
    if stamper is None:
        raise TimestampUnavailable
    try:
        return _with_proof(pdf, stamper)
    except errors.RevokedError as error:
        raise CertificateRevoked from error
    except errors.InsufficientRevinfoError as error:
        raise RevocationUnknown from error
    except (errors.ValidationError, errors.PathError) as error:
        forget_authority()
        raise CertificateNotTrusted from error
    except FAILURES as error:
        raise TimestampUnavailable from error


def _with_proof(pdf: bytes, stamper: TimeStamper) -> bytes:
    """With short lists as proof; with OCSP answers where there are none."""
    try:
        return revocation.run(_archive(pdf, stamper, by_lists=True))
    except errors.RevokedError:
        raise
    except errors.InsufficientRevinfoError:
        return revocation.run(_archive(pdf, stamper, by_lists=False))


async def _archive(pdf: bytes, stamper: TimeStamper, *, by_lists: bool) -> bytes:
    writer, context = IncrementalPdfFileWriter(BytesIO(pdf)), revocation.context(by_lists=by_lists)
    stamps = writer.prev.embedded_timestamp_signatures
    paths = [
        path for item in stamps[-1:] or writer.prev.embedded_regular_signatures for path in await _proof(item, context)
    ]
    DocumentSecurityStore.supply_dss_in_writer(writer, None, paths=paths, validation_context=context)
    field = f"SelloDeTiempo{len(stamps) + 1}"
    output = BytesIO()
    await PdfTimeStamper(stamper, field_name=field, readable_field_name="Sello de tiempo").async_timestamp_pdf(
        writer,
        DIGEST,
        validation_context=context,
        bytes_reserved=STAMP_ROOM,
        output=output,
        dss_settings=TimestampDSSContentSettings(include_vri=False, update_before_ts=True),
    )
    return output.getvalue()


async def _proof(item: Any, context: ValidationContext) -> list[Any]:
    """The chains of a signature and of its time stamp; what the issuers answered stays in the context."""
    paths: list[Any] = await collect_validation_info(item, context)
    return paths
