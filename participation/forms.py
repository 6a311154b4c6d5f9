"""Forms of this room. Every question of the evidence is optional."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from accounts.models import Agency, Person
from participation.models import Anomalies, Door, Kind, Subject, Support
from participation.operations.caring import Selection
from participation.operations.figures import VERIFIED
from participation.presenting.subject import PAPERS
from participation.queries.assisting import who_assists
from participation.queries.powers import ZONE
from participation.queries.progress import folded
from participation.rules import demand
from participation.rules.words import links_in, runs_in
from procedures.api import Problem, communes, problems_of
from procedures.models import Offering


def commune_choices() -> list[tuple[str, str]]:
    """Every commune, from north to south, after "prefer not to say"."""
    return [("", str(_("Prefiero no decirlo"))), *((code, one.name) for code, one in communes().items())]


def _number(label: Any, hint: Any, most: int) -> forms.IntegerField:
    too_much = _("Escribe un número entero entre 0 y %(limit_value)s")
    messages = {"invalid": _("Escribe un número entero, sin letras"), "max_value": too_much, "min_value": too_much}
    widget = forms.TextInput(attrs={"class": "input input-4", "inputmode": "numeric", "autocomplete": "off"})
    return forms.IntegerField(
        label=label, help_text=hint, required=False, min_value=0, max_value=most, error_messages=messages, widget=widget
    )


def _instant_input() -> forms.DateTimeInput:
    attributes = {"class": "input input-20", "type": "datetime-local", "step": "3600"}
    return forms.DateTimeInput(attrs=attributes, format="%Y-%m-%dT%H:%M")


NO_REPORT = {"invalid_choice": _("Ese informe ya no está. Recarga la página")}


class PlainForm(forms.Form):
    """A form that sums up its errors for the top of the page."""

    @property
    def summary(self) -> list[Problem]:
        """Each error with the control it is about."""
        return problems_of(self)


class EvidenceForm(PlainForm):
    """What the procedure costs a supporter today."""

    AS_ASKED = ("times_a_year", "visits", "days", "distance_km", "pesos", "papers")
    """Answers that are kept as they are asked; the time is asked in hours and minutes."""

    times_a_year = _number(_("¿Cuántas veces al año lo haces?"), "", demand.MOST["times_a_year"])
    hours = _number(_("¿Cuántas horas te toma cada vez?"), _("Con el viaje y la espera."), 72)
    minutes = _number(_("¿Y cuántos minutos más?"), "", 59)
    visits = _number(_("¿Cuántas veces tienes que ir?"), _("Cada vez que lo haces."), demand.MOST["visits"])
    days = _number(
        _("¿En cuántos días te responden?"), _("Desde que lo pides hasta que lo tienes."), demand.MOST["days"]
    )
    distance_km = _number(_("¿Cuántos kilómetros recorres, ida y vuelta?"), "", demand.MOST["distance_km"])
    pesos = _number(
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
        if not hasattr(support, "evidence"):
            return {}
        told = support.evidence
        hours, minutes = divmod(told.minutes, 60) if told.minutes is not None else (None, None)
        return {**{name: getattr(told, name) for name in cls.AS_ASKED}, "hours": hours, "minutes": minutes}

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


class TextForm(PlainForm):
    """Words for the public: no links, no RUN."""

    text = forms.CharField(
        label=_("Tu texto"),
        max_length=2000,
        widget=forms.Textarea(attrs={"class": "textarea", "rows": 6}),
        error_messages={"required": _("Escribe el texto"), "max_length": _("Escribe a lo más 2.000 letras")},
    )

    def clean_text(self) -> str:
        """The text, free of addresses and RUN."""
        return _public(self.cleaned_data["text"])


class EditForm(TextForm):
    """What is asked, in the author's words."""

    title = forms.CharField(
        label=_("¿Qué trámite quieres que cambie?"),
        help_text=_("En una frase. Por ejemplo: Permiso para cerrar un pasaje."),
        max_length=120,
        widget=forms.TextInput(attrs={"class": "input"}),
        error_messages={
            "required": _("Escribe qué trámite quieres que cambie"),
            "max_length": _("Usa a lo más 120 letras"),
        },
    )
    field_order = ["title", "text"]

    def clean_title(self) -> str:
        """The title, free of addresses and RUN."""
        return _public(self.cleaned_data["title"])


class ProposalForm(EditForm):
    """A request for what the catalogue lacks, and who does it today."""

    agency = forms.ModelChoiceField(
        label=_("¿Qué institución lo hace?"),
        queryset=Agency.objects.order_by("name"),
        required=False,
        empty_label=_("Otra, o no sé"),
        widget=forms.Select(attrs={"class": "select"}),
    )
    body_name = forms.CharField(
        label=_("Si es otra, ¿cuál?"), max_length=200, required=False, widget=forms.TextInput(attrs={"class": "input"})
    )
    field_order = ["title", "agency", "body_name", "text"]


def _public(text: str) -> str:
    if links_in(text):
        raise forms.ValidationError(_("Quita los enlaces: el texto se publica sin direcciones de páginas"))
    if runs_in(text):
        raise forms.ValidationError(_("Quita los RUN: el texto es público"))
    return text.strip()


