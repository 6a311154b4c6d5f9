"""Several acts signed with one fresh sign-in: each with its own evidence, number and outcome."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.api import IntentAlreadyUsed
from accounts.models import SigningIntent
from documents.models import Document
from signatures.models import SignatureRequest
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from workflows.bandeja import Bandeja
from workflows.commands.correspondence import write_to_agency
from workflows.models import Case, CaseAccess
from workflows.operations import record_access
from workflows.views.signing import several_confirmed

pytestmark = pytest.mark.django_db


@pytest.fixture
def decrees(story: Story) -> list[Case]:
    """Three decrees that nobody has taken to sign."""
    return [ready_to_sign(story, f"{place}-1") for place in range(3)]


def ready_to_sign(story: Story, number: str) -> Case:
    case = story.file(rol_sii=number)
    story.do(case, "admision", resultado="admitir")
    story.do(case, "informe_obras", favorable=True)
    story.do(case, "informe_salud", favorable=True)
    story.do(case, "decision", aprueba=True)
    story.finish_draft(case, "redaccion_decreto")
    return case


def boxes(page: Any) -> list[str]:
    return re.findall(r'name="acto" value="([^"]+)"', page.content.decode())


def confirmed(client: Client, story: Story) -> list[str]:
    """What the page says once the person has signed in afresh."""
    intent = SigningIntent.objects.filter(purpose="workflows.sign_acts").latest("pk")
    story.sign_in_for(intent)
    request: Any = client.get(at("inbox")).wsgi_request
    several_confirmed(request, intent)
    return [str(message) for message in get_messages(request)]


def test_one_sign_in_signs_each_marked_act_in_order_of_entry(
    story: Story, decrees: list[Case], visitor: Visitor
) -> None:
    """R21: what entered first is taken first, also among acts signed together."""
    fabian = visitor("Fabián")
    assert at("sign_several") in fabian.get(at("inbox"), {"ver": "grupo"}).content.decode()
    page = fabian.get(at("sign_several"))
    assert text_of(page).count("Que con fecha 4 de marzo de 2026") == 3  # each act is on the page, whole
    marks = boxes(page)
    assert fabian.post(at("sign_several"), {"acto": marks[:2]}).status_code == 302
    said = confirmed(fabian, story)
    assert said == ["Firmaste 2 documentos; las firmas se están estampando."]
    acts = [Document.objects.get(file=case.file, kind="decree") for case in decrees]
    assert [act.number for act in acts] == ["1", "2", ""]
    evidence = [SignatureRequest.objects.get(document=act, intent__isnull=False).intent for act in acts[:2]]
    assert [one.shown_sha256 for one in evidence if one] == [mark.partition(":")[2] for mark in marks[:2]]
    assert len({one.sign_in_id for one in evidence if one}) == 1
    story.work()
    assert [case.task_set.get(step_id="firma_decreto", data__position=1).status for case in decrees][:2] == ["DONE"] * 2


def test_an_act_that_changes_meanwhile_stops_none_of_the_others_and_the_sign_in_serves_once(
    story: Story, decrees: list[Case], visitor: Visitor
) -> None:
    fabian = visitor("Fabián")
    marks = boxes(fabian.get(at("sign_several")))
    fabian.post(at("sign_several"), {"acto": marks})
    act = Document.objects.get(file=decrees[1].file, kind="decree")
    Document.objects.filter(pk=act.pk).update(content_sha256="0" * 64)
    said = confirmed(fabian, story)
    assert said[0] == "Firmaste 2 documentos; las firmas se están estampando."
    assert said[1].startswith(f"Solicitud N° {decrees[1].number}: no se firmó. El documento cambió")
    assert story.task(decrees[1], "firma_decreto").status == "NEW"  # nor was it taken
    page = fabian.get(at("sign_several"))
    assert len(boxes(page)) == 1
    assert "Firmando…" in text_of(page)
    with pytest.raises(IntentAlreadyUsed):
        confirmed(fabian, story)


def test_a_visit_is_noted_once_a_day_and_leaves_what_is_new_in_each_case_unread(
    story: Story, decrees: list[Case], visitor: Visitor
) -> None:
    """R40: who saw what is known; but the messages of the case stand on its own page, and are not read here."""
    fabian, person = visitor("Fabián"), story.people["Fabián"]
    record_access(case=decrees[0], person=person, membership=None, now=story.now - timedelta(days=1))
    write_to_agency(case=decrees[0], text="Tengo otro rol.", uploads=[], by=story.people["Ana"], now=story.now)
    for _visit in range(2):
        fabian.get(at("sign_several"))
    noted = CaseAccess.objects.filter(person=person, is_listed=True)
    assert sorted(noted.values_list("case", flat=True)) == sorted(case.pk for case in decrees)
    assert {access.membership.post for access in noted if access.membership} == {"Alcalde"}
    assert set(Bandeja(person, story.now.date()).news(decrees)) == {decrees[0].pk}
    noted.update(at=story.now - timedelta(days=1))
    fabian.get(at("sign_several"))
    assert noted.count() == 6


def test_each_act_more_costs_a_few_statements_more(story: Story, decrees: list[Case], visitor: Visitor) -> None:
    fabian = visitor("Fabián")
    fabian.get(at("sign_several"))

    def cost() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as captured:
            shown = len(boxes(fabian.get(at("sign_several"))))
        return shown, len(captured)

    few = cost()
    for place in range(3, 7):
        ready_to_sign(story, f"{place}-1")
    fabian.get(at("sign_several"))
    many = cost()
    assert (few[0], many[0]) == (3, 7)
    assert (many[1] - few[1]) / 4 <= 4


def test_only_what_was_read_is_signed_by_who_may(story: Story, decrees: list[Case], visitor: Visitor) -> None:
    """R40, R44: to read it is to open the file; who signs second, or nothing, finds nothing there."""
    fabian = visitor("Fabián")
    for marks, words in (([], "Marca los documentos que leíste"), (["1:" + "0" * 64], "cambió"), (["x"], "cambió")):
        page = fabian.post(at("sign_several"), {"acto": marks})
        assert page.status_code == 422
        assert words in text_of(page)
    assert not SigningIntent.objects.filter(purpose="workflows.sign_acts").exists()
    assert all(case.accesses.filter(person=story.people["Fabián"]).exists() for case in decrees)
    for who in ("Gloria", "Beto", "Hugo"):
        page = visitor(who).get(at("sign_several"))
        assert boxes(page) == []
        assert "Ningún documento espera tu firma" in text_of(page)
