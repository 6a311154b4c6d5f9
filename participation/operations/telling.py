"""Messages to supporters, in batches, in their inbox and by e-mail. Each is told of each thing once."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from accounts.models import Agency, Person
from notifications.api import send_notice
from participation.models import Addendum, Answer, Stage, Subject, Support
from participation.operations.roadmap import subject_path

BATCH = 200


class Message(NamedTuple):
    """What supporters read."""

    subject: str
    body: str
    label: str
    path: str = ""
    """Where the button leads; empty for the page of what was supported."""


def tell_batch(*, subject: Subject, what: str, after: int, now: datetime) -> int | None:
    """Send to the supporters that follow support `after`; the last one told, or None when there are no more."""
    agency = subject.agency
    message = message_of(subject, what)
    if agency is None or message is None:
        return None
    supports = Support.objects.filter(subject=subject, withdrawn_at=None, pk__gt=after).select_related("person")
    batch = list(supports.order_by("pk")[:BATCH])
    for support in batch:
        _send(support.person, agency, subject, message, now)
    return batch[-1].pk if len(batch) == BATCH else None


def _send(person: Person, agency: Agency, subject: Subject, message: Message, now: datetime) -> None:
    send_notice(
        person=person,
        agency=agency,
        file=None,
        case_ref="",
        case_id=None,
        subject=message.subject,
        body=message.body,
        action_label=message.label,
        action_path=subject.live_path or subject_path(subject)
        if message.label == _("Ir al trámite")
        else subject_path(subject),
        email=person.email,
        now=now,
    )


def message_of(subject: Subject, what: str) -> Message | None:
    """The message about what happened: a stage, "worth_it", "answer:<id>", "addendum:<id>", "merge:<id>"."""
    kind, _colon, ident = what.partition(":")
    words = {"title": subject.title}
    match kind:
        case Stage.LIVE:
            return Message(
                _("Ya se puede en línea: %(title)s") % words,
                _("Lo que apoyaste ya funciona. Tu apoyo volvió a estar disponible para otro trámite."),
                _("Ir al trámite"),
                subject.live_path,
            )
        case Stage.PILOT:
            return Message(
                _("Te invitamos a probarlo: %(title)s") % words,
                _("Lo que apoyaste está en prueba. Úsalo y di qué falla antes de que se abra para todas las personas."),
                _("Ir al trámite"),
                subject.live_path,
            )
        case "worth_it":
            return Message(
                _("¿Valió la pena? %(title)s") % words,
                _("Hace dos meses se abrió en línea lo que apoyaste. Dinos con un botón si te sirvió."),
                _("Responder"),
            )
    return _message_of_row(kind, ident, subject)


def _message_of_row(kind: str, ident: str, subject: Subject) -> Message | None:
    words = {"title": subject.title}
    if kind == "answer":
        answer = Answer.objects.get(pk=int(ident))
        body = _("La respuesta fue: %(said)s.") % {"said": answer.get_said_display()}
        return Message(
            _("La institución respondió: %(title)s") % words, f"{body}\n\n{answer.text}", _("Ver la respuesta")
        )
    if kind == "addendum":
        text = Addendum.objects.get(pk=int(ident)).text
        body = _(
            "Quien propuso lo que apoyaste aclaró su texto:\n\n%(text)s\n\n"
            "Si ya no estás de acuerdo, puedes retirar tu apoyo."
        )
        return Message(_("Cambió lo que apoyaste: %(title)s") % words, body % {"text": text}, _("Ver la aclaración"))
    if kind == "merge":
        body = _(
            "Tu apoyo ahora cuenta también para otra petición que pide lo mismo. Si no quieres, pide que no cuente."
        )
        return Message(_("Unimos dos peticiones: %(title)s") % words, body, _("Ver la petición"))
    return None
