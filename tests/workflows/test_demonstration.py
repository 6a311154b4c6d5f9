"""The demonstration starts again with what people made of it."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from procedures.api import bundle_of, publish_data
from procedures.models import Offering, ProcedureVersion
from tests.story import Story

pytestmark = pytest.mark.django_db


@pytest.fixture
def story() -> Story:
    return Story.begin()


def test_it_starts_again_after_somebody_published_a_new_version_of_an_example(story: Story) -> None:
    old = story.offering("patente_comercial")
    data = {**bundle_of(old.version).model_dump(mode="json", exclude_defaults=True), "title": "Patente comercial nueva"}
    roles = {binding.slot: binding.role for binding in old.role_bindings.all()}
    story.now += timedelta(days=7)
    publish_data(data=data, agency=story.agency, by=None, now=story.now, role_bindings=roles)
    before = list(ProcedureVersion.objects.order_by("pk")), Offering.objects.count()
    call_command("seed_demo")
    assert (list(ProcedureVersion.objects.order_by("pk")), Offering.objects.count()) == before
    assert story.offering("patente_comercial").version.title == "Patente comercial nueva"
