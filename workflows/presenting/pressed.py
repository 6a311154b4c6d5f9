"""One thing that presses in a case, by when, and where it is answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from workflows.models import Case, Deadline
from workflows.nodes.base import OPEN
from workflows.presenting.words import Due


@dataclass(frozen=True)
class Link:
    """Where something is done about it."""

    label: str
    url: str


@dataclass(frozen=True)
class Pressing:
    """One thing, by when, and where it is answered."""

    title: str
    text: str
    links: tuple[Link, ...] = ()
    due: Due = field(default_factory=Due)
    kind: str = "warning"


def is_open(case: Case, block: str) -> bool:
    """Whether somebody has to do a step of a legal block now."""
    return case.task_set.filter(step_id__startswith=block, status__in=OPEN).exists()


def why(case: Case, clock: Deadline) -> Link:
    """Where it is explained why a clock ends on its day."""
    return Link(_("¿Por qué esta fecha?"), reverse("workflows:why_this_date", args=[case.ref, clock.pk]))


def day_of(day: date | None) -> str:
    """A day in words; "" for none."""
    return date_format(day, "DATE_FORMAT") if day else ""
