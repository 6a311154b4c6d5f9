"""How far a procedure is electronic: the six criteria of the CPAT, from what it says (norms 8.4, R74). Pure.

Only what a definition tells is counted. What no definition tells, and what a procedure does not need, is said and left
out of the count: an invented answer would be worse than none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from procedures.schema import Bundle, Field, NotifyStep, ServiceStep

Words = str | Promise


@dataclass(frozen=True)
class Criterion:
    """A criterion: whether it is met, and why. `met` is None where it is not counted."""

    name: Words
    met: bool | None
    why: Words


def electronic_support(bundle: Bundle, channels: Sequence[str]) -> tuple[Criterion, ...]:
    """The six criteria, in their order. `channels` are those of the ficha, which a draft may still lack."""
    return (
        Criterion(_("Autenticación"), *_authentication(channels)),
        Criterion(_("Interoperabilidad"), *_interoperability(bundle)),
        Criterion(_("Notificaciones"), *_notifications(bundle)),
        Criterion(_("Plataformas"), *_platforms(channels)),
        Criterion(_("Expediente"), True, _("Es electrónico, y las personas interesadas lo ven y lo descargan.")),
        Criterion(
            _("Comunicaciones oficiales"), None,
            _("Depende de si la institución envía sus oficios por DocDigital, y eso no se sabe aquí."),
        ),
    )  # fmt: skip


def counted(criteria: Sequence[Criterion]) -> tuple[int, int]:
    """How many are met, of how many that count."""
    told = [one.met for one in criteria if one.met is not None]
    return sum(told), len(told)


_Answer = tuple[bool | None, Words]


def _authentication(channels: Sequence[str]) -> _Answer:
    if "web" in channels:
        return True, _("En línea se entra con ClaveÚnica.")
    if tuple(channels) == ("own_motion",):
        return None, _("Lo abre la institución: nadie entra a pedirlo.")
    return False, _("No se puede hacer en línea: agrega ese canal en la presentación.")


def _interoperability(bundle: Bundle) -> _Answer:
    services = [step for step in bundle.all_steps() if isinstance(step, ServiceStep)]
    unnamed = next((step for step in services if step.source is None), None)
    if unnamed is not None:
        return False, _("«%(step)s» no dice de qué institución son los datos.") % {"step": unnamed.title}
    asked = next((field for form in bundle.forms for field in form.fields if _is_held(field)), None)
    if asked is not None:
        return False, _("«%(label)s» se pide a la persona, y ya lo tiene el Estado.") % {"label": asked.label}
    if services:
        return True, _("Los datos de otras instituciones se piden por la red, y queda constancia de cada consulta.")
    return None, _("No necesita datos de otras instituciones.")


def _is_held(field: Field) -> bool:
    return field.held_by_state is not None


def _notifications(bundle: Bundle) -> _Answer:
    if any(isinstance(step, NotifyStep) and step.act for step in bundle.all_steps()):
        return True, _("Sus actos se notifican por medios electrónicos.")
    return False, _("Ningún aviso notifica un acto: elígelo en el aviso que sigue a la firma.")


def _platforms(channels: Sequence[str]) -> _Answer:
    if "web" in channels or tuple(channels) == ("own_motion",):
        return True, _("Todas sus etapas se hacen en esta plataforma.")
    return False, _("Se presenta solo en el mesón.")
