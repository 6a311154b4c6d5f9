"""The verdict on a document that somebody presents: pure, no Django."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """In the words of the verification page."""

    AUTHENTIC = "Auténtico e íntegro"
    WITH_ADDITIONS = "Auténtico, pero esta copia tiene añadidos"
    ALTERED = "Alterado"
    NOT_ISSUED = "No emitido por este servicio"
    UNREADABLE = "No se pudo analizar"


@dataclass(frozen=True)
class FoundSignature:
    """What a reader of the PDF finds about one signature or document time stamp. Times are ISO 8601."""

    field: str
    digest: str
    """Digest of the signed bytes as the signature states it (hexadecimal)."""
    intact: bool
    """The signed bytes still have that digest."""
    valid: bool
    """The cryptography holds."""
    trusted: bool
    """The certificate leads to a root that we trust, and was inside its dates when it says it signed."""
    demonstration: bool
    """The root is the demonstration's."""
    covers_file: bool
    """Nothing comes after the bytes that it covers."""
    later_changes: str
    """"none", "archival" (validation data, time stamps), "filling" (a later signature) or "other"."""
    allowed_changes: bool
    """The later changes are those that the document's own locks allow."""
    is_timestamp: bool = False
    certificate_sha256: str = ""
    holder: str = ""
    run: str = ""
    issuer: str = ""
    declared_at: str = ""
    stamped_at: str = ""

    @property
    def is_sound(self) -> bool:
        """Holds, is trusted, and only changes that its locks allow came after."""
        return self.intact and self.valid and self.trusted and self.allowed_changes and self.later_changes != "other"


@dataclass(frozen=True)
class Expected:
    """A signature that the registry knows."""

    field: str
    digest: str
    certificate_sha256: str


@dataclass(frozen=True)
class Registered:
    """What the registry knows of a document: its final bytes and the signatures on it."""

    sha256: str
    size: int
    signatures: tuple[Expected, ...]


@dataclass(frozen=True)
class Presented:
    """A file that somebody presents."""

    sha256: str
    size: int
    prefix_sha256: str = ""
    """SHA-256 of as many first bytes as the registered document has; "" when the file is shorter."""
    readable: bool = True
    signatures: tuple[FoundSignature, ...] = ()


def verdict(file: Presented, registered: Registered | None) -> Verdict:
    """The one word on the whole document. A sound signature of a stranger never makes it green.

    `registered` is the document with the same digest, or the one that a signature in the file belongs to.
    """
    if registered is not None and registered.sha256:
        if file.sha256 == registered.sha256:
            return Verdict.AUTHENTIC
        if file.size > registered.size and file.prefix_sha256 == registered.sha256:
            return Verdict.WITH_ADDITIONS
    if not file.readable:
        return Verdict.UNREADABLE
    return Verdict.NOT_ISSUED if registered is None else Verdict.ALTERED


def signatures_hold(found: Sequence[FoundSignature], expected: Sequence[Expected]) -> bool:
    """Whether the signatures alone prove the document: all expected and no other, sound, the last one covering it all.

    Weaker than the registry's digest (padding and the Info dictionary escape it), so it only guards what we sign.
    """
    own = [item for item in found if not item.is_timestamp]
    if [(item.field, item.digest, item.certificate_sha256) for item in own] != [
        (item.field, item.digest, item.certificate_sha256) for item in expected
    ]:
        return False
    return bool(found) and all(item.is_sound for item in found) and found[-1].covers_file


def mask_name(name: str) -> str:
    """ "Ana Pérez Soto" as "A*** P*** S***": enough to recognise oneself, not to learn who it is."""
    return " ".join(f"{part[0]}***" for part in name.split())
