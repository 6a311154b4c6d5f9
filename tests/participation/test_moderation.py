"""Who decides on words and on counts: never their author, nor, to hide them, the institution that they are about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from accounts.models import AgencyCapability, Grant, Membership, Role
from audit.api import verify_stream
from audit.models import Event
from notifications.models import Notice
from participation.errors import (
    AlreadyDecided,
    NotAllowed,
    OwnInstitution,
    OwnText,
    OwnWork,
    SelectionTooSmall,
    TextFrozen,
)
from participation.models import Addendum, Assisted, Count, Judgement, Proposal, Review, Subject, Support
from participation.operations import caring, judging, proposing
from participation.presenting.public import rejections
from tests.participation.crowd import crowd, support_by
from tests.story import Story
from workflows.commands import counter

pytestmark = pytest.mark.django_db


@pytest.fixture
def story() -> Story:
    return Story.begin()


@pytest.fixture
def subject(story: Story) -> Subject:
    """Bruno's request, which Ana and Carla support: its text is frozen."""
    subject = story.request("Permiso para cerrar un pasaje")
    for name in ("Ana", "Carla"):
        story.support(subject, name)
    return subject


def outsider(story: Story) -> None:
    """Hugo moderates, and works for another municipality than the one that must answer."""
    role = Role.objects.get(unit__agency__code="muni-otra", memberships__person=story.people["Hugo"])
    Grant.objects.create(role=role, capability=AgencyCapability.MODERATE)


def client_of(story: Story, name: str) -> Client:
    client = Client()
    client.force_login(story.user(name), backend="accounts.backends.VerifiedIdentityBackend")
    return client


def page_of(subject: Subject, client: Client | None = None) -> str:
    return (client or Client()).get(f"/participa/t/{subject.code}/").content.decode()


def added(story: Story, subject: Subject, text: str = "Solo pasajes sin salida.") -> Addendum:
    return proposing.add(subject=subject, text=text, by=story.people["Bruno"], now=story.now)


# Addenda


def test_what_an_author_adds_is_public_and_told_only_when_a_person_has_read_it(story: Story, subject: Subject) -> None:
    addendum = added(story, subject)
    story.work()
    assert not Notice.objects.filter(subject__startswith="Cambió lo que apoyaste").exists()
    assert addendum.text not in page_of(subject)
    assert addendum.text not in page_of(subject, client_of(story, "Ana"))
    own = page_of(subject, client_of(story, "Bruno"))
    assert "espera que alguien la lea" in own
    assert addendum.text in own
    judging.judge_addendum(addendum=addendum, publish=True, reason="", by=story.people["Inés"], now=story.now)
    story.work()
    assert Notice.objects.filter(subject__startswith="Cambió lo que apoyaste").count() == 2
    assert addendum.text in page_of(subject)
    assert Notice.objects.get(subject__startswith="Publicamos tu aclaración").person == story.people["Bruno"]


def test_an_addendum_that_is_not_published_has_a_public_reason_and_its_author_reads_it(
    story: Story, subject: Subject
) -> None:
    outsider(story)
    addendum = added(story, subject, "Los vecinos del 4 son unos ladrones.")
    judging.judge_addendum(addendum=addendum, publish=False, reason="offensive", by=story.people["Hugo"], now=story.now)
    story.work()
    assert addendum.text not in page_of(subject)
    assert "Motivo: Ofende a personas o grupos." in page_of(subject, client_of(story, "Bruno"))
    assert "Ofende a personas o grupos" in Notice.objects.get(subject__startswith="No publicamos tu aclaración").body
    assert ("Ofende a personas o grupos", 0, 1) in rejections()
    assert "Aclaraciones" in Client().get("/participa/reglas/").content.decode()
    with pytest.raises(AlreadyDecided):
        judging.judge_addendum(addendum=addendum, publish=True, reason="", by=story.people["Inés"], now=story.now)


def test_a_moderator_decides_an_addendum_on_the_page_and_others_cannot(story: Story, subject: Subject) -> None:
    addendum = added(story, subject)
    path = f"/participa/moderar/aclaracion/{addendum.pk}/"
    assert client_of(story, "Beto").post(path, {"decision": "publish"}).status_code == 403
    ines = client_of(story, "Inés")
    assert addendum.text in ines.get("/participa/moderar/").content.decode()
    assert "Elige publicar" in ines.post(path, {"decision": ""}, follow=True).content.decode()
    assert not Judgement.objects.filter(addendum=addendum).exists()
    assert "Decisión guardada." in ines.post(path, {"decision": "publish"}, follow=True).content.decode()
    assert addendum.text not in ines.get("/participa/moderar/").content.decode()


