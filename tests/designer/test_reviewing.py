"""Several people write one draft: each sees the others, comments reach who writes, and nobody publishes alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Person
from designer import operations, publishing, reviewing, tree
from designer.errors import ItemGone, NameFixed, NotReady
from designer.models import DraftComment, ProcedureDraft
from designer.queries import findings_of
from designer.reviewing import CannotReview
from tests.designer.conftest import Desk
from tests.story import MORNING
from tests.workflows.permissions import BACKEND

NAME = "forms/solicitud/pages/contacto/fields/nombre"


def elena(desk: Desk) -> Person:
    return desk.story.people["Elena"]


def signed_in(desk: Desk, who: str = "Inés") -> Client:
    client = Client()
    client.force_login(desk.story.user(who), backend=BACKEND)
    return client


def say(desk: Desk, draft: ProcedureDraft, address: str = NAME, text: str = "¿Y el segundo apellido?") -> DraftComment:
    return reviewing.comment(draft=draft, address=address, text=text, by=elena(desk), now=MORNING)


def test_whoever_opens_a_card_reads_who_else_has_it_open(desk: Desk) -> None:
    draft = desk.empty()
    page = reverse("designer:item", args=[draft.pk, NAME])
    reviewing.note_visit(draft=draft, person=elena(desk), address=NAME, now=MORNING - timedelta(hours=1))
    assert "Elena" not in signed_in(desk).get(page).content.decode()  # that was an hour ago
    reviewing.note_visit(draft=draft, person=elena(desk), address=NAME, now=MORNING)
    drawn = signed_in(desk).get(page).content.decode()
    assert f"{elena(desk).full_name} está ahora en la pregunta «Tu nombre completo»." in drawn


def test_what_somebody_else_wrote_meanwhile_is_shown_beside_what_was_typed(desk: Desk) -> None:
    draft, client = desk.empty(), signed_in(desk)
    page = reverse("designer:item", args=[draft.pk, NAME])
    seen = tree.fingerprint(tree.get(draft.content, tree.parse(NAME)))
    item = {**tree.get(draft.content, tree.parse(NAME)), "label": "Nombre y apellidos"}
    operations.put_item(draft=draft, address=tree.parse(NAME), item=item, seen="", by=elena(desk), now=MORNING)
    answer = client.post(page, {"seen": seen, "label": "Nombre legal", "required": "on"})
    drawn = answer.content.decode()
    assert answer.status_code == 409
    assert "Elena" in drawn
    assert "<dd>Nombre y apellidos</dd>" in drawn
    assert "Nombre legal" in drawn


def test_a_comment_stays_with_its_item_under_another_name_and_is_settled(desk: Desk) -> None:
    draft, client = desk.empty(), signed_in(desk)
    said = say(desk, draft)
    operations.rename_item(draft=draft, address=tree.parse(NAME), name="nombre_legal", by=desk.by, now=MORNING)
    said.refresh_from_db()
    card = reverse("designer:item", args=[draft.pk, said.address])
    assert said.text in client.get(card).content.decode()
    sent = {"que": "resolver", "comentario": said.pk, "volver": card}
    assert client.post(reverse("designer:review", args=[draft.pk]), sent)["Location"] == card
    said.refresh_from_db()
    assert said.settled_by == desk.by


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"text": "  "}, CannotReview),
        ({"text": "x" * 2001}, CannotReview),
        ({"text": "Hola", "by": None}, CannotReview),
        ({"text": "Hola", "address": "steps/nada"}, ItemGone),
    ],
)
def test_a_comment_that_cannot_be_says_why(desk: Desk, given: dict[str, Any], refusal: type[Exception]) -> None:
    whole = {"draft": desk.empty(), "address": NAME, "by": elena(desk), "now": MORNING, **given}
    with pytest.raises(refusal):
        reviewing.comment(**whole)


def test_who_has_the_link_reads_and_comments_without_an_account_until_it_closes(desk: Desk, client: Client) -> None:
    draft = desk.empty()
    link = reviewing.share(draft=draft, by=desk.by, now=MORNING)
    assert reviewing.shared_draft(link.secret, MORNING + timedelta(days=29)) == draft
    assert reviewing.shared_draft(link.secret, MORNING + timedelta(days=31)) is None
    link.expires_at += timedelta(days=3650)
    link.save()
    page = reverse("designer:shared", args=[link.secret])
    drawn = client.get(page)
    assert "Tu nombre completo" in drawn.content.decode()
    assert drawn["X-Robots-Tag"] == "noindex"
    assert client.post(page, {"nombre": "", "parte": NAME, "texto": "Falta el RUN"}).status_code == 422
    assert client.post(page, {"nombre": "Rosa", "parte": NAME, "texto": "Falta el RUN"}).status_code == 302
    assert draft.comments.get().author == "Rosa"
    reviewing.close_link(link=link, now=MORNING)
    assert client.get(page).status_code == 404


def test_a_comment_of_a_stranger_is_text_and_there_are_not_without_end(
    desk: Desk, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviewing, "MOST_COMMENTS", 1)
    draft = desk.empty()
    page = reverse("designer:shared", args=[reviewing.share(draft=draft, by=desk.by, now=MORNING).secret])
    said = {"nombre": "<b>Rosa</b>", "parte": NAME, "texto": "<script>alert(1)</script>"}
    assert client.post(page, said).status_code == 302
    shown = signed_in(desk).get(reverse("designer:review", args=[draft.pk])).content.decode()
    assert "&lt;b&gt;Rosa" in shown
    assert "&lt;script&gt;alert(1)" in shown
    assert "<script>alert" not in shown
    refused = client.post(page, {**said, "texto": "Otra vez"})
    assert refused.status_code == 422
    assert "demasiados comentarios" in refused.content.decode()


def test_whoever_changed_it_last_cannot_be_the_only_one_who_approves(desk: Desk) -> None:
    draft = desk.example("certificado_patente_vigente")
    desk.do(operations.put_item, draft, address=("title",), item="Certificado nuevo", seen="")
    reviewing.require_approvals(agency=draft.agency, approvals=1, by=desk.by, now=MORNING)
    review = reverse("designer:review", args=[draft.pk])
    assert "Aprobar lo que dice ahora" in signed_in(desk).get(review).content.decode()
    reviewing.approve(draft=draft, digest=reviewing.digest_of(draft), by=desk.by, now=MORNING)
    page = signed_in(desk).get(review).content.decode()
    assert "Ya aprobaste lo que dice ahora" in page
    assert "Aprobar lo que dice ahora" not in page
    assert desk.by.full_name in reviewing.agreement_on(draft).lacking
    with pytest.raises(NotReady, match="alguien distinto"):
        publishing.publish_draft(draft=draft, revision=draft.revision, by=desk.by, now=MORNING)
    reviewing.approve(draft=draft, digest=reviewing.digest_of(draft), by=elena(desk), now=MORNING)
    assert reviewing.agreement_on(draft).lacking == ""


def test_an_approval_is_of_what_was_read_and_of_nothing_else(desk: Desk) -> None:
    """Even a change that the history joins with the one before makes it lapse."""
    draft = desk.empty()
    reviewing.require_approvals(agency=draft.agency, approvals=2, by=desk.by, now=MORNING)
    read = reviewing.digest_of(draft)
    reviewing.approve(draft=draft, digest=read, by=elena(desk), now=MORNING)
    assert "Falta 1 aprobación" in reviewing.agreement_on(draft).lacking
    desk.do(operations.put_item, draft, address=("title",), item="Otro nombre", seen="")
    assert "Faltan 2 aprobaciones" in reviewing.agreement_on(draft).lacking
    with pytest.raises(CannotReview, match="cambió mientras"):
        reviewing.approve(draft=draft, digest=read, by=elena(desk), now=MORNING)


def test_another_internal_name_follows_its_uses(desk: Desk) -> None:
    draft = desk.example("patente_comercial")
    at = ("forms", "solicitud", "pages", "quien", "fields", "nombre")
    desk.do(operations.rename_item, draft, address=at, name="nombre_completo")
    texts = [value for _at, value in tree.leaves(draft.content) if isinstance(value, str)]
    assert any("{inicio.nombre_completo}" in text for text in texts)
    assert not any("inicio.nombre}" in text for text in texts)
    desk.do(operations.rename_item, draft, address=("steps", "inicio"), name="entrada")
    assert not any("inicio." in str(value) for _at, value in tree.leaves(draft.content))
    assert findings_of(draft.content).errors == []


def test_a_name_that_was_published_never_changes(desk: Desk) -> None:
    """Architecture 4.7: ids are frozen at first publish."""
    version = desk.story.offering("patente_comercial").version
    draft = operations.open_version(version=version, agency=desk.agency, by=desk.by, now=MORNING)
    for name in ("forms/solicitud/pages/quien/fields/nombre", "steps/admision", "roles/obras"):
        with pytest.raises(NameFixed):
            operations.rename_item(draft=draft, address=tree.parse(name), name="otro", by=desk.by, now=MORNING)
    with pytest.raises(NameFixed):
        operations.rename_procedure(draft=draft, code="otro", by=desk.by, now=MORNING)
