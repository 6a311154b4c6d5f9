"""Exemptions from electronic means in words, for whoever asked for them and for the counter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Agency, Person
from procedures.api import bundle_of, offerings_on
from procedures.models import Offering
from workflows import exemptions
from workflows.models import Exemption

State = Exemption.State
TAGS = {State.ASKED: "active", State.GRANTED: "success", State.REFUSED: "error"}
RECEIVES = {
    State.ASKED: gettext_lazy(
        "Pidió una excepción a los medios electrónicos el %(day)s y todavía no se le responde: mientras tanto, lo que "
        "presente en papel vale (DS 4, art. 31)."
    ),
    State.GRANTED: gettext_lazy(
        "Tiene una excepción a los medios electrónicos desde el %(day)s: recibe en papel lo que traiga."
    ),
    State.REFUSED: gettext_lazy(
        "Se le rechazó la excepción a los medios electrónicos el %(day)s. Lo que presentó en papel hasta que se le "
        "notificó vale, y puede recurrir en papel (DS 4, arts. 31 y 33)."
    ),
}
"""What an official at the counter must know of somebody."""
NOT_ON_PAPER = gettext_lazy(
    "Tiene una excepción desde el %(day)s solo para que se le notifique de otra forma: lo que presente va en línea."
)
"""The same of somebody who was granted another way of being notified, and no paper."""


def forms_on(day: date) -> list[Offering]:
    """The procedures with which somebody may ask for an exemption, of any institution."""
    offered = offerings_on(day).select_related("agency", "version__procedure")
    return [one for one in offered if bundle_of(one.version).exemption is not None]


def page_context(person: Person, on: date) -> dict[str, Any]:
    """What the person asked for, and where it can be asked for."""
    asked = list(exemptions.exemptions_of(person))
    settled = {one.agency_id for one in asked if one.state in (State.ASKED, State.GRANTED)}
    return {
        "rows": [_row(one) for one in asked],
        "forms": [
            {"agency": one.agency.name, "url": reverse("workflows:ficha", args=[one.agency.code, _code(one)])}
            for one in forms_on(on)
            if one.agency_id not in settled
        ],
    }


def _code(offering: Offering) -> str:
    return offering.version.procedure.code


def _row(one: Exemption) -> dict[str, Any]:
    state = State(one.state)
    return {
        "pk": one.pk,
        "agency": one.agency.name,
        "number": one.case.number,
        "url": reverse("workflows:case", args=[one.case.ref]),
        "state": one.get_state_display(),
        "kind": TAGS.get(state, "neutral"),
        "since": one.since,
        "asks": list(_asks(one)),
        "can_end": state == State.GRANTED,
    }


def _asks(one: Exemption) -> Iterator[str]:
    if one.on_paper:
        yield _("Presentar en papel")
    if one.medium == Exemption.Medium.LETTER:
        yield _("Que te notifiquen por carta certificada a %(address)s") % {"address": one.address}
    if one.medium == Exemption.Medium.OFFICE:
        yield _("Que te notifiquen en la oficina, cuando vayas")


def counter_context(person: Person, agency: Agency, on: date) -> dict[str, Any]:
    """What the counter of an agency must know of a person, and the form with which they may ask for it there."""
    found = exemptions.standing(person.pk, agency.pk)
    form = next((one for one in forms_on(on) if one.agency_id == agency.pk), None)
    is_settled = found is not None and found.state in (State.ASKED, State.GRANTED)
    return {
        "exemption": _at_counter(found) if found is not None else "",
        "exemption_form": "" if form is None or is_settled else _code(form),
    }


def _at_counter(found: Exemption) -> str:
    granted = found.state == State.GRANTED
    said = RECEIVES[State(found.state)] if found.on_paper or not granted else NOT_ON_PAPER
    text = str(said) % {"day": date_format(found.since, "SHORT_DATE_FORMAT")}
    if not granted or not found.medium:
        return text
    how = {"medium": found.get_medium_display(), "address": found.address}
    by_post = found.medium == Exemption.Medium.LETTER
    told = _("Se le notifica: %(medium)s (%(address)s).") if by_post else _("Se le notifica: %(medium)s.")
    return f"{text} {told % how}"
