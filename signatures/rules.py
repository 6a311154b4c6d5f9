"""The verdict on a document that somebody presents: pure, no Django."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LEVELS = ("B-B", "B-T", "B-LTA")
"""PAdES levels that are reached here, weakest first."""
RENEW_BEFORE = timedelta(days=60)


class Verdict(StrEnum):
    """What is said of the whole document; `signatures.report` has the words."""

    AUTHENTIC = "authentic"
    WITH_ADDITIONS = "with_additions"
    ALTERED = "altered"
    NOT_ISSUED = "not_issued"
    UNREADABLE = "unreadable"
    RECEIPT = "receipt"
    """A receipt that proves itself and that this registry does not know."""


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
    """Time in a stamp of an authority that we trust."""
    stamped_by: str = ""
    archived_at: str = ""
    """Time of the document time stamp that, with the proof in the file, will keep the signature verifiable."""
    chain: tuple[str, ...] = ()
    """Names of the certificate's holder and of those above, up to a root that we trust."""
    expires_at: str = ""
    """End of the certificate."""

    @property
    def level(self) -> str:
        """PAdES level that the file itself proves (ETSI EN 319 142)."""
        if self.is_timestamp:
            return ""
        return "B-LTA" if self.archived_at else "B-T" if self.stamped_at else "B-B"

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
    level: str = LEVELS[0]
    """PAdES level with which those bytes were issued."""


@dataclass(frozen=True)
class Presented:
    """A file that somebody presents."""

    sha256: str
    size: int
    prefix_sha256: str = ""
    """SHA-256 of as many first bytes as the registered document has; "" when the file is shorter."""
    readable: bool = True
    signatures: tuple[FoundSignature, ...] = ()
    proves_receipt: bool = False
    """It is a whole receipt, sealed by the body that it names."""


def verdict(file: Presented, registered: Registered | None) -> Verdict:
    """The one word on the whole document. A sound signature of a stranger never makes it green.

    `registered` is the document with the same digest, or the one that a signature in the file belongs to. Additions
    behind the original leave it authentic only while they change nothing that the signatures protect.
    """
    if registered is not None and registered.sha256:
        if file.sha256 == registered.sha256:
            return Verdict.AUTHENTIC
        is_extended = file.size > registered.size and file.prefix_sha256 == registered.sha256
        if is_extended and _all_sound(file.signatures, registered.signatures) and _keeps_proof(file, registered):
            return Verdict.WITH_ADDITIONS
    if not file.readable:
        return Verdict.UNREADABLE
    if registered is not None:
        return Verdict.ALTERED
    return Verdict.RECEIPT if file.proves_receipt else Verdict.NOT_ISSUED


def _keeps_proof(file: Presented, registered: Registered) -> bool:
    """Whether the proof that was issued inside the document is still of use: an addition may have taken it away."""
    return registered.level != LEVELS[-1] or all(item.archived_at for item in file.signatures if not item.is_timestamp)


def signatures_hold(found: Sequence[FoundSignature], expected: Sequence[Expected]) -> bool:
    """Whether the signatures alone prove the document: all expected and no other, sound, the last one covering it all.

    Weaker than the registry's digest (padding and the Info dictionary escape it), so it only guards what we sign.
    """
    return bool(found) and _all_sound(found, expected) and found[-1].covers_file


def _all_sound(found: Sequence[FoundSignature], expected: Sequence[Expected]) -> bool:
    own = [Expected(item.field, item.digest, item.certificate_sha256) for item in found if not item.is_timestamp]
    return own == list(expected) and all(item.is_sound for item in found)


def lowest_level(levels: Iterable[str]) -> str:
    """The PAdES level of a document is that of its weakest signature."""
    return min(levels, key=LEVELS.index, default=LEVELS[0])


def highest_level(levels: Iterable[str]) -> str:
    """What a signature reached once stays reached: a renewal only adds to its proof."""
    return max(levels, key=LEVELS.index, default=LEVELS[0])


def renewal_date(archived_at: datetime | None, expires_at: datetime | None) -> datetime | None:
    """When the next time stamp is due: sixty days before the last one expires, or half-way of a short life.

    None when there is no stamp yet.
    """
    if archived_at is None or expires_at is None:
        return None
    return max(expires_at - RENEW_BEFORE, archived_at + (expires_at - archived_at) / 2)


def mask_name(name: str) -> str:
    """ "Ana Pérez Soto" as "A*** P*** S***": enough to recognise oneself, not to learn who it is."""
    return " ".join(f"{part[0]}***" for part in name.split())
