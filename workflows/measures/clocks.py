"""Measures about time: extension, urgency, suspension (Ley 19.880 arts. 26 and 63)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procedures.api import Bundle, bundle_of
from workflows import deadlines
from workflows.commands import clocks as commands
from workflows.controls import choice
from workflows.measures.base import Done, Measure, MeasureForm, Situation
from workflows.models import Deadline, DeadlineChange
from workflows.nodes.base import PAUSED
from workflows.presenting.words import amount_in_words

State = Deadline.State


def _running(situation: Situation) -> QuerySet[Deadline]:
    clocks = situation.case.deadlines.filter(state=State.RUNNING, due_on__gte=situation.today)
    return clocks.select_related("task", "party__person", "party__organisation").defer("task__flow_task").order_by("pk")


def _own(situation: Situation) -> QuerySet[Deadline]:
    """Clocks that bind this person and run."""
    mine = Q(party=None) | Q(party__person=situation.person) | Q(party__representative=situation.person)
    return _running(situation).filter(mine, binds_applicant=True)


def _asked(situation: Situation) -> QuerySet[Deadline]:
    asked = DeadlineChange.objects.filter(kind=DeadlineChange.Kind.EXTENSION, state=DeadlineChange.State.ASKED)
    return _running(situation).filter(pk__in=asked.values("deadline_id"))


def _extendable(situation: Situation) -> list[Deadline]:
    return [clock for clock in _running(situation) if commands.extension_left(clock)]


def _options(clocks: Any, bundle: Bundle | None = None) -> list[tuple[str, str]]:
    return [(str(clock.pk), _label(clock, bundle)) for clock in clocks]


def _label(clock: Deadline, bundle: Bundle | None = None) -> str:
    due = date_format(clock.due_on, "SHORT_DATE_FORMAT") if clock.due_on else ""
    return _("%(what)s, hasta el %(due)s") % {"what": deadlines.title_of(clock, bundle), "due": due}


class ClockForm(MeasureForm):
    """A measure about one clock."""

    field_order = ("clock", "amount", "cause")
    clock = choice(gettext_lazy("¿Qué plazo?"), gettext_lazy("Elige el plazo"))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["reason"].help_text = self.readers

    readers = gettext_lazy(
        "Queda en el expediente. Si el plazo es de una persona, de las interesadas lo lee solo ella y las demás ven la "
        "fecha. Si es de varias o de todo el trámite, lo leen todas: no escribas datos personales."
    )
    """Who reads the reason."""


class AskForm(ClockForm):
    readers = gettext_lazy(
        "Lo lees tú y quien resuelve en la institución. Las demás personas interesadas en la solicitud no lo leen."
    )

    def prepare(self) -> None:
        self.choose("clock", _options(_own(self.situation), bundle_of(self.situation.case.version)))


class ExtendForm(ClockForm):
    amount = forms.IntegerField(
        label=gettext_lazy("¿Cuánto se agrega?"),
        min_value=1,
        max_value=1000,
        help_text=gettext_lazy("Solo el número, en los días o meses del plazo que elegiste. A lo más la mitad."),
        widget=forms.TextInput(attrs={"class": "input input-4", "inputmode": "numeric"}),
        error_messages={
            "required": gettext_lazy("Escribe cuánto se agrega"),
            "invalid": gettext_lazy("Escribe un número entero"),
            "min_value": gettext_lazy("Escribe 1 o más"),
            "max_value": gettext_lazy("Escribe un número más pequeño"),
        },
    )

    def prepare(self) -> None:
        clocks = _extendable(self.situation)
        self.choose("clock", [(str(clock.pk), f"{_label(clock)} {_most(clock)}") for clock in clocks])


def _most(clock: Deadline) -> str:
    most = amount_in_words(commands.extension_left(clock), clock.unit)
    return _("(se puede agregar hasta %(most)s)") % {"most": most}


class RefuseForm(ClockForm):
    def prepare(self) -> None:
        self.choose("clock", _options(_asked(self.situation)))


class SuspendForm(ClockForm):
    cause = choice(gettext_lazy("Causa"), gettext_lazy("Elige la causa"))

    def prepare(self) -> None:
        self.choose("clock", _options(_running(self.situation)))
        causes = self.situation.law.suspensions if self.situation.law else ()
        self.choose("cause", [(cause.id, f"{cause.title} ({cause.source})") for cause in causes])


class ResumeForm(ClockForm):
    def prepare(self) -> None:
        self.choose("clock", _options(_suspended(self.situation)))


class UrgentForm(MeasureForm):
    def prepare(self) -> None:
        self.fields["reason"].help_text = gettext_lazy(
            "Lo leen todas las personas interesadas, y queda en el expediente: no escribas datos personales de nadie."
        )


def _suspended(situation: Situation) -> QuerySet[Deadline]:
    """Without those of steps that stand still because the case is joined to another: splitting lets them run."""
    stopped = situation.case.deadlines.filter(state=State.SUSPENDED).exclude(task__status=PAUSED)
    return stopped.select_related("task").defer("task__flow_task")


def _ask(situation: Situation, given: dict[str, Any]) -> Done:
    commands.ask_extension(
        case=situation.case,
        deadline_id=int(given["clock"]),
        reason=given["reason"],
        by=situation.person,
        now=situation.now,
    )
    return Done(_("Pediste más plazo. Mientras no te respondan, sigue valiendo la fecha de siempre."))


def _extend(situation: Situation, given: dict[str, Any]) -> Done:
    clock = commands.extend(
        case=situation.case,
        deadline_id=int(given["clock"]),
        amount=given["amount"],
        reason=given["reason"],
        by=situation.person,
        now=situation.now,
    )
    return Done(_("Ampliaste el plazo: %(clock)s.") % {"clock": _label(clock)})


def _refuse(situation: Situation, given: dict[str, Any]) -> Done:
    commands.refuse_extension(
        case=situation.case,
        deadline_id=int(given["clock"]),
        reason=given["reason"],
        by=situation.person,
        now=situation.now,
    )
    return Done(_("No se amplió el plazo, y la persona ya tiene tu motivo en sus avisos."))


def _urgent(situation: Situation, given: dict[str, Any]) -> Done:
    commands.make_urgent(case=situation.case, reason=given["reason"], by=situation.person, now=situation.now)
    return Done(_("El caso se tramita con urgencia: sus plazos ordinarios quedaron en la mitad."))


def _suspend(situation: Situation, given: dict[str, Any]) -> Done:
    commands.suspend(
        case=situation.case,
        deadline_id=int(given["clock"]),
        cause=given["cause"],
        reason=given["reason"],
        by=situation.person,
        now=situation.now,
    )
    return Done(_("Suspendiste el plazo. Recuerda reanudarlo cuando termine la causa."))


def _resume(situation: Situation, given: dict[str, Any]) -> Done:
    clock = commands.resume(
        case=situation.case,
        deadline_id=int(given["clock"]),
        reason=given["reason"],
        by=situation.person,
        now=situation.now,
    )
    return Done(_("El plazo vuelve a correr: %(clock)s.") % {"clock": _label(clock)})


def _extends(situation: Situation) -> bool:
    return situation.is_open and situation.law is not None and situation.law.extension


MEASURES = (
    Measure(
        slug="mas-plazo",
        side="citizen",
        title=gettext_lazy("Pedir más plazo"),
        button=gettext_lazy("Pedir más plazo"),
        article="Ley 19.880, art. 26",
        help=gettext_lazy(
            "Se puede pedir antes de que el plazo venza y la institución debe responder también antes. A lo más se "
            "agrega la mitad, salvo que la ley de este trámite diga otra cosa."
        ),
        form=AskForm,
        offers=lambda situation: _extends(situation) and _own(situation).exists(),
        do=_ask,
    ),
    Measure(
        slug="ampliar",
        side="desk",
        title=gettext_lazy("Ampliar un plazo"),
        button=gettext_lazy("Ampliar el plazo"),
        article="Ley 19.880, art. 26",
        help=gettext_lazy(
            "De oficio o porque la persona lo pidió. Solo antes de que venza, si las circunstancias lo aconsejan y no "
            "se perjudican derechos de terceros."
        ),
        form=ExtendForm,
        offers=lambda situation: _extends(situation) and bool(_extendable(situation)),
        do=_extend,
    ),
    Measure(
        slug="no-ampliar",
        side="desk",
        title=gettext_lazy("Responder que no se amplía el plazo"),
        button=gettext_lazy("No ampliar el plazo"),
        article="Ley 19.880, art. 26",
        help=gettext_lazy("La persona lee el motivo que escribas."),
        form=RefuseForm,
        offers=lambda situation: _extends(situation) and _asked(situation).exists(),
        do=_refuse,
    ),
    Measure(
        slug="urgencia",
        side="desk",
        title=gettext_lazy("Ordenar tramitación de urgencia"),
        button=gettext_lazy("Ordenar la urgencia"),
        article="Ley 19.880, art. 63",
        help=gettext_lazy(
            "Cuando lo aconsejan razones de interés público. Reduce a la mitad los plazos ordinarios, menos los de "
            "presentar solicitudes y recursos. Contra esta decisión no procede recurso."
        ),
        form=UrgentForm,
        offers=lambda s: s.is_open and s.law is not None and s.law.urgency and not s.case.is_urgent,
        do=_urgent,
    ),
    Measure(
        slug="suspender",
        side="desk",
        title=gettext_lazy("Suspender un plazo"),
        button=gettext_lazy("Suspender el plazo"),
        article="",
        help=gettext_lazy("Solo por las causas que permite la ley de este trámite."),
        form=SuspendForm,
        offers=lambda s: s.is_open and bool(s.law and s.law.suspensions) and _running(s).exists(),
        do=_suspend,
    ),
    Measure(
        slug="reanudar",
        side="desk",
        title=gettext_lazy("Reanudar un plazo suspendido"),
        button=gettext_lazy("Reanudar el plazo"),
        article="",
        help=gettext_lazy("El plazo sigue con el tiempo que le quedaba."),
        form=ResumeForm,
        offers=lambda situation: situation.is_open and _suspended(situation).exists(),
        do=_resume,
    ),
)