# Conflict of interest


def test_the_institution_asked_refuses_a_text_only_with_a_second_person_r45(story: Story) -> None:
    pending = story.request("Que respondan los correos", publish=False).proposal
    decide: dict[str, Any] = {"proposal": pending, "publish": False, "reason": "unclear", "now": story.now}
    for _press in range(2):  # the same person twice is one person
        assert proposing.moderate(**decide, by=story.people["Inés"]).state == Proposal.State.PENDING
    gloria = client_of(story, "Gloria").get("/participa/moderar/").content.decode()
    assert "no la publicaría: No se entiende qué se pide" in gloria
    assert proposing.moderate(**decide, by=story.people["Gloria"]).state == Proposal.State.REJECTED


def test_where_somebody_from_outside_moderates_the_institution_asked_refuses_nothing_by_itself(story: Story) -> None:
    outsider(story)
    pending = story.request("Que respondan los correos", publish=False).proposal
    decide: dict[str, Any] = {"proposal": pending, "publish": False, "reason": "unclear", "now": story.now}
    for name in ("Inés", "Gloria"):
        assert proposing.moderate(**decide, by=story.people[name]).state == Proposal.State.PENDING
    assert proposing.moderate(**decide, by=story.people["Hugo"]).state == Proposal.State.REJECTED


def test_a_refusal_of_an_earlier_text_is_no_half_of_one_of_the_new_text(story: Story) -> None:
    pending = story.request("Que respondan los correos", publish=False).proposal
    decide: dict[str, Any] = {"publish": False, "reason": "unclear", "now": story.now}
    proposing.moderate(proposal=pending, **decide, by=story.people["Inés"])
    by = story.people["Bruno"]
    proposing.edit(proposal=pending, title="Que respondan en cinco días", text="Por escrito.", by=by, now=story.now)
    assert proposing.moderate(proposal=pending, **decide, by=story.people["Gloria"]).state == Proposal.State.PENDING


def test_a_merged_text_changes_no_more_so_that_nobody_reads_on_the_other_page_what_no_one_moderated(
    story: Story, subject: Subject
) -> None:
    """Nor do the supporters of the other one come to count for what they never read."""
    bare = story.request("Cierre de pasajes", "Ana")
    two: dict[str, Any] = {"reason": "Igual", "by": story.people["Inés"], "now": story.now}
    ana = client_of(story, "Ana")
    assert "Cambiar mi propuesta" in page_of(bare, ana)
    for source, into in ((bare, subject), (subject, bare)):
        row = caring.merge(source=source, into=into, **two)
        assert ana.get("/participa/mis-apoyos/").context["proposals"][0].may_edit is False
        ana.post(f"/participa/t/{bare.code}/editar/", {"title": "Un insulto cualquiera", "text": "A alguien"})
        assert "insulto" not in page_of(subject)
        assert "Cambiar mi propuesta" not in page_of(bare, ana)
        caring.undo_merge(merge=row, by=story.people["Inés"], now=story.now)
    with pytest.raises(TextFrozen):
        proposing.edit(proposal=bare.proposal, title="Otra", text="Otra", by=story.people["Ana"], now=story.now)


def test_nobody_moderates_what_they_wrote(story: Story) -> None:
    pending = story.request("Más horas de atención", "Inés", publish=False).proposal
    with pytest.raises(OwnText):
        proposing.moderate(proposal=pending, publish=True, reason="", by=story.people["Inés"], now=story.now)
    page = client_of(story, "Inés").get("/participa/moderar/").content.decode()
    assert "Lo escribiste tú" in page
    assert f"moderar/propuesta/{pending.pk}/" not in page
    assert proposing.moderate(proposal=pending, publish=True, reason="", by=story.people["Gloria"], now=story.now)


