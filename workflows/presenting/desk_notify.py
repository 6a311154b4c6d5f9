"""The page on which an official records a legal notification by hand (R32, R34)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.api import format_run, run_of
from accounts.models import Person
from documents.models import Document
from notifications.api import EvidenceMissing, NotificationRefused, platform_data
from procedures.api import bundle_of, problems_of
from workflows import deadlines, queries
from workflows.commands.certified_letters import write_letter
from workflows.commands.notification import Effect, ReasonMissing, sent_by_platform
from workflows.errors import CommandRefused
from workflows.forms import MEDIUM_HINTS, LetterForm, NotificationForm
from workflows.media import RightMedium, right_medium
from workflows.models import Case, Deadline
from workflows.presenting.citizen import Row
from workflows.presenting.desk_case import case_url
from workflows.presenting.desk_step import CONFLICT, OK, UNPROCESSABLE
from workflows.presenting.words import amount_in_words
from workflows.queries import MissingNotification

LETTER = "carta"
"""The button that prepares a certified letter."""
LETTER_READY = gettext_lazy(
    "La carta quedó en el expediente. Imprímela, envíala con el documento y registra aquí su recepción en Correos."
)


def missing_or_404(case: Case, step_id: str) -> MissingNotification:
    """The notification that is missing for a step; Http404 when none is."""
    for missing in queries.missing_notifications(case):
        if missing.step_id == step_id:
            return missing
    raise Http404


@dataclass
class NotifyPage:
    """What the page shows, and what came of stating the notification or of preparing its letter."""

    case: Case
    missing: MissingNotification
    form: NotificationForm
    due: Mapping[Person, RightMedium]
    """Whom it may be about, and by which medium each is to be notified."""
    letter: LetterForm
    effect: Effect | None = None
    refusal: Exception | None = None

    @classmethod
    def of(cls, case: Case, missing: MissingNotification, posted: Any, now: datetime) -> NotifyPage:
        """The page as it is opened, or with what was posted from one of its two forms."""
        who = list(missing.people)
        due = {person: right_medium(case, person) for person in who}
        is_letter = posted is not None and LETTER in posted
        form = NotificationForm(None if is_letter else posted, people=who, zone=case.agency.time_zone, now=now)
        addresses = {person: medium.address for person, medium in due.items()}
        return cls(case, missing, form, due, LetterForm(posted if is_letter else None, addresses=addresses))

    def state(self, do: Callable[..., Effect], by: Person, now: datetime) -> None:
        """Record the notification, or compute what it would start; keep the refusal if there is one."""
        told = {"step_id": self.missing.step_id, "notified": self.form.notified(), "answer": self.form.answer}
        try:
            self.effect = do(case=self.case, by=by, now=now, **told)
        except (CommandRefused, NotificationRefused) as refusal:
            self.refusal = refusal

    def write(self, by: Person, now: datetime) -> bool:
        """Prepare the letter; keep the refusal if there is one."""
        given = self.letter.cleaned_data
        person = self.letter.people[given["person"]]
        try:
            write_letter(
                case=self.case,
                step_id=self.missing.step_id,
                person=person,
                address=given["address"],
                by=by,
                now=now,
            )
        except CommandRefused as refusal:
            self.refusal = refusal
        return self.refusal is None

    @property
    def status(self) -> int:
        """422 when something must be mended."""
        if isinstance(self.refusal, CommandRefused) and not isinstance(self.refusal, ReasonMissing):
            return CONFLICT
        return UNPROCESSABLE if self.refusal or self.form.errors or self.letter.errors else OK

    def context(self) -> dict[str, Any]:
        """Data for the template."""
        document = self.missing.document
        copy = document.pk if document is not None and document.blob_id is not None else None
        return {
            "institution": self.case.agency,
            "case": self.case,
            "missing": self.missing,
            "clocks": [_waiting(clock) for clock in self.missing.clocks],
            "due": [(person, medium.why, _name_of(medium)) for person, medium in self.due.items()],
            "sent": [(person, list(_sent(self.case, self.missing, person))) for person in self.due],
            "letters": [_letter(self.case, letter) for letter in _letters(self.case)],
            "letter": self.letter,
            "opens_letter": bool(self.letter.errors),
            "form": self.form,
            "media": [_medium(radio) for radio in self.form["medium"]],
            "plain": [self.form[name] for name in ("day", "hour", "evidence", "departure")],
            "optional": _("(según el medio)"),
            "errors": [*problems_of(self.form, self.refusal, at=self._refused_at), *problems_of(self.letter)],
            "effect": in_words(self.effect) if self.effect else "",
            "copy_url": reverse("workflows:desk_document", args=[self.case.ref, copy]) if copy else "",
            "case_url": case_url(self.case),
        }

    @property
    def _refused_at(self) -> str:
        if isinstance(self.refusal, ReasonMissing):
            return "id-departure"
        return "id-evidence" if isinstance(self.refusal, EvidenceMissing) else "id-day"


def _name_of(due: RightMedium) -> str:
    return capfirst(str(due.medium.label)) if due.medium is not None else ""


def _sent(case: Case, missing: MissingNotification, person: Person) -> Iterator[Row]:
    """What the official types in the State's platform: the seven data of D8 art. 13."""
    task = queries.notifiable(case, missing.step_id)
    assert task is not None
    data = platform_data(
        case.file, case.agency, sent_by_platform(case, bundle_of(case.version), task, missing.document)
    )
    run = run_of(person)
    yield Row(_("Código de la institución"), data["body"])
    yield Row(_("RUN de la persona"), format_run(run) if run else _("No tiene RUN: la Plataforma no la alcanza"))
    yield Row(_("Expediente"), data["file"])
    yield Row(_("Procedimiento"), data["procedure"])
    yield Row(_("Tipo"), _("Notificación (%(type)s)") % data)
    yield Row(_("Asunto"), data["subject"])
    yield Row(_("Descripción"), data["description"])
    yield Row(_("Adjuntos"), ", ".join(one["title"] for one in data["attachments"]) or _("Ninguno"))


def _letters(case: Case) -> QuerySet[Document]:
    """The certified letters written for the case, without those to other bodies, the latest first."""
    letters = Document.objects.filter(file=case.file, kind=Document.Kind.LETTER, definition_id="")
    return letters.filter(exchanges=None).order_by("-pk")


def _letter(case: Case, letter: Document) -> dict[str, Any]:
    url = reverse("workflows:desk_document", args=[case.ref, letter.pk]) if letter.blob_id else ""
    return {"title": letter.title, "url": url, "at": letter.created_at}


def _medium(radio: Any) -> dict[str, Any]:
    hint = MEDIUM_HINTS[radio.data["value"]]
    return {"tag": radio.tag(), "id": radio.id_for_label, "label": radio.choice_label, "hint": hint}


def _waiting(clock: Deadline) -> dict[str, str]:
    return {
        "title": deadlines.title_of(clock),
        "length": amount_in_words(clock.amount, clock.unit),
        "source": clock.legal_source,
    }


def in_words(effect: Effect) -> str:
    """From when the notification counts and what it starts; or that nobody was notified, and what is due instead."""
    if effect.effective_on is None:
        return _("No quedó notificada. %(why)s") % {"why": effect.why}
    day = date_format(effect.effective_on, "DATE_FORMAT")
    text = _("La notificación vale desde el %(day)s.") % {"day": day}
    for clock in effect.clocks:
        title = deadlines.title_of(clock)
        due = date_format(clock.due_on, "DATE_FORMAT") if clock.due_on else ""
        text += " " + _("El plazo de «%(step)s» vence el %(due)s.") % {"step": title, "due": due}
    return text
