"""Several people apply together: each signs from their own session, and the last signature files the application."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from documents.models import Document
from notifications.models import Notice
from signatures.models import EvidenceRecord
from tests.story import Story
from tests.workflows.desk import at, text_of
from tests.workflows.flows import flow, offer, report
from tests.workflows.permissions import BACKEND
from workflows import cosigners, drafts
from workflows.commands import cosigning, endings, filing
from workflows.errors import BeingSigned, DraftChanged, NotAllowed
from workflows.models import Case, CaseParty, CoSignature, Draft

BRUNO, MARIA, ANA = "42.222.222-7", "44.444.444-4", "41.111.111-3"
NEIGHBOURS = {
    "id": "vecinos",
    "type": "group",
    "label": "Quiénes más firman",
    "row_title": "Persona",
    "max_rows": 5,
    "required": False,
    "fields": [
        {"id": "run", "type": "run", "label": "RUN"},
        {"id": "nombre", "type": "text", "label": "Nombre completo", "max_length": 100},
    ],
}


@pytest.fixture
def story(db: None) -> Iterator[Story]:
    begun = Story.begin()
    with time_machine.travel(begun.now, tick=False):
        yield begun


def together(**law: Any) -> dict[str, Any]:
    """A procedure that names those who sign too."""
    data = flow(report("decision", "jefatura", "sello"), **law)
    asked = data["forms"][0]
    asked["pages"].append({"id": "vecinos", "title": "Quiénes más firman", "fields": [NEIGHBOURS]})
    data["steps"][0]["co_applicants"] = {"group": "vecinos", "run": "run", "names": "nombre"}
    return data


def asked(story: Story, *runs: str, **law: Any) -> Draft:
    """Ana's application with these people, ready to be signed."""
    code = offer(story, together(**law))
    rows = [
        {"id": f"f{place}", "run": run.replace(".", ""), "nombre": f"Persona {place}"} for place, run in enumerate(runs)
    ]
    return story.draft(story.offering(code), vecinos=rows)


def intent(story: Story, draft: Draft, who: str) -> Any:
    return story.intent(who, draft.ref, drafts.shown_hash(draft, drafts.complete_answers(draft)))


def sign(story: Story, draft: Draft, who: str) -> Case | None:
    act = cosigning.sign_first if who == "Ana" else cosigning.sign
    return act(draft=draft, by=story.people[who], intent=intent(story, draft, who), now=story.now)


def browser(story: Story, name: str) -> Client:
    client = Client()
    client.force_login(story.user(name), backend=BACKEND)
    return client


def test_it_is_filed_only_when_everybody_has_signed(story: Story) -> None:
    draft = asked(story, BRUNO, MARIA)
    assert sign(story, draft, "Ana") is None
    assert sign(story, draft, "Bruno") is None
    assert not Case.objects.exists()
    case = sign(story, draft, "María")
    assert case is not None
    applicants = CaseParty.objects.filter(case=case, kind="applicant").order_by("pk")
    assert [party.person for party in applicants] == [story.people[name] for name in ("Ana", "Bruno", "María")]
    assert EvidenceRecord.objects.filter(subject=f"case:{case.ref}").count() == 3
    receipt = str(Document.objects.get(file=case.file, kind=Document.Kind.RECEIPT).content)
    assert "Solicita también" in receipt
    application = str(Document.objects.get(file=case.file, kind=Document.Kind.APPLICATION).content)
    assert application.count("firma electrónica simple (Ley") == 3


def test_with_nobody_named_one_signature_files_it(story: Story) -> None:
    assert sign(story, asked(story), "Ana") is not None


