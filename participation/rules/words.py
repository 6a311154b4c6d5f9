"""What may stand in a text that people write for the public."""

import re
import unicodedata

_LINK = re.compile(
    r"(https?://|www\.|\b[\w-]+\.(?:cl|com|net|org|io|app|info|xyz|dev|gg|tv|link|site|online|shop|store)\b)\S*"
    r"|\b[\w.-]+\.[a-z]{2,24}/\S*|[\w.+-]+@[\w-]+\.\w+",
    re.I,
)
_RUN = re.compile(r"\b\d{1,2}\.?\d{3}\.?\d{3}\s*-\s*[\dkK]\b")
_UNSEEN = ("Cc", "Cf")
"""Unicode's characters of control and of format: nobody sees them, and some turn the text around them."""


def links_in(text: str) -> list[str]:
    """Addresses of pages and of mail in a text: proposals take none, so that nobody proposes to advertise."""
    return [match.group() for match in _LINK.finditer(text)]


def runs_in(text: str) -> list[str]:
    """What looks like somebody's RUN: a public text must not carry one."""
    return _RUN.findall(text)


def seen(text: str) -> str:
    """What people see of a text: without control characters, its lines kept."""
    return "".join(char for char in text if char == "\n" or unicodedata.category(char) not in _UNSEEN).strip()


def one_line(text: str) -> str:
    """What people see of a title: a title also stands in the subject of a mail, which is one line."""
    return " ".join(seen(text.replace("\r", "\n")).split())
