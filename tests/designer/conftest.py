"""The demonstration's municipality and Inés, who designs its procedures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine

from accounts.models import Agency, Person
from designer import operations, starting
from designer.models import ProcedureDraft
from tests.story import MORNING, Story


@dataclass
class Desk:
    """Inés at work on drafts of her municipality."""

    story: Story

    @property
    def by(self) -> Person:
        """Inés."""
        return self.story.people["Inés"]

    @property
    def agency(self) -> Agency:
        """Her municipality."""
        return Agency.objects.get(code="muni-ejemplo")

    def empty(self, title: str = "Permiso de prueba") -> ProcedureDraft:
        """A draft with what the law asks and nothing else."""
        content = starting.empty(title, self.agency, set())
        return operations.create_draft(agency=self.agency, content=content, summary="Creó", by=self.by, now=MORNING)

    def example(self, name: str = "patente_comercial") -> ProcedureDraft:
        """A draft that holds an example, as data."""
        bundle = starting.example(name).bundle
        assert bundle is not None
        return operations.create_draft(
            agency=self.agency, content=starting.plain(bundle), summary="Creó", by=self.by, now=MORNING
        )

    def do(self, operation: Any, draft: ProcedureDraft, **arguments: Any) -> ProcedureDraft:
        """Run an operation and read the draft again."""
        operation(**{"draft": draft, "by": self.by, "now": self.story.now, **arguments})
        draft.refresh_from_db()
        return draft


@pytest.fixture
def story(db: None) -> Iterator[Story]:
    """The demonstration municipality; the server's clock stands at the story's."""
    begun = Story.begin()
    with time_machine.travel(begun.now, tick=False):
        yield begun


@pytest.fixture
def desk(story: Story) -> Desk:
    """Inés at her desk."""
    return Desk(story)
