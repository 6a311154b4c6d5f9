"""A clock in words: how its date was counted, what changed it, and which readings of the law were taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import Person
from workflows.models import Deadline, DeadlineChange


def of_person(clocks: Iterable[Deadline], person: Person) -> Deadline | None:
    """The clock that is this person's own; else the one that is nobody's own."""
    found = sorted(clocks, key=lambda clock: clock.pk)
    own = [
        clock for clock in found if clock.party and person.pk in (clock.party.person_id, clock.party.representative_id)
    ]
    return next(iter(own or found), None)


def explained(clock: Deadline) -> dict[str, Any]:
    """Sentences, changes and readings of a clock."""
    return {
        "sentences": clock.explanation.get("sentences", []),
        "changes": [_change(change) for change in clock.changes.all()],
        "readings": list(_readings(clock)),
    }


def _change(change: DeadlineChange) -> dict[str, str]:
    title = f"{change.get_kind_display()} {change.get_state_display() if change.kind == 'extension' else ''}".strip()
    at = change.decided_at or change.asked_at
    return {
        "title": capfirst(title),
        "when": date_format(at, "SHORT_DATE_FORMAT") if at else "",
        "text": " ".join(part for part in (_moved(change), change.reason, change.answer) if part),
        "source": change.legal_source,
        "url": reverse("workflows:outages") + f"#interrupcion-{change.outage_id}" if change.outage_id else "",
    }


def _moved(change: DeadlineChange) -> str:
    before, after = change.due_before, change.due_after
    if before is None or after is None or before == after:
        return ""
    words = {"before": date_format(before, "SHORT_DATE_FORMAT"), "after": date_format(after, "SHORT_DATE_FORMAT")}
    return _("del %(before)s al %(after)s.") % words


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
