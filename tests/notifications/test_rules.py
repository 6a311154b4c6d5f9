"""Pure decisions about e-mails, and that they are pure."""

import subprocess
import sys
from email.utils import parseaddr
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules import deliverable_address, is_local_path, new_message_id, one_line

ROOT = Path(__file__).parents[2]


@given(st.text())
def test_a_line_is_one_line_whatever_comes_in(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1
    assert len(one_line(text)) <= 200


def test_a_long_subject_is_cut_with_a_mark() -> None:
    assert one_line("palabra " * 60).endswith("…")


@given(st.text() | st.emails())
def test_an_address_that_passes_is_exactly_one_in_ascii(text: str) -> None:
    address = deliverable_address(text)
    if address:
        assert address.isascii()
        assert parseaddr(address) == ("", address)
        assert not any(sign in address for sign in " ,;<>\r\n\x00")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" Ana.Araya+tramites@correo.example ", "Ana.Araya+tramites@correo.example"),
        ("ana@sub.correo.example", "ana@sub.correo.example"),
        ("ana@ñandú.cl", "ana@xn--and-6ma2c.cl"),
        ("ana@correo..example", ""),
        ("ñandú@correo.example", ""),
    ],
)
def test_addresses_people_write(text: str, address: str) -> None:
    assert deliverable_address(text) == address


@pytest.mark.parametrize("path", ["https://otro.example/", "//otro.example/", "/\\otro.example", "s/x/", "", "/s\n/"])
def test_a_path_that_leaves_the_site_is_seen(path: str) -> None:
    assert not is_local_path(path)
    assert is_local_path("/s/7K3M/?a=//b")


def test_two_notices_never_share_a_message_id() -> None:
    assert new_message_id(7, "ejemplo.cl") != new_message_id(7, "ejemplo.cl")


def test_the_rules_import_no_django() -> None:
    probe = "import sys, notifications.rules; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", probe], cwd=ROOT, check=False).returncode == 0
