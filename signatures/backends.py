"""Who turns a digest into a signature: one protocol, and the software keys behind it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Protocol

from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from django.conf import settings
from pyhanko.sign.attributes import CMSAttributeProvider, SignedAttributeProviderSpec
from pyhanko.sign.general import as_signing_certificate_v2
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko.sign.timestamps.api import TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from signatures import keystore, pki, revocation, timestamps
from signatures.errors import CertificateNotValid, NoSigningKey, TimestampUnavailable
from signatures.models import SignatureRequest
from signatures.pdf import DIGEST
from signatures.pki import Identity


@dataclass(frozen=True)
class Signed:
    """A CMS signature (DER) and the certificate that it names."""

    cms: bytes
    certificate: x509.Certificate
    revocation: str
    """SignatureRequest.Revocation: what was found when asking whether the certificate is revoked."""


class Backend(Protocol):
    """A means of signing. A remote one may take long and may be asked again under the same key."""

    name: str
    bytes_reserved: int
    """Hexadecimal digits to keep free in the PDF: twice the longest CMS, time stamp included."""

    def sign(self, request: SignatureRequest, digest: bytes, *, key: str, now: datetime) -> Signed:
        """A PAdES CMS over `digest` (SHA-256 of the byte range). `key` is the same in every attempt.

        Raises, before anything is signed: NoSigningKey, CertificateNotValid, CertificateNotTrusted,
        CertificateRevoked and RevocationUnknown; and TimestampUnavailable.
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
        asked = revocation.check(identity)
        status = SignatureRequest.Revocation.GOOD if asked else SignatureRequest.Revocation.NOT_OFFERED
        return Signed(self._cms(identity, digest), identity.certificate, status)

    def _cms(self, identity: Identity, digest: bytes) -> bytes:
        """The signature with its time stamp; without one where the authority is down and nobody waits for it."""
        try:
            return _cms(identity, digest, self._timestamper)
        except timestamps.FAILURES as error:
            if settings.TSA_REQUIRED:
                raise TimestampUnavailable from error
        return _cms(identity, digest, None)


def _cms(identity: Identity, digest: bytes, timestamper: TimeStamper | None) -> bytes:
    signing = _signer(identity).async_sign(digest, DIGEST, use_pades=True, timestamper=timestamper)
    return bytes(revocation.run(signing).dump())


@cache
def backend(name: str) -> Backend:
    """The means of signing that a request names. Raises NoSigningKey for one that is not installed."""
    if name != SoftwareBackend.name:
        raise NoSigningKey
    return SoftwareBackend(timestamps.authority())


def _identity(request: SignatureRequest, now: datetime) -> Identity:
    """A personal key for an advanced signature. A simple one is sealed: the evidence record says who and how."""
    if request.kind != SignatureRequest.Kind.ADVANCED:
        return keystore.seal_of(request.document.agency, now)
    if request.signer is None:
        raise NoSigningKey
    return keystore.key_of(request.signer, now)


class EncodedCertificateName(CMSAttributeProvider):
    """The attribute that names the signing certificate, encoded once: building it anew costs nine tenths of a CMS."""

    attribute_type = "signing_certificate_v2"

    def __init__(self, certificate: asn1_x509.Certificate) -> None:
        self._encoded = as_signing_certificate_v2(certificate).dump()

    async def build_attr_value(self, dry_run: bool = False) -> tsp.SigningCertificateV2:
        """The value, which keeps its encoding."""
        return tsp.SigningCertificateV2.load(self._encoded)


class PadesAttributes(SignedAttributeProviderSpec):
    """What PAdES B-B signs beside the digest: which certificate it was."""

    def __init__(self, certificate: asn1_x509.Certificate) -> None:
        self._name = EncodedCertificateName(certificate)

    def signed_attr_providers(self, data_digest: bytes, digest_algorithm: str) -> Iterable[CMSAttributeProvider]:
        """The one attribute."""
        return (self._name,)


class KeySigner(Signer):
    """pyHanko's signer over a key that is parsed once; its own parses the key again at every signature."""

    def __init__(self, identity: Identity) -> None:
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple([revocation.as_asn1(item) for item in identity.chain])
        certificate = revocation.as_asn1(identity.certificate)
        super().__init__(signing_cert=certificate, cert_registry=store, embed_roots=True)
        self.signed_attr_prov_spec = PadesAttributes(certificate)
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
