"""The tally: a stranger recounts it with the published files alone, and every tampering is seen."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from audit.api import verify_stream
from participation.models import Door, ReviewItem, Subject, Support, TallyLine, TallyPeriod
from participation.models.supports import DEMONSTRATION
from participation.operations import caring, counting, supporting, tallying
from participation.rules import tally as rules
from tests.participation.crowd import crowd, support_by
from tests.story import Story

pytestmark = pytest.mark.django_db
PROGRAM = Path(__file__).resolve().parents[2] / "participation" / "recount.py"


@pytest.fixture
def story() -> Story:
    return Story.begin()


@pytest.fixture
def subject(story: Story) -> Subject:
    return story.request("Permiso para cerrar un pasaje")


def published(folder: Path) -> list[str]:
    """What a stranger downloads, as files."""
    visitor = Client()
    names = []
    for address in visitor.get("/participa/recuento/lotes.txt").content.decode().split():
        path = folder / address.rpartition("/")[2]
        path.write_bytes(visitor.get(address).content)
        names.append(str(path))
    (folder / "apoyos.json").write_bytes(visitor.get("/participa/datos/apoyos.json").content)
    return names


def recount(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The program as a stranger runs it: isolated, and far from this repository."""
    program = folder / "recontar.py"
    program.write_text(PROGRAM.read_text())
    command = [sys.executable, "-I", str(program), "--apoyos", str(folder / "apoyos.json"), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_stranger_recounts_what_the_site_says(story: Story, subject: Subject, tmp_path: Path) -> None:
    support_by(subject, crowd(14), now=story.now)
    counting.fold(now=story.now)
    tallying.publish(now=story.now)
    said = recount(tmp_path, *published(tmp_path))
    assert said.returncode == 0, said.stdout + said.stderr
    assert f"14  {subject.code}" in said.stdout


def test_a_batch_says_by_which_door_its_supports_came_and_the_recount_adds_them_up(
    story: Story, subject: Subject, tmp_path: Path
) -> None:
    for door, people in ((Door.WEB, crowd(15)[:8]), (Door.COUNTER, crowd(15)[8:13]), (Door.PHONE, crowd(15)[13:])):
        given = supporting.Given(provider=DEMONSTRATION, door=door)
        for person in people:
            supporting.support(subject=subject, kind="digitise", by=person, given=given, now=story.now)
    counting.fold(now=story.now)
    [batch] = tallying.publish(now=story.now)
    came_by = json.loads(bytes(batch.body))["came_by"]
    assert came_by == ["puerta web 8", "puerta otras 7", "verifica demostracion 15"], "of two, nobody is told"
    said = recount(tmp_path, *published(tmp_path))
    assert (said.returncode, "8  puerta: en línea" in said.stdout) == (0, True), said.stdout
    path = tmp_path / "1.json"
    path.write_text(path.read_text().replace("puerta web 8", "puerta web 9"))
    assert recount(tmp_path, str(path)).returncode == 1


def test_withdrawals_exclusions_and_restorations_are_lines_and_the_recount_still_holds(
    story: Story, subject: Subject, tmp_path: Path
) -> None:
    people, now = crowd(12), story.now
    support_by(subject, people, now=now)
    tallying.publish(now=now)
    for person in people[:3]:
        supporting.withdraw(subject=subject, by=person, now=now)
    chosen = caring.Selection(now - timedelta(hours=1), now + timedelta(hours=1), subject)
    review = caring.open_review(selection=chosen, reason="Ráfaga", by=story.people["Inés"], now=now)
    tallying.publish(now=now, is_last=True)
    assert recount(tmp_path, *published(tmp_path)).returncode == 0
    caring.decide_review(review=review, uphold=False, by=story.people["Gloria"], now=now)
    tallying.publish(now=now, is_last=True)
    said = recount(tmp_path, *published(tmp_path))
    assert (said.returncode, f"9  {subject.code}" in said.stdout) == (0, True), said.stdout


def test_a_review_that_holds_nothing_excludes_nothing(story: Story, subject: Subject, tmp_path: Path) -> None:
    """Of two reviews of the same supports, from before one of them had to hold each, the other one decides nothing."""
    now = story.now
    support_by(subject, crowd(12), now=now)
    chosen = caring.Selection(now - timedelta(hours=1), now + timedelta(hours=1), subject)
    first = caring.open_review(selection=chosen, reason="Ráfaga", by=story.people["Inés"], now=now)
    ReviewItem.objects.update(holds=False)
    second = caring.open_review(selection=chosen, reason="Otra vez", by=story.people["Gloria"], now=now)
    caring.decide_review(review=second, uphold=False, by=story.people["Inés"], now=now)
    assert first.state == "open"
    tallying.publish(now=now, is_last=True)
    said = recount(tmp_path, *published(tmp_path))
    assert (said.returncode, f"12  {subject.code}" in said.stdout) == (0, True), said.stdout


def test_who_supports_again_counts_once(story: Story, subject: Subject, tmp_path: Path) -> None:
    people, now = crowd(10), story.now
    for _time in range(3):
        support_by(subject, people, now=now)
        tallying.publish(now=now, is_last=True)
        supporting.withdraw(subject=subject, by=people[0], now=now)
        tallying.publish(now=now, is_last=True)
    support_by(subject, people[:1], now=now)
    tallying.publish(now=now, is_last=True)
    said = recount(tmp_path, *published(tmp_path))
    assert (said.returncode, f"10  {subject.code}" in said.stdout) == (0, True), said.stdout


@pytest.mark.parametrize("tampering", ["a line added", "a line removed", "a batch left out", "a total changed"])
def test_the_recount_sees(tampering: str, story: Story, subject: Subject, tmp_path: Path) -> None:
    people = crowd(22)
    for part in (people[:11], people[11:]):
        support_by(subject, part, now=story.now)
        tallying.publish(now=story.now)
    names = published(tmp_path)
    content: dict[str, Any] = json.loads(Path(names[0]).read_text())
    match tampering:
        case "a line added":
            content["lines"].append(rules.line(subject.code, "apoyo", "f" * 64))
        case "a line removed":
            content["lines"].pop()
        case "a batch left out":
            names.pop(0)
        case "a total changed":
            said = json.loads((tmp_path / "apoyos.json").read_text())
            said["apoyos"][0]["en_el_recuento"] += 1
            (tmp_path / "apoyos.json").write_text(json.dumps(said))
    if names[0].endswith("1.json"):
        Path(names[0]).write_text(json.dumps(content))
    assert recount(tmp_path, *names).returncode == 1


def test_a_supporter_finds_their_own_support_and_a_false_receipt_is_seen(
    story: Story, subject: Subject, tmp_path: Path
) -> None:
    people = crowd(13)
    support_by(subject, people, now=story.now)
    tallying.publish(now=story.now)
    receipt = tallying.receipt_of(Support.objects.get(person=people[4]))
    assert receipt is not None
    mine = tmp_path / "mio.json"
    mine.write_text(json.dumps(receipt))
    names = published(tmp_path)
    assert "está contado" in recount(tmp_path, "--comprobante", str(mine), *names).stdout
    mine.write_text(json.dumps({**receipt, "line": rules.line(subject.code, "apoyo", "0" * 64)}))
    assert recount(tmp_path, "--comprobante", str(mine), *names).returncode == 1


def test_fewer_than_the_minimum_wait_so_that_a_tag_does_not_tell_when(story: Story, subject: Subject) -> None:
    support_by(subject, crowd(rules.MINIMUM_BATCH - 1), now=story.now)
    assert tallying.publish(now=story.now) == []
    support_by(subject, crowd(rules.MINIMUM_BATCH), now=story.now)
    [batch] = tallying.publish(now=story.now)
    assert len(json.loads(bytes(batch.body))["lines"]) == rules.MINIMUM_BATCH


def test_closing_a_month_destroys_the_key_and_wipes_every_tag(story: Story, subject: Subject) -> None:
    people = crowd(11)
    support_by(subject, people, now=story.now)
    tallying.publish(now=story.now)
    closed = tallying.close_period(now=story.now + timedelta(days=31))
    assert (closed.key_sealed, TallyLine.objects.filter(tag__isnull=False).count()) == (None, 0)
    assert tallying.receipt_of(Support.objects.get(person=people[0])) is None
    assert TallyPeriod.objects.filter(closed_at=None).count() == 1


def test_a_support_of_a_closed_month_is_not_published_again_and_its_withdrawal_is(
    story: Story, subject: Subject, tmp_path: Path
) -> None:
    people = crowd(11)
    support_by(subject, people, now=story.now)
    later = story.now + timedelta(days=31)
    tallying.close_period(now=later)
    assert tallying.publish(now=later) == []
    supporting.withdraw(subject=subject, by=people[0], now=later)
    tallying.publish(now=later, is_last=True)
    said = recount(tmp_path, *published(tmp_path))
    assert (said.returncode, f"10  {subject.code}" in said.stdout) == (0, True), said.stdout


def test_the_new_month_comes_by_the_hourly_job(story: Story, subject: Subject) -> None:
    tallying.publish_and_turn(now=story.now)
    assert tallying.publish_and_turn(now=story.now + timedelta(days=30)) == {"closed": 1}


def test_a_tag_is_unlinkable_between_requests_and_between_months(story: Story) -> None:
    key = b"k" * 32
    tags = {rules.tag(key, period, code, "voter") for period in (1, 2) for code in ("a", "b")}
    assert len(tags) == 4
    assert rules.tag(key, 1, "a", "voter") == rules.tag(key, 1, "a", "voter") != rules.tag(b"x" * 32, 1, "a", "voter")


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13])
def test_every_leaf_climbs_to_the_root_and_no_other_line_does(size: int) -> None:
    lines = [f"línea {place}" for place in range(size)]
    root = rules.root(lines)
    for place, text in enumerate(lines):
        path = rules.proof(lines, place)
        assert rules.proves(text, path, root)
        assert not rules.proves(f"{text}!", path, root)


def test_publishing_and_destroying_are_in_the_audit_log(story: Story, subject: Subject) -> None:
    support_by(subject, crowd(10), now=story.now)
    tallying.publish(now=story.now)
    tallying.close_period(now=story.now)
    assert verify_stream(tallying.STREAM).ok