def doubted(story: Story, subject: Subject) -> Review:
    """Inés doubts six supports of the last hour."""
    support_by(subject, crowd(6), now=story.now)
    chosen = caring.Selection(story.now - timedelta(minutes=30), story.now, subject)
    Support.objects.filter(person__given_names__in=["Ana María", "Carla"]).update(withdrawn_at=story.now)
    return caring.open_review(selection=chosen, reason="Ráfaga", by=story.people["Inés"], now=story.now)


def test_the_institution_asked_excludes_no_supports_where_somebody_from_outside_moderates(
    story: Story, subject: Subject
) -> None:
    review = doubted(story, subject)
    outsider(story)
    with pytest.raises(OwnInstitution):
        caring.decide_review(review=review, uphold=True, by=story.people["Gloria"], now=story.now)
    path = f"/participa/moderar/revision/{review.pk}/"
    answer = client_of(story, "Gloria").post(path, {"decision": "excluir"})
    assert "no trabaja en ella" in str(next(iter(get_messages(answer.wsgi_request))))
    assert Count.objects.get(subject=subject).in_review == 6
    decided = caring.decide_review(review=review, uphold=True, by=story.people["Hugo"], now=story.now)
    assert decided.state == Review.State.UPHELD
    caring.decide_review(review=review, uphold=False, by=story.people["Gloria"], now=story.now)
    assert Count.objects.get(subject=subject).total == 6


def test_whoever_wrote_the_supports_down_does_not_decide_their_review(story: Story, subject: Subject) -> None:
    review = doubted(story, subject)
    Review.objects.filter(pk=review.pk).update(official=story.people["Gloria"])
    for uphold in (True, False):
        with pytest.raises(OwnWork):
            caring.decide_review(
                review=Review.objects.get(pk=review.pk), uphold=uphold, by=story.people["Gloria"], now=story.now
            )


def test_whoever_wrote_down_some_of_the_supports_does_not_decide_a_review_by_hours_either(
    story: Story, subject: Subject
) -> None:
    review, gloria = doubted(story, subject), story.people["Gloria"]
    who: dict[str, Any] = {"run": "42.222.222-7", "given_names": "", "family_names": "", "by": story.people["Julia"]}
    attendance = counter.attend(**who, identity="card", document_number="A1", on=story.now.date(), now=story.now)
    wrote = {"attendance": attendance, "official": gloria, "what": Assisted.What.GIVEN, "at": story.now}
    Assisted.objects.create(support=review.items.order_by("pk")[0].support, **wrote)
    for uphold in (True, False):
        with pytest.raises(OwnWork):
            caring.decide_review(review=review, uphold=uphold, by=gloria, now=story.now)


def test_the_institution_asked_neither_joins_nor_parts_its_requests_where_somebody_from_outside_moderates(
    story: Story, subject: Subject
) -> None:
    outsider(story)
    other = story.request("Cierre de pasajes", "Ana")
    both: dict[str, Any] = {"source": subject, "into": other, "reason": "Piden lo mismo", "now": story.now}
    with pytest.raises(OwnInstitution):
        caring.merge(**both, by=story.people["Inés"])
    row = caring.merge(**both, by=story.people["Hugo"])
    with pytest.raises(OwnInstitution):
        caring.undo_merge(merge=row, by=story.people["Inés"], now=story.now)
    caring.undo_merge(merge=row, by=story.people["Hugo"], now=story.now)
    page = page_of(subject)
    assert "Piden lo mismo" in page
    assert "Separadas el" in page, "what was undone is public too"


# Doubt does not last


def test_a_review_that_nobody_decides_gives_its_supports_back_and_its_opener_does_not_hold_them_again(
    story: Story, subject: Subject
) -> None:
    review = doubted(story, subject)
    assert caring.give_back_undecided(now=story.now + caring.UNDECIDED - timedelta(seconds=1)) == 0
    later = story.now + caring.UNDECIDED
    assert (caring.give_back_undecided(now=later), caring.give_back_undecided(now=later)) == (1, 0)
    assert Count.objects.get(subject=subject).total == 6
    assert "restituidos porque nadie decidió a tiempo" in page_of(subject)
    chosen = caring.Selection(review.supports_from, review.supports_to, subject)
    with pytest.raises(SelectionTooSmall):
        caring.open_review(selection=chosen, reason="Otra vez", by=story.people["Inés"], now=later)
    assert caring.open_review(selection=chosen, reason="La vi yo", by=story.people["Gloria"], now=later).size == 6


