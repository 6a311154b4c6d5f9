"""A clock in words: how its date was counted, what changed it, and which readings of the law were taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Person
from notifications.api import notifications_of
from procedures.api import communes
from workflows.models import Deadline, DeadlineChange
from workflows.presenting.words import amount_in_words, moment
from workflows.withholding import reads_reason


def of_person(clocks: Iterable[Deadline], person: Person) -> Deadline | None:
    """The clock that is this person's own; else the one that is nobody's own."""
    found = sorted(clocks, key=lambda clock: clock.pk)
    own = [
        clock for clock in found if clock.party and person.pk in (clock.party.person_id, clock.party.representative_id)
    ]
    return next(iter(own or found), None)


def explained(clock: Deadline, person: Person | None = None) -> dict[str, Any]:
    """Sentences, changes and readings of a clock, for officials or for one interested person."""
    return {
        "sentences": clock.explanation.get("sentences", []),
        "changes": [_change(change, clock, person) for change in clock.changes.all()],
        "readings": list(_readings(clock)),
        "facts": facts(clock),
        "skipped": skipped_days(clock),
    }


@dataclass(frozen=True)
class Fact:
    """One line about a clock: what it is called and what holds."""

    name: str
    text: str


def facts(clock: Deadline) -> list[Fact]:
    """Length, norm, trigger with its evidence, and the calendar by which a clock is counted."""
    return [
        Fact(_("Norma"), clock.legal_source),
        Fact(_("Plazo"), amount_in_words(clock.amount, clock.unit)),
        Fact(_("Empieza con"), capfirst(_trigger(clock))),
        *_counting(clock),
        Fact(_("Obliga a"), _("La persona interesada") if clock.binds_applicant else _("La institución")),
    ]


def _trigger(clock: Deadline) -> str:
    case = clock.case
    if clock.trigger == "filed":
        words = {"filed": moment(case.filed_at, case.agency), "effective": moment(case.effective_at, case.agency)}
        if case.filed_at == case.effective_at:
            return _("la presentación de la solicitud, el %(filed)s") % words
        return (
            _("la presentación: llegó el %(filed)s, día inhábil, y vale desde el %(effective)s (Ley 19.880, art. 25)")
            % words
        )
    if clock.trigger.startswith("notified("):
        return _notification(clock)
    day = date_format(clock.starts_on, "SHORT_DATE_FORMAT") if clock.starts_on else ""
    return _("la llegada del caso al paso, el %(day)s") % {"day": day} if clock.task_id else _("el acto que lo abre")


def _notification(clock: Deadline) -> str:
    """The record that started it: medium, moment, evidence and the day from which it counts."""
    if clock.starts_on is None:
        return _("la notificación legal, que todavía falta")
    found = notifications_of(clock.case.file).filter(
        subject_id=clock.trigger[len("notified(") : -1], effective_on=clock.starts_on
    )
    if clock.party is not None:
        people = [clock.party.person_id, clock.party.representative_id]
        found = found.filter(person__in=[pk for pk in people if pk])
    record = found.last()
    if record is None:
        return _("la notificación legal")
    words = {
        "medium": record.get_medium_display(),
        "at": moment(record.occurred_at, clock.case.agency),
        "day": date_format(record.effective_on, "SHORT_DATE_FORMAT"),
    }
    told = _("la notificación (%(medium)s) del %(at)s, que vale desde el %(day)s") % words
    return f"{told}. {_('Prueba')}: {record.evidence}" if record.evidence else told


ZONES = {
    "America/Santiago": gettext_lazy("Chile continental"),
    "America/Punta_Arenas": gettext_lazy("Magallanes"),
    "Pacific/Easter": gettext_lazy("Isla de Pascua"),
}
"""The three times of Chile in words."""


def _counting(clock: Deadline) -> Iterator[Fact]:
    if clock.starts_on is None:
        return
    found = communes().get(clock.explanation.get("commune", ""))
    zone = clock.explanation.get("zone", "")
    words = {"place": found.name if found else "", "zone": ZONES.get(zone, zone)}
    yield Fact(_("Se cuenta desde el día siguiente al"), date_format(clock.starts_on, "DATE_FORMAT"))
    yield Fact(_("Calendario"), _("Feriados de %(place)s, hora de %(zone)s") % words)


def skipped_days(clock: Deadline) -> list[str]:
    """The days that did not count, with why."""
    days = clock.explanation.get("skipped", [])
    return [f"{date_format(date.fromisoformat(day['date']), 'DATE_FORMAT')}: {day['name']}" for day in days]


def _change(change: DeadlineChange, clock: Deadline, person: Person | None) -> dict[str, str]:
    title = f"{change.get_kind_display()} {change.get_state_display() if change.kind == 'extension' else ''}".strip()
    at = change.decided_at or change.asked_at
    is_told = person is None or reads_reason(change, clock, person)
    reasons = (_sentence(change.reason), _sentence(change.answer)) if is_told else ()
    return {
        "title": capfirst(title),
        "when": date_format(localtime(at), "SHORT_DATE_FORMAT") if at else "",
        "text": " ".join(part for part in (*_moved(change), *reasons, _certified(change)) if part),
        "source": change.legal_source,
        "url": reverse("workflows:outages") + f"#interrupcion-{change.outage_id}" if change.outage_id else "",
    }


def _certified(change: DeadlineChange) -> str:
    """Where the sealed certificate of an outage is."""
    return _("La constancia sellada está entre los documentos de la solicitud.") if change.certificate_id else ""


def _sentence(text: str) -> str:
    """What somebody wrote, ended as a sentence, so that the next one does not run into it."""
    text = text.strip()
    return text if not text or text[-1] in ".!?…»" else f"{text}."


def _moved(change: DeadlineChange) -> Iterator[str]:
    """The hours of an outage, and from which last day to which; an outage that moves no day says so."""
    if change.outage is not None:
        agency = change.deadline.case.agency
        hours = {"start": moment(change.outage.starts_at, agency), "end": moment(change.outage.ends_at, agency)}
        yield _("El sitio no se pudo usar del %(start)s al %(end)s.") % hours
    before, after = change.due_before, change.due_after
    if before is not None and after is not None and before != after:
        words = {"before": date_format(before, "SHORT_DATE_FORMAT"), "after": date_format(after, "SHORT_DATE_FORMAT")}
        yield _("El último día pasó del %(before)s al %(after)s.") % words
    elif change.outage is not None:
        yield _("El último día no cambió.")


def _readings(clock: Deadline) -> Iterator[str]:
    """What was decided where the law leaves doubt, for this clock (norms 1.5)."""
    yield from clock.explanation.get("notes", [])
    if clock.unit == Deadline.Unit.MONTHS:
        yield _("Los meses terminan el mismo número de día en que empezaron; si no existe, el último día del mes.")
    if clock.trigger.startswith("notified("):
        yield _(
            "Corre desde la notificación legal, no desde el aviso por correo. Por la plataforma del Estado vale cuando "
            "pasaron tres días hábiles completos, que es la lectura que más tiempo te da (DS 4 de 2020, art. 27)."
        )
    if clock.extension_most is not None:
        words = {"most": clock.extension_most, "source": clock.extension_source}
        yield _("Se puede ampliar hasta en %(most)s (%(source)s).") % words
    else:
        yield _("Se puede ampliar, antes de que venza, a lo más en la mitad sin fracciones (Ley 19.880, art. 26).")
    if not clock.may_halve:
        yield _("La tramitación de urgencia no lo reduce (Ley 19.880, art. 63).")
