"""Measures about who has an interest: join somebody, oppose, add documents; and what follows a signature."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.api import InvalidRun, bears_another_name
from procedures.api import RunField
from workflows import formalities
from workflows.commands import parties as commands
from workflows.commands.parties import MOST_REASON, OTHER_NAME
from workflows.controls import choice, day_field, line_field
from workflows.errors import CommandRefused
from workflows.measures.base import Done, Measure, MeasureForm, Situation
from workflows.models import CaseParty


class PartyForm(MeasureForm):
    """Who comes into the case, by RUN or by another document."""

    field_order = (
        "kind", "given_names", "family_names", "run", "same_person", "document", "country", "email", "postal_address",
    )  # fmt: skip
    kind = choice(gettext_lazy("¿En qué calidad?"), gettext_lazy("Elige en qué calidad"))
    given_names = line_field(gettext_lazy("Nombres"), gettext_lazy("Escribe los nombres"), most=120)
    family_names = line_field(gettext_lazy("Apellidos"), gettext_lazy("Escribe los apellidos"), most=120)
    run = RunField(
        label=gettext_lazy("RUN"), required=False, hint=gettext_lazy("Si no tiene, escribe abajo su documento")
    )
    same_person = forms.BooleanField(
        label=gettext_lazy("Vi su documento: es la misma persona, que cambió de nombre"),
        required=False,
        help_text=gettext_lazy(
            "Sigue aquí con el nombre que ya conocíamos hasta que entre con su ClaveÚnica. Que lo confirmaste queda en "
            "el historial."
        ),
    )
    document = line_field(
        gettext_lazy("N° de pasaporte o documento extranjero"),
        "",
        required=False,
        hint=gettext_lazy("Solo si no tiene RUN"),
        most=40,
    )
    country = line_field(
        gettext_lazy("País del documento"), "", required=False, hint=gettext_lazy("Dos letras, por ejemplo PE"), most=2
    )
    email = forms.EmailField(
        label=gettext_lazy("Correo electrónico"),
        required=False,
        help_text=gettext_lazy("Basta con el correo o el domicilio: ahí se le notifica"),
        widget=forms.EmailInput(attrs={"class": "input"}),
        error_messages={"invalid": gettext_lazy("Escribe el correo como nombre@dominio.cl")},
    )
    postal_address = line_field(gettext_lazy("Domicilio"), "", required=False, most=300)
    representative_run = RunField(label=gettext_lazy("RUN de quien la representa"), required=False)
    is_reserved = forms.BooleanField(
        label=gettext_lazy("Mantener su identidad en reserva"),
        required=False,
        help_text=gettext_lazy("Como la de quien denuncia: no aparece en actos, avisos ni páginas."),
    )
    may_oppose = forms.BooleanField(
        label=gettext_lazy("Puede oponerse a la decisión"),
        required=False,
        help_text=gettext_lazy("Su plazo para oponerse empieza cuando se le notifique."),
    )

    def prepare(self) -> None:
        for name in ("run", "document", "country", "email", "postal_address"):
            self.fields[name].is_alternative = True  # type: ignore[attr-defined]
        if not self._is_named_otherwise():
            del self.fields["same_person"]
        kinds = CaseParty.Kind
        shown = (kinds.AFFECTED, kinds.JOINED, kinds.INFORMER, kinds.APPLICANT)
        self.choose("kind", [(kind.value, str(kind.label).capitalize()) for kind in shown])
        self.fields["reason"].label = gettext_lazy("Por qué tiene interés en el caso")
        if self.situation.law is None or self.situation.law.opposition is None:
            del self.fields["may_oppose"]

    def _is_named_otherwise(self) -> bool:
        run, *names = (self.data.get(name, "") for name in ("run", "given_names", "family_names"))
        try:
            return bool(run) and bears_another_name(run, *names)
        except InvalidRun:
            return False

    def clean(self) -> dict[str, Any]:
        """One document or the other, and somewhere to write to; whose RUN it is, where we know them otherwise."""
        given: dict[str, Any] = super().clean() or {}
        if "same_person" in self.fields and not given.get("same_person"):
            self.add_error("run", str(OTHER_NAME))
        if "run" in given and not given["run"] and not (given.get("document") and given.get("country")):
            self.add_error("run", _("Escribe su RUN, o el número y el país de su documento"))
        if not given.get("email") and not given.get("postal_address"):
            self.add_error("email", _("Escribe un correo o un domicilio donde notificarle"))
        if len(given.get("reason", "")) > MOST_REASON:
            self.add_error("reason", _("Escribe el motivo en menos de 300 caracteres"))
        return given


class FormalityForm(MeasureForm):
    """What was done after the signature, when, and what proves it."""

    field_order = ("formality", "day")
    formality = choice(gettext_lazy("¿Qué se hizo?"), gettext_lazy("Elige qué se hizo"))
    day = day_field(gettext_lazy("¿Qué día?"))

    def prepare(self) -> None:
        mine = _my_formalities(self.situation)
        self.choose("formality", [(str(item.pk), f"{item.title}: {item.document.title}") for item in mine])
        self.fields["reason"].label = gettext_lazy("Constancia")
        self.fields["reason"].help_text = gettext_lazy(
            "Número de registro, edición del diario o dirección de la página"
        )

    def clean_reason(self) -> str:
        """Short, for a line of the file."""
        return str(self.cleaned_data["reason"])[:500]


def _my_formalities(situation: Situation) -> list[Any]:
    return formalities.own(situation.case, situation.person, situation.today)


def _oppose(situation: Situation, given: dict[str, Any]) -> Done:
    commands.oppose(case=situation.case, reason=given["reason"], by=situation.person, now=situation.now)
    return Done(_("Recibimos tu oposición. La institución debe considerarla al decidir."))


def _add_party(situation: Situation, given: dict[str, Any]) -> Done:
    values = {**given, "country": given["country"].upper()}
    try:
        made = commands.add_party(
            case=situation.case, party=commands.NewParty(**values), by=situation.person, now=situation.now
        )
    except InvalidRun as error:
        raise CommandRefused(str(error)) from error
    return Done(_("Agregaste a %(who)s como parte interesada.") % {"who": made})


def _complete(situation: Situation, given: dict[str, Any]) -> Done:
    done = commands.complete_formality(
        case=situation.case,
        formality_id=int(given["formality"]),
        done_on=given["day"],
        evidence=given["reason"],
        by=situation.person,
        now=situation.now,
    )
    return Done(_("Dejaste constancia: %(what)s.") % {"what": done.title})


MEASURES = (
    Measure(
        slug="oponerme",
        side="citizen",
        title=gettext_lazy("Oponerme"),
        button=gettext_lazy("Presentar mi oposición"),
        article="Ley 19.880, art. 10",
        help=gettext_lazy("La decisión puede afectarte. Di por qué te opones, dentro del plazo que se te notificó."),
        form=MeasureForm,
        offers=lambda s: s.is_open and commands.may_oppose(s.case, s.person) is not None,
        do=_oppose,
    ),
    Measure(
        slug="agregar-persona",
        side="desk",
        title=gettext_lazy("Agregar una persona interesada"),
        button=gettext_lazy("Agregar a la persona"),
        article="Ley 19.880, art. 21",
        help=gettext_lazy(
            "Quien tiene derechos o intereses que la decisión puede afectar. Se le avisa y queda en el caso."
        ),
        form=PartyForm,
        offers=lambda situation: situation.is_open,
        do=_add_party,
    ),
    Measure(
        slug="tramite-posterior",
        side="desk",
        title=gettext_lazy("Dejar constancia de un trámite posterior a la firma"),
        button=gettext_lazy("Dejar constancia"),
        article="Ley 19.880, arts. 45 y 51",
        help=gettext_lazy("Registro, toma de razón, publicación o transparencia activa del acto ya firmado."),
        form=FormalityForm,
        offers=lambda situation: bool(_my_formalities(situation)),
        do=_complete,
    ),
)
