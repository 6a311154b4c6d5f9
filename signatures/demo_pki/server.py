"""What a certificate provider serves over HTTP, for the demonstration: time stamps, revocation lists and OCSP.

Only for this machine, with keys that have no legal value. It reads the keys at each request, so it may start first.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from legaltime.api import now as clock_now
from signatures import keystore, pki
from signatures.demo_pki.clock import stamp

LONGEST = 64 * 1024
"""Bytes of a request."""
LIST_LASTS = timedelta(days=1)
ANSWER_LASTS = timedelta(hours=1)


def server(port: int) -> ThreadingHTTPServer:
    """A server on the loopback address, not serving yet; port 0 takes a free one. OSError when the port is taken."""
    return ThreadingHTTPServer(("127.0.0.1", port), Provider)


class Provider(BaseHTTPRequestHandler):
    """GET /raiz.crl and /ca.crl; POST /tsa and /ocsp."""

    timeout = 10

    def do_GET(self) -> None:
        """A revocation list."""
        lists = {"/raiz.crl": _root_list, "/ca.crl": _list}
        if self.path not in lists:
            self.send_error(404)
            return
        self._send("application/pkix-crl", lists[self.path](clock_now()))

    def do_POST(self) -> None:
        """A time stamp, or whether a certificate is revoked."""
        services: dict[str, tuple[str, Callable[[bytes, datetime], bytes]]] = {
            "/tsa": ("application/timestamp-reply", _stamped),
            "/ocsp": ("application/ocsp-response", _status),
        }
        length = int(self.headers.get("Content-Length", "0"))
        if self.path not in services or not 0 < length <= LONGEST:
            self.send_error(404 if self.path not in services else 413)
            return
        media_type, answer = services[self.path]
        self._send(media_type, answer(self.rfile.read(length), clock_now()))

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: what is asked here is in the job table already."""

    def _send(self, media_type: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _root_list(now: datetime) -> bytes:
    return keystore.demo_authority(now).root_crl


def _list(now: datetime) -> bytes:
    authority = keystore.demo_authority(now)
    return pki.revocation_list(authority, keystore.demo_revoked(), now=now, until=now + LIST_LASTS)


def _stamped(request: bytes, now: datetime) -> bytes:
    return stamp(request, keystore.demo_clock(now), now)


def _status(request: bytes, now: datetime) -> bytes:
    """The OCSP answer (RFC 6960), signed by the authority itself."""
    unsuccessful = ocsp.OCSPResponseBuilder.build_unsuccessful
    try:
        asked = ocsp.load_der_ocsp_request(request)
    except ValueError:
        return unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST).public_bytes(Encoding.DER)
    authority = keystore.demo_authority(now)
    own = x509.SubjectKeyIdentifier.from_public_key(authority.certificate.public_key())
    if asked.issuer_key_hash != _key_hash(own, authority.certificate, asked.hash_algorithm):
        return unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED).public_bytes(Encoding.DER)
    return _signed_status(asked, authority.certificate, authority.key, now)


def _key_hash(own: x509.SubjectKeyIdentifier, certificate: x509.Certificate, algorithm: hashes.HashAlgorithm) -> bytes:
    """Digest of the issuer's key as OCSP counts it: for SHA-1 it is the key's usual identifier."""
    if isinstance(algorithm, hashes.SHA1):
        return own.digest
    probe = ocsp.OCSPRequestBuilder().add_certificate(certificate, certificate, algorithm).build()
    return probe.issuer_key_hash


def _signed_status(
    asked: ocsp.OCSPRequest,
    certificate: x509.Certificate,
    key: CertificateIssuerPrivateKeyTypes,
    now: datetime,
) -> bytes:
    revoked_at = keystore.demo_revoked().get(asked.serial_number)
    builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
        asked.issuer_name_hash,
        asked.issuer_key_hash,
        asked.serial_number,
        asked.hash_algorithm,
        ocsp.OCSPCertStatus.REVOKED if revoked_at else ocsp.OCSPCertStatus.GOOD,
        now,
        now + ANSWER_LASTS,
        revoked_at,
        None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, certificate).certificates([certificate])
    for extension in asked.extensions:
        if isinstance(extension.value, x509.OCSPNonce):
            builder = builder.add_extension(extension.value, critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
