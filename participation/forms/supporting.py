"""What supporters tell, and what is asked of whoever supports at a counter. All of the evidence is optional."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from participation.forms.plain import PlainForm, number_field
from participation.models import Kind, Residence, Support
from participation.presenting.subject import PAPERS
from participation.rules import demand
from procedures.api import communes


def commune_choices() -> list[tuple[str, str]]:
    """Every commune, from north to south, after "prefer not to say"."""
    return [("", str(_("Prefiero no decirlo"))), *((code, one.name) for code, one in communes().items())]


class EvidenceForm(PlainForm):
    """What the procedure costs a supporter today."""

    AS_ASKED = ("times_a_year", "visits", "days", "distance_km", "pesos", "papers")
    """Answers that are kept as they are asked; the time is asked in hours and minutes."""

    times_a_year = number_field(_("¿Cuántas veces al año lo haces?"), "", demand.MOST["times_a_year"])
    hours = number_field(_("¿Cuántas horas te toma cada vez?"), _("Con el viaje y la espera."), 72)
    minutes = number_field(_("¿Y cuántos minutos más?"), "", 59)
    visits = number_field(_("¿Cuántas veces tienes que ir?"), _("Cada vez que lo haces."), demand.MOST["visits"])
    days = number_field(
        _("¿En cuántos días te responden?"), _("Desde que lo pides hasta que lo tienes."), demand.MOST["days"]
    )
    distance_km = number_field(_("¿Cuántos kilómetros recorres, ida y vuelta?"), "", demand.MOST["distance_km"])
    pesos = number_field(
        _("¿Cuánto gastas cada vez, en pesos?"),
        _("En pasajes, copias y notaría. Sin contar lo que cuesta el trámite."),
        demand.MOST["pesos"],
    )
    papers = forms.MultipleChoiceField(
        label=_("¿Qué papeles te pidieron llevar?"),
        required=False,
        choices=list(PAPERS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    commune = forms.ChoiceField(
        label=_("¿En qué comuna vives?"),
        help_text=_("Solo sirve para saber de cuántos lugares vienen los apoyos. No la verificamos ni la publicamos."),
        required=False,
        choices=commune_choices,
        widget=forms.Select(attrs={"class": "select"}),
    )

    @classmethod
    def initial_of(cls, support: Support) -> dict[str, Any]:
        """What the person told before."""
        lives = Residence.objects.filter(person=support.person_id).values_list("commune", flat=True).first()
        initial = {"commune": lives or ""}
        if not hasattr(support, "evidence"):
            return initial
        told = support.evidence
        hours, minutes = divmod(told.minutes, 60) if told.minutes is not None else (None, None)
        return {**initial, **{name: getattr(told, name) for name in cls.AS_ASKED}, "hours": hours, "minutes": minutes}

    def told(self) -> dict[str, Any]:
        """The answers as they are kept: hours and minutes as minutes."""
        data = self.cleaned_data
        hours, minutes = data["hours"], data["minutes"]
        spent = None if hours is None and minutes is None else (hours or 0) * 60 + (minutes or 0)
        return {**{name: data[name] for name in self.AS_ASKED}, "minutes": spent}


class AssistForm(PlainForm):
    """What the person attended asks for, and that they heard what a support is."""

    pido = forms.ChoiceField(
        label=_("La persona pide"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Pregunta qué pide y elígelo"),
            "invalid_choice": _("Elige una de las opciones"),
        },
    )
    conforme = forms.BooleanField(
        label=_("Le dije lo de arriba y la persona pidió que registre su apoyo."),
        error_messages={"required": _("Dile antes qué es un apoyo, y marca que la persona lo pidió")},
    )

    def __init__(self, data: Any, kinds: Sequence[Kind]) -> None:
        super().__init__(data, auto_id="id-%s")
        field = self.fields["pido"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(kind), str(kind.label)) for kind in kinds]


class EmailForm(PlainForm):
    """Where a supporter wants to be told; empty to be told in "Mis avisos" only."""

    email = forms.EmailField(
        required=False,
        max_length=254,
        error_messages={"invalid": _("Escribe un correo como nombre@ejemplo.cl, o deja el espacio vacío")},
    )
