"""Who turns a digest into a signature: one protocol, and the software keys behind it."""

from asyncio import run
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, Protocol

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko.sign.timestamps.api import TimeStamper
from pyhanko.sign.timestamps.requests_client import RequestsHTTPTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from signatures import keystore, pki
from signatures.errors import CertificateNotValid, NoSigningKey
from signatures.models import SignatureRequest
from signatures.pdf import DIGEST
from signatures.pki import Identity


@dataclass(frozen=True)
class Signed:
    """A CMS signature (DER) and the certificate that it names."""

    cms: bytes
    certificate: x509.Certificate


class Backend(Protocol):
    """A means of signing. A remote one may take long and may be asked again under the same key."""

    name: str
    bytes_reserved: int
    """Hexadecimal digits to keep free in the PDF: twice the longest CMS, time stamp included."""

    def sign(self, request: SignatureRequest, digest: bytes, *, key: str, now: datetime) -> Signed:
        """A PAdES CMS over `digest` (SHA-256 of the byte range). `key` is the same in every attempt.

        Raises NoSigningKey and CertificateNotValid before anything is signed.
        """


class SoftwareBackend:
    """Keys of this installation: an agency's seal, and the demonstration's personal keys."""

    name = "software"

    def __init__(self, timestamper: TimeStamper | None) -> None:
        self._timestamper = timestamper
        self.bytes_reserved = 32_768 if timestamper else 16_384

    def sign(self, request: SignatureRequest, digest: bytes, *, key: str, now: datetime) -> Signed:
        """Sign with the holder's key. Signing the same digest twice does no harm, so `key` is not needed."""
        identity = _identity(request, now)
        if not pki.is_valid_at((identity.certificate, *identity.chain), now):
            raise CertificateNotValid
        signing = _signer(identity).async_sign(digest, DIGEST, use_pades=True, timestamper=self._timestamper)
        content = _finished(signing)
        return Signed(content.dump(), identity.certificate)


@cache
def backend(name: str) -> Backend:
    """The means of signing that a request names. Raises NoSigningKey for one that is not installed."""
    if name != SoftwareBackend.name:
        raise NoSigningKey
    return SoftwareBackend(_timestamper())


def _timestamper() -> TimeStamper | None:
    """The authority of settings.TSA_URL; None leaves signatures at level B-B, and documents say so."""
    if not settings.TSA_URL:
        return None
    return RequestsHTTPTimeStamper(settings.TSA_URL, timeout=10)  # type: ignore[no-untyped-call]


def _identity(request: SignatureRequest, now: datetime) -> Identity:
    """A personal key for an advanced signature. A simple one is sealed: the evidence record says who and how."""
    if request.kind != SignatureRequest.Kind.ADVANCED:
        return keystore.seal_of(request.document.agency, now)
    if request.signer is None:
        raise NoSigningKey
    return keystore.key_of(request.signer, now)


def _finished(work: Coroutine[Any, Any, Any]) -> Any:
    """The result of pyHanko's coroutine, run in a thread of its own: the caller may be inside an event loop."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(run, work).result()


class KeySigner(Signer):
    """pyHanko's signer over a key that is parsed once; its own parses the key again at every signature."""

    def __init__(self, identity: Identity) -> None:
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple([_asn1(item) for item in identity.chain])
        super().__init__(signing_cert=_asn1(identity.certificate), cert_registry=store, embed_roots=True)
        self._key = identity.key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """The raw signature of `data`, hashed with SHA-256."""
        if dry_run:
            return bytes(512)
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        if isinstance(self._key, ec.EllipticCurvePrivateKey):
            return self._key.sign(data, ec.ECDSA(hashes.SHA256()))
        raise NoSigningKey


@lru_cache(maxsize=256)
def _signer(identity: Identity) -> KeySigner:
    return KeySigner(identity)


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
