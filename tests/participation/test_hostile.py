"""Attacks on what is counted and published: forged posts, fichas nobody supports, visits of a program, receipts."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

from participation.models import (
    Answer,
    Commitment,
    Count,
    Exposure,
    Folded,
    MergeOptOut,
    Stage,
    Subject,
    Support,
)
from participation.operations import caring, committing, counting, roadmap, supporting, tallying
from participation.presenting.subject import page_context
from participation.queries import open_data
from participation.queries.finding import subject_for
from participation.queries.progress import from_requests
from participation.rules.thresholds import SLOTS
from participation.urls import urlpatterns
from participation.views import showing
from procedures.models import CatalogueEntry
from tests.participation.crowd import crowd, support_by
from tests.participation.test_privacy_contract import WRITES
from tests.story import Story

pytestmark = pytest.mark.django_db
PROGRAM = Path(__file__).resolve().parents[2] / "participation" / "recount.py"


@pytest.fixture
def story() -> Story:
    return Story.begin()


@pytest.fixture
def subject(story: Story) -> Subject:
    return story.request("Cierre de pasajes")


def signed_in(story: Story, name: str, *, enforce_csrf_checks: bool = False) -> Client:
    client = Client(enforce_csrf_checks=enforce_csrf_checks)
    client.force_login(story.user(name), backend="accounts.backends.VerifiedIdentityBackend")
    return client


def address_of(name: str, subject: Subject) -> str:
    pattern = "/" + str(next(str(one.pattern) for one in urlpatterns if one.name == name))
    for part in ("proposal", "addendum", "review", "answer", "merge", "commitment", "attendance"):
        pattern = pattern.replace(f"<int:{part}_id>", "1")
    return pattern.replace("<slug:code>", subject.code)


@pytest.mark.parametrize("name", sorted({*WRITES, "support", "evidence", "propose", "edit", "commitment", "volume"}))
def test_another_site_cannot_post_for_whoever_is_signed_in(name: str, story: Story, subject: Subject) -> None:
    victim = signed_in(story, "Inés", enforce_csrf_checks=True)
    answer = victim.post(address_of(name, subject), {"pido": "digitise", "decision": "publish"})
    assert answer.status_code == 403
    assert not Support.objects.exists()


def test_a_link_supports_nothing(story: Story, subject: Subject) -> None:
    victim = signed_in(story, "Ana")
    page = victim.get(f"/participa/t/{subject.code}/apoyar/?pido=digitise&volver=https://otro.example/")
    assert page.status_code == 200
    assert not Support.objects.exists()
    pressed = victim.post(
        f"/participa/t/{subject.code}/apoyar/", {"pido": "digitise", "volver": "https://otro.example/"}
    )
    assert pressed["Location"] == f"/participa/t/{subject.code}/#apoyar"


def test_a_refused_support_leaves_no_request_behind_and_freezes_no_rules(story: Story) -> None:
    """Else somebody without supports left would fill the public list with every ficha of the catalogue."""
    for place, who in enumerate(["Bruno", "Beto", "Carla"] * 3):
        if place < SLOTS:
            story.support(story.request(f"Petición {place}", who), "Ana")
    wanted = subject_for(CatalogueEntry.objects.order_by("pk")[0])
    before = Subject.objects.count()
    answer = signed_in(story, "Ana").post(f"/participa/t/{wanted.code}/apoyar/", {"pido": "simplify"})
    assert "Ya usaste tus 7 apoyos" in str(next(iter(get_messages(answer.wsgi_request))))
    assert Subject.objects.count() == before
    assert (
        signed_in(story, "Bruno").post(f"/participa/t/{wanted.code}/apoyar/", {"pido": "simplify"}).status_code == 302
    )
    assert Subject.objects.get(code=wanted.code).threshold is not None


def test_a_program_is_not_many_readers(story: Story, subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(showing, "OF_A_PAGE", 3)
    page, visitor = f"/participa/t/{subject.code}/", Client()
    with time_machine.travel(story.now, tick=False):
        visitor.head(page)
        visitor.get(page, headers={"sec-purpose": "prefetch;prerender"})
        assert Exposure.objects.count() == 0, "nobody read it"
        for _time in range(5):
            assert visitor.get(page).status_code == 200
        assert Exposure.objects.count() == 3
        visitor.get(page, REMOTE_ADDR="203.0.113.9")
        assert Exposure.objects.count() == 4, "another network is another reader"
    with time_machine.travel(story.now + timedelta(hours=1), tick=False):
        visitor.get(page)
        assert Exposure.objects.count() == 5


def recounted(folder: Path, receipt: dict[str, object]) -> subprocess.CompletedProcess[str]:
    """What the public program says of a receipt, with the published batches alone."""
    visitor, names = Client(), []
    for address in visitor.get("/participa/recuento/lotes.txt").content.decode().split():
        path = folder / address.rpartition("/")[2]
        path.write_bytes(visitor.get(address).content)
        names.append(str(path))
    mine = folder / "mio.json"
    mine.write_text(json.dumps(receipt))
    command = [sys.executable, "-I", str(PROGRAM), "--comprobante", str(mine), *names]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_receipt_of_what_was_excluded_later_does_not_pass_for_counted(
    story: Story, subject: Subject, tmp_path: Path
) -> None:
    support_by(subject, crowd(12), now=story.now)
    tallying.publish(now=story.now)
    receipt = tallying.receipt_of(Support.objects.order_by("pk")[0])
    assert receipt is not None
    assert "está contado" in recounted(tmp_path, receipt).stdout
    chosen = caring.Selection(story.now - timedelta(hours=1), story.now, subject)
    caring.open_review(selection=chosen, reason="Ráfaga", by=story.people["Inés"], now=story.now)
    tallying.publish(now=story.now)
    said = recounted(tmp_path, receipt)
    assert (said.returncode, "hoy no cuenta" in said.stdout) == (1, True), said.stdout


def test_a_receipt_made_of_somebody_elses_withdrawal_is_refused(story: Story, subject: Subject, tmp_path: Path) -> None:
    people = crowd(20)
    support_by(subject, people, now=story.now)
    tallying.publish(now=story.now)
    for person in people[:10]:
        supporting.withdraw(subject=subject, by=person, now=story.now)
    [batch] = tallying.publish(now=story.now)
    lines = json.loads(bytes(batch.body))["lines"]
    forged = {"line": lines[0], "batch": batch.number, "proof": []}
    assert recounted(tmp_path, forged).returncode == 1


def test_totals_of_a_merge_do_not_tell_whether_a_few_support_both(story: Story, subject: Subject) -> None:
    """Each request's own number is public: the merged total is the same whether none or four support both."""
    told = set()
    other, people = story.request("Permiso para cerrar un pasaje", "Ana"), crowd(30)
    support_by(subject, people[:10], now=story.now)
    row = caring.merge(source=subject, into=other, reason="Igual", by=story.people["Inés"], now=story.now)
    for both in range(5):
        Support.objects.filter(subject=other).update(withdrawn_at=story.now)
        support_by(other, [*people[:both], *people[10 : 30 - both]], now=story.now)
        counting.recount(subject_ids=[subject.pk, other.pk], now=story.now)
        told.add((Count.objects.get(subject=other).total, Count.objects.get(subject=other).own))
    assert told == {(26, 20)}
    caring.opt_out(merge=row, by=people[9], now=story.now)
    assert Count.objects.get(subject=other).total == 25, "four support both and one opted out: five are told"
    MergeOptOut.objects.all().delete()
    support_by(other, people[:8], now=story.now)
    counting.fold(now=story.now)
    shown = {one["codigo"]: one["apoyos"] for one in open_data.supports()}
    assert shown == {subject.code: 10, other.code: 26}, "24 of its own, and 10 less 8"


