"""Measures about originals: ask to be shown one, and record what came of it (Ley 19.880 art. 19 bis; R50)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflows.commands import originals as commands
from workflows.controls import choice
from workflows.measures.base import Done, Measure, MeasureForm, Situation
from workflows.models import OriginalRequest
from workflows.presenting.originals import clock_in_words

ARTICLE = "Ley 19.880, art. 19 bis; DS 4, art. 11"


class AskForm(MeasureForm):
    """Which file, why, and how long they have if a time is set."""

    field_order = ("document", "reason", "days")
    document = choice(gettext_lazy("¿De qué documento?"), gettext_lazy("Elige el documento"))
    days = forms.IntegerField(
        label=gettext_lazy("¿Cuántos días hábiles le das?"),
        required=False,
        min_value=1,
        max_value=commands.MOST_DAYS,
        help_text=gettext_lazy(
            "La ley no fija un plazo. Si das uno, empieza cuando registres la notificación del requerimiento; si vence "
            "no pasa nada solo: tú registras que no se mostró"
        ),
        widget=forms.TextInput(attrs={"class": "input input-4", "inputmode": "numeric"}),
        error_messages={
            "invalid": gettext_lazy("Escribe un número entero de días"),
            "min_value": gettext_lazy("Escribe 1 o más"),
            "max_value": gettext_lazy("Escribe 60 o menos"),
        },
    )

    def prepare(self) -> None:
        found = commands.askable(self.situation.case)
        words = [(one.pk, {"seq": one.item.seq, "title": one.title}) for one in found]
        self.choose("document", [(str(pk), _("N° %(seq)s: %(title)s") % named) for pk, named in words])
        self.fields["reason"].label = gettext_lazy("¿Por qué?")
        self.fields["reason"].help_text = gettext_lazy("Qué hace dudar de la copia. La persona lo lee")


class OutcomeForm(MeasureForm):
    """Which request, and what happened."""

    field_order = ("request", "outcome", "reason")
    request = choice(gettext_lazy("¿Qué original?"), gettext_lazy("Elige cuál"))
    outcome = choice(gettext_lazy("¿Qué pasó?"), gettext_lazy("Elige qué pasó"))

    def prepare(self) -> None:
        waiting = commands.pending(self.situation.case)
        self.choose("request", [(str(one.pk), _named(one)) for one in waiting])
        results = OriginalRequest.Outcome
        shown = (results.EQUAL, results.DIFFERENT, results.NOT_SHOWN)
        self.choose("outcome", [(one.value, str(one.label).capitalize()) for one in shown])
        self.fields["reason"].label = gettext_lazy("Qué se vio")
        self.fields["reason"].help_text = gettext_lazy("En qué se comparó, o en qué difiere. La persona lo lee")
        self.fields["reason"].error_messages["required"] = gettext_lazy("Escribe qué se vio")


def _named(request: OriginalRequest) -> str:
    return f"{request.document.title}: {clock_in_words(request.deadline)}"


def _ask(situation: Situation, given: dict[str, Any]) -> Done:
    made = commands.ask_original(
        case=situation.case,
        document_id=int(given["document"]),
        reason=given["reason"],
        days=given["days"],
        by=situation.person,
        now=situation.now,
    )
    if made.deadline is None:
        return Done(_("Quedó pedido y la persona recibió un aviso. La solicitud sigue."))
    return Done(_("Quedó pedido y la persona recibió un aviso. El plazo empieza cuando registres la notificación."))


def _close(situation: Situation, given: dict[str, Any]) -> Done:
    commands.close_request(
        case=situation.case,
        request_id=int(given["request"]),
        outcome=given["outcome"],
        note=given["reason"],
        by=situation.person,
        now=situation.now,
    )
    return Done(_("Quedó registrado junto al documento, con una constancia en el expediente."))


MEASURES = (
    Measure(
        slug="pedir-original",
        side="desk",
        title=gettext_lazy("Pedir que se muestre un original"),
        button=gettext_lazy("Pedir el original"),
        article=ARTICLE,
        help=gettext_lazy(
            "De una copia que la persona adjuntó. La solicitud no se detiene; el pedido y su resultado "
            "quedan junto al documento."
        ),
        form=AskForm,
        offers=lambda situation: situation.is_open and commands.askable(situation.case).exists(),
        do=_ask,
    ),
    Measure(
        slug="registrar-original",
        side="desk",
        title=gettext_lazy("Registrar si se mostró un original"),
        button=gettext_lazy("Registrar qué pasó"),
        article=ARTICLE,
        help=gettext_lazy("No decide nada por sí solo: lo considera quien resuelve."),
        form=OutcomeForm,
        offers=lambda situation: situation.is_open and commands.pending(situation.case).exists(),
        do=_close,
    ),
)
