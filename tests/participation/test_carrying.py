"""Whoever supports a request that was merged into another is heard, told and freed with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from notifications.models import Notice
from participation.errors import NotSupporter, ReasonMissing
from participation.models import Answer, Merge, Stage, Subject
from participation.operations import answering, caring, counting, following, roadmap, supporting
from participation.presenting.care import merge_context
from participation.queries.answers import objections
from participation.queries.carrying import carried_support_of
from participation.queries.subjects import slots_used, supports_held
from tests.participation.crowd import crowd, support_by
from tests.story import Story

pytestmark = pytest.mark.django_db


class Merged:
    """Ana and Carla support what repeats the other; Dora and Ana support the other; Gloria follows what repeats it."""

    def __init__(self) -> None:
        self.story = Story.begin()
        self.source = self.story.request("Cierre de pasajes")
        self.into = self.story.request("Permiso para cerrar un pasaje")
        for subject, names in ((self.source, ("Ana", "Carla")), (self.into, ("Ana", "Dora"))):
            for name in names:
                self.story.support(subject, name)
        following.follow(subject=self.source, by=self.story.people["Gloria"], now=self.story.now)

    def merge(self) -> Merge:
        by, now = self.story.people["Inés"], self.story.now
        return caring.merge(source=self.source, into=self.into, reason="Piden lo mismo.", by=by, now=now)

    def fresh(self, subject: Subject) -> Subject:
        return Subject.objects.get(pk=subject.pk)

    def open(self) -> None:
        into = self.fresh(self.into)
        roadmap.set_stage(subject=into, stage=Stage.LIVE, reason="Abierto.", actor="system:test", now=self.story.now)
        self.story.work()

    def refused(self) -> Answer:
        """The agency said no to the one that carries the other."""
        roadmap.set_stage(
            subject=self.fresh(self.into), stage=Stage.REFUSED, reason="No.", actor="system:test", now=self.story.now
        )
        agency, now = self.into.agency, self.story.now
        assert agency is not None
        return Answer.objects.create(
            subject=self.into, agency=agency, asked_at=now, supports=3, said=Answer.Said.NO, answered_at=now
        )


@pytest.fixture
def merged() -> Merged:
    return Merged()


def told(beginning: str) -> list[str]:
    rows = Notice.objects.filter(subject__startswith=beginning)
    return sorted(rows.values_list("person__given_names", flat=True))


def test_when_it_opens_everybody_whom_it_counts_is_told_once_and_gets_the_support_back(merged: Merged) -> None:
    merged.merge()
    merged.open()
    names = [merged.story.people[name].given_names for name in ("Ana", "Carla", "Dora", "Gloria")]
    assert told("Ya se puede en línea") == sorted(names)
    assert "Tu apoyo" not in Notice.objects.get(subject__startswith="Ya se", person__given_names=names[3]).body
    for name in ("Ana", "Carla", "Dora"):
        assert slots_used(supports_held(merged.story.people[name])) == 0


def test_whoever_does_not_want_to_be_counted_is_told_nothing_of_the_other(merged: Merged) -> None:
    row = merged.merge()
    caring.opt_out(merge=row, by=merged.story.people["Carla"], now=merged.story.now)
    merged.open()
    assert merged.story.people["Carla"].given_names not in told("Ya se puede en línea")


def test_parting_what_was_settled_together_opens_again_what_was_not_settled_itself(merged: Merged) -> None:
    row = merged.merge()
    merged.open()
    caring.undo_merge(merge=row, by=merged.story.people["Inés"], now=merged.story.now)
    assert merged.fresh(merged.source).closed_at is None
    assert merged.fresh(merged.into).closed_at is not None


def test_the_supporters_of_the_merged_one_may_object_to_a_no_and_opens_both_again(merged: Merged) -> None:
    merged.merge()
    answer, now = merged.refused(), merged.story.now
    assert merged.fresh(merged.source).closed_at is not None
    assert answering.contest(answer=answer, by=merged.story.people["Carla"], now=now)
    assert merged.fresh(merged.source).closed_at is None
    with pytest.raises(NotSupporter):
        answering.contest(
            answer=Answer.objects.create(
                subject=merged.source, agency=answer.agency, asked_at=now, supports=3, said="no", answered_at=now
            ),
            by=merged.story.people["Dora"],
            now=now,
        )


def test_an_objection_counts_while_its_support_does(merged: Merged) -> None:
    people, now = crowd(6), merged.story.now
    support_by(merged.into, people, now=now - timedelta(hours=2))
    answer = merged.refused()
    Answer.objects.filter(pk=answer.pk).update(supports=300)
    answer.refresh_from_db()
    for person in people:
        answering.contest(answer=answer, by=person, now=now)
    assert objections(answer) == 6
    supporting.withdraw(subject=merged.into, by=people[0], now=now)
    assert objections(answer) == 5
    chosen = caring.Selection(now - timedelta(hours=3), now - timedelta(hours=1), merged.into)
    caring.open_review(selection=chosen, reason="Ráfaga", by=merged.story.people["Inés"], now=now)
    assert objections(answer) == 0


def test_a_supporter_through_a_merge_says_whether_it_was_worth_it_and_before_it_opens_nobody_does(
    merged: Merged, client: Client
) -> None:
    merged.merge()
    client.force_login(merged.story.user("Carla"), backend="accounts.backends.VerifiedIdentityBackend")
    page = f"/participa/t/{merged.into.code}/"
    assert "cuenta también aquí" in client.get(page).content.decode()
    assert "Todavía no se abre" in client.post(f"{page}valio/", {"valio": "si"}, follow=True).content.decode()
    merged.open()
    assert (
        "Tu respuesta cuenta en el avance"
        in client.post(f"{page}valio/", {"valio": "si"}, follow=True).content.decode()
    )
    held = carried_support_of(merged.story.people["Carla"], merged.into)
    assert held is not None
    assert held.subject_id == merged.source.pk


def test_a_merge_has_a_reason_that_its_supporters_and_everybody_read(merged: Merged, client: Client) -> None:
    with pytest.raises(ReasonMissing):
        caring.merge(
            source=merged.source, into=merged.into, reason="  ", by=merged.story.people["Inés"], now=merged.story.now
        )
    merged.merge()
    merged.story.work()
    assert "«Permiso para cerrar un pasaje»" in Notice.objects.filter(subject__startswith="Unimos")[0].body
    assert "Piden lo mismo" in Notice.objects.filter(subject__startswith="Unimos")[0].body
    page = client.get(f"/participa/t/{merged.source.code}/").content.decode()
    assert "Piden lo mismo" in page
    assert "los apoyos se suman allí" in page
    assert "Falta" not in page  # by itself it obliges nobody any more


def test_the_preview_of_a_merge_does_not_tell_of_a_few(merged: Merged, client: Client) -> None:
    support_by(merged.source, crowd(10), now=merged.story.now)
    seen = merge_context(merged.source, merged.into)
    assert (seen["few"], seen["counted"]) == (True, 10)
    client.force_login(merged.story.user("Inés"), backend="accounts.backends.VerifiedIdentityBackend")
    two = {"esta": merged.source.code, "con": merged.into.code, "motivo": "Piden lo mismo"}
    page = client.post("/participa/moderar/unir/", two).content.decode()
    assert "12 + 2: el total público dirá 10. Menos de cinco personas apoyan ambas" in page
    support_by(merged.into, crowd(4), now=merged.story.now)
    counting.fold(now=merged.story.now)
    assert (
        "12 + 6 = 13 personas distintas; 5 apoyan ambas."
        in client.post("/participa/moderar/unir/", two).content.decode()
    )