def test_a_total_of_a_merge_from_before_it_hid_a_few_is_counted_anew_at_night(story: Story, subject: Subject) -> None:
    other, people = story.request("Permiso para cerrar un pasaje", "Ana"), crowd(20)
    support_by(subject, people[:8], now=story.now)
    support_by(other, people[6:], now=story.now)
    caring.merge(source=subject, into=other, reason="Igual", by=story.people["Inés"], now=story.now)
    Count.objects.filter(subject=other).update(total=20)
    assert counting.recount_all(now=story.now) == 0
    assert Count.objects.get(subject=other).total == 18


def test_to_oblige_to_answer_everybody_counts_even_whom_the_total_does_not_show(story: Story, subject: Subject) -> None:
    other, people = story.request("Permiso para cerrar un pasaje", "Ana"), crowd(6)
    support_by(subject, people[:3], now=story.now)
    support_by(other, people[3:], now=story.now)
    Subject.objects.filter(pk=other.pk).update(threshold=6, spread=0, rules_version=1)
    caring.merge(source=subject, into=other, reason="Igual", by=story.people["Inés"], now=story.now)
    assert Count.objects.get(subject=other).total == 3
    assert Subject.objects.get(pk=other.pk).crossed_at is not None


def test_the_only_supporter_of_a_merged_request_is_not_told_by_its_total(story: Story, subject: Subject) -> None:
    other, people = story.request("Permiso para cerrar un pasaje", "Ana"), crowd(10)
    support_by(other, people[1:], now=story.now)
    caring.merge(source=subject, into=other, reason="Igual", by=story.people["Inés"], now=story.now)
    totals = set()
    for who in (people[0], people[1]):
        Support.objects.filter(subject=subject).update(withdrawn_at=story.now)
        support_by(subject, [who], now=story.now)
        counting.recount(subject_ids=[subject.pk], now=story.now)
        totals.add(Count.objects.get(subject=other).total)
    assert totals == {9}


