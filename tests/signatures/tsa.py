"""A time stamp authority on this machine: RFC 3161 over HTTP, with its own root."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper


class Authority:
    """A self-signed authority. `is_down` makes it answer with an error."""

    def __init__(self, now: datetime) -> None:
        self.is_down = False
        self.url = ""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Autoridad de tiempo de prueba")])
        builder = x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key())
        builder = builder.serial_number(1).not_valid_before(now - timedelta(days=1))
        builder = builder.not_valid_after(now + timedelta(days=30))
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        self.certificate = builder.add_extension(usage, critical=True).sign(key, hashes.SHA256())
        der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        self._stamper = DummyTimeStamper(
            asn1_x509.Certificate.load(self.certificate.public_bytes(Encoding.DER)), keys.PrivateKeyInfo.load(der)
        )

    def answer(self, body: bytes) -> bytes:
        """The token for a request."""
        request = tsp.TimeStampReq.load(body)
        return bytes(asyncio.run(self._stamper.async_request_tsa_response(request)).dump())


@contextmanager
def authority(now: datetime) -> Iterator[Authority]:
    """The authority, answering on a free port of this machine."""
    clock = Authority(now)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(503 if clock.is_down else 200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(b"" if clock.is_down else clock.answer(body))

        def log_message(self, format: str, *args: object) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    clock.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield clock
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
