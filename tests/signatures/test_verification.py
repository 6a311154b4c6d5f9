"""The verdict on presented files: seventeen attacks, single bytes, bombs and strangers."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.api import read_blob
from documents.models import Document
from legaltime.api import now as clock_now
from signatures import trust
from signatures.analysis import Unreadable, read_signatures
from signatures.queries import expected_signatures
from signatures.report import report
from signatures.rules import (
    Expected,
    FoundSignature,
    Presented,
    Registered,
    Verdict,
    mask_name,
    signatures_hold,
    verdict,
)
from signatures.verification import verify_code, verify_file
from tests.signatures.attacks import ATTACKS

VERDICTS = {
    "a byte of the signed text is flipped": Verdict.ALTERED,
    "the text of a page is replaced": Verdict.ALTERED,
    "a page is added": Verdict.ALTERED,
    "the page tree is rewritten": Verdict.ALTERED,
    "a note is written over the text": Verdict.ALTERED,
    "a script runs on opening": Verdict.ALTERED,
    "the metadata are replaced": Verdict.WITH_ADDITIONS,
    "the attachments are taken away": Verdict.ALTERED,
    "an empty signature field is laid over the text": Verdict.ALTERED,
    "a stranger signs with a stamp over the page": Verdict.ALTERED,
    "the Info dictionary gets another title": Verdict.WITH_ADDITIONS,
    "bytes follow the end of the file": Verdict.WITH_ADDITIONS,
    "the signed range is shortened": Verdict.ALTERED,
    "the signature is zeroed": Verdict.UNREADABLE,
    "the last signature is emptied": Verdict.ALTERED,
    "the seal is removed": Verdict.ALTERED,
    "all signatures are removed": Verdict.NOT_ISSUED,
}


def original(document: Document) -> bytes:
    assert document.blob is not None
    return read_blob(document.blob)


def test_no_attack_stays_green(signed_decree: Document) -> None:
    pdf = original(signed_decree)
    assert verify_file(pdf).verdict == Verdict.AUTHENTIC
    assert {name: verify_file(attack(pdf)).verdict for name, attack in ATTACKS.items()} == VERDICTS


def test_the_signatures_alone_already_reveal_every_attack(signed_decree: Document) -> None:
    """What guards a revision before it is accepted does not lean on the registry's digest."""
    pdf, expected = original(signed_decree), expected_signatures(signed_decree)

    def hold(data: bytes) -> bool:
        try:
            return signatures_hold(read_signatures(data, trust.roots(), now=clock_now()), expected)
        except Unreadable:
            return False

    assert hold(pdf)
    assert [name for name, attack in ATTACKS.items() if hold(attack(pdf))] == []


def test_any_single_changed_byte_changes_the_verdict(signed_decree: Document) -> None:
    pdf = original(signed_decree)
    for place in range(0, len(pdf), len(pdf) // 12):
        changed = pdf[:place] + bytes((pdf[place] ^ 0x10,)) + pdf[place + 1 :]
        assert verify_file(changed).verdict in (Verdict.ALTERED, Verdict.UNREADABLE)


def test_a_copy_cut_after_the_first_signature_is_not_the_act(signed_decree: Document) -> None:
    first = signed_decree.signature_requests.get(order=1).signed_blob
    assert first is not None
    assert verify_file(read_blob(first)).verdict == Verdict.ALTERED


def test_an_altered_copy_leads_to_its_document(signed_decree: Document) -> None:
    finding = verify_file(ATTACKS["the text of a page is replaced"](original(signed_decree)))
    assert finding.document == signed_decree


def test_an_annulled_act_is_authentic_but_not_green(signed_decree: Document) -> None:
    Document.objects.filter(pk=signed_decree.pk).update(state=Document.State.ANNULLED)
    result = report(verify_file(original(signed_decree)))
    assert result.verdict == Verdict.AUTHENTIC
    assert result.tone == "warning"
    assert "Anulado" in [line.value for line in result.questions]


def test_a_draft_or_a_document_under_signature_is_not_found_by_its_code(signed_decree: Document) -> None:
    for state in (Document.State.DRAFT, Document.State.ISSUING):
        Document.objects.filter(pk=signed_decree.pk).update(state=state)
        assert verify_code(signed_decree.code or "").document is None


@pytest.mark.parametrize("data", [b"", b"hola", b"%PDF-1.7\n%%EOF", b"\x00" * 5_000, b"PK\x03\x04" + b"x" * 100])
def test_what_is_no_pdf_is_said_to_be_unreadable(db: None, data: bytes) -> None:
    assert verify_file(data).verdict == Verdict.UNREADABLE


def test_a_bomb_is_stopped_and_the_next_file_is_served(signed_decree: Document) -> None:
    packed = zlib.compress(zlib.compress(b"\x00" * 200_000_000))
    form = b"<</Length %d/Filter[/FlateDecode/FlateDecode]>>" % len(packed)
    objects = [
        b"1 0 obj\n<</Type/Catalog/Pages 2 0 R/AcroForm 3 0 R>>\nendobj\n",
        b"2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n",
        b"3 0 obj\n%b\nstream\n%b\nendstream\nendobj\n" % (form, packed),
    ]
    body = b"%PDF-1.7\n" + b"".join(objects)
    bomb = body + b"trailer\n<</Root 1 0 R/Size 4>>\nstartxref\n0\n%%EOF"
    assert verify_file(bomb).verdict in (Verdict.UNREADABLE, Verdict.NOT_ISSUED)
    assert verify_file(original(signed_decree) + b"\n").verdict == Verdict.WITH_ADDITIONS


# The pure rule

digests = st.text("0123456789abcdef", min_size=4, max_size=4)


@given(digests, digests, st.booleans())
def test_only_the_registered_digest_is_ever_authentic(presented: str, known: str, readable: bool) -> None:
    result = verdict(Presented(presented, 10, readable=readable), Registered(known, 10, ()))
    assert (result == Verdict.AUTHENTIC) == (presented == known)


def sound(**changes: object) -> FoundSignature:
    values: dict[str, object] = {
        "field": "Sello",
        "digest": "aa",
        "intact": True,
        "valid": True,
        "trusted": True,
        "demonstration": False,
        "covers_file": True,
        "later_changes": "none",
        "allowed_changes": True,
        "certificate_sha256": "cc",
    }
    return FoundSignature(**{**values, **changes})  # type: ignore[arg-type]


EXPECTED = (Expected("Sello", "aa", "cc"),)


def test_the_expected_signature_alone_holds() -> None:
    assert signatures_hold([sound()], EXPECTED)


@pytest.mark.parametrize(
    "found",
    [
        [],
        [sound(), sound(field="Ajena")],
        [sound(intact=False)],
        [sound(valid=False)],
        [sound(trusted=False)],
        [sound(covers_file=False)],
        [sound(allowed_changes=False)],
        [sound(later_changes="other")],
        [sound(certificate_sha256="dd")],
        [sound(digest="bb")],
    ],
)
def test_anything_else_does_not_hold(found: list[FoundSignature]) -> None:
    assert not signatures_hold(found, EXPECTED)


def test_a_strangers_document_with_sound_signatures_is_not_ours() -> None:
    assert verdict(Presented("ff", 10, signatures=(sound(),)), None) == Verdict.NOT_ISSUED


def test_a_masked_name_keeps_initials_only() -> None:
    assert mask_name("Ana Pérez Soto") == "A*** P*** S***"
