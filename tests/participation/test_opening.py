"""From a request to what opens because of it: the draft, the publication, the invitation, and what is measured."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict

from designer import operations as design
from designer.creating import Beginning
from designer.models import ProcedureDraft
from notifications.models import Notice
from participation.api import link_published
from participation.errors import NotAllowed, NotAnAnswer
from participation.models import Commitment, Stage, Subject, Support
from participation.operations import committing, counting, exposing, figures, proposing, roadmap, supporting
from participation.operations.roadmap import note_measured
from participation.queries import open_data, progress
from participation.queries.promises import answering_procedures
from participation.rules.demand import MINIMUM
from tests.participation.crowd import crowd, support_by
from tests.story import Story

pytestmark = pytest.mark.django_db
TOLD = {"times_a_year": 2, "minutes": 90, "days": 20, "visits": 3, "distance_km": 8, "pesos": 3000}


@pytest.fixture
def story() -> Story:
    return Story.begin()


@pytest.fixture
def wanted(story: Story) -> Subject:
    """A request with evidence: people brought a paper that the State holds and one that it does not."""
    subject = story.request("Permiso para cerrar un pasaje")
    support_by(subject, crowd(MINIMUM), now=story.now)
    for support in Support.objects.filter(subject=subject):
        supporting.give_evidence(support=support, told={**TOLD, "papers": ["birth", "property"]}, now=story.now)
    counting.fold(now=story.now)
    return subject


def begun(story: Story, subject: Subject) -> ProcedureDraft:
    """The draft that Inés begins from the request."""
    data = QueryDict(mutable=True)
    data.update({"desde": "peticion", "peticion": subject.code})
    beginning = Beginning(story.agency, data)
    assert beginning.problems == []
    return beginning.create(by=story.people["Inés"], now=story.now)


def test_a_draft_begins_with_what_is_asked_and_without_what_the_state_holds(story: Story, wanted: Subject) -> None:
    draft = begun(story, wanted)
    wanted.refresh_from_db()
    assert (draft.title, wanted.stage, wanted.draft_path) == (wanted.title, Stage.DESIGN, f"/diseno/{draft.pk}/")
    labels = [field["label"] for page in draft.content["forms"][0]["pages"] for field in page["fields"]]
    assert "Adjunta: Título o contrato del inmueble" in labels
    assert not [label for label in labels if "nacimiento" in label]


def test_a_draft_thrown_away_sends_the_request_back_to_study(story: Story, wanted: Subject) -> None:
    design.discard_draft(draft=begun(story, wanted), by=story.people["Inés"], now=story.now)
    wanted.refresh_from_db()
    assert (wanted.stage, wanted.draft_path) == (Stage.STUDY, "")


def test_publishing_its_draft_opens_it_on_its_day_and_tells_supporters_once(story: Story, wanted: Subject) -> None:
    draft, offering = begun(story, wanted), story.offering("patente_comercial")
    opens_at = story.now + timedelta(days=3)
    path = f"/diseno/{draft.pk}/"
    assert link_published(draft_path=path, offering=offering, opens_at=opens_at, pilot=False, now=story.now)
    story.work()
    wanted.refresh_from_db()
    assert wanted.stage == Stage.DESIGN
    story.now = opens_at
    story.work()
    story.work()
    wanted.refresh_from_db()
    assert (wanted.stage, wanted.offering_id) == (Stage.LIVE, offering.pk)
    told = Notice.objects.filter(subject__startswith="Ya se puede en línea")
    assert (told.count(), set(told.values_list("action_path", flat=True))) == (MINIMUM, {wanted.live_path})


def test_a_pilot_invites_supporters_and_opens_for_everybody_later(story: Story, wanted: Subject) -> None:
    path, offering = f"/diseno/{begun(story, wanted).pk}/", story.offering("patente_comercial")
    for pilot in (True, False):
        link_published(draft_path=path, offering=offering, opens_at=story.now, pilot=pilot, now=story.now)
        story.work()
    stages = list(wanted.stages.order_by("pk").values_list("stage", flat=True))
    assert stages == [Stage.DESIGN, Stage.PILOT, Stage.LIVE]
    assert Notice.objects.filter(subject__startswith="Te invitamos a probarlo").count() == MINIMUM


def test_what_opened_is_measured_from_its_own_cases(story: Story, wanted: Subject) -> None:
    begun(story, wanted)
    offering = story.offering("patente_comercial")
    Subject.objects.filter(pk=wanted.pk).update(offering=offering)
    roadmap.open_linked(subject_id=wanted.pk, pilot=False, now=story.now)
    cases = [story.file() for _time in range(MINIMUM)]
    assert note_measured(now=story.now) == 0
    for days, case in enumerate(cases, start=1):
        type(case).objects.filter(pk=case.pk).update(finished=case.filed_at + timedelta(days=days))
    assert note_measured(now=story.now) == 1
    facts = progress.measured(Subject.objects.get(pk=wanted.pk))
    assert facts is not None
    assert (facts.filed, facts.online, facts.median_days) == (MINIMUM, MINIMUM, 3.0)


def test_an_institution_adheres_with_a_procedure_that_registers_an_answer_and_answers_what_waited(
    story: Story, wanted: Subject
) -> None:
    Subject.objects.filter(pk=wanted.pk).update(threshold=MINIMUM, spread=0)
    counting.recount(subject_ids=[wanted.pk], now=story.now)
    story.work()
    assert not wanted.answers.exists()
    [answering] = answering_procedures(story.agency, story.now.date())
    promised = {"act": "Decreto 9 de 2026", "adhered_on": story.now.date(), "floor": None}
    facts: dict[str, Any] = {"agency": story.agency, **promised}
    with pytest.raises(NotAnAnswer):
        committing.adhere(**facts, offering=story.offering("patente_comercial"), by=story.people["Inés"], now=story.now)
    with pytest.raises(NotAllowed):
        committing.adhere(**facts, offering=answering, by=story.people["Hugo"], now=story.now)
    committing.adhere(**facts, offering=answering, by=story.people["Inés"], now=story.now)
    story.work()
    assert wanted.answers.get().case is not None
    committing.end_commitment(commitment=Commitment.objects.get(), by=story.people["Inés"], now=story.now)
    assert not Commitment.objects.filter(ended_on=None).exists()


def test_the_author_hears_the_reason_changes_the_text_and_it_is_moderated_again(story: Story) -> None:
    pending = story.request("Cierre", publish=False).proposal
    for who in ("Inés", "Gloria"):
        by = story.people[who]
        proposing.moderate(proposal=pending, publish=False, reason="unclear", by=by, now=story.now)
    told = Notice.objects.get(subject__startswith="No publicamos tu propuesta")
    assert "No se entiende qué se pide" in told.body
    changed = proposing.edit(
        proposal=pending, title="Cierre de pasajes", text="Claro.", by=story.people["Bruno"], now=story.now
    )
    assert (changed.state, changed.reason, changed.subject.title) == ("pending", "", "Cierre de pasajes")


def test_supporters_hear_of_a_proposal_for_which_no_institution_here_is_responsible(story: Story) -> None:
    subject = story.request("Permiso para cerrar un pasaje")
    Subject.objects.filter(pk=subject.pk).update(agency=None, body_name="Ministerio lejano")
    story.support(subject, "Ana")
    story.clear_up(Subject.objects.get(pk=subject.pk), "Aclaro.")
    story.work()
    assert Notice.objects.filter(subject__startswith="Cambió lo que apoyaste").count() == 1


def test_what_was_shown_is_published_by_day_and_the_single_lists_are_dropped(story: Story, wanted: Subject) -> None:
    today = story.now.date()
    for order in ("azar", "azar", exposing.PAGE):
        exposing.record_exposure(subjects=[wanted.pk], order=order, on=today)
    assert exposing.fold_exposure(before=today) == 0
    assert exposing.fold_exposure(before=today + timedelta(days=1)) == 3
    assert list(open_data.exposure()) == [(today.isoformat(), wanted.code, 2, 1)]
    assert exposing.fold_exposure(before=today + timedelta(days=1)) == 0
    figures.fold_figures(now=story.now + timedelta(days=1))
    assert progress.seen() == (2, 1)


def test_figures_of_all_supports_are_folded_with_their_provider_and_door(story: Story, wanted: Subject) -> None:
    figures.fold_figures(now=story.now)
    verified = progress.folded(figures.VERIFIED)
    assert verified == {"provider": {"demostracion": MINIMUM}, "door": {"web": MINIMUM}}
    saved = progress.saved([])
    assert (saved.told["days"], saved.told["visits"]) == (20, 3)
