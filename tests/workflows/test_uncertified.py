"""A certificate of silence that was asked for and that nobody signs is seen (Ley 19.880 arts. 24 and 64 to 66)."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils.formats import date_format

from notifications.models import Notice
from tests.story import Story
from tests.workflows.desk import Visitor, at, republish
from tests.workflows.refusals import write_and_sign
from tests.workflows.test_incidents import look, open_kinds
from tests.workflows.test_law_blocks import days_later, read
from workflows import certifying
from workflows.commands import incidents, silence
from workflows.errors import CommandRefused
from workflows.models import Case, Incident

pytestmark = pytest.mark.django_db
CODE = "ocupacion_espacio_publico"
LATE = "Todavía no sale el certificado"


def asked_for(story: Story) -> Case:
    """A case whose time passed, in which Ana asked for the certificate."""
    case = story.file(CODE)
    days_later(story, 40)
    silence.certify(case=case, by=story.people["Ana"], now=story.now)
    return case


def test_it_is_an_incident_with_owner_and_age_from_the_third_business_day_r20(story: Story, visitor: Visitor) -> None:
    """Two business days, as what needs no study (art. 24): «sin más trámite» is all that arts. 64 to 66 say."""
    case = asked_for(story)
    asked = certifying.asked(case)
    assert asked is not None
    page = read(story, visitor, "Ana", at("case", case.ref))
    assert f"a más tardar el {date_format(asked.due_on, 'DATE_FORMAT')}" in page
    assert LATE not in page
    days_later(story, 2)
    assert story.now.date() == asked.due_on
    look(story)
    assert open_kinds(case) == []
    days_later(story, 1)
    look(story)
    assert open_kinds(case) == ["uncertified"]
    incident = Incident.objects.get(case=case)
    assert "Redacción del certificado de silencio" in incident.detail
    incidents.take(incident=incident, by=story.people["Carla"], now=story.now)
    page = read(story, visitor, "Carla", at("incident", incident.pk))
    assert "no hay nada más que estudiar ni decidir" in page
    with pytest.raises(CommandRefused, match="sigue en"):
        incidents.close(incident=incident, resolution="Ya está.", by=story.people["Carla"], now=story.now)
    look(story)
    assert Incident.objects.filter(case=case).count() == 1


def test_the_person_reads_that_it_is_late_and_who_knows_and_the_superior_is_told_once_r20(
    story: Story, visitor: Visitor
) -> None:
    case = asked_for(story)
    days_later(story, 3)
    look(story)
    look(story)
    page = read(story, visitor, "Ana", at("case", case.ref))
    assert LATE in page
    assert "Nadie puede negarlo" in page
    assert "Tuvimos un problema" not in page, "nothing failed: it is late"
    subject = "No sale el certificado de silencio"
    assert Notice.objects.filter(person=story.people["Fabián"], subject__startswith=subject).count() == 1
    assert not Notice.objects.filter(person=story.people["Ana"], subject__startswith=subject).exists()
    story.claim(case, "law_silence_draft", "Carla")
    assert "lo pidió la persona: se da sin más trámite" in read(story, visitor, "Carla", at("inbox"))


def test_it_closes_by_itself_when_it_is_signed_r20(story: Story) -> None:
    case = asked_for(story)
    days_later(story, 3)
    look(story)
    write_and_sign(story, case, "law_silence_draft", "law_silence_sign", times=1)
    look(story)
    assert open_kinds(case) == []
    assert case.outcome == "deemed_no"


def test_one_that_is_written_and_waits_for_its_signature_is_seen_too_r20(story: Story) -> None:
    case = asked_for(story)
    story.finish_draft(case, "law_silence_draft")
    days_later(story, 3)
    look(story)
    assert "Firma del certificado de silencio" in Incident.objects.get(case=case).detail


def test_what_was_asked_on_a_saturday_counts_from_monday(story: Story) -> None:
    case = story.file(CODE)
    days_later(story, 40)
    story.now += timedelta(days=(5 - story.now.weekday()) % 7)
    silence.certify(case=case, by=story.people["Ana"], now=story.now)
    asked = certifying.asked(case)
    assert asked is not None
    assert (story.now.weekday(), asked.due_on - story.now.date()) == (5, timedelta(days=4))


def test_a_procedure_may_give_another_term(story: Story) -> None:
    text = Path(f"examples/{CODE}.yaml").read_text(encoding="utf-8")
    silent = "silence: {superior: alcaldia, complaint: false"
    assert silent in text
    republish(story, text.replace(silent, f"{silent}, certificate_in: 7"), CODE)
    case = asked_for(story)
    days_later(story, 7)
    look(story)
    assert open_kinds(case) == []
    days_later(story, 1)
    look(story)
    assert open_kinds(case) == ["uncertified"]
