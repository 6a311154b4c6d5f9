"""The page on which an official records a legal notification by hand (R32, R34)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Person
from notifications.api import EvidenceMissing, NotificationRefused
from procedures.api import problems_of
from workflows import queries
from workflows.commands.notification import Effect
from workflows.errors import CommandRefused
from workflows.forms import MEDIUM_HINTS, NotificationForm
from workflows.models import Case, Deadline
from workflows.presenting.desk_case import case_url
from workflows.presenting.desk_step import CONFLICT, OK, UNPROCESSABLE
from workflows.presenting.words import amount_in_words
from workflows.queries import MissingNotification


def missing_or_404(case: Case, step_id: str) -> MissingNotification:
    """The notification that is missing for a step; Http404 when none is."""
    for missing in queries.missing_notifications(case):
        if missing.step_id == step_id:
            return missing
    raise Http404


def people(case: Case, missing: MissingNotification) -> list[Person]:
    """Whom an official may state to have notified: the interested persons, or who represents them.

    Where each has a clock of their own, only those whose clock still waits.
    """
    parties = case.parties.filter(left_at=None).select_related("person", "representative").order_by("pk")
    waiting = [clock.party_id for clock in missing.clocks if clock.party_id]
    if waiting:
        parties = parties.filter(pk__in=waiting)
    found = [party.representative or party.person for party in parties]
    return list(dict.fromkeys(person for person in found if person is not None))


@dataclass
class NotifyPage:
    """What the page shows, and what came of stating the notification."""

    case: Case
    missing: MissingNotification
    form: NotificationForm
    effect: Effect | None = None
    refusal: Exception | None = None

    def state(self, do: Callable[..., Effect], by: Person, now: datetime) -> None:
        """Record the notification, or compute what it would start; keep the refusal if there is one."""
        step_id = self.missing.step_id
        try:
            self.effect = do(case=self.case, step_id=step_id, notified=self.form.notified(), by=by, now=now)
        except (CommandRefused, NotificationRefused) as refusal:
            self.refusal = refusal

    @property
    def status(self) -> int:
        """422 when something must be mended."""
        if isinstance(self.refusal, CommandRefused):
            return CONFLICT
        return UNPROCESSABLE if self.refusal or self.form.errors else OK

    def context(self) -> dict[str, Any]:
        """Data for the template."""
        document = self.missing.document
        copy = document.pk if document is not None and document.blob_id is not None else None
        return {
            "institution": self.case.agency.name,
            "case": self.case,
            "missing": self.missing,
            "clocks": [_waiting(clock) for clock in self.missing.clocks],
            "form": self.form,
            "media": [_medium(radio) for radio in self.form["medium"]],
            "plain": [self.form[name] for name in ("day", "hour", "evidence")],
            "optional": _("(según el medio)"),
            "errors": problems_of(self.form, self.refusal, at=self._refused_at),
            "effect": in_words(self.effect) if self.effect else "",
            "copy_url": reverse("workflows:desk_document", args=[self.case.ref, copy]) if copy else "",
            "case_url": case_url(self.case),
        }

    @property
    def _refused_at(self) -> str:
        return "id-evidence" if isinstance(self.refusal, EvidenceMissing) else "id-day"


def _medium(radio: Any) -> dict[str, Any]:
    hint = MEDIUM_HINTS[radio.data["value"]]
    return {"tag": radio.tag(), "id": radio.id_for_label, "label": radio.choice_label, "hint": hint}


def _waiting(clock: Deadline) -> dict[str, str]:
    return {
        "title": clock.task.step_title if clock.task else _("todo el trámite"),
        "length": amount_in_words(clock.amount, clock.unit),
        "source": clock.legal_source,
    }


def in_words(effect: Effect) -> str:
    """From when the notification counts and what it starts."""
    day = date_format(effect.effective_on, "DATE_FORMAT")
    text = _("La notificación vale desde el %(day)s.") % {"day": day}
    for clock in effect.clocks:
        title = clock.task.step_title if clock.task else _("todo el trámite")
        due = date_format(clock.due_on, "DATE_FORMAT") if clock.due_on else ""
        text += " " + _("El plazo de «%(step)s» vence el %(due)s.") % {"step": title, "due": due}
    return text
