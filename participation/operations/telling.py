"""Messages to supporters, in batches, in their inbox and by e-mail. Each is told of each thing once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.api import in_force
from accounts.models import Agency, AgencyCapability, Membership, Person
from legaltime.api import local_date
from notifications.api import Said, tell_person
from participation.models import Addendum, Answer, Follow, Judgement, Merge, Proposal, Stage, Subject, Support
from participation.operations.addresses import proved_address
from participation.operations.roadmap import subject_path
from participation.queries.carrying import carried
from participation.queries.passing import passed_on_words
from participation.queries.powers import voice_of
from participation.queries.reasons import reason_in_words

BATCH = 200


class Message(NamedTuple):
    """What supporters read."""

    subject: str
    body: str
    label: str
    path: str = ""
    """Where the button leads; empty for the page of what was supported."""

    @property
    def said(self) -> Said:
        """The words alone."""
        return Said(self.subject, self.body, self.label)


Wording = Callable[[], Message]
"""Words a message in the language that is active when it is called."""


FOLLOWED = frozenset({Stage.LIVE, "answer", "named", "passed", "late", "addendum"})
"""Of what whoever follows is told; the rest is for supporters: invitations, merges, whether it was worth it."""


def tell_batch(*, subject: Subject, what: str, after: int, now: datetime) -> int | None:
    """Send to the supporters whose support comes later than `after`; the last one told, or None when that was all."""
    supports = Support.objects.filter(carried(subject), withdrawn_at=None)
    again = supports.filter(person=OuterRef("person"), pk__lt=OuterRef("pk"))  # of another request merged with it
    rest = supports.filter(~Exists(again), pk__gt=after).select_related("person")
    return _tell_rows(rest, subject, what, now)


def tell_followers(*, subject: Subject, what: str, after: int, now: datetime) -> int | None:
    """The same to those who follow it."""
    return _tell_rows(followers_of(subject, what).filter(pk__gt=after).select_related("person"), subject, what, now)


def followers_of(subject: Subject, what: str) -> QuerySet[Follow]:
    """Who follows it, or one merged into it, supports none of them, and is told of such a thing."""
    if what.partition(":")[0] not in FOLLOWED:
        return Follow.objects.none()
    follows = Follow.objects.filter(Q(subject=subject) | Q(subject__merged_into=subject.pk))
    again = follows.filter(person=OuterRef("person"), pk__lt=OuterRef("pk"))
    supports = Support.objects.filter(carried(subject), withdrawn_at=None, person=OuterRef("person"))
    return follows.filter(~Exists(again), ~Exists(supports))


def _tell_rows(rows: QuerySet[Any], subject: Subject, what: str, now: datetime) -> int | None:
    """Tell the person of each of the next rows; the last row, or None when there are no more."""
    agency, supports = _voice(subject, what), rows.model is Support
    if agency is None or message_of(subject, what) is None:
        return None
    wording = _once_for_each_language(lambda: message_of(subject, what, supports=supports))
    batch = list(rows.order_by("pk")[:BATCH])
    for row in batch:
        _send(row.person, agency, subject, wording, now)
    return batch[-1].pk if len(batch) == BATCH else None


def _once_for_each_language(make: Callable[[], Message | None]) -> Wording:
    """What says the message in the active language, read from the database once for each."""
    known: dict[str, Message] = {}

    def say() -> Message:
        language = get_language() or ""
        if language not in known:
            made = make()
            assert made is not None  # whether there is something to say depends on no language
            known[language] = made
        return known[language]

    return say


def _voice(subject: Subject, what: str) -> Agency | None:
    """Who speaks: the institution that answered, of its answer; else the one that must answer."""
    kind, _colon, ident = what.partition(":")
    if kind not in {"answer", "named"}:
        return voice_of(subject)
    return Answer.objects.select_related("agency").get(pk=int(ident)).agency


def _send(
    person: Person, agency: Agency, subject: Subject, wording: Wording, now: datetime, *, email: str | None = None
) -> None:
    """To the inbox, and to the address that the person proved; `email`, if given, is known to be theirs."""
    tell_person(
        person=person,
        agency=agency,
        say=lambda: wording().said,
        action_path=wording().path or subject_path(subject),
        email=proved_address(person) if email is None else email,
        now=now,
    )


def tell_institution(*, answer: Answer, now: datetime) -> None:
    """Say to those who publish for the institution that it owes an answer and the day has passed."""
    subject, agency = answer.subject, answer.agency

    def late() -> Message:
        words = {"title": subject.title, "day": _last_day(answer)}
        body = _("El plazo terminó el %(day)s. La página de respuestas dice que está atrasada hasta que respondan.")
        return Message(_("Respuesta atrasada: %(title)s") % words, body % words, _("Ver la petición"))

    posts = Membership.objects.filter(role__unit__agency=agency, role__grants__capability=AgencyCapability.PUBLISH)
    today = local_date(now, agency.time_zone)
    for person in Person.objects.filter(pk__in=posts.filter(in_force(today)).values("person_id")):
        _send(person, agency, subject, late, now, email=person.email)


def _last_day(answer: Answer) -> str:
    return date_format(answer.due_on, "SHORT_DATE_FORMAT") if answer.due_on else ""


def tell_author(*, proposal: Proposal, now: datetime) -> None:
    """Say to whoever proposed whether it was published, and if not why."""
    subject, agency = proposal.subject, voice_of(proposal.subject)
    if agency is None:
        return
    _send(proposal.author, agency, subject, lambda: _of_proposal(proposal), now)


def _of_proposal(proposal: Proposal) -> Message:
    words = {"title": proposal.subject.title}
    if proposal.state == Proposal.State.PUBLISHED:
        return Message(
            _("Publicamos tu propuesta: %(title)s") % words,
            _("Otras personas ya pueden apoyarla. Hasta el primer apoyo puedes cambiar su texto."),
            _("Ver la petición"),
        )
    body = _("El motivo es: %(reason)s. Puedes cambiar el texto y enviarla otra vez.")
    reason = {"reason": proposal.get_reason_display()}
    title = _("No publicamos tu propuesta: %(title)s") % words
    return Message(title, body % reason, _("Cambiar el texto"), reverse("participation:mine"))


def tell_of_addendum(*, judgement: Judgement, now: datetime) -> None:
    """Say to whoever proposed whether what they added was published, and if not why."""
    assert judgement.addendum is not None
    subject = Subject.objects.select_related("agency", "proposal__author").get(pk=judgement.addendum.subject_id)
    agency = voice_of(subject)
    if agency is None:
        return
    _send(subject.proposal.author, agency, subject, lambda: _of_addendum(judgement, subject), now)


def _of_addendum(judgement: Judgement, subject: Subject) -> Message:
    words = {"title": subject.title}
    if judgement.publish:
        body = _("Quienes apoyan la petición ya la recibieron.")
        return Message(_("Publicamos tu aclaración: %(title)s") % words, body, _("Ver la petición"))
    body = _("El motivo es: %(reason)s. Puedes escribir otra.") % {"reason": judgement.get_reason_display()}
    return Message(_("No publicamos tu aclaración: %(title)s") % words, body, _("Ver la petición"))


def message_of(subject: Subject, what: str, *, supports: bool = True) -> Message | None:
    """The message about what happened: a stage, "worth_it", or the kind and id of a row ("late:<id of the answer>").

    `supports`: whether the reader supports it, or follows it only.
    """
    kind, _colon, ident = what.partition(":")
    words = {"title": subject.title}
    match kind:
        case Stage.LIVE:
            return Message(
                _("Ya se puede en línea: %(title)s") % words,
                _("Lo que apoyaste ya funciona. Tu apoyo volvió a estar disponible para otro trámite.")
                if supports
                else _("Lo que sigues ya funciona."),
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
    if kind == "addendum":
        return _cleared_up(Addendum.objects.get(pk=int(ident)), words, supports)
    return _message_of_row(kind, ident, subject)


def _cleared_up(addendum: Addendum, words: dict[str, str], supports: bool) -> Message:
    text = {"text": addendum.text}
    if supports:
        body = _(
            "Quien propuso lo que apoyaste aclaró su texto:\n\n%(text)s\n\n"
            "Si ya no estás de acuerdo, puedes retirar tu apoyo."
        )
        return Message(_("Cambió lo que apoyaste: %(title)s") % words, body % text, _("Ver la aclaración"))
    body = _("Quien propuso lo que sigues aclaró su texto:\n\n%(text)s") % text
    return Message(_("Cambió lo que sigues: %(title)s") % words, body, _("Ver la aclaración"))


def _message_of_row(kind: str, ident: str, subject: Subject) -> Message | None:
    words = {"title": subject.title}
    if kind == "answer":
        return _answered(Answer.objects.select_related("agency").get(pk=int(ident)), words)
    if kind == "named":
        title = _("Ya se sabe a qué institución corresponde: %(title)s") % words
        return Message(title, passed_on_words(Answer.objects.get(pk=int(ident))), _("Ver la petición"))
    if kind == "passed":
        return _passed(Answer.objects.select_related("agency", "previous__agency").get(pk=int(ident)), words)
    if kind == "late":
        owed = Answer.objects.get(pk=int(ident))
        day = {"day": _last_day(owed), "agency": owed.agency.name}
        body = _("%(agency)s debía responder a más tardar el %(day)s y no lo ha hecho. Su atraso es público.") % day
        return Message(_("La respuesta está atrasada: %(title)s") % words, body, _("Ver la petición"))
    if kind == "merge":
        row = Merge.objects.select_related("into").get(pk=int(ident))
        body = _(
            "Tu apoyo ahora cuenta también para «%(other)s», que pide lo mismo. El motivo es: %(reason)s. Sigue siendo "
            "tuyo: si no quieres que cuente para la otra, dilo en la página de la petición."
        ) % {"other": row.into.title, "reason": row.reason.rstrip(".")}
        return Message(_("Unimos dos peticiones: %(title)s") % words, body, _("Ver la petición"))
    return None


def _answered(answer: Answer, words: dict[str, str]) -> Message:
    body = _("La respuesta fue: %(said)s.") % {"said": answer.get_said_display()}
    reason = reason_in_words(answer)
    why = _("Motivo: %(reason)s.") % {"reason": reason} if reason else ""
    told = [body, why, passed_on_words(answer), answer.text]
    title = _("La institución respondió: %(title)s") % words
    return Message(title, "\n\n".join(part for part in told if part), _("Ver la respuesta"))


def _passed(owed: Answer, words: dict[str, str]) -> Message:
    """Another institution must answer now."""
    assert owed.previous is not None
    told = {"giver": owed.previous.agency.name, "agency": owed.agency.name, "day": _last_day(owed)}
    body = _("%(giver)s dijo que no le corresponde. Ahora debe responder %(agency)s, a más tardar el %(day)s.") % told
    title = _("Otra institución debe responder: %(title)s") % words
    return Message(title, f"{body}\n\n{owed.previous.text}".strip(), _("Ver la petición"))
