"""With what it is signed: the demonstration's keys, an institution's own seal, and the authority of time."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from pytest_django import Settings

from accounts.models import Agency, Person
from documents.api import read_blob
from documents.models import Document
from jobs.api import Job, drain, resume_blocked
from legaltime.api import now as clock_now
from signatures import backends, keystore, pki, trust
from signatures.analysis import read_signatures
from signatures.api import seal_document
from signatures.errors import NoSigningKey
from signatures.report import report
from signatures.verification import verify_file
from tests.documents.makers import decree, new_document
from tests.signatures.tsa import Authority, authority


def sealed(agency: Agency) -> Document:
    document = new_document(agency, required_signature="seal", content=decree(signers=()))
    seal_document(document=document, case_id=None, on_done="", on_dead="", now=clock_now())
    drain()
    document.refresh_from_db()
    return document


# The demonstration


def test_the_chain_goes_from_the_person_to_a_root_that_says_it_is_a_demonstration(carla: Person) -> None:
    identity = keystore.key_of(carla, clock_now())
    names = [pki.common_name(item.subject) for item in (identity.certificate, *identity.chain)]
    assert names == ["DEMOSTRACIÓN Carla Muñoz", "CA de demostración", "Raíz de demostración"]
    identity.certificate.verify_directly_issued_by(identity.chain[0])
    identity.chain[0].verify_directly_issued_by(identity.chain[1])
    assert trust.is_demonstration(identity.certificate)


def test_the_run_stands_where_the_chilean_profile_wants_it(carla: Person) -> None:
    certificate = keystore.key_of(carla, clock_now()).certificate
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    (other,) = names
    assert isinstance(other, x509.OtherName)
    assert other.type_id.dotted_string == "1.3.6.1.4.1.8321.1"
    assert pki.run_of_certificate(certificate) == "33333333-3"


@pytest.mark.parametrize(
    ("der", "run"),
    [
        (b"\x16\x0a12345678-5", "12345678-5"),
        (b"\x0c\x0c12.345.678-5", "12345678-5"),
        (b"\x13\x0a07880442-4", "7880442-4"),
        (b"\x04\x02xx", ""),
        (b"\x16\x0a1234", ""),
        (b"", ""),
    ],
)
def test_the_run_is_read_from_whatever_string_type_wraps_it(der: bytes, run: str) -> None:
    assert pki.tidy_number(pki._decoded(der)) == run


def test_the_same_key_is_used_until_it_expires_and_then_another_one(carla: Person) -> None:
    now = clock_now()
    first = keystore.key_of(carla, now).certificate
    assert keystore.key_of(carla, now + timedelta(days=100)).certificate == first
    later = now + timedelta(days=365 * pki.HOLDER_YEARS + 1)
    assert keystore.key_of(carla, later).certificate != first


def test_keys_are_not_legible_on_disk(carla: Person, settings: Settings) -> None:
    keystore.key_of(carla, clock_now())
    files = list((Path(settings.KEYS_DIR) / "signing").iterdir())
    assert len(files) == 2
    for file in files:
        assert b"PRIVATE KEY" not in file.read_bytes()
        assert file.stat().st_mode & 0o077 == 0


def test_outside_the_demonstration_there_are_no_software_keys(
    agency: Agency, carla: Person, settings: Settings
) -> None:
    settings.DEMO = False
    with pytest.raises(NoSigningKey):
        keystore.key_of(carla, clock_now())
    with pytest.raises(NoSigningKey):
        keystore.seal_of(agency, clock_now())


def test_a_demonstration_key_left_in_production_is_not_trusted(agency: Agency, settings: Settings) -> None:
    document = sealed(agency)
    assert document.blob is not None
    settings.DEMO = False
    (found,) = read_signatures(read_blob(document.blob), trust.roots(), trust.demo_root(), now=clock_now())
    assert not found.trusted


# An institution's own seal


def install_seal(agency: Agency, days: int = 365) -> x509.Certificate:
    """A PKCS#12 as a provider delivers it, with an RSA key, and its root among the trusted ones. Returns the root."""
    now = clock_now()
    ca = pki.new_authority(now)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    builder = x509.CertificateBuilder(
        subject_name=x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Sello de la Municipalidad")]),
        issuer_name=ca.certificate.subject,
        public_key=key.public_key(),
        serial_number=7,
        not_valid_before=now - timedelta(days=30),
        not_valid_after=now + timedelta(days=days),
    )
    builder = builder.add_extension(pki._usage(signs_documents=True), critical=True)
    certificate = builder.sign(ca.key, hashes.SHA256())
    path = keystore.own_seal_path(agency)
    path.parent.mkdir(parents=True)
    chain = [ca.certificate, *ca.chain]
    secret = BestAvailableEncryption(b"clave")
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"sello", key, certificate, chain, secret))
    path.with_suffix(".pass").write_text("clave\n")
    folder = path.parent.parent / "trust"
    folder.mkdir()
    (folder / "raiz.pem").write_bytes(ca.chain[-1].public_bytes(Encoding.PEM))
    return ca.chain[-1]


def test_an_installed_seal_is_used_instead_of_the_demonstrations(agency: Agency, settings: Settings) -> None:
    settings.DEMO = False
    install_seal(agency)
    document = sealed(agency)
    assert document.blob is not None
    (found,) = read_signatures(read_blob(document.blob), trust.roots(), now=clock_now())
    assert found.holder == "Sello de la Municipalidad"
    assert found.is_sound
    assert not found.demonstration


def test_an_expired_seal_blocks_the_job_which_goes_on_when_it_is_renewed(agency: Agency) -> None:
    install_seal(agency, days=-1)
    document = sealed(agency)
    blocked = Job.objects.get(state=Job.State.BLOCKED)
    assert "vencido" in blocked.last_error
    keystore.own_seal_path(agency).unlink()
    resume_blocked("signatures.apply", clock_now())
    drain()
    document.refresh_from_db()
    assert document.state == Document.State.IN_FORCE


# Time


@pytest.fixture
def clock(settings: Settings) -> Iterator[Authority]:
    """A trusted authority of time that this installation uses."""
    with authority(clock_now()) as running:
        settings.TSA_URL = running.url
        folder = Path(settings.KEYS_DIR) / "trust"
        folder.mkdir(parents=True)
        (folder / "tiempo.pem").write_bytes(running.certificate.public_bytes(Encoding.PEM))
        backends.backend.cache_clear()
        yield running
    backends.backend.cache_clear()


def test_with_an_authority_of_time_the_signature_carries_its_stamp(agency: Agency, clock: Authority) -> None:
    document = sealed(agency)
    request = document.signature_requests.get()
    assert (request.level, request.has_timestamp) == ("B-T", True)
    assert document.content["timestamped"] is True
    assert document.blob is not None
    assert "Con sello de tiempo" in report(verify_file(read_blob(document.blob))).signatures[0].when


def test_an_authority_that_is_down_delays_the_signature_and_never_weakens_it(agency: Agency, clock: Authority) -> None:
    clock.is_down = True
    document = sealed(agency)
    assert document.state == Document.State.ISSUING
    clock.is_down = False
    with time_machine.travel(clock_now() + timedelta(minutes=30), tick=True):
        drain()
    document.refresh_from_db()
    assert document.signature_requests.get().level == "B-T"
