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
