"""Measures about other bodies: write to them, and what a person does who does not let them send sensitive data."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procedures.api import FilesField
from workflows import authorising
from workflows.access import filed_by
from workflows.commands import bringing as commands
from workflows.commands import official_letters as letters
from workflows.controls import choice, day_field, line_field, text_field
from workflows.measures.base import Done, Measure, MeasureForm, Situation


class WithdrawForm(MeasureForm):
    """Why, if one wishes to say: taking back is free."""

    reason = text_field(
        gettext_lazy("¿Quieres decir por qué?"), most=2000, too_long=gettext_lazy("Escribe menos de 2.000 caracteres")
    )


class AwaitedForm(MeasureForm):
    """About what the person is to bring first, as it was when the page was shown."""

    asked = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def prepare(self) -> None:
        """Which step it is."""
        self.initial["asked"] = next((task.pk for task in commands.to_bring(self.situation.case)), None)


class BringForm(AwaitedForm):
    """The files, and a word about them."""

    reason = text_field(
        gettext_lazy("¿Quieres explicar algo?"), most=2000, too_long=gettext_lazy("Escribe menos de 2.000 caracteres")
    )

    def prepare(self) -> None:
        """The file question, which names what is missing."""
        super().prepare()
        what = "; ".join(commands.sought_of(self.situation.case))
        self.fields["files"] = FilesField(label=_("Lo que traes: %(what)s") % {"what": what})
        self.fields["files"].required = True
        self.order_fields(["files", "reason"])

    def clean_files(self) -> Any:
        """At least one file."""
        given = self.cleaned_data["files"]
        if not given:
            raise forms.ValidationError(_("Elige al menos un archivo"))
        return given


class CounterBringForm(BringForm):
    """The scan of what a person brought to a counter, made before them."""

    conforms = forms.BooleanField(
        label=gettext_lazy("La copia digital es igual a lo que trajo la persona."),
        error_messages={"required": gettext_lazy("Marca que revisaste la copia")},
    )

    def prepare(self) -> None:
        """The file question alone, and that it was checked."""
        super().prepare()
        what = "; ".join(commands.sought_of(self.situation.case))
        self.fields["files"].label = _("Lo que trae, digitalizado: %(what)s") % {"what": what}
        del self.fields["reason"]


class LetterForm(MeasureForm):
    """To whom, by which medium, what is asked and until when."""

    field_order = ("addressee", "addressee_code", "medium", "matter", "reason", "due_on", "sensitive")
    reason = text_field(
        gettext_lazy("Texto del oficio"),
        error=gettext_lazy("Escribe el texto del oficio"),
        most=8000,
        too_long=gettext_lazy("Escribe menos de 8.000 caracteres"),
        rows=8,
    )
    addressee = line_field(
        gettext_lazy("¿A qué institución?"),
        gettext_lazy("Escribe a qué institución va"),
        hint=gettext_lazy("Su nombre completo"),
    )
    addressee_code = line_field(
        gettext_lazy("Código de la institución"),
        "",
        required=False,
        hint=gettext_lazy("El del Gestor de Códigos del Estado, si lo tiene"),
        most=60,
    )
    medium = line_field(
        gettext_lazy("¿Por qué medio se envía?"),
        gettext_lazy("Escribe por qué medio se envía"),
        hint=gettext_lazy("Por ejemplo, DocDigital N° 1234. Aquí queda sellado; el envío lo haces tú por ese medio"),
    )
    matter = line_field(
        gettext_lazy("¿Qué se pide?"),
        gettext_lazy("Escribe qué se pide"),
        hint=gettext_lazy("En una línea. Lo leen las personas interesadas"),
    )
    due_on = day_field(gettext_lazy("¿Hasta cuándo pueden responder?"), required=False)
    sensitive = choice(
        gettext_lazy("¿Pide datos sensibles de la persona?"), gettext_lazy("Elige si pide datos sensibles")
    )

    def prepare(self) -> None:
        """Sensitive data only while the person lets them be asked for."""
        self.fields["sensitive"].help_text = gettext_lazy("De salud, origen, creencias o situación socioeconómica")
        may_ask = authorising.is_given(self.situation.case)
        yes = [("yes", _("Sí, y la persona lo autorizó en su solicitud"))] if may_ask else []
        self.choose("sensitive", [("no", _("No")), *yes])


class AnswerForm(MeasureForm):
    """Which letter, and what came."""

    field_order = ("letter", "reason", "files")
    letter = choice(gettext_lazy("¿Qué oficio respondieron?"), gettext_lazy("Elige el oficio"))
    reason = text_field(
        gettext_lazy("Qué respondió la institución"),
        error=gettext_lazy("Escribe qué respondió"),
        most=8000,
        too_long=gettext_lazy("Escribe menos de 8.000 caracteres"),
        rows=6,
    )

    def prepare(self) -> None:
        """The letters that wait, and the file question."""
        found = letters.pending_letters(self.situation.case)
        self.choose("letter", [(str(one.pk), _named(one)) for one in found])
        self.fields["files"] = FilesField(label=_("Documentos que llegaron"))


def _named(letter: Any) -> str:
    words = {"body": letter.addressee, "what": "; ".join(letter.sought)}
    if letter.due_on is None:
        return _("%(body)s: %(what)s") % words
    return _("%(body)s: %(what)s (hasta el %(due)s)") % {
        **words,
        "due": date_format(letter.due_on, "SHORT_DATE_FORMAT"),
    }


def _may_withdraw(situation: Situation) -> bool:
    case = situation.case
    given = situation.is_open and authorising.was_given(case, situation.bundle)
    return given and not authorising.is_withdrawn(case) and filed_by(case, situation.person)


def _may_bring(situation: Situation) -> bool:
    case = situation.case
    return situation.is_open and bool(commands.to_bring(case)) and filed_by(case, situation.person)


def _withdraw(situation: Situation, given: dict[str, Any]) -> Done:
    commands.withdraw(case=situation.case, reason=given["reason"], by=situation.person, now=situation.now)
    return Done(_("Retiraste tu autorización. Tu solicitud sigue; si falta algo, te pedimos que lo traigas."))


def _bring(situation: Situation, given: dict[str, Any]) -> Done:
    text = given["reason"] or _("Traigo lo que no autoricé pedir a otra institución.")
    commands.bring(
        case=situation.case,
        text=text,
        uploads=given["files"],
        by=situation.person,
        now=situation.now,
        asked=given["asked"],
    )
    return Done(_("Recibimos lo que trajiste. Una persona de la institución lo revisa."))


def _go_on(situation: Situation, given: dict[str, Any]) -> Done:
    commands.go_on_without(
        case=situation.case, reason=given["reason"], by=situation.person, now=situation.now, asked=given["asked"]
    )
    return Done(_("El caso ya no espera a la persona. Verifica lo declarado con lo que hay."))


def _send(situation: Situation, given: dict[str, Any]) -> Done:
    letter = letters.Letter(
        addressee=given["addressee"],
        addressee_code=given["addressee_code"],
        medium=given["medium"],
        matter=given["matter"],
        text=given["reason"],
        due_on=given["due_on"],
        is_sensitive=given["sensitive"] == "yes",
    )
    letters.send_letter(case=situation.case, letter=letter, by=situation.person, now=situation.now)
    return Done(_("El oficio quedó en el expediente y las personas interesadas recibieron su copia."))


def _answer(situation: Situation, given: dict[str, Any]) -> Done:
    letters.answer_letter(
        case=situation.case,
        exchange_id=int(given["letter"]),
        text=given["reason"],
        uploads=given["files"],
        by=situation.person,
        now=situation.now,
    )
    return Done(_("La respuesta quedó en el expediente y avisamos a las personas interesadas."))


MEASURES = (
    Measure(
        slug="traer-antecedentes",
        side="citizen",
        title=gettext_lazy("Traer lo que no se pedirá a otra institución"),
        button=gettext_lazy("Enviar lo que traigo"),
        article="DS 12 de 2023, art. 15",
        help=gettext_lazy("No pediremos tus datos sensibles a otra institución: súbelos tú. Tu solicitud sigue igual."),
        form=BringForm,
        offers=_may_bring,
        do=_bring,
    ),
    Measure(
        slug="retirar-autorizacion",
        side="citizen",
        title=gettext_lazy("Retirar mi autorización para pedir mis datos sensibles"),
        button=gettext_lazy("Retirar mi autorización"),
        article="Ley 19.880, art. 24 bis; DS 12 de 2023, art. 14",
        help=gettext_lazy(
            "Al presentar autorizaste que otras instituciones nos envíen datos sensibles tuyos para esta solicitud. "
            "Puedes retirarlo cuando quieras: no pierdes ningún derecho y la solicitud sigue. Lo que ya llegó queda en "
            "el expediente; lo que falte lo traes tú."
        ),
        form=WithdrawForm,
        offers=_may_withdraw,
        do=_withdraw,
    ),
    Measure(
        slug="oficio",
        side="desk",
        title=gettext_lazy("Escribir a otra institución (oficio)"),
        button=gettext_lazy("Sellar el oficio y enviar las copias"),
        article="Ley 19.880, art. 9; DS 4, art. 39",
        help=gettext_lazy("Queda en el expediente y en el registro, y va copia a cada persona interesada."),
        form=LetterForm,
        offers=lambda situation: situation.is_open,
        do=_send,
    ),
    Measure(
        slug="respuesta-de-oficio",
        side="desk",
        title=gettext_lazy("Registrar la respuesta a un oficio"),
        button=gettext_lazy("Guardar la respuesta"),
        article="DS 10 de 2023, art. 24",
        help=gettext_lazy("Lo que respondió la otra institución entra al expediente con su origen."),
        form=AnswerForm,
        offers=lambda situation: situation.is_open and letters.pending_letters(situation.case).exists(),
        do=_answer,
    ),
    Measure(
        slug="seguir-sin-lo-que-traia",
        side="desk",
        title=gettext_lazy("Seguir sin esperar lo que la persona iba a traer"),
        button=gettext_lazy("Seguir con lo que hay"),
        article="DS 12 de 2023, art. 15",
        help=gettext_lazy("La persona no autoriza pedirlo a otra institución y aún no lo trae. Ella lee tu motivo."),
        form=AwaitedForm,
        offers=lambda situation: situation.is_open and bool(commands.to_bring(situation.case)),
        do=_go_on,
    ),
)
