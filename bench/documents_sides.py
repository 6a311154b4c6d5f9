"""The sides of `bench.documents`, in one process with Django ready; the last line is JSON."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, SimpleSigner, sign_pdf
from weasyprint import CSS, HTML

from bench import sides
from documents.api import LimitedChild
from documents.rendering import client
from legaltime.api import now
from signatures import backends, keystore, pki, timestamps
from signatures.pdf import Place, fill, prepare
from signatures.pki import Identity
from tests.documents.makers import complete

ROOM = 32_768
EMPTY_IMAGE = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>"
"""The tutorial side draws no QR, which is to its advantage."""


def main(rounds: int) -> None:
    """Print the tables, then one line of JSON."""
    with provider():
        identity = rsa_identity()
        found = {
            **against_tutorial(identity, rounds),
            **signing(identity, rounds),
            **closing(identity, rounds),
            **two_processes(rounds),
        }
    print(json.dumps(found))


@contextmanager
def provider() -> Iterator[None]:
    """Time stamps and revocation lists in a process of their own, over HTTP."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "demo_pki"]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                requests.get(f"http://127.0.0.1:{settings.DEMO_PKI_PORT}/raiz.crl", timeout=5)
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        yield
    finally:
        running.terminate()
        running.wait()


def rsa_identity() -> Identity:
    """A holder with RSA-2048, as providers give them."""
    moment = now()
    authority = keystore.demo_authority(moment)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    model = pki.new_holder(authority, name="Medida", number="1-9", now=moment, site=keystore.demo_site()).certificate
    builder = x509.CertificateBuilder(
        subject_name=model.subject,
        issuer_name=model.issuer,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=moment - timedelta(minutes=5),
        not_valid_after=model.not_valid_after_utc,
    )
    for extension in model.extensions:
        if not isinstance(extension.value, x509.SubjectKeyIdentifier):
            builder = builder.add_extension(extension.value, extension.critical)
    certificate = builder.sign(authority.key, hashes.SHA256())
    return Identity(key, certificate, (authority.certificate, *authority.chain))


def against_tutorial(identity: Identity, rounds: int) -> dict[str, Any]:
    """From content to signed PDF, both ways."""
    request = client._request(complete())
    folder = Path(settings.DATA_DIR)
    key = identity.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(key)
    (folder / "certificate.pem").write_bytes(identity.certificate.public_bytes(Encoding.PEM))
    (folder / "ca.pem").write_bytes(identity.chain[0].public_bytes(Encoding.PEM))

    def tutorial() -> bytes:
        html = request["html"].replace("urn:recurso:qr.svg", EMPTY_IMAGE)
        pdf = HTML(string=html).write_pdf(
            stylesheets=[CSS(string=style) for style in request["styles"]], pdf_variant="pdf/a-3a"
        )
        signer = SimpleSigner.load(  # type: ignore[no-untyped-call]
            str(folder / "key.pem"), str(folder / "certificate.pem"), ca_chain_files=(str(folder / "ca.pem"),)
        )
        out = sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), PdfSignatureMetadata(field_name="Firma"), signer=signer)
        return bytes(out.getbuffer())

    def ours() -> bytes:
        return signed(client.render(complete()).data, identity)

    timings = sides.alternate({"como en los tutoriales": tutorial, "Sin Papeleo": ours}, rounds=rounds, warm_up=2)
    print(sides.table(timings, "como en los tutoriales"))
    ratio = timings["como en los tutoriales"].median / timings["Sin Papeleo"].median
    return {"documents_ratio_to_tutorial": round(ratio, 2), "documents": sides.figures(timings)}


def signed(pdf: bytes, identity: Identity) -> bytes:
    """A B-B signature that closes the document."""
    place = Place("Sello", certifies=True, closes=True, signer_name="Medida", reason="Medida")
    waiting = prepare(pdf, place, fields=(("Sello", "Sello"),), bytes_reserved=ROOM, now=now())
    return fill(waiting, backends._cms(identity, waiting.digest, None))


