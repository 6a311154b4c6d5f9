"""What the hourly look calls unusual. It accuses nobody: a person looks."""

from dataclasses import dataclass

BURST = 5
"""So many times the usual hour."""
LEAST = 20
"""Supports in an hour below which nothing is reported."""


@dataclass(frozen=True)
class Hour:
    """One subject's last hour against its usual one."""

    subject: str
    supports: int
    usual: float
    """Supports in a mean hour of the days before."""
    withdrawn: int


def unusual(hour: Hour) -> list[str]:
    """Why somebody should look, as codes; empty when nobody need."""
    reasons = []
    if hour.supports >= LEAST and hour.supports > BURST * max(hour.usual, 1):
        reasons.append("burst")
    if hour.withdrawn >= LEAST and hour.withdrawn > hour.supports:
        reasons.append("exodus")
    return reasons


BY_HAND = 10
"""Supports that an official writes down in an hour below which nothing is reported: one every six minutes."""
ALIKE = 0.8
"""Share of them for one subject that is worth a look."""


@dataclass(frozen=True)
class Desk:
    """One official's last hour at a counter or on the phone, against the usual one of all who write supports down."""

    official: int
    supports: int
    usual: float
    """Supports in a mean hour of an official, over the days before."""
    most_of_one: int
    """How many of them were for the same subject."""


def unusual_desk(desk: Desk) -> list[str]:
    """Why somebody should look, as codes; empty when nobody need."""
    if desk.supports < BY_HAND:
        return []
    reasons = ["by_hand"] if desk.supports > BURST * max(desk.usual, 1) else []
    return [*reasons, "one_request"] if desk.most_of_one >= ALIKE * desk.supports else reasons
