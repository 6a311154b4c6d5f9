"""Files that arrive in pieces, or when the session had closed: nothing is lost, and nobody else sees it."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from tests.mistakes.conftest import BACKEND
from tests.mistakes.test_filling import at, file_named
from tests.story import PDF, Story
from workflows import drafts
from workflows.models import Draft, DraftFile, UploadPiece

Visitor = Callable[[str], Client]
WHOLE = PDF + b"0" * 5000
QUESTION = "otros"


@pytest.fixture
def draft(story: Story) -> Draft:
    """Ana's complete draft of a licence."""
    return story.draft(story.offering("patente_comercial"))


@pytest.fixture
def ana(visitor: Visitor) -> Client:
    """Ana's browser."""
    return visitor("Ana")


def piece(client: Client, draft: Draft, offset: int, data: bytes, **changed: Any) -> Any:
    posted = {
        "question": QUESTION, "name": "plano.pdf", "key": "a1z2", "size": len(WHOLE), "offset": offset,
        "file": file_named("blob", data),
    }  # fmt: skip
    return client.post(at("upload", draft.ref, 5), {**posted, **changed})


def answer(draft: Draft) -> Any:
    draft.refresh_from_db()
    return drafts.read(draft).get(QUESTION)


def test_a_file_in_pieces_is_stored_when_the_last_one_arrives(draft: Draft, ana: Client) -> None:
    first = piece(ana, draft, 0, WHOLE[:3000])
    assert (first.status_code, first.json()) == (202, {"received": 3000})
    assert answer(draft) is None
    last = piece(ana, draft, 3000, WHOLE[3000:])
    assert last.status_code == 200
    assert "plano.pdf" in last.content.decode()
    assert [file["size"] for file in answer(draft)] == [len(WHOLE)]
    assert UploadPiece.objects.count() == 0


@pytest.fixture
def photo() -> bytes:
    """A photo that a telephone took."""
    out = BytesIO()
    Image.effect_noise((400, 300), 90).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def test_a_photo_in_pieces_is_looked_into_when_it_is_whole(draft: Draft, ana: Client, photo: bytes) -> None:
    """Its first part alone would seem a damaged photo."""
    said: dict[str, Any] = {"name": "foto.jpg", "size": len(photo)}
    assert piece(ana, draft, 0, photo[:3000], **said).status_code == 202
    assert piece(ana, draft, 3000, photo[3000:], **said).status_code == 200
    assert [(file["name"], file["size"]) for file in answer(draft)] == [("foto.jpg", len(photo))]


def test_a_photo_that_is_damaged_is_refused_once_it_is_whole(draft: Draft, ana: Client, photo: bytes) -> None:
    damaged = photo[: len(photo) // 2]
    said: dict[str, Any] = {"name": "foto.jpg", "size": len(damaged)}
    assert piece(ana, draft, 0, damaged[:3000], **said).status_code == 202
    last = piece(ana, draft, 3000, damaged[3000:], **said)
    assert last.status_code == 422
    assert "está dañada o incompleta" in last.content.decode()
    assert answer(draft) is None


def test_a_piece_that_comes_twice_or_out_of_turn_is_told_where_to_go_on(draft: Draft, ana: Client) -> None:
    piece(ana, draft, 0, WHOLE[:3000])
    assert piece(ana, draft, 0, WHOLE[:3000]).json() == {"received": 3000}
    assert piece(ana, draft, 4000, WHOLE[4000:4500]).json() == {"received": 3000}
    assert UploadPiece.objects.count() == 1


def test_after_a_closed_session_the_file_goes_on_from_where_it_was(draft: Draft, ana: Client, visitor: Visitor) -> None:
    piece(ana, draft, 0, WHOLE[:3000])
    ana.cookies.clear()
    assert piece(ana, draft, 3000, WHOLE[3000:]).status_code == 401
    back = visitor("Ana")
    assert piece(back, draft, 0, WHOLE[:3000]).json() == {"received": 3000}
    assert piece(back, draft, 3000, WHOLE[3000:]).status_code == 200
    assert [file["name"] for file in answer(draft)] == ["plano.pdf"]


def test_a_file_that_will_not_be_admitted_is_refused_at_its_first_piece(draft: Draft, ana: Client) -> None:
    too_large = piece(ana, draft, 0, WHOLE[:3000], size=11 * 1024 * 1024)
    assert too_large.status_code == 422
    assert "pesa más de 10 MB" in too_large.content.decode()
    assert piece(ana, draft, 0, b"MZ" + WHOLE[:3000]).status_code == 422
    assert UploadPiece.objects.count() == 0


@pytest.mark.parametrize(
    "changed", [{"key": "../x"}, {"size": "-1"}, {"size": "x"}, {"offset": "-5"}, {"size": str(10**12), "offset": "9"}]
)
def test_a_piece_that_says_nonsense_is_not_found(draft: Draft, ana: Client, changed: dict[str, Any]) -> None:
    posted: dict[str, Any] = {"offset": 1, "data": WHOLE[:10], **changed}
    assert piece(ana, draft, **posted).status_code == 404


def test_more_bytes_than_were_announced_are_refused(draft: Draft, ana: Client) -> None:
    assert piece(ana, draft, 0, WHOLE, size=3000).status_code == 404


def test_another_person_can_neither_go_on_with_it_nor_see_it(draft: Draft, ana: Client, visitor: Visitor) -> None:
    piece(ana, draft, 0, WHOLE[:3000])
    assert piece(visitor("Bruno"), draft, 3000, WHOLE[3000:]).status_code == 404
    assert DraftFile.objects.filter(draft=draft, field_id=QUESTION).count() == 0


def test_without_script_a_file_sent_after_the_session_closed_is_there_on_return(
    story: Story, draft: Draft, ana: Client
) -> None:
    ana.cookies.clear()
    page = at("page", draft.ref, 5)
    assert ana.post(page, {QUESTION: file_named("plano.pdf", WHOLE)}).status_code == 302
    ana.force_login(story.user("Ana"), backend=BACKEND)
    shown = ana.get(page).content.decode()
    assert "plano.pdf" in shown
    assert [file["size"] for file in answer(draft)] == [len(WHOLE)]


def test_the_next_person_at_the_same_phone_gets_nothing_of_it(story: Story, draft: Draft, ana: Client) -> None:
    ana.cookies.clear()
    page = at("page", draft.ref, 5)
    ana.post(page, {QUESTION: file_named("plano.pdf", WHOLE)})
    ana.force_login(story.user("Bruno"), backend=BACKEND)
    assert ana.get(page).status_code == 404
    assert "plano.pdf" not in ana.get(reverse("workflows:my_cases")).content.decode()
    assert answer(draft) is None
