"""What may stand in a proposal."""

import re

_LINK = re.compile(r"(https?://|www\.|\b[\w-]+\.(?:cl|com|net|org|io)\b)\S*", re.I)
_RUN = re.compile(r"\b\d{1,2}\.?\d{3}\.?\d{3}\s*-\s*[\dkK]\b")


def links_in(text: str) -> list[str]:
    """Addresses of pages in a text: proposals take none, so that nobody proposes to advertise."""
    return [match.group() for match in _LINK.finditer(text)]


def runs_in(text: str) -> list[str]:
    """What looks like somebody's RUN: a public text must not carry one."""
    return _RUN.findall(text)