def test_each_is_told_finds_it_without_an_email_and_signs_what_they_read(story: Story) -> None:
    draft, bruno = asked(story, BRUNO), browser(story, "Bruno")
    sign(story, draft, "Ana")
    notice = Notice.objects.get(person=story.people["Bruno"])
    assert notice.action_path == at("cosign", draft.ref)
    assert at("cosign", draft.ref) in bruno.get(at("my_cases")).content.decode()
    page = bruno.get(at("cosign", draft.ref)).content.decode()
    assert "Ana María Pérez Soto la llenó" in page
    assert bruno.post(at("cosign", draft.ref), {"shown": "otra"}).status_code == 422
    shown = drafts.shown_hash(draft, drafts.complete_answers(draft))
    answer = bruno.post(at("cosign", draft.ref), {"shown": shown, "declaro": "1"})
    assert "/confirmar/" in answer["Location"] or "cuenta" in answer["Location"]
    waiting = browser(story, "Ana").get(at("page", draft.ref, 1), follow=True).content.decode()
    assert "Faltan firmas" in waiting
    assert "Persona 0, RUN 42.222.222-7" in text_of(browser(story, "Ana").get(at("cosigners", draft.ref)))
    assert "Riquelme" not in waiting, "whoever types a RUN does not learn whose it is"


def test_whoever_does_not_sign_says_why_and_the_draft_returns(story: Story) -> None:
    draft, bruno = asked(story, BRUNO, MARIA), browser(story, "Bruno")
    sign(story, draft, "Ana")
    sign(story, draft, "María")
    bruno.post(at("cosign_decline", draft.ref), {"motivo": ""})
    assert CoSignature.objects.count() == 3
    bruno.post(at("cosign_decline", draft.ref), {"motivo": "La dirección está mal."})
    assert not CoSignature.objects.exists()
    assert "La dirección está mal." in Notice.objects.get(person=story.people["Ana"]).body
    draft.refresh_from_db()
    assert draft.signing_since is None
    with pytest.raises(NotAllowed):
        sign(story, draft, "María")


def test_nobody_changes_it_while_others_sign_and_taking_it_back_drops_the_signatures(story: Story) -> None:
    draft = asked(story, BRUNO)
    sign(story, draft, "Ana")
    with pytest.raises(BeingSigned):
        drafts.save(draft=draft, changed={}, removed=set(), now=story.now)
    ana = browser(story, "Ana")
    assert ana.post(at("cosign_take_back", draft.ref)).status_code == 302
    assert not CoSignature.objects.exists()
    drafts.save(draft=draft, changed={}, removed=set(), now=story.now)


def test_a_signature_of_something_else_signs_nothing(story: Story) -> None:
    draft = asked(story, BRUNO)
    sign(story, draft, "Ana")
    other = story.intent("Bruno", draft.ref, "0" * 64)
    with pytest.raises(DraftChanged):
        cosigning.sign(draft=draft, by=story.people["Bruno"], intent=other, now=story.now)


def test_filing_around_the_others_is_refused(story: Story) -> None:
    draft = asked(story, BRUNO)
    with pytest.raises(cosigners.NotAllSigned):
        filing.start(draft=draft, by=story.people["Ana"], signature=story.signature(draft), now=story.now)


@pytest.mark.parametrize("runs", [(ANA,), (BRUNO, BRUNO)])
def test_nobody_signs_twice(story: Story, runs: tuple[str, ...]) -> None:
    with pytest.raises(cosigners.SignsTwice):
        sign(story, asked(story, *runs), "Ana")


def test_strangers_see_nothing_of_it(story: Story) -> None:
    draft = asked(story, BRUNO)
    sign(story, draft, "Ana")
    assert browser(story, "María").get(at("cosign", draft.ref)).status_code == 404
    assert browser(story, "Bruno").get(at("cosigners", draft.ref)).status_code == 404


def test_when_one_withdraws_the_others_go_on_r18(story: Story) -> None:
    law = {"version": "ley-19880-1", "officer": "jefatura", "signers": ["jefatura"], "withdrawal": True}
    draft = asked(story, BRUNO, law={**law, "act": {"kind": "resolution", "book": "resoluciones"}})
    sign(story, draft, "Ana")
    case = sign(story, draft, "Bruno")
    assert case is not None
    assert endings.withdraw(case=case, reason="Me mudé.", by=story.people["Bruno"], now=story.now) is False
    left = CaseParty.objects.get(case=case, person=story.people["Bruno"])
    assert left.left_at == story.now
    assert CaseParty.objects.get(case=case, person=story.people["Ana"]).left_at is None