def signing(identity: Identity, rounds: int) -> dict[str, Any]:
    """Processor time of a signature, over that of the bare RSA-2048 operation."""
    pdf, key = client.render(complete()).data, identity.key
    assert isinstance(key, rsa.RSAPrivateKey)
    own, bare = [], []
    for _ in range(rounds * 4):
        own.append(processor_ms(lambda: signed(pdf, identity)))
        bare.append(processor_ms(lambda: [key.sign(b"x", padding.PKCS1v15(), hashes.SHA256()) for _ in range(20)]) / 20)
    ratio = statistics.median(own) / statistics.median(bare)
    print(f"firma B-B {statistics.median(own):.1f} ms de procesador, RSA-2048 sola {statistics.median(bare):.2f} ms")
    return {
        "sign_over_rsa2048": round(ratio, 1),
        "sign_cpu_ms": round(statistics.median(own), 2),
        "rsa2048_cpu_ms": round(statistics.median(bare), 3),
    }


def closing(identity: Identity, rounds: int) -> dict[str, Any]:
    """Processor time of closing a signed document as B-LTA; the authority works in a process of its own."""
    pdf = client.render(complete()).data
    place = Place("Sello", certifies=True, closes=True, signer_name="Medida", reason="Medida")
    own, wall = [], []
    for turn in range(rounds + 1):
        waiting = prepare(pdf, place, fields=(("Sello", "Sello"),), bytes_reserved=ROOM, now=now())
        stamped = fill(waiting, backends._cms(identity, waiting.digest, timestamps.authority()))
        started = time.perf_counter()
        spent = processor_ms(lambda stamped=stamped: timestamps.archive(stamped))  # type: ignore[misc]
        if turn:
            own.append(spent)
            wall.append((time.perf_counter() - started) * 1000)
    print(f"cierre B-LTA {statistics.median(own):.1f} ms de procesador, {statistics.median(wall):.1f} ms de reloj")
    return {"lta_close_ms": round(statistics.median(own), 1), "lta_close_wall_ms": round(statistics.median(wall), 1)}


def two_processes(rounds: int) -> dict[str, Any]:
    """Documents per second of two rendering children over those of one, in turns."""
    request = client._request(complete())
    children = [_child(), _child()]
    for child in children:
        child.ask(request)
    count = max(4, rounds // 2)

    def some(child: LimitedChild) -> None:
        for _ in range(count):
            child.ask(request)

    def both() -> None:
        threads = [threading.Thread(target=some, args=(child,)) for child in children]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    turns: dict[str, sides.Side] = {
        "un proceso": lambda: some(children[0]),
        "dos procesos": both,
        "solo sumar, un proceso": lambda: sums(1),
        "solo sumar, dos procesos": lambda: sums(2),
    }
    timings = sides.alternate(turns, rounds=max(3, rounds // 5))
    print(sides.table(timings, "un proceso"))

    def gain(one: str, two: str) -> float:
        return round(2 * timings[one].median / timings[two].median, 2)

    return {
        "two_process_ratio": gain("un proceso", "dos procesos"),
        "two_process_ratio_of_sums": gain("solo sumar, un proceso", "solo sumar, dos procesos"),
        "rendering": sides.figures(timings),
    }


def sums(processes: int) -> None:
    """As many processes that only add numbers: what a second core of this machine is worth at best."""
    command = [sys.executable, "-c", "sum(range(30_000_000))"]
    for running in [subprocess.Popen(command) for _ in range(processes)]:
        running.wait()


def _child() -> LimitedChild:
    like = client._child()
    return LimitedChild(
        "documents.rendering.child",
        address_space=1 << 30,
        cpu_seconds=30,
        wall_seconds=60,
        requests_per_child=10_000,
        environment=like._environment,
    )


def processor_ms(work: Callable[[], object]) -> float:
    """Processor time of this process, in ms."""
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1000
