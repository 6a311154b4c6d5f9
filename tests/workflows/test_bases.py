"""Whoever resolves a step of the law is led to the paper on which it rests (Ley 19.880 arts. 40 to 43, 59 and 62)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from documents.models import Document
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from tests.workflows.refusals import act_of, appeal, notify, refused
from tests.workflows.test_law_blocks import days_later, patient, read
from workflows import appealing
from workflows.commands import endings, filing
from workflows.models import Case, CaseParty

__all__ = ["patient"]  # a fixture
pytestmark = pytest.mark.django_db
LINK = re.compile(r'<a href="([^"]+)">([^<]+)</a>')


def links_of(story: Story, visitor: Visitor, case: Case, step: str, who: str = "Elena") -> dict[str, str]:
    """{what a link of the step's page says: where it leads}."""
    task = case.task_set.get(step_id=step, status__in=["NEW", "ASSIGNED"])
    page = visitor(who).get(at("desk_step", case.ref, task.pk)).content.decode()
    return {said: url for url, said in LINK.findall(page)}


def paper(case: Case, title: str) -> Document:
    return Document.objects.get(file=case.file, title=title, item__isnull=False)


@pytest.mark.parametrize(
    ("leave", "step", "title", "said"),
    [
        (endings.withdraw, "law_withdrawal", "Desistimiento", "Ana María Pérez Soto se desistió"),
        (endings.waive, "law_waiver", "Renuncia", "Ana María Pérez Soto renunció a su derecho"),
    ],
)
def test_a_withdrawal_and_a_waiver_lead_to_what_the_person_wrote_r16(
    story: Story, case: Case, visitor: Visitor, leave: Callable[..., bool], step: str, title: str, said: str
) -> None:
    assert not any("escrito" in one for one in links_of(story, visitor, case, "admision", "Beto"))
    leave(case=case, reason="Ya no abriré el local", by=story.people["Ana"], now=story.now)
    assert not any("Leer su escrito" in one for one in links_of(story, visitor, case, step)), "it is being sealed"
    story.work()
    written = paper(case, title)
    found = links_of(story, visitor, case, step)
    assert found[f"Leer su escrito (N° {written.item.seq} del expediente)"] == at("desk_document", case.ref, written.pk)
    page = visitor("Elena").get(at("desk_case", case.ref))
    assert said in text_of(page)
    assert visitor("Elena").get(at("desk_document", case.ref, written.pk)).status_code == 200


def test_whose_identity_is_reserved_is_not_named_beside_it_r41(story: Story, case: Case, visitor: Visitor) -> None:
    CaseParty.objects.filter(case=case).update(is_reserved=True)
    endings.withdraw(case=case, reason="x", by=story.people["Ana"], now=story.now)
    story.work()
    page = text_of(visitor("Elena").get(at("desk_case", case.ref)))
    assert "se desistió (Ley 19.880, art. 42)" in page
    assert "Ana María Pérez Soto se desistió" not in page


def test_an_abandonment_leads_to_its_warning_and_says_when_its_time_was_over_r17(
    story: Story, patient: Case, visitor: Visitor
) -> None:
    days_later(story, 31)
    endings.warn_of_abandonment(case=patient, by=story.people["Beto"], now=story.now)
    notify(story, patient, "law_abandonment_warning")
    story.work()
    assert "Se advirtió del abandono" not in read(story, visitor, "Elena", at("desk_case", patient.ref))
    days_later(story, 8)
    story.work()
    warning = paper(patient, "Advertencia de abandono")
    found = links_of(story, visitor, patient, "law_abandonment")
    label = f"Leer la advertencia (N° {warning.item.seq} del expediente)"
    assert found[label] == at("desk_document", patient.ref, warning.pk)
    assert "su plazo terminó el" in read(story, visitor, "Elena", at("desk_case", patient.ref))


def test_an_appeal_and_a_clarification_lead_to_their_act_r66(story: Story, visitor: Visitor) -> None:
    case = refused(story)
    act, ana = act_of(case), story.people["Ana"]
    made = appeal(story, case)
    draft = appealing.begin(case=case, act_id=act.pk, start_id="law_clarification", by=ana, now=story.now)
    story.fill(draft)
    asked = filing.start(draft=draft, by=ana, signature=story.signature(draft), now=story.now)
    for about in (made, asked):
        step = about.task_set.filter(status="NEW").earliest("pk").step_id
        found = links_of(story, visitor, about, step)
        assert found["Leer el acto"] == at("desk_document", case.ref, act.pk), step
        assert f"Es de la solicitud N° {case.number}" in text_of(visitor("Elena").get(at("desk_case", about.ref)))
    CaseParty.objects.create(
        case=case, agency=case.agency, kind="affected", person=story.people["Elena"], joined_at=story.now
    )
    CaseParty.objects.filter(case=made, person=story.people["Elena"]).delete()
    assert "Leer el acto" not in links_of(
        story, visitor, made, made.task_set.filter(status="NEW").earliest("pk").step_id
    )
