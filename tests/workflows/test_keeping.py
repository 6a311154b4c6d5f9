"""How long a file is kept is declared, begins when the act is firm, and is stated on its page and in its copies."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta
from zipfile import ZipFile

import pytest

from documents.api import close_file
from procedures.api import bundle_of
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from workflows.keeping import NotYet, keeping_of
from workflows.models import Case, Deadline

pytestmark = pytest.mark.django_db


def end(story: Story, case: Case) -> None:
    close_file(file_id=case.file_id, now=story.now)
    case.finished = story.now
    case.save(update_fields=["finished"])


def stated(visitor: Visitor, case: Case) -> dict[str, object]:
    archive = ZipFile(io.BytesIO(visitor("Beto").get(at("desk_download_all", case.ref)).content))
    found: dict[str, object] = json.loads(archive.read("indice.json"))["conservation"]
    return found


def test_the_time_begins_when_the_case_has_ended_and_the_file_says_until_when_r71(
    story: Story, case: Case, visitor: Visitor
) -> None:
    years = bundle_of(case.version).ficha.retention.years
    tab = at("desk_case", case.ref) + "?ver=expediente"
    assert keeping_of(case).not_yet == NotYet.OPEN
    assert "El plazo empieza cuando termine la solicitud" in text_of(visitor("Beto").get(tab))
    end(story, case)
    until = date(2026 + years, 3, 4)
    assert keeping_of(case).until == until
    page = text_of(visitor("Beto").get(tab))
    assert f"No se puede eliminar antes del 4 de marzo de {until.year}" in page
    assert "no elimina ningún expediente" in page
    assert stated(visitor, case) == {
        "years": years,
        "source": bundle_of(case.version).ficha.retention.source,
        "until": until.isoformat(),
        "not_yet": "",
    }


def test_it_does_not_begin_before_the_act_is_firm_r71(story: Story, case: Case, visitor: Visitor) -> None:
    end(story, case)
    step = case.task_set.earliest("pk").step_id
    clock = Deadline.objects.filter(case=case).earliest("pk")
    Deadline.objects.filter(pk=clock.pk).update(state=Deadline.State.WAITING, trigger=f"notified({step})")
    assert keeping_of(case).not_yet == NotYet.UNTOLD
    Deadline.objects.filter(pk=clock.pk).update(state=Deadline.State.MET)
    appeal = story.file(rol_sii="2-2")
    appeal.original = case
    appeal.save(update_fields=["original"])
    assert (keeping_of(case).not_yet, keeping_of(case).until) == (NotYet.REVIEWED, None)
    assert "hay un recurso en trámite" in text_of(visitor("Beto").get(at("desk_case", case.ref) + "?ver=expediente"))
    appeal.finished = story.now + timedelta(days=10)
    appeal.save(update_fields=["finished"])
    found = keeping_of(case).until
    assert found is not None
    assert (found.month, found.day) == (3, 14), "from the end of the appeal"
