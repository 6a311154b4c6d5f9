"""Reviews, merges, evidence, moderation and messages: reasons are public and everything can be undone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client, override_settings

from notifications.models import Notice
from participation.errors import CannotMerge, IdentityNotAccepted, NeedsAnother, NotAllowed, SelectionTooSmall, TooMany
from participation.models import Anomalies, Count, Door, Review, Stage, Subject, Support
from participation.models.supports import DEMONSTRATION
from participation.operations import caring, counting, proposing, roadmap, supporting, watching
from participation.presenting.care import reported
from participation.presenting.subject import demand_of
from participation.queries.answers import reviews_of
from participation.queries.subjects import similar_proposals
from participation.rules.demand import MINIMUM
from tests.participation.crowd import crowd, support_by
from tests.story import Story

pytestmark = pytest.mark.django_db


@pytest.fixture
def story() -> Story:
    return Story.begin()


def total(subject: Subject) -> int:
    return Count.objects.get(subject=subject).total


def test_a_merge_counts_distinct_people_and_parting_gives_back_what_was(story: Story) -> None:
    a, b = story.request("Permiso para cerrar un pasaje"), story.request("Cierre de pasajes")
    people = crowd(30)
    support_by(a, people[:20], now=story.now)
    support_by(b, people[15:], now=story.now)
    counting.fold(now=story.now)
    preview = caring.preview_merge(a, b)
    assert (preview.source, preview.into, preview.both, preview.together) == (20, 15, 5, 30)
    row = caring.merge(source=a, into=b, reason="Piden lo mismo", by=story.people["Inés"], now=story.now)
    assert total(b) == 30
    caring.opt_out(merge=row, by=people[0], now=story.now)
    assert total(b) == 29
    caring.undo_merge(merge=row, by=story.people["Gloria"], now=story.now)
    assert (total(a), total(b)) == (20, 15)
    assert Support.objects.filter(subject=a).count() == 20


def test_two_supports_of_merged_requests_use_one_slot(story: Story) -> None:
    a, b = story.request("Permiso para cerrar un pasaje"), story.request("Cierre de pasajes")
    others = [story.request(f"Otra {place}", who) for place, who in enumerate(["Ana", "Beto", "Carla", "Dora"] * 2)]
    for subject in (a, b, *others[:5]):
        story.support(subject, "Ana")
    caring.merge(source=a, into=b, reason="Piden lo mismo", by=story.people["Inés"], now=story.now)
    assert story.support(others[5], "Ana")


def test_nothing_is_merged_twice_or_into_itself(story: Story) -> None:
    a, b = story.request("Permiso para cerrar un pasaje"), story.request("Cierre de pasajes")
    by = story.people["Inés"]
    caring.merge(source=a, into=b, reason="Piden lo mismo", by=by, now=story.now)
    for source, into in ((a, b), (b, a), (b, b)):
        with pytest.raises(CannotMerge):
            caring.merge(source=source, into=into, reason="x", by=by, now=story.now)


def test_a_review_sets_supports_aside_until_another_person_decides(story: Story) -> None:
    subject = story.request("Permiso para cerrar un pasaje")
    people, now = crowd(13), story.now
    support_by(subject, people[:8], now=now - timedelta(days=2))
    support_by(subject, people[8:], now=now)
    chosen = caring.Selection(now - timedelta(hours=1), now, subject)
    assert caring.preview_review(chosen).size == 5
    review = caring.open_review(selection=chosen, reason="Ráfaga", by=story.people["Inés"], now=now)
    count = Count.objects.get(subject=subject)
    assert (count.total, count.in_review) == (8, 5)
    with pytest.raises(NeedsAnother):
        caring.decide_review(review=review, uphold=True, by=story.people["Inés"], now=now)
    with pytest.raises(NotAllowed):
        caring.decide_review(review=review, uphold=True, by=story.people["Beto"], now=now)
    upheld = caring.decide_review(review=review, uphold=True, by=story.people["Gloria"], now=now)
    assert (total(subject), Count.objects.get(subject=subject).in_review) == (8, 0)
    caring.decide_review(review=upheld, uphold=False, by=story.people["Inés"], now=now)
    assert total(subject) == 13
    assert Support.objects.filter(subject=subject).count() == 13


def test_a_review_chooses_by_who_vouched_and_by_door_over_all_requests_and_is_undone(story: Story) -> None:
    a, b = story.request("Permiso para cerrar un pasaje"), story.request("Cierre de pasajes")
    foreign = supporting.Given(provider="otra.example", door=Door.COUNTER)
    with override_settings(DEMO=False):
        for subject, people in ((a, crowd(6)), (b, crowd(2))):
            for person in people:
                supporting.support(subject=subject, kind="digitise", by=person, given=foreign, now=story.now)
    support_by(a, crowd(9)[6:], now=story.now)
    counting.fold(now=story.now)
    by, span = story.people["Inés"], (story.now - timedelta(hours=1), story.now)
    chosen = caring.Selection(*span, provider="otra.example")
    seen = caring.preview_review(chosen)
    assert (seen.size, seen.by_subject, seen.few_subjects) == (8, [], 8), "the rest would tell of the two"
    assert (seen.by_provider, seen.by_door) == ([("otra.example", 8)], [("mesón", 8)])
    assert caring.Selection(*span, a, door=Door.WEB).supports().count() == 3
    review = caring.open_review(selection=chosen, reason="Proveedor en duda", by=by, now=story.now)
    assert (total(a), total(b)) == (3, 0)
    assert [(row.pk, row.here) for row in reviews_of(b)] == [(review.pk, 2)]  # type: ignore[attr-defined]
    page = Client().get(f"/participa/t/{b.code}/").content.decode()
    assert "menos de cinco apoyos, en revisión. <span>Proveedor en duda</span>" in page
    caring.decide_review(review=review, uphold=False, by=by, now=story.now)
    assert (total(a), total(b)) == (9, 2)


def test_a_review_is_never_of_so_few_that_it_could_be_about_a_person(story: Story) -> None:
    subject = story.request("Permiso para cerrar un pasaje")
    support_by(subject, crowd(MINIMUM - 1), now=story.now)
    chosen = caring.Selection(story.now - timedelta(hours=1), story.now, subject)
    with pytest.raises(SelectionTooSmall, match="no apunta a una persona"):
        caring.preview_review(chosen)
    with pytest.raises(SelectionTooSmall):
        caring.open_review(selection=chosen, reason="x", by=story.people["Inés"], now=story.now)


def test_what_a_review_would_set_aside_is_never_told_of_few(story: Story) -> None:
    subject, people = story.request("Permiso para cerrar un pasaje"), crowd(15)
    for door, some in ((Door.WEB, people[:9]), (Door.COUNTER, people[9:14]), (Door.PHONE, people[14:])):
        given = supporting.Given(provider=f"{door}.example", door=door)
        with override_settings(DEMO=False):
            for person in some:
                supporting.support(subject=subject, kind="digitise", by=person, given=given, now=story.now)
    seen = caring.preview_review(caring.Selection(story.now - timedelta(hours=1), story.now, subject))
    assert (seen.by_provider, seen.few_providers) == ([(f"{Door.WEB}.example", 9)], 6)
    assert (seen.by_door, seen.few_doors) == ([(str(Door.WEB.label), 9)], 6)


def test_a_row_of_the_hourly_report_becomes_a_review_without_typing_anything(story: Story, client: Client) -> None:
    subject = story.request("Permiso para cerrar un pasaje")
    support_by(subject, crowd(25), now=story.now)
    watching.look(now=story.now + timedelta(minutes=5))
    report = Anomalies.objects.get()
    client.force_login(story.user("Inés"), backend="accounts.backends.VerifiedIdentityBackend")
    begun = reported(str(report.pk), "0")
    page = client.get("/participa/moderar/", {"informe": report.pk, "fila": 0}).content.decode()
    assert f'value="{subject.code}" selected' in page
    posted = {**begun, **{name: f"{begun[name]:%Y-%m-%dT%H:%M}" for name in ("desde", "hasta")}}
    shown = client.post("/participa/moderar/revision/", posted).content.decode()
    assert "Quedarían en revisión 25 apoyos" in shown
    assert client.post("/participa/moderar/revision/", {**posted, "confirmar": "25"}).status_code == 302
    assert Review.objects.get().report == report
    assert "Con revisión" in client.get("/participa/moderar/").content.decode()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Elige una petición, quién verificó la identidad, una puerta o quién los registró"),
        ({"puerta": "web", "desde": "nunca"}, "Escribe el día y la hora como 04/03/2026 15:00"),
        ({"puerta": "web", "hasta": "2026-03-01"}, "Elige un final posterior al comienzo"),
        ({"puerta": "web"}, "Son menos de 5 apoyos"),
    ],
)
def test_what_was_typed_for_a_review_stays_with_what_is_wrong_with_it(
    typed: dict[str, str], said: str, story: Story, client: Client
) -> None:
    client.force_login(story.user("Inés"), backend="accounts.backends.VerifiedIdentityBackend")
    posted = {"desde": "2026-03-02", "hasta": "2026-03-04", "motivo": "Ráfaga de la noche", **typed}
    refused = client.post("/participa/moderar/revision/", posted)
    assert refused.status_code == 422
    assert said in refused.content.decode()
    assert "Ráfaga de la noche" in refused.content.decode()


def test_evidence_is_shown_only_as_medians_of_enough_people(story: Story) -> None:
    subject = story.request("Permiso para cerrar un pasaje")
    people = crowd(MINIMUM)
    support_by(subject, people, now=story.now)
    counting.fold(now=story.now)
    supports = list(Support.objects.filter(subject=subject).order_by("pk"))
    told = {"times_a_year": 4, "minutes": 120, "distance_km": 10, "pesos": 2000, "papers": ["birth"]}
    for support in supports[:-1]:
        supporting.give_evidence(support=support, told=told, now=story.now)
    counting.fold(now=story.now)
    subject = Subject.objects.select_related("count").get(pk=subject.pk)
    few = demand_of(subject)
    assert (few["rows"], few["papers"], few["hours"]) == ([], [], None)
    supporting.give_evidence(support=supports[-1], told={**told, "minutes": 180}, now=story.now)
    counting.fold(now=story.now)
    subject = Subject.objects.select_related("count").get(pk=subject.pk)
    shown = demand_of(subject)
    assert shown["papers"] == [("Certificado de nacimiento", MINIMUM, True)]
    assert shown["hours"]["middle"] == str(MINIMUM * 4 * 120 // 60)


def test_who_saves_without_answering_tells_nothing_and_is_not_counted(story: Story, client: Client) -> None:
    subject = story.request("Permiso para cerrar un pasaje")
    story.support(subject, "Ana")
    client.force_login(story.user("Ana"), backend="accounts.backends.VerifiedIdentityBackend")
    page = f"/participa/t/{subject.code}/evidencia/"
    said = client.post(page, {}, follow=True).content.decode()
    assert "No contaste nada esta vez." in said
    assert "Cuenta cuánto te cuesta hoy" in said, "it is still asked"
    assert "Guardamos lo que contaste." in client.post(page, {"times_a_year": "4"}, follow=True).content.decode()
    client.post(page, {})
    counting.fold(now=story.now)
    assert Count.objects.get(subject=subject).demand["answers"] == 0


def test_who_opened_a_review_is_not_offered_to_exclude_it(story: Story, client: Client) -> None:
    subject = story.request("Permiso para cerrar un pasaje")
    support_by(subject, crowd(6), now=story.now)
    chosen = caring.Selection(story.now - timedelta(hours=1), story.now, subject)
    caring.open_review(selection=chosen, reason="Ráfaga", by=story.people["Inés"], now=story.now)
    offered = {}
    for name in ("Inés", "Gloria"):
        client.force_login(story.user(name), backend="accounts.backends.VerifiedIdentityBackend")
        page = client.get("/participa/moderar/").content.decode()
        offered[name] = 'value="excluir"' in page
        assert 'value="restituir"' in page
    assert offered == {"Inés": False, "Gloria": True}


def test_two_requests_to_merge_must_be_chosen_and_different(story: Story, client: Client) -> None:
    subject = story.request("Permiso para cerrar un pasaje")
    client.force_login(story.user("Inés"), backend="accounts.backends.VerifiedIdentityBackend")
    for chosen, wrong in (
        ({}, "Elige la petición que repite a otra"),
        ({"esta": subject.code, "con": ""}, "Elige la petición que queda"),
        ({"esta": subject.code, "con": subject.code}, "deben ser distintas"),
    ):
        said = client.post("/participa/moderar/unir/", chosen, follow=True).content.decode()
        assert wrong in said
    chosen = {"esta": subject.code, "con": "", "motivo": "Piden lo mismo"}
    answer = client.post("/participa/moderar/unir/", chosen)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'<option value="{subject.code}" selected>' in page
    assert 'value="Piden lo mismo"' in page


def test_the_demonstration_identity_is_refused_in_production(story: Story) -> None:
    subject = story.request("Permiso para cerrar un pasaje")
    given = supporting.Given(provider=DEMONSTRATION)
    with override_settings(DEMO=False):
        with pytest.raises(IdentityNotAccepted):
            supporting.support(subject=subject, kind="digitise", by=story.people["Ana"], given=given, now=story.now)
        assert supporting.provider_of("https://accounts.claveunica.example/openid") == "accounts.claveunica.example"


def test_an_author_proposes_three_times_a_day(story: Story) -> None:
    for place in range(proposing.PROPOSALS_A_DAY):
        story.request(f"Petición {place}", publish=False)
    with pytest.raises(TooMany):
        story.request("Una más", publish=False)


def test_similar_proposals_mind_neither_accents_nor_plurals_nor_words_that_say_nothing(story: Story) -> None:
    near, far = story.request("Permisos para cerrar pasajes"), story.request("Hora para el retiro de ramas")
    assert similar_proposals("quiero un permiso de cierre de pasaje") == [near]
    assert similar_proposals("la hora del retiró") == [far]
    assert similar_proposals("para el de la") == []


def test_supporters_are_told_once_when_it_opens_and_asked_two_months_later(story: Story) -> None:
    subject = story.request("Permiso para cerrar un pasaje")
    story.support(subject, "Ana")
    roadmap.set_stage(subject=subject, stage=Stage.LIVE, reason="Abierto.", actor="system:test", now=story.now)
    story.work()
    story.work()
    assert Notice.objects.filter(subject__startswith="Ya se puede en línea").count() == 1
    assert Notice.objects.filter(subject__startswith="¿Valió la pena?").count() == 0
    story.now += roadmap.WORTH_IT_AFTER
    story.work()
    assert Notice.objects.filter(subject__startswith="¿Valió la pena?").count() == 1


def test_a_burst_is_written_down_with_numbers_and_nothing_is_set_aside(story: Story) -> None:
    subject = story.request("Permiso para cerrar un pasaje")
    support_by(subject, crowd(25), now=story.now)
    assert watching.look(now=story.now + timedelta(minutes=5)) == 1
    assert Anomalies.objects.get().found == [
        {"subject": subject.code, "supports": 25, "withdrawn": 0, "reasons": ["burst"]}
    ]
    counting.fold(now=story.now)
    assert total(subject) == 25


def test_only_who_designs_for_the_agency_moves_its_roadmap(story: Story) -> None:
    subject = story.request("Permiso para cerrar un pasaje")
    with pytest.raises(NotAllowed):
        roadmap.move(subject=subject, stage="planned", reason="Plan", by=story.people["Hugo"], now=story.now)
    moved = roadmap.move(subject=subject, stage="planned", reason="Plan", by=story.people["Inés"], now=story.now)
    assert moved.stage == Stage.PLANNED
