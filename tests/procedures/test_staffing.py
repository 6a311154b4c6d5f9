"""The gate says where one person alone stands behind a separation or a signature, and never refuses for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Membership, Role
from procedures.api import bundle_of, thin_roles
from procedures.schema import Bundle
from tests.story import Story
from tests.workflows.flows import flow, report

pytestmark = pytest.mark.django_db


def bundle(**rule: Any) -> Bundle:
    steps = (report("primera", following="segunda"), report("segunda", following="sello", **rule))
    return Bundle.model_validate(flow(*steps))


@pytest.fixture
def story() -> Story:
    return Story.begin()


@pytest.fixture
def role(story: Story) -> Role:
    return Role.objects.get(unit__agency__code="muni-ejemplo", unit__code="rentas", code="revision")


@pytest.mark.parametrize(
    ("if_alone", "fallback"), [("exception", "con una razón"), ("subrogate", "espera a quien la subrogue")]
)
def test_a_separation_with_one_person_says_what_the_small_office_does(
    story: Story, role: Role, if_alone: str, fallback: str
) -> None:
    on = story.now.date()
    rule = {"not_same_as": ["primera"], "if_alone": if_alone}
    thin = thin_roles(bundle(**rule), {"revision": role}, on)
    assert [(one.role, one.people, one.steps) for one in thin] == [("revision", 1, ("segunda",))]
    assert fallback in thin[0].fallback
    assert thin_roles(bundle(), {"revision": role}, on) == []


def test_a_second_person_is_enough_and_nobody_is_said_too(story: Story, role: Role) -> None:
    on = story.now.date()
    rule = {"not_same_as": ["primera"], "if_alone": "subrogate"}
    first = role.memberships.get()
    second = Membership.objects.create(role=role, person=story.people["Carla"], post="Revisora", starts_on=on)
    assert thin_roles(bundle(**rule), {"revision": role}, on) == []
    for post in (first, second):
        post.ends_on = post.starts_on
        post.save()
    nobody = thin_roles(bundle(**rule), {"revision": role}, on + timedelta(days=1))
    assert nobody[0].trouble.startswith("Nadie")


def test_a_signature_of_one_person_needs_a_substitute(story: Story) -> None:
    offering = story.offering("patente_comercial")
    roles = {binding.slot: binding.role for binding in offering.role_bindings.select_related("role")}
    thin = thin_roles(bundle_of(offering.version), roles, story.now.date())
    assert any("subrogante (S)" in one.fallback for one in thin)