def test_where_supporters_say_they_live_counts_without_telling_anything_else(story: Story) -> None:
    """A request that only lacks places is counted anew when somebody declares one."""
    subject = story.request("Licencia regional")
    Subject.objects.filter(pk=subject.pk).update(reach="region", threshold=3, spread=3, rules_version=1)
    people = crowd(3)
    support_by(subject, people, now=story.now)
    counting.fold(now=story.now)
    later = story.now + timedelta(hours=2)
    for person, commune in zip(people, ("16301", "16302", "16101"), strict=True):
        supporting.declare_residence(person=person, commune=commune, now=later)
    assert counting.fold(now=later + timedelta(seconds=20)) == 1
    assert Count.objects.get(subject=subject).places == 3
    assert Subject.objects.get(pk=subject.pk).crossed_at is not None
    assert Folded.objects.filter(name=counting.FOLD).exists()


def answered(story: Story, subject: Subject, said: str, **more: object) -> Answer:
    assert subject.agency is not None
    facts = {"asked_at": story.now, "answered_at": story.now, "supports": 5, "said": said, **more}
    return Answer.objects.create(subject=subject, agency=subject.agency, **facts)


def test_what_was_objected_to_is_not_called_refused_while_its_second_case_opens(story: Story, subject: Subject) -> None:
    story.support(subject, "Ana")
    answer = answered(story, subject, "no")
    Answer.objects.filter(pk=answer.pk).update(supports=1)
    roadmap.set_stage(subject=subject, stage=Stage.REFUSED, reason="No.", actor="system:test", now=story.now)
    ana, page = signed_in(story, "Ana"), f"/participa/t/{subject.code}/"
    assert "Rechazada ·" in ana.get(page).content.decode()
    said = ana.post(f"{page}objetar/", follow=True).content.decode()
    assert "Esperando respuesta ·" in said
    assert "Rechazada ·" not in said


def test_saying_that_it_exists_already_is_not_opening_it(story: Story, subject: Subject) -> None:
    roadmap.set_stage(subject=subject, stage=Stage.LIVE, reason="Ya existe.", actor="system:test", now=story.now)
    assert from_requests() == 1
    answered(story, subject, "already")
    assert from_requests() == 0


