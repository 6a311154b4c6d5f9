"""Pure decisions about what leaves by e-mail. No Django."""

import re
import secrets
from textwrap import shorten

SUBJECT_LENGTH = 200

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[\w-]{1,63}\.){1,8}[\w-]{2,63}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def one_line(text: str, length: int = SUBJECT_LENGTH) -> str:
    """`text` on one line: a line break in an answer placed in a subject must not start a new header."""
    return shorten(_CONTROL.sub(" ", text), length, placeholder="…")


def deliverable_address(text: str) -> str:
    """The one address in `text` in ASCII (its domain in punycode), or "" when it is not exactly one."""
    address = text.strip()
    if not _ADDRESS.fullmatch(address):
        return ""
    mailbox, _, domain = address.rpartition("@")
    try:
        return f"{mailbox}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return ""


def new_message_id(notice_id: int, domain: str) -> str:
    """A Message-ID that no other installation makes; stored once, so that each attempt carries the same."""
    return f"<aviso.{notice_id}.{secrets.token_hex(8)}@{domain}>"


def is_local_path(path: str) -> bool:
    """Whether `path` stays on this site: no scheme, no host, no control character."""
    return path.startswith("/") and not path.startswith(("//", "/\\")) and not _CONTROL.search(path)
