"""Software keys on disk, sealed by the vault: the demonstration's authority and holders, an agency's PKCS#12 seal.

KEYS_DIR/signing/authority, clock, agency-<id>, person-<id>    sealed, made at first use, only in the demonstration
KEYS_DIR/demo-revoked.json                                     what the demonstration's authority revoked, and when
KEYS_DIR/seals/<agency code>.p12 and .pass                     an agency's own seal, put there by whoever installs
"""

import base64
import json
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from django.conf import settings

from accounts import api as accounts
from accounts.models import Agency, Person
from signatures import pki
from signatures.errors import NoSigningKey
from signatures.pki import Authority, Identity

AUTHORITY, CLOCK = "authority", "clock"
CLOCK_MUST_LAST = timedelta(days=365)
"""A stamp that expires soon proves little: the authority of time changes its key well before."""
SITE = "http://pki.sinpapeleo.example"
"""Where the demonstration's certificates say that revocations are published: a name that only this installation
resolves, to its own process (see `signatures.revocation`), whatever its port today."""


def seal_of(agency: Agency, now: datetime) -> Identity:
    """The agency's seal: its own PKCS#12 if installed, else a demonstration key. Raises NoSigningKey."""
    if own_seal_path(agency).exists():
        return _own_seal(str(own_seal_path(agency)), own_seal_path(agency).stat().st_mtime_ns)
    return _demo_holder(f"agency-{agency.pk}", agency.name, agency.rut, now)


def key_of(person: Person, now: datetime) -> Identity:
    """A person's demonstration key. Raises NoSigningKey outside the demonstration."""
    return _demo_holder(f"person-{person.pk}", person.full_name, accounts.run_of(person), now)


def own_seal_path(agency: Agency) -> Path:
    """Where an agency's own PKCS#12 goes."""
    return Path(settings.KEYS_DIR) / "seals" / f"{agency.code}.p12"


def demo_authority(now: datetime) -> Authority:
    """The demonstration's authority, made at first use. Raises NoSigningKey outside the demonstration."""
    if not settings.DEMO:
        raise NoSigningKey
    site = demo_site()
    found = _kept(AUTHORITY, now, lambda: pki.new_authority(now, site), _names_its_revocations_if(site))
    if not isinstance(found, Authority):
        raise NoSigningKey
    return found


def demo_clock(now: datetime) -> Identity:
    """The key of the demonstration's time stamp authority. Raises NoSigningKey outside the demonstration."""
    authority = demo_authority(now)

    def is_current(identity: Identity) -> bool:
        return _issued_by(authority)(identity) and identity.certificate.not_valid_after_utc > now + CLOCK_MUST_LAST

    return _kept(CLOCK, now, lambda: pki.new_clock(authority, now=now, site=demo_site()), is_current)


def demo_site() -> str:
    """Where the demonstration publishes its revocations; empty when it does not."""
    return SITE if settings.DEMO and settings.DEMO_PKI_PORT else ""


def revoke(identity: Identity, now: datetime) -> None:
    """Have the demonstration's authority revoke a certificate that it issued."""
    revoked = {**demo_revoked(), identity.certificate.serial_number: now}
    part = _revoked_path().with_suffix(".part")
    part.write_text(json.dumps({str(serial): moment.isoformat() for serial, moment in revoked.items()}))
    part.replace(_revoked_path())


def demo_revoked() -> dict[int, datetime]:
    """Serial numbers that the demonstration's authority revoked, and when."""
    if not _revoked_path().exists():
        return {}
    found = json.loads(_revoked_path().read_text())
    return {int(serial): datetime.fromisoformat(moment) for serial, moment in found.items()}


def demo_root() -> x509.Certificate | None:
    """The root of the demonstration, if this installation ever made one."""
    path = _path(AUTHORITY)
    return _loaded(str(path), path.stat().st_mtime_ns).chain[-1] if path.exists() else None


def sealed_files() -> list[accounts.FileOnDisk]:
    """The files of this room that the vault sealed."""
    folder = Path(settings.KEYS_DIR) / "signing"
    return [accounts.FileOnDisk(path) for path in folder.glob("*") if not path.name.startswith(".")]


def _demo_holder(name: str, holder: str, number: str, now: datetime) -> Identity:
    authority = demo_authority(now)

    def make() -> Identity:
        return pki.new_holder(authority, name=holder, number=number, now=now, site=demo_site())

    return _kept(name, now, make, _issued_by(authority))


def _issued_by(authority: Identity) -> Callable[[Identity], bool]:
    return lambda identity: identity.chain[0] == authority.certificate


def _names_its_revocations_if(site: str) -> Callable[[Identity], bool]:
    return lambda identity: pki.names_its_revocations(identity.certificate) == bool(site)


def _kept(name: str, now: datetime, make: Callable[[], Identity], is_current: Callable[[Identity], bool]) -> Identity:
    """The identity stored under `name`; made when missing, when its certificate ran out, or when not current."""
    path = _path(name)
    if path.exists():
        identity = _loaded(str(path), path.stat().st_mtime_ns)
        if identity.certificate.not_valid_after_utc > now and is_current(identity):
            return identity
        path.rename(path.with_name(f"{name}-until-{now:%Y%m%d%H%M%S}"))
    _write_once(path, accounts.seal(_dumped(make()), _context(path)))
    return _loaded(str(path), path.stat().st_mtime_ns)


def _revoked_path() -> Path:
    return Path(settings.KEYS_DIR) / "demo-revoked.json"


def _path(name: str) -> Path:
    return Path(settings.KEYS_DIR) / "signing" / name


def _context(path: Path) -> str:
    return f"signing-key:{path.name}"


@lru_cache(maxsize=256)
def _loaded(path: str, stamp: int) -> Identity:
    """Parsed once per process and version of the file: checking a key costs more than signing with it."""
    place = Path(path)
    data = json.loads(accounts.open_sealed(place.read_bytes(), _context(place)))
    key = load_pem_private_key(data["key"].encode(), password=None)
    certificate, *chain = (x509.load_pem_x509_certificate(pem.encode()) for pem in data["certificates"])
    if "root_crl" in data:
        return Authority(key, certificate, tuple(chain), base64.b64decode(data["root_crl"]))  # type: ignore[arg-type]
    return Identity(key, certificate, tuple(chain))  # type: ignore[arg-type]


@lru_cache(maxsize=64)
def _own_seal(path: str, stamp: int) -> Identity:
    passphrase = Path(path).with_suffix(".pass").read_text().strip().encode()
    key, certificate, others = pkcs12.load_key_and_certificates(Path(path).read_bytes(), passphrase)
    if key is None or certificate is None:
        raise NoSigningKey
    return Identity(key, certificate, tuple(others))  # type: ignore[arg-type]


def _dumped(identity: Identity) -> bytes:
    key = identity.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    certificates = [item.public_bytes(Encoding.PEM).decode() for item in (identity.certificate, *identity.chain)]
    data = {"key": key.decode(), "certificates": certificates}
    if isinstance(identity, Authority):
        data["root_crl"] = base64.b64encode(identity.root_crl).decode()
    return json.dumps(data).encode()


def _write_once(path: Path, data: bytes) -> None:
    """Put the whole file in place, unless another process did so first: then its file stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        path.hardlink_to(part)
    part.unlink()
