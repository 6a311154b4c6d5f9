"""Which roots this installation trusts."""

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from django.conf import settings

from signatures import keystore
from signatures.pki import NO_LEGAL_VALUE


def roots() -> list[bytes]:
    """DER roots: those in KEYS_DIR/trust/*.pem and, only in the demonstration, the demonstration's."""
    found = [_der(item) for path in _pem_files() for item in x509.load_pem_x509_certificates(path.read_bytes())]
    return [*found, demo_root()] if settings.DEMO and demo_root() else found


def demo_root() -> bytes:
    """The demonstration's root as DER; empty when there is none."""
    root = keystore.demo_root()
    return _der(root) if root is not None else b""


def is_demonstration(certificate: x509.Certificate) -> bool:
    """Whether the certificate says of itself that it has no legal value, as the demonstration's do."""
    issuer = certificate.issuer.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return any(item.value == NO_LEGAL_VALUE for item in issuer)


def _pem_files() -> list[Path]:
    return sorted((settings.KEYS_DIR / "trust").glob("*.pem"))


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)
