"""Forms of pages that no procedure defines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from documents.api import InvalidCode, normalise_code
from notifications.models import NotificationRecord
from procedures.api import Field, RunField, kind_of
from workflows.commands.notification import Notified
from workflows.commands.powers import Power
from workflows.commands.waiting import Happened
from workflows.models import Attendance

Medium = NotificationRecord.Medium

MEDIUM_HINTS = {
    Medium.OFFICE: _("La persona se presentó y le entregaste copia. Vale desde ese mismo día."),
    Medium.LETTER: _("Vale desde el tercer día hábil siguiente a su recepción en la oficina de correos."),
    Medium.PLATFORM: _("Vale al cumplirse tres días hábiles desde el envío a su domicilio digital."),
    Medium.TACIT: _("Actuó en el procedimiento mostrando que conoce el acto. Vale desde esa actuación."),
}
"""From when each medium counts (Ley 19.880 arts. 46 and 47; DS4 art. 27)."""


class AttendForm(forms.Form):
    """Who is at the counter and how they proved it."""

    use_required_attribute = False
    run = RunField(label=_("RUN de la persona"), missing=_("Escribe el RUN de la persona"))
    given_names = forms.CharField(
        label=_("Nombres"),
        required=False,
        max_length=120,
        help_text=_("Solo si es su primera vez aquí, como en su documento"),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    family_names = forms.CharField(
        label=_("Apellidos"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    identity = forms.ChoiceField(
        label=_("¿Cómo probó quién es?"),
        choices=Attendance.Identity.choices,
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
    given_names = forms.CharField(
        label=_("Sus nombres"),
        max_length=120,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
        error_messages={"required": _("Escribe los nombres de quien va a actuar")},
    )
    family_names = forms.CharField(
        label=_("Sus apellidos"),
        max_length=120,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
        error_messages={"required": _("Escribe los apellidos de quien va a actuar")},
    )
    scope = forms.ChoiceField(
        label=_("¿Para qué trámite?"), required=False, widget=forms.Select(attrs={"class": "select"})
    )
    ends_on = forms.DateField(
        label=_("¿Hasta qué día?"),
        required=False,
        help_text=_("Por ejemplo, 25/11/2026. Sin fecha, vale hasta que lo quites"),
        widget=forms.DateInput(attrs={"class": "input input-10", "inputmode": "numeric"}, format="%d/%m/%Y"),
        error_messages={"invalid": _("Escribe la fecha como 25/11/2026")},
    )

    def __init__(self, *arguments: Any, scopes: Iterable[tuple[str, str]], **options: Any) -> None:
        options.setdefault("auto_id", "id-%s")
        super().__init__(*arguments, **options)
        field: Any = self.fields["scope"]
        field.choices = [("", _("Todos los trámites")), *scopes]

    def power(self) -> Power:
        """What the person grants."""
        return Power(**{name: self.cleaned_data[name] for name in Power.__dataclass_fields__})


class PaperForm(forms.Form):
    """The paper that the person signed, and that it was checked."""

    use_required_attribute = False
    conforms = forms.BooleanField(
        label=_(
            "La persona firmó delante de mí y la copia digital es igual al papel, que queda guardado en la oficina."
        ),
        error_messages={"required": _("Marca que revisaste la firma y la copia")},
    )

    def __init__(self, *arguments: Any, label: str, **options: Any) -> None:
        options.setdefault("auto_id", "id-%s")
        super().__init__(*arguments, **options)
        question = Field(id="paper", type="file", label=label, max_mb=20)
        self.fields["paper"] = kind_of(question).form_field(question)


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
        choices=[(medium.value, capfirst(medium.label)) for medium in Medium],
        widget=forms.RadioSelect,
        error_messages={"required": _("Elige el medio")},
    )
    day = forms.DateField(
        label=_("Fecha"),
        widget=forms.DateInput(attrs={"class": "input input-10", "inputmode": "numeric"}, format="%d/%m/%Y"),
        help_text=_("De la entrega, de la recepción en correos, del envío o de la actuación. Por ejemplo, 25/11/2026"),
        error_messages={"required": _("Escribe la fecha"), "invalid": _("Escribe la fecha como 25/11/2026")},
    )
    hour = forms.TimeField(
        label=_("Hora"),
        widget=forms.TimeInput(attrs={"class": "input input-4", "inputmode": "numeric"}, format="%H:%M"),
        help_text=_("Con 24 horas, por ejemplo 15:30"),
        error_messages={"required": _("Escribe la hora"), "invalid": _("Escribe la hora como 15:30")},
    )
    evidence = forms.CharField(
        label=_("Prueba"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "textarea"}),
        help_text=_("N° de seguimiento de la carta, código de la plataforma, o qué hizo la persona"),
        error_messages={"max_length": _("Escribe la prueba en menos de 500 caracteres")},
    )

    def __init__(self, data: Any = None, *, people: Iterable[Person], zone: str, now: datetime) -> None:
        local = now.astimezone(ZoneInfo(zone))
        self.people = {str(person.pk): person for person in people}
        self.zone = zone
        only = next(iter(self.people)) if len(self.people) == 1 else None
        initial = {"day": local.date(), "hour": local.time(), "person": only, "medium": Medium.OFFICE}
        super().__init__(data, initial=initial, auto_id="id-%s")
        self.fields["person"].choices = [(key, str(person)) for key, person in self.people.items()]  # type: ignore[attr-defined]

    def notified(self) -> Notified:
        """What was stated; the form must be valid."""
        day: date = self.cleaned_data["day"]
        hour: time = self.cleaned_data["hour"]
        return Notified(
            person=self.people[self.cleaned_data["person"]],
            medium=self.cleaned_data["medium"],
            occurred_at=datetime.combine(day, hour, ZoneInfo(self.zone)),
            evidence=self.cleaned_data["evidence"],
        )


class HappenedForm(forms.Form):
    """When something outside the platform happened, and what shows it."""

    use_required_attribute = False

    on = forms.DateField(
        label=_("¿Qué día ocurrió?"),
        widget=forms.DateInput(attrs={"class": "input input-10", "inputmode": "numeric"}, format="%d/%m/%Y"),
        help_text=_("Por ejemplo, 25/11/2026"),
        error_messages={"required": _("Escribe la fecha"), "invalid": _("Escribe la fecha como 25/11/2026")},
    )
    evidence = forms.CharField(
        label=_("Prueba"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "textarea"}),
        help_text=_("Oficio, número o enlace que lo muestra"),
        error_messages={"max_length": _("Escribe la prueba en menos de 500 caracteres")},
    )

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, initial={"on": today}, auto_id="id-%s")

    def happened(self) -> Happened:
        """What was stated; the form must be valid."""
        return Happened(on=self.cleaned_data["on"], evidence=self.cleaned_data["evidence"])


class VerifiedForm(forms.Form):
    """Whether what a person declared was true."""

    use_required_attribute = False

    agrees = forms.ChoiceField(
        label=_("¿Coincide con lo que declaró la persona?"),
        choices=[("si", _("Sí")), ("no", _("No"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Elige si coincide")},
    )
    note = forms.CharField(
        label=_("Cómo se verificó"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "textarea"}),
        error_messages={"max_length": _("Escríbelo en menos de 500 caracteres")},
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="id-%s")

    def stated(self) -> dict[str, Any]:
        """What was stated; the form must be valid."""
        return {"agrees": self.cleaned_data["agrees"] == "si", "note": self.cleaned_data["note"]}