def test_a_promised_day_that_passed_is_public(story: Story, subject: Subject) -> None:
    answered(story, subject, "yes", by_date=date(2026, 3, 3))
    roadmap.set_stage(subject=subject, stage=Stage.PLANNED, reason="Plan.", actor="system:test", now=story.now)
    with time_machine.travel(story.now.replace(day=3), tick=False):
        assert "Pasó el día prometido" not in Client().get("/participa/respuestas/").content.decode()
    with time_machine.travel(story.now.replace(day=5), tick=False):
        assert "Pasó el día prometido" in Client().get("/participa/respuestas/").content.decode()
        assert "Pasó el día prometido" in Client().get("/participa/").content.decode()
    roadmap.set_stage(subject=subject, stage=Stage.LIVE, reason="Abierto.", actor="system:test", now=story.now)
    with time_machine.travel(story.now.replace(day=5), tick=False):
        assert "Pasó el día prometido" not in Client().get("/participa/respuestas/").content.decode()


def test_an_institution_that_ends_its_promise_is_not_one_that_never_promised(story: Story, subject: Subject) -> None:
    promise = story.adhere()
    committing.end_commitment(commitment=promise, by=story.people["Inés"], now=story.now)
    assert Commitment.objects.get().ended_on == story.now.date()
    page = Client().get(f"/participa/t/{subject.code}/").content.decode()
    assert "puso fin a su compromiso de responder el" in page


def test_reasons_are_kept_in_spanish_and_an_english_page_says_so(story: Story, subject: Subject) -> None:
    with translation.override("en"):  # an official who reads in English begins the draft
        roadmap.link_draft(subject=subject, draft_path="/diseno/1/", by=story.people["Inés"], now=story.now)
        marks = page_context(Subject.objects.get(pk=subject.pk), None, story.now)["marks"]
    assert subject.stages.get().reason == "La institución empezó a diseñar el trámite."
    assert "In design" in [mark.title for mark in marks]
    with translation.override("en"):
        html = render_to_string("components/timeline.html", {"steps": marks})
    assert '<p lang="es">La institución empezó a diseñar el trámite.</p>' in html


def test_nothing_is_online_because_an_official_says_so(story: Story, subject: Subject) -> None:
    """Else an institution would close what it was asked with a word, and nobody could object."""
    ines = signed_in(story, "Inés")
    for stage in (Stage.PILOT, Stage.LIVE):
        assert f'<option value="{stage}"' not in ines.get(f"/participa/t/{subject.code}/").content.decode()
        said = ines.post(f"/participa/t/{subject.code}/avanzar/", {"etapa": stage, "motivo": "Listo"}, follow=True)
        assert "Todavía no hay dónde hacerlo en línea" in said.content.decode()
        assert Subject.objects.get(pk=subject.pk).stage == Stage.SUPPORTED
    Subject.objects.filter(pk=subject.pk).update(live_path="/t/muni-ejemplo/pasajes/")
    ines.post(f"/participa/t/{subject.code}/avanzar/", {"etapa": "live", "motivo": "Listo\x00 ya"})
    assert subject.stages.get().reason == "Listo ya"


@pytest.mark.parametrize(
    "posted",
    [
        {"desde": "0001-01-01", "hasta": "2026-12-31"},
        {"desde": "2026-01-01T10:00", "hasta": "9999-12-31T23:00"},
        {"desde": "2026-01-01", "hasta": "2026-12-31", "confirmar": "muchos"},
    ],
)
def test_what_no_form_would_send_is_refused_and_not_an_error(
    posted: dict[str, str], story: Story, subject: Subject
) -> None:
    support_by(subject, crowd(6), now=story.now)
    typed = {"puerta": "web", "motivo": "x", **posted}
    assert signed_in(story, "Inés").post("/participa/moderar/revision/", typed).status_code in (409, 422)
    for address in ("/participa/?institucion=%00", "/avance/?institucion=%00", "/participa/?q=%00"):
        assert Client().get(address).status_code == 200, "PostgreSQL takes no NUL"
