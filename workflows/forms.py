"""Forms of pages that no procedure defines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models import Agency, Organisation, Person
from documents.api import InvalidCode, normalise_code
from notifications.api import Notified
from notifications.models import NotificationRecord, PlatformSending
from procedures.api import Field, RunField, RutField, kind_of
from workflows.commands.power_claims import Claim
from workflows.commands.powers import Power
from workflows.commands.waiting import Happened
from workflows.controls import day_field, hour_field, line_field, name_field, text_field
from workflows.models import Attendance, PowerClaim

Medium = NotificationRecord.Medium

Answer = PlatformSending.Answer

MEDIUM_HINTS = {
    Medium.OFFICE: _("La persona se presentó y le entregaste copia. Vale desde ese mismo día."),
    Medium.LETTER: _("Vale desde el tercer día hábil siguiente a su recepción en la oficina de correos."),
    Medium.PLATFORM: _("Vale al cumplirse tres días hábiles desde el envío a su domicilio digital."),
    Medium.TACIT: _("Actuó en el procedimiento mostrando que conoce el acto. Vale desde esa actuación."),
    Answer.EXEMPTED: _("No queda notificada: hay que hacerlo por carta certificada o como se le concedió."),
    Answer.NO_DOMICILE: _("No queda notificada: hay que hacerlo por carta certificada, que explica cómo fijar uno."),
}
"""From when each medium counts (Ley 19.880 arts. 46 and 47; DS4 art. 27), and what an answer of the platform means."""
WAYS = [
    (Medium.PLATFORM, _("Plataforma de Notificaciones del Estado: la envió")),
    (Answer.EXEMPTED, _("Plataforma: respondió que está exceptuada de lo electrónico")),
    (Answer.NO_DOMICILE, _("Plataforma: respondió que no tiene domicilio digital")),
    (Medium.LETTER, _("Carta certificada")),
    (Medium.OFFICE, _("En la oficina")),
    (Medium.TACIT, _("Notificación tácita")),
]
"""What an official may say that happened: by which medium, or that the platform did not reach the person (D8 15)."""
_NOT_REACHED = frozenset({Answer.EXEMPTED, Answer.NO_DOMICILE})


SHOWN = (Attendance.Identity.CARD, Attendance.Identity.PASSPORT, Attendance.Identity.OTHER)
"""Documents that somebody shows at the counter."""


class AttendForm(forms.Form):
    """Who is at the counter and how they proved it."""

    use_required_attribute = False
    run = RunField(label=_("RUN de la persona"), missing=_("Escribe el RUN de la persona"))
    given_names = name_field(_("Nombres"), hint=_("Solo si es su primera vez aquí, como en su documento"))
    family_names = name_field(_("Apellidos"))
    identity = forms.ChoiceField(
        label=_("¿Cómo probó quién es?"),
        choices=[(one.value, capfirst(one.label)) for one in SHOWN],
        widget=forms.RadioSelect,
        error_messages={"required": _("Elige qué documento mostró")},
    )
    document_number = forms.CharField(
        label=_("Número de documento o de serie"),
        max_length=30,
        help_text=_("Está en el documento que mostró"),
        widget=forms.TextInput(attrs={"class": "input input-20", "autocomplete": "off"}),
        error_messages={"required": _("Escribe el número del documento")},
    )


class PowerForm(forms.Form):
    """Who may act, for what and until when."""

    use_required_attribute = False
    run = RunField(label=_("RUN de quien va a actuar"), missing=_("Escribe el RUN de quien va a actuar"))
    given_names = name_field(_("Sus nombres"), _("Escribe los nombres de quien va a actuar"))
    family_names = name_field(_("Sus apellidos"), _("Escribe los apellidos de quien va a actuar"))
    scope = forms.ChoiceField(
        label=_("¿Para qué trámite?"), required=False, widget=forms.Select(attrs={"class": "select"})
    )
    ends_on = day_field(
        _("¿Hasta qué día?"), _("Por ejemplo, 25/11/2026. Sin fecha, vale hasta que lo quites"), required=False
    )

    def __init__(
        self,
        *arguments: Any,
        scopes: Iterable[tuple[str, str]],
        organisations: Iterable[Organisation] = (),
        **options: Any,
    ) -> None:
        options.setdefault("auto_id", "id-%s")
        super().__init__(*arguments, **options)
        field: Any = self.fields["scope"]
        field.choices = [("", _("Todos los trámites")), *scopes]
        self.organisations = {str(organisation.pk): organisation for organisation in organisations}
        if self.organisations:
            named = [(key, organisation.name) for key, organisation in self.organisations.items()]
            self.fields["grantor"] = forms.ChoiceField(
                label=_("¿Por quién va a actuar?"),
                choices=[("", _("Por mí")), *named],
                required=False,
                widget=forms.Select(attrs={"class": "select"}),
            )
            self.order_fields(["grantor"])

    @property
    def organisation(self) -> Organisation | None:
        """The organisation that gives the power; None when the person does."""
        return self.organisations.get(self.cleaned_data.get("grantor", ""))

    def power(self) -> Power:
        """What the person grants."""
        return Power(**{name: self.cleaned_data[name] for name in Power.__dataclass_fields__})


class PowerClaimForm(forms.Form):
    """A power that stands in a document, for an official to check; of an organisation, or of a person."""

    use_required_attribute = False
    field_order = ("rut", "organisation_name", "run", "given_names", "family_names")

    form = forms.ChoiceField(
        label=_("¿Qué documento es?"),
        choices=[(form.value, capfirst(form.label)) for form in PowerClaim.Form],
        widget=forms.RadioSelect,
        error_messages={"required": _("Elige qué documento es")},
    )
    details = forms.CharField(
        label=_("Notaría, fecha y número, o código de verificación"),
        max_length=200,
        help_text=_("Por ejemplo: Notaría Pérez de Chillán, 3 de marzo de 2026, repertorio 512"),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
        error_messages={"required": _("Escribe de dónde viene el documento, para poder comprobarlo")},
    )
    scope = forms.ChoiceField(
        label=_("¿Para qué trámite?"), required=False, widget=forms.Select(attrs={"class": "select"})
    )
    ends_on = day_field(
        _("¿Hasta qué día vale?"), _("Solo si el documento lo dice. Por ejemplo, 25/11/2026"), required=False
    )
    agency = forms.ModelChoiceField(
        label=_("¿Qué institución lo va a comprobar?"),
        queryset=Agency.objects.order_by("name"),
        empty_label=_("Elige una"),
        help_text=_("Elige aquella en que harás tu primer trámite. Después sirve en todas"),
        widget=forms.Select(attrs={"class": "select"}),
        error_messages={"required": _("Elige la institución")},
    )

    def __init__(
        self, data: Any = None, files: Any = None, *, of_organisation: bool, scopes: Iterable[tuple[str, str]]
    ) -> None:
        super().__init__(data, files, auto_id="id-%s")
        own = _grantor_organisation() if of_organisation else _grantor_person()
        self.fields.update(own)
        question = Field(id="document", type="file", label=str(_("El documento")), max_mb=20)
        self.fields["document"] = kind_of(question).form_field(question)
        self.order_fields(self.field_order)
        choice: Any = self.fields["scope"]
        choice.choices = [("", _("Todos los trámites")), *scopes]

    def claim(self) -> Claim:
        """What the person says of the document."""
        return Claim(**{name: value for name, value in self.cleaned_data.items() if name != "document"})


def _grantor_organisation() -> dict[str, forms.Field]:
    return {
        "rut": RutField(
            label=_("RUT de la empresa u organización"), missing=_("Escribe el RUT de la empresa u organización")
        ),
        "organisation_name": forms.CharField(
            label=_("Nombre o razón social"),
            max_length=200,
            help_text=_("Como está en el documento"),
            widget=forms.TextInput(attrs={"class": "input", "autocomplete": "organization"}),
            error_messages={"required": _("Escribe el nombre o razón social")},
        ),
    }


def _grantor_person() -> dict[str, forms.Field]:
    return {
        "run": RunField(label=_("RUN de quien te dio el poder"), missing=_("Escribe el RUN de quien te dio el poder")),
        "given_names": name_field(_("Sus nombres"), _("Escribe los nombres de quien te dio el poder")),
        "family_names": name_field(_("Sus apellidos"), _("Escribe los apellidos de quien te dio el poder")),
    }


class RefusalForm(forms.Form):
    """Why something that a person asked is refused."""

    use_required_attribute = False
    reason = text_field(
        _("¿Por qué no basta?"),
        hint=_("La persona lo lee tal como lo escribes. Di qué le falta"),
        error=_("Escribe por qué no basta el documento"),
        most=300,
        too_long=_("Escríbelo en menos de 300 caracteres"),
    )


class LookUpForm(forms.Form):
    """The number and the code of a receipt, in any spelling."""

    use_required_attribute = False
    number = forms.CharField(
        label=_("N° de solicitud"),
        max_length=30,
        help_text=_("Por ejemplo, 2026-000123"),
        widget=forms.TextInput(attrs={"class": "input input-20", "autocomplete": "off"}),
        error_messages={"required": _("Escribe el N° de solicitud"), "max_length": _("Revisa el N° de solicitud")},
    )
    ref = forms.CharField(
        label=_("Código de consulta"),
        max_length=60,
        help_text=_("Dieciséis letras y números, por ejemplo 7K3M-Q2XW-9D4H-B5TV."),
        widget=forms.TextInput(attrs={"class": "input input-20", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": _("Escribe el código de consulta"),
            "max_length": _("Revisa el código de consulta"),
        },
    )

    def clean_number(self) -> str:
        """The number without spaces."""
        return "".join(self.cleaned_data["number"].split())

    def clean_ref(self) -> str:
        """The sixteen characters of the code."""
        try:
            return normalise_code(self.cleaned_data["ref"])
        except InvalidCode as error:
            raise forms.ValidationError(str(error)) from error


class NotificationForm(forms.Form):
    """What an official states about a legal notification made outside this site (R32, R34)."""

    use_required_attribute = False

    person = forms.ChoiceField(
        label=_("¿A quién se notificó?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Elige a quién se notificó")},
    )
    medium = forms.ChoiceField(
        label=_("¿Por qué medio?"),
        choices=[(way.value, label) for way, label in WAYS],
        widget=forms.RadioSelect,
        error_messages={"required": _("Elige el medio")},
    )
    day = day_field(
        _("Fecha"),
        _("De la entrega, de la recepción en correos, del envío o de la actuación. Por ejemplo, 25/11/2026"),
    )
    hour = hour_field(_("Hora"), _("Escribe la hora"))
    evidence = text_field(
        _("Prueba"),
        hint=_("N° de seguimiento de la carta, código de la plataforma, o qué hizo la persona"),
        most=500,
        too_long=_("Escribe la prueba en menos de 500 caracteres"),
    )
    departure = text_field(
        _("Por qué no por el medio que corresponde"),
        hint=_("Solo si usaste otro. Por ejemplo: la Plataforma estuvo caída tres días"),
        most=300,
        too_long=_("Escribe la razón en menos de 300 caracteres"),
    )

    def __init__(self, data: Any = None, *, people: Iterable[Person], zone: str, now: datetime) -> None:
        local = now.astimezone(ZoneInfo(zone))
        self.people = {str(person.pk): person for person in people}
        self.zone = zone
        only = next(iter(self.people)) if len(self.people) == 1 else None
        initial = {"day": local.date(), "hour": local.time(), "person": only}
        super().__init__(data, initial=initial, auto_id="id-%s")
        self.fields["person"].choices = [(key, str(person)) for key, person in self.people.items()]  # type: ignore[attr-defined]

    def notified(self) -> Notified:
        """What was stated; the form must be valid."""
        day: date = self.cleaned_data["day"]
        hour: time = self.cleaned_data["hour"]
        way: str = self.cleaned_data["medium"]
        medium = Medium.PLATFORM if way in _NOT_REACHED else Medium(way)
        by_platform = medium == Medium.PLATFORM
        return Notified(
            person=self.people[self.cleaned_data["person"]],
            medium=medium,
            occurred_at=datetime.combine(day, hour, ZoneInfo(self.zone)),
            evidence="" if by_platform else self.cleaned_data["evidence"],
            transaction_code=self.cleaned_data["evidence"][:120] if by_platform else "",
            departure=self.cleaned_data["departure"],
        )

    @property
    def answer(self) -> str:
        """What the platform said; that it sent it, for the other media too. The form must be valid."""
        way: str = self.cleaned_data["medium"]
        return way if way in _NOT_REACHED else Answer.SENT


class LetterForm(forms.Form):
    """To whom and where a certified letter goes."""

    use_required_attribute = False
    prefix = "carta"

    person = forms.ChoiceField(
        label=_("¿A quién va?"), widget=forms.RadioSelect, error_messages={"required": _("Elige a quién va la carta")}
    )
    address = line_field(_("Dirección"), _("Escribe la dirección a la que va la carta"), most=300)

    def __init__(self, data: Any = None, *, addresses: Mapping[Person, str]) -> None:
        self.people = {str(person.pk): person for person in addresses}
        only = next(iter(addresses)) if len(addresses) == 1 else None
        initial = {"person": only.pk, "address": addresses[only]} if only is not None else {}
        super().__init__(data, initial=initial, auto_id="id-%s")
        self.fields["person"].choices = [(key, str(person)) for key, person in self.people.items()]  # type: ignore[attr-defined]


class HappenedForm(forms.Form):
    """When something outside the platform happened, and what shows it."""

    use_required_attribute = False

    on = day_field(_("¿Qué día ocurrió?"))
    evidence = text_field(
        _("Prueba"),
        hint=_("Oficio, número o enlace que lo muestra"),
        most=500,
        too_long=_("Escribe la prueba en menos de 500 caracteres"),
    )

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, initial={"on": today}, auto_id="id-%s")

    def happened(self) -> Happened:
        """What was stated; the form must be valid."""
        return Happened(on=self.cleaned_data["on"], evidence=self.cleaned_data["evidence"])


ASKED = "asked"


class VerifiedForm(forms.Form):
    """Whether what a person declared was true."""

    use_required_attribute = False

    agrees = forms.ChoiceField(
        label=_("¿Coincide con lo que declaró la persona?"),
        choices=[("si", _("Sí")), ("no", _("No"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Elige si coincide")},
    )
    how = forms.ChoiceField(
        label=_("¿Cómo lo verificaste?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Elige cómo lo verificaste")},
    )
    note = text_field(_("Qué viste"), most=500, too_long=_("Escríbelo en menos de 500 caracteres"))
    field_order = ("how", "agrees", "note")

    def __init__(self, data: Any = None, *, body: str, may_ask: bool) -> None:
        """`may_ask`: whether that body may be asked, which the person decides where the data are sensitive."""
        super().__init__(data, auto_id="id-%s")
        asked = (ASKED, _("Pregunté a otra institución: %(body)s") % {"body": body})
        papers = ("papers", _("Con documentos que trajo la persona o que están en el expediente"))
        self.fields["how"].choices = [asked, papers] if may_ask else [papers]  # type: ignore[attr-defined]

    def stated(self) -> dict[str, Any]:
        """What was stated; the form must be valid."""
        given = self.cleaned_data
        return {"agrees": given["agrees"] == "si", "asked": given["how"] == ASKED, "note": given["note"]}
