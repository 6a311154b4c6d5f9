"""Why a clock was lengthened, stopped or resumed, and who reads it (Ley 19.880 art. 26; D10 37; R12, R41)."""

from typing import Any

import pytest

from documents.models import Document
from notifications.models import Notice
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from tests.workflows.test_clocks import ANA, BETO, asked, notify, own, term
from workflows.commands import clocks, sensitive
from workflows.errors import NotAllowed
from workflows.models import Case, CaseParty

__all__ = ["asked"]
pytestmark = pytest.mark.django_db


def join_others(story: Story, case: Case) -> None:
    """A neighbour and somebody who informed, in the same case."""
    for who, kind in (("Carla", "joined"), ("Dora", "informer")):
        CaseParty.objects.create(
            case=case, agency=case.agency, kind=kind, person=story.people[who], joined_at=story.now
        )


ILL, TREATED = "Estoy en quimioterapia por un cáncer.", "Acredita tratamiento de cáncer."


def test_why_somebody_needs_more_time_is_read_by_them_and_by_who_decides_and_by_nobody_else_r12_r41(
    story: Story, asked: Case, visitor: Visitor
) -> None:
    join_others(story, asked)
    notify(story, asked, ANA)
    clock, beto = own(asked, story, ANA), story.people[BETO]
    form = text_of(visitor(ANA).get(at("measure", asked.ref, "mas-plazo")))
    assert "Las demás personas interesadas en la solicitud no lo leen" in form
    clocks.ask_extension(case=asked, deadline_id=clock.pk, reason=ILL, by=story.people[ANA], now=story.now)
    clocks.extend(case=asked, deadline_id=clock.pk, amount=1, reason=TREATED, by=beto, now=story.now)
    clocks.suspend(case=asked, deadline_id=clock.pk, cause="fuerza_mayor", reason=TREATED, by=beto, now=story.now)
    clocks.resume(case=asked, deadline_id=clock.pk, reason=TREATED, by=beto, now=story.now)
    story.work()
    titles = ("Petición de más plazo", "Ampliación de un plazo", "Suspensión de un plazo", "Reanudación de un plazo")
    papers = list(Document.objects.filter(file=asked.file, title__in=titles, item__isnull=False))
    assert len(papers) == len(titles)
    for who, status in ((ANA, 200), ("Bruno", 404), ("Carla", 404), ("Dora", 404)):
        client = visitor(who)
        assert {client.get(at("document", asked.ref, one.pk)).status_code for one in papers} == {status}
        read = [at("case", asked.ref), at("why", asked.ref), at("why_this_date", asked.ref, clock.pk)]
        told = " ".join(text_of(client.get(page)) for page in read)
        told += " ".join(Notice.objects.filter(person=story.people[who]).values_list("body", flat=True))
        assert ("quimioterapia" in told, "cáncer" in told) == (who == ANA, who == ANA)
    desk = visitor(BETO)
    assert "quimioterapia" in text_of(desk.get(at("desk_case", asked.ref) + "?ver=plazos"))
    assert {desk.get(at("desk_document", asked.ref, one.pk)).status_code for one in papers} == {200}
    day = Notice.objects.get(person=story.people["Carla"], subject__startswith="Se amplió un plazo")
    assert "ahora vence el 12 de marzo de 2026." in day.body
    assert not day.documents.exists()
    assert not Notice.objects.filter(person=story.people["Dora"]).exists(), "who informed has no times in the case"


def test_a_refusal_gives_its_reason_to_whoever_asked_only_r41(story: Story, asked: Case) -> None:
    join_others(story, asked)
    notify(story, asked, ANA)
    clock, beto = own(asked, story, ANA), story.people[BETO]
    clocks.ask_extension(case=asked, deadline_id=clock.pk, reason=ILL, by=story.people[ANA], now=story.now)
    clocks.refuse_extension(case=asked, deadline_id=clock.pk, reason=TREATED, by=beto, now=story.now)
    told = Notice.objects.filter(body__contains="cáncer").values_list("person", flat=True)
    assert list(told) == [story.people[ANA].pk]


def test_why_the_time_of_the_whole_procedure_changes_is_read_by_every_interested_person_r12(
    story: Story, asked: Case, visitor: Visitor
) -> None:
    join_others(story, asked)
    clocks.extend(
        case=asked,
        deadline_id=term(asked).pk,
        amount=1,
        reason="Falta un peritaje",
        by=story.people[BETO],
        now=story.now,
    )
    story.work()
    told = Notice.objects.filter(body__contains="Falta un peritaje").values_list("person", flat=True)
    assert set(told) == {story.people[who].pk for who in (ANA, "Bruno", "Carla")}
    order = Document.objects.get(file=asked.file, title="Ampliación de un plazo", item__isnull=False)
    assert visitor("Carla").get(at("document", asked.ref, order.pk)).status_code == 200


def test_nobody_asks_for_more_of_the_time_of_another_interested_person_r12(story: Story, asked: Case) -> None:
    join_others(story, asked)
    notify(story, asked, ANA)
    ask: Any = {"case": asked, "deadline_id": own(asked, story, ANA).pk, "reason": "x", "now": story.now}
    with pytest.raises(NotAllowed):
        clocks.ask_extension(by=story.people["Carla"], **ask)


def test_an_official_lifts_and_keeps_again_the_writing_that_asks_for_more_time_r41(story: Story, asked: Case) -> None:
    notify(story, asked, ANA)
    clock, beto = own(asked, story, ANA), story.people[BETO]
    clocks.ask_extension(case=asked, deadline_id=clock.pk, reason=ILL, by=story.people[ANA], now=story.now)
    mark = asked.sensitive_marks.get()
    assert mark.document not in sensitive.markable(asked)
    sensitive.lift(case=asked, mark_id=mark.pk, reason="Otro debe oponerse", by=beto, now=story.now)
    assert mark.document in sensitive.markable(asked)
    application = Document.objects.filter(file=asked.file, kind="application").earliest("pk")
    assert application not in sensitive.markable(asked), "what was filed is kept answer by answer"