def test_what_no_count_can_be_is_no_confirmation(story: Story, subject: Subject) -> None:
    support_by(subject, crowd(6), now=story.now)
    posted = {"peticion": subject.code, "motivo": "Ráfaga", "desde": f"{story.now:%Y-%m-%d}"}
    posted |= {"hasta": posted["desde"], "confirmar": "9" * 5000}
    answer = client_of(story, "Inés").post("/participa/moderar/revision/", posted)
    assert (answer.status_code, Review.objects.count()) == (409, 0)


# Nothing without trace


def test_every_decision_stands_in_a_chain_with_its_author_and_names_no_supporter(
    story: Story, subject: Subject
) -> None:
    review = doubted(story, subject)
    caring.decide_review(review=review, uphold=True, by=story.people["Gloria"], now=story.now)
    other = story.request("Cierre de pasajes", "Ana")
    row = caring.merge(source=subject, into=other, reason="Igual", by=story.people["Inés"], now=story.now)
    caring.undo_merge(merge=row, by=story.people["Inés"], now=story.now)
    addendum = added(story, subject)
    judging.judge_addendum(addendum=addendum, publish=True, reason="", by=story.people["Inés"], now=story.now)
    events = list(Event.objects.filter(stream=judging.STREAM).order_by("pk"))
    assert [event.kind for event in events] == [
        *("text.published", "review.opened", "review.upheld"),
        *("text.published", "merge.made", "merge.undone", "text.published"),
    ]
    assert {event.actor for event in events} == {f"person:{story.people[who].pk}" for who in ("Inés", "Gloria")}
    assert verify_stream(judging.STREAM).ok


def test_who_lost_the_post_moderates_nothing(story: Story) -> None:
    pending = story.request("Más horas de atención", publish=False).proposal
    Membership.objects.filter(person=story.people["Inés"]).update(ends_on=story.now.date() - timedelta(days=1))
    with pytest.raises(NotAllowed):
        proposing.moderate(proposal=pending, publish=True, reason="", by=story.people["Inés"], now=story.now)


# What was typed


def test_going_back_from_a_preview_keeps_what_was_typed(story: Story, subject: Subject) -> None:
    ines, other = client_of(story, "Inés"), story.request("Cierre de pasajes", "Ana")
    typed = {"esta": subject.code, "con": other.code, "motivo": "Las dos piden cerrar un pasaje"}
    preview = ines.post("/participa/moderar/unir/", typed).content.decode()
    assert 'name="volver"' in preview
    back = ines.post("/participa/moderar/unir/", {**typed, "volver": "1"})
    page = back.content.decode()
    assert back.status_code == 200
    assert 'value="Las dos piden cerrar un pasaje"' in page
    for chosen in (subject, other):
        assert f'<option value="{chosen.code}" selected>' in page
    typed = {"peticion": subject.code, "desde": "2026-03-02T10:00", "hasta": "2026-03-04T10:00", "motivo": "Ráfaga"}
    page = ines.post("/participa/moderar/revision/", {**typed, "volver": "1"}).content.decode()
    assert 'value="2026-03-02T10:00"' in page
    assert 'value="Ráfaga"' in page
    assert not Review.objects.exists()


def test_an_institution_without_people_of_its_own_has_no_conflict(story: Story) -> None:
    text, by = "Hoy no se puede.", story.people["Bruno"]
    pending = proposing.propose(
        title="Pase en línea", text=text, agency=None, body_name="Ministerio", by=by, now=story.now
    )
    decided = proposing.moderate(
        proposal=pending, publish=False, reason="unclear", by=story.people["Inés"], now=story.now
    )
    assert decided.state == Proposal.State.REJECTED


def test_joining_requests_of_two_institutions_says_who_would_answer(story: Story, subject: Subject) -> None:
    other = story.request("Cierre de pasajes", "Ana")
    typed = {"esta": subject.code, "con": other.code, "motivo": "Igual"}
    ines, warning = client_of(story, "Inés"), "solo debe responder Municipalidad de Otra Comuna"
    assert warning not in ines.post("/participa/moderar/unir/", typed).content.decode()
    Subject.objects.filter(pk=other.pk).update(body_name="Municipalidad de Otra Comuna")
    assert warning in ines.post("/participa/moderar/unir/", typed).content.decode()
