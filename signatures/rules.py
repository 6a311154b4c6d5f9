"""The verdict on a document that somebody presents: pure, no Django."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What is said of the whole document; `signatures.report` has the words."""

    AUTHENTIC = "authentic"
    WITH_ADDITIONS = "with_additions"
    ALTERED = "altered"
    NOT_ISSUED = "not_issued"
    UNREADABLE = "unreadable"


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

    `registered` is the document with the same digest, or the one that a signature in the file belongs to. Additions
    behind the original leave it authentic only while they change nothing that the signatures protect.
    """
    if registered is not None and registered.sha256:
        if file.sha256 == registered.sha256:
            return Verdict.AUTHENTIC
        is_extended = file.size > registered.size and file.prefix_sha256 == registered.sha256
        if is_extended and _all_sound(file.signatures, registered.signatures):
            return Verdict.WITH_ADDITIONS
    if not file.readable:
        return Verdict.UNREADABLE
    return Verdict.NOT_ISSUED if registered is None else Verdict.ALTERED


def signatures_hold(found: Sequence[FoundSignature], expected: Sequence[Expected]) -> bool:
    """Whether the signatures alone prove the document: all expected and no other, sound, the last one covering it all.

    Weaker than the registry's digest (padding and the Info dictionary escape it), so it only guards what we sign.
    """
    return bool(found) and _all_sound(found, expected) and found[-1].covers_file


def _all_sound(found: Sequence[FoundSignature], expected: Sequence[Expected]) -> bool:
    own = [Expected(item.field, item.digest, item.certificate_sha256) for item in found if not item.is_timestamp]
    return own == list(expected) and all(item.is_sound for item in found)


def mask_name(name: str) -> str:
    """ "Ana Pérez Soto" as "A*** P*** S***": enough to recognise oneself, not to learn who it is."""
    return " ".join(f"{part[0]}***" for part in name.split())
