"""Measures about what cannot be digitised: announce it, receive it, say where it went (DS 4 art. 14; D10 26; R51)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents.api import PhysicalThing
from documents.models import PhysicalEntry
from workflows.commands import physical as commands
from workflows.commands.physical import Handing, Undigitised
from workflows.controls import choice, day_field, line_field
from workflows.measures.base import Done, Measure, MeasureForm, Situation
from workflows.models import Attendance

OTHER = "otra"
"""Stands for what nobody announced."""


class CausedForm(MeasureForm):
    """What it is and why it cannot be digitised."""

    what = line_field(
        gettext_lazy("¿Qué es?"),
        gettext_lazy("Describe qué es"),
        hint=gettext_lazy("Por ejemplo: maqueta de madera de 60 por 40 cm, o 3 cajas con 1.200 hojas"),
        most=300,
    )
    cause = choice(gettext_lazy("¿Por qué no se puede digitalizar?"), gettext_lazy("Elige por qué"))

    def prepare(self) -> None:
        self.choose("cause", [(one.value, str(one.label).capitalize()) for one in PhysicalEntry.Cause])
        self.fields["reason"].label = gettext_lazy("Explica por qué")
        self.fields["reason"].error_messages["required"] = gettext_lazy("Escribe por qué no se puede digitalizar")


class AnnounceForm(CausedForm):
    """The same, of the person."""

    field_order = ("what", "cause", "reason")


class ReceiveForm(CausedForm):
    """What was handed in, where it is kept, from whom and to whom, and when."""

    field_order = (
        "announced", "what", "cause", "resolution", "reason", "place", "handed_by", "received_by", "day",
    )  # fmt: skip
    announced = choice(gettext_lazy("¿Es algo que la persona anunció?"), gettext_lazy("Elige si lo anunció"))
    resolution = line_field(
        gettext_lazy("Resolución que fija desde cuántas hojas no se digitaliza"),
        "",
        required=False,
        hint=gettext_lazy("Solo si es por su cantidad de hojas. Por ejemplo: Resolución exenta N° 120 de 2026"),
    )
    place = line_field(
        gettext_lazy("¿Dónde queda guardado?"),
        gettext_lazy("Escribe dónde queda guardado"),
        hint=gettext_lazy("Que cualquiera pueda encontrarlo: oficina, estante, caja"),
        most=300,
    )
    handed_by = line_field(gettext_lazy("¿Quién lo entregó?"), gettext_lazy("Escribe quién lo entregó"))
    received_by = line_field(gettext_lazy("¿Quién lo recibió?"), gettext_lazy("Escribe quién lo recibió"))
    day = day_field(gettext_lazy("¿Qué día se recibió?"))

    def prepare(self) -> None:
        super().prepare()
        waiting = commands.announced(self.situation.case)
        if waiting:
            said = [(str(thing.first.pk), _said(thing)) for thing in waiting]
            self.choose("announced", [*said, (OTHER, _("No: es otra cosa"))])
            self.fields["what"].required = False
            self.fields["what"].is_alternative = True  # type: ignore[attr-defined]
            self.fields["what"].help_text = gettext_lazy("Solo si no lo anunció")
        else:
            del self.fields["announced"]
        self.fields["resolution"].is_alternative = True  # type: ignore[attr-defined]
        self.initial.setdefault("received_by", str(self.situation.person))
        self.initial.setdefault("day", self.situation.today)

    def clean(self) -> dict[str, Any]:
        """What it is comes from what was announced, or is written; a quantity names its resolution."""
        given: dict[str, Any] = super().clean() or {}
        which = given.get("announced", OTHER)
        known = {str(thing.first.pk): thing.first.what for thing in commands.announced(self.situation.case)}
        given["announced_id"] = int(which) if which in known else None
        if which in known:
            given["what"] = known[which]
        elif "what" in given and not given["what"]:
            self.add_error("what", _("Describe qué es"))
        if given.get("cause") == PhysicalEntry.Cause.QUANTITY and not given.get("resolution"):
            self.add_error("resolution", _("Escribe qué resolución fija ese límite: sin ella hay que digitalizarlo"))
        return given


def receive(situation: Situation, given: dict[str, Any], attendance: Attendance | None = None) -> PhysicalEntry:
    """Do what the form says, for an official of the case or of a counter. Raises CommandRefused."""
    return commands.receive(
        case=situation.case,
        thing=Undigitised(given["what"], given["cause"], given["reason"], given["resolution"]),
        handing=Handing(given["handed_by"], given["received_by"], given["day"], given["place"]),
        announced_id=given["announced_id"],
        attendance=attendance,
        by=situation.person,
        now=situation.now,
    )


class ThingForm(MeasureForm):
    """Which of the things that are kept, who gave it and who has it."""

    thing = choice(gettext_lazy("¿Qué?"), gettext_lazy("Elige qué"))
    handed_by = line_field(gettext_lazy("¿Quién lo entregó?"), gettext_lazy("Escribe quién lo entregó"))
    received_by = line_field(gettext_lazy("¿Quién lo recibió?"), gettext_lazy("Escribe quién lo recibió"))
    day = day_field(gettext_lazy("¿Qué día?"))

    def prepare(self) -> None:
        self.choose("thing", [(str(thing.first.pk), _named(thing)) for thing in commands.kept(self.situation.case)])
        self.initial.setdefault("handed_by", str(self.situation.person))
        self.initial.setdefault("day", self.situation.today)


def _named(thing: PhysicalThing) -> str:
    return _("%(what)s (está en: %(place)s)") % {"what": thing.origin.what, "place": thing.now.place}


def _said(thing: PhysicalThing) -> str:
    """What the person announced, with why they say that it cannot be digitised."""
    return _("%(what)s. Dice: %(reason)s") % {
        "what": thing.first.what,
        "reason": Truncator(thing.first.reason).chars(160),
    }


class MoveForm(ThingForm):
    """Where it is now."""

    field_order = ("thing", "place", "handed_by", "received_by", "day", "reason")
    place = line_field(
        gettext_lazy("¿Dónde queda ahora?"),
        gettext_lazy("Escribe dónde queda"),
        hint=gettext_lazy("Que cualquiera pueda encontrarlo: oficina, estante, caja"),
        most=300,
    )


class ReturnForm(ThingForm):
    """To whom it was given back."""

    field_order = ("thing", "received_by", "handed_by", "day", "reason")


def _announce(situation: Situation, given: dict[str, Any]) -> Done:
    thing = Undigitised(given["what"], given["cause"], given["reason"])
    commands.announce(case=situation.case, thing=thing, by=situation.person, now=situation.now)
    return Done(
        _(
            "Quedó anunciado en tu solicitud. Llévalo a la oficina, o a un mesón de la institución, con tu "
            "N° %(number)s."
        )
        % {"number": situation.case.number}
    )


def _receive(situation: Situation, given: dict[str, Any]) -> Done:
    receive(situation, given)
    return Done(_("Quedó en el expediente, con dónde está, y avisamos a la persona."), _file_of(situation))


def _move(situation: Situation, given: dict[str, Any]) -> Done:
    handing = Handing(given["handed_by"], given["received_by"], given["day"], given["place"])
    commands.move(**_about(situation, given, handing))
    return Done(_("Quedó anotado dónde está ahora."), _file_of(situation))


def _return(situation: Situation, given: dict[str, Any]) -> Done:
    handing = Handing(given["handed_by"], given["received_by"], given["day"])
    commands.give_back(**_about(situation, given, handing))
    return Done(_("Quedó anotada la devolución. La referencia sigue en el expediente."), _file_of(situation))


def _file_of(situation: Situation) -> str:
    return reverse("workflows:desk_case", args=[situation.case.ref]) + "?ver=expediente"


def _about(situation: Situation, given: dict[str, Any], handing: Handing) -> dict[str, Any]:
    return {
        "case": situation.case,
        "first_id": int(given["thing"]),
        "handing": handing,
        "reason": given["reason"],
        "by": situation.person,
        "now": situation.now,
    }


MEASURES = (
    Measure(
        slug="anunciar-fisico",
        side="citizen",
        title=gettext_lazy("Avisar que entregaré algo que no se puede digitalizar"),
        button=gettext_lazy("Avisar que lo entregaré"),
        article="DS 4, art. 14; DS 10 de 2023, art. 26",
        help=gettext_lazy(
            "Una maqueta, una muestra, un plano muy grande o demasiadas hojas. Si lo puedes escanear o fotografiar, "
            "súbelo en «Escribir o agregar documentos»."
        ),
        form=AnnounceForm,
        offers=lambda situation: situation.is_open,
        do=_announce,
    ),
    Measure(
        slug="recibir-fisico",
        side="desk",
        title=gettext_lazy("Registrar algo que no se puede digitalizar"),
        button=gettext_lazy("Registrar y sellar la referencia"),
        article="DS 4, art. 14; DS 10 de 2023, art. 26",
        help=gettext_lazy(
            "Solo por su cantidad de hojas, su formato o su naturaleza. Queda una referencia en el expediente, en su "
            "lugar del índice, y la persona la lee. Lo demás se digitaliza."
        ),
        form=ReceiveForm,
        offers=lambda situation: situation.is_open,
        do=_receive,
    ),
    Measure(
        slug="mover-fisico",
        side="desk",
        title=gettext_lazy("Registrar que algo físico cambió de lugar"),
        button=gettext_lazy("Registrar dónde está"),
        article="DS 10 de 2023, art. 26",
        help=gettext_lazy("Es una anotación nueva: la anterior no se cambia."),
        form=MoveForm,
        offers=lambda situation: bool(commands.kept(situation.case)),
        do=_move,
    ),
    Measure(
        slug="devolver-fisico",
        side="desk",
        title=gettext_lazy("Registrar la devolución de algo físico"),
        button=gettext_lazy("Registrar la devolución"),
        article="DS 10 de 2023, art. 26",
        help=gettext_lazy("Es una anotación nueva: la referencia sigue en el expediente."),
        form=ReturnForm,
        offers=lambda situation: bool(commands.kept(situation.case)),
        do=_return,
    ),
)