class CommitmentForm(PlainForm):
    """An agency adheres to the commitment to answer."""

    act = forms.CharField(
        label=_("¿Con qué acto se compromete?"),
        help_text=_("Con su número y su año. Por ejemplo: Decreto Alcaldicio N° 512 de 2026."),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "input"}),
        error_messages={"required": _("Escribe el acto con que la institución se compromete")},
    )
    adhered_on = forms.DateField(
        label=_("¿De qué fecha es?"),
        widget=forms.DateInput(attrs={"class": "input input-10", "type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Escribe la fecha del acto"), "invalid": _("Escribe la fecha como 04/03/2026")},
    )
    offering = forms.ChoiceField(
        label=_("¿Con qué trámite responde?"),
        help_text=_("Uno que empieza de oficio y registra la respuesta. Su plazo es el plazo para responder."),
        widget=forms.Select(attrs={"class": "select"}),
        error_messages={
            "required": _("Elige el trámite con que se responde"),
            "invalid_choice": _("Elige uno de la lista"),
        },
    )
    floor = _number(
        _("¿Desde cuántos apoyos responde? (opcional)"),
        _("Un mínimo menor que el de las reglas. Vacío: el de las reglas."),
        15_000,
    )

    def __init__(self, data: Any, offerings: Sequence[Offering], initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        self.by_id = {str(one.pk): one for one in offerings}
        field = self.fields["offering"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(pk, one.version.title) for pk, one in self.by_id.items()]

    def clean_offering(self) -> Offering:
        """The offering that was chosen."""
        return self.by_id[self.cleaned_data["offering"]]


class VolumeForm(PlainForm):
    """The institution's own figure of how often the procedure is asked for."""

    users_a_year = forms.IntegerField(
        label=_("¿Cuántas veces se pide al año?"),
        min_value=1,
        max_value=100_000_000,
        widget=forms.TextInput(attrs={"class": "input input-10", "inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            name: _("Escribe cuántas veces se pide al año, en números")
            for name in ("required", "invalid", "min_value", "max_value")
        },
    )
    source = forms.CharField(
        label=_("¿De dónde sale el dato?"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "input"}),
        error_messages={"required": _("Escribe de dónde sale el dato: se publica con él")},
    )


class ReviewForm(PlainForm):
    """Which supports to set aside, and the public reason."""

    peticion = forms.ModelChoiceField(
        label=_("Petición"),
        queryset=Subject.objects.filter(listed=True, closed_at=None).order_by("title"),
        to_field_name="code",
        required=False,
        empty_label=_("Todas las peticiones"),
        widget=forms.Select(attrs={"class": "select"}),
        error_messages={"invalid_choice": _("Elige una petición de la lista")},
    )
    proveedor = forms.ChoiceField(
        label=_("Identidad verificada por"),
        required=False,
        widget=forms.Select(attrs={"class": "select"}),
        error_messages={"invalid_choice": _("Elige quién verificó la identidad")},
    )
    puerta = forms.ChoiceField(
        label=_("Puerta"),
        required=False,
        choices=[("", _("Todas las puertas")), *Door.choices],
        widget=forms.Select(attrs={"class": "select"}),
        error_messages={"invalid_choice": _("Elige una puerta de la lista")},
    )
    funcionario = forms.ModelChoiceField(
        label=_("Registrados por (mesón y teléfono)"),
        queryset=Person.objects.none(),
        required=False,
        empty_label=_("Cualquiera"),
        widget=forms.Select(attrs={"class": "select"}),
        error_messages={"invalid_choice": _("Elige una persona de la lista")},
    )
    desde = forms.CharField(label=_("Desde"), help_text=_("Día y hora en punto."), widget=_instant_input())
    hasta = forms.CharField(label=_("Hasta"), widget=_instant_input())
    motivo = forms.CharField(
        label=_("Motivo (es público)"),
        max_length=500,
        widget=forms.TextInput(attrs={"class": "input"}),
        error_messages={"required": _("Escribe el motivo: es público")},
    )
    informe = forms.ModelChoiceField(
        queryset=Anomalies.objects.all(), required=False, widget=forms.HiddenInput, error_messages=NO_REPORT
    )

    def __init__(self, data: Any = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        known = folded(VERIFIED).get("provider", {})
        field = self.fields["proveedor"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Cualquiera")), *((name, name) for name in known)]
        helpers = self.fields["funcionario"]
        assert isinstance(helpers, forms.ModelChoiceField)
        helpers.queryset = who_assists()

    def clean_desde(self) -> datetime:
        """The instant from which, on the hour."""
        return _hour(self.cleaned_data["desde"], time.min)

    def clean_hasta(self) -> datetime:
        """The instant until which, on the hour; a day alone means all of it."""
        return _hour(self.cleaned_data["hasta"], time.max)

    def clean(self) -> dict[str, Any]:
        """Refuse a span that ends before it begins, and one of everything."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("desde") and data.get("hasta") and data["hasta"] < data["desde"]:
            self.add_error("hasta", _("Elige un final posterior al comienzo"))
        if not any(data.get(name) for name in ("peticion", "proveedor", "puerta", "funcionario")):
            self.add_error(
                "peticion", _("Elige una petición, quién verificó la identidad, una puerta o quién los registró")
            )
        return data

    def selection(self) -> Selection:
        """What was chosen."""
        data = self.cleaned_data
        return Selection(
            supports_from=data["desde"],
            supports_to=data["hasta"],
            subject=data["peticion"],
            provider=data["proveedor"],
            door=data["puerta"],
            official=data["funcionario"],
            report=data["informe"],
        )


def _hour(typed: str, whole_day: time) -> datetime:
    """An instant in Chilean time, on the hour so that no selection tells when one support was given."""
    zone, found = ZoneInfo(ZONE), None
    with contextlib.suppress(ValueError):
        day = parse_date(typed)
        if day is not None:  # first: a day alone passes for its midnight as well
            return datetime.combine(day, whole_day, zone)
        found = parse_datetime(typed)
    if found is None:
        raise forms.ValidationError(_("Escribe el día y la hora como 04/03/2026 15:00"))
    return found.replace(minute=0, second=0, microsecond=0, tzinfo=zone)
