"""Measures about writing: the person adds arguments and documents, the official writes to the person (R22)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from procedures.api import FilesField
from workflows.commands import correspondence as commands
from workflows.controls import choice, text_field
from workflows.measures.base import Done, Measure, MeasureForm, Situation
from workflows.measures.sensitive import people_of


class MessageForm(MeasureForm):
    """A text, and files if there are any."""

    field_order = ("reason", "files", "private", "private_to")
    reason = text_field(
        gettext_lazy("Mensaje"),
        error=gettext_lazy("Escribe el mensaje"),
        most=4000,
        too_long=gettext_lazy("Escribe menos de 4.000 caracteres"),
        rows=6,
    )

    def prepare(self) -> None:
        """The file question, in the language of the page."""
        self.fields["files"] = FilesField(label=_("Documentos"))
        self.order_fields(self.field_order)


class OwnMessageForm(MessageForm):
    """What the person sends, and whether the others may read it. Whoever only adds documents writes nothing."""

    reason = text_field(
        gettext_lazy("Mensaje"), most=4000, too_long=gettext_lazy("Escribe menos de 4.000 caracteres"), rows=6
    )
    private = forms.BooleanField(
        label=gettext_lazy("Tiene datos sensibles o personales: que no lo lean otras personas interesadas"),
        required=False,
        help_text=gettext_lazy("Ni el mensaje ni los archivos. La institución sí los lee, para resolver."),
    )

    def prepare(self) -> None:
        """What sending a copy means stands at the question (Ley 19.880 art. 19 bis; R50)."""
        super().prepare()
        said = _("Al enviar una copia declaras que es fiel y que guardas el original, por si piden que lo muestres.")
        self.fields["files"].help_text = f"{self.fields['files'].help_text}. {said}"

    def clean(self) -> dict[str, Any]:
        """Something is sent: words, documents or both."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if not given.get("reason") and not given.get("files") and "files" not in self.errors:
            self.add_error("reason", _("Escribe un mensaje o elige un documento"))
        return given


class OfficialMessageForm(MessageForm):
    """What the official writes, and whether it is for one interested person alone."""

    private_to = choice(gettext_lazy("¿Quién lo lee?"), gettext_lazy("Elige quién lo lee"))

    def prepare(self) -> None:
        """Only where there are several interested persons."""
        super().prepare()
        people = people_of(self.situation)
        if len(people) < SEVERAL:
            del self.fields["private_to"]
            return
        alone = [(pk, _("Solo %(who)s: tiene datos personales suyos") % {"who": who}) for pk, who in people]
        self.choose("private_to", [(EVERYBODY, _("Todas las personas interesadas")), *alone])
        self.initial.setdefault("private_to", EVERYBODY)


SEVERAL = 2
EVERYBODY = "0"
INTERPRETERS = (
    ("arn", gettext_lazy("Mapudungun")),
    ("ay", gettext_lazy("Aymara")),
    ("rap", gettext_lazy("Rapa nui")),
    ("qu", gettext_lazy("Quechua")),
    ("lsch", gettext_lazy("Lengua de señas chilena")),
    ("ht", gettext_lazy("Creole haitiano")),
    ("en", gettext_lazy("Inglés")),
    ("otra", gettext_lazy("Otra lengua: la digo abajo")),
)
"""Languages most asked for at counters in Chile."""


class InterpreterForm(MeasureForm):
    """Which language, and when it is needed."""

    field_order = ("language", "reason")
    language = choice(gettext_lazy("¿De qué lengua?"), gettext_lazy("Elige la lengua"))
    reason = text_field(
        gettext_lazy("¿Para qué lo necesitas?"),
        hint=gettext_lazy("Por ejemplo, para una visita, para leer una carta o para hablar por teléfono"),
        most=1000,
        too_long=gettext_lazy("Escribe menos de 1.000 caracteres"),
    )

    def prepare(self) -> None:
        """The languages."""
        self.choose("language", [(code, str(name)) for code, name in INTERPRETERS])


def _ask_interpreter(situation: Situation, given: dict[str, Any]) -> Done:
    """A message in Spanish, which officials read, whatever the language of the page."""
    with override("es"):
        asked = _("Pido un intérprete. Lengua: %(language)s.") % {"language": dict(INTERPRETERS)[given["language"]]}
    text = f"{asked}\n\n{given['reason']}".strip()
    commands.write_to_agency(case=situation.case, text=text, uploads=(), by=situation.person, now=situation.now)
    return Done(_("Pediste un intérprete. La institución te responde en los mensajes de tu solicitud."))


def _write_to_agency(situation: Situation, given: dict[str, Any]) -> Done:
    commands.write_to_agency(
        case=situation.case,
        text=given["reason"],
        uploads=given["files"],
        is_private=given["private"],
        by=situation.person,
        now=situation.now,
    )
    return Done(_("Enviado. Quedó en tu solicitud y la institución lo tendrá en cuenta al decidir."))


def _write_to_applicant(situation: Situation, given: dict[str, Any]) -> Done:
    commands.write_to_applicant(
        case=situation.case,
        text=given["reason"],
        uploads=given["files"],
        private_to=int(given.get("private_to", EVERYBODY)) or None,
        by=situation.person,
        now=situation.now,
    )
    return Done(_("Mensaje enviado a la persona."))


MEASURES = (
    Measure(
        slug="escribir",
        side="citizen",
        title=gettext_lazy("Escribir o agregar documentos"),
        button=gettext_lazy("Enviar"),
        article="Ley 19.880, arts. 10 y 17 g",
        help=gettext_lazy("Puedes hacerlo hasta que decidan. Lo que envíes queda en tu expediente."),
        form=OwnMessageForm,
        offers=lambda situation: situation.is_open,
        do=_write_to_agency,
    ),
    Measure(
        slug="interprete",
        side="citizen",
        title=gettext_lazy("Pedir intérprete"),
        button=gettext_lazy("Pedir intérprete"),
        article="Ley 20.422, art. 26; Convenio 169 de la OIT, art. 12",
        help=gettext_lazy("Si entiendes mejor otra lengua, o usas lengua de señas, pide que alguien interprete."),
        form=InterpreterForm,
        offers=lambda situation: situation.is_open,
        do=_ask_interpreter,
    ),
    Measure(
        slug="escribir",
        side="desk",
        title=gettext_lazy("Escribir a la persona"),
        button=gettext_lazy("Enviar mensaje"),
        article="",
        help=gettext_lazy(
            "La persona lo lee en su solicitud y recibe un aviso. No es una notificación: no inicia plazos."
        ),
        form=OfficialMessageForm,
        offers=lambda situation: situation.is_open,
        do=_write_to_applicant,
    ),
)
