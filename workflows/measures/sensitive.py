"""Measures that keep a document from the other interested persons, or give it back to them (D10 art. 37; R41)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents.models import Document
from workflows.commands import sensitive as commands
from workflows.controls import choice, text_field
from workflows.measures.base import Done, Measure, MeasureForm, Situation
from workflows.withholding import handed_in, parties_of

ARTICLE = "DS 10 de 2023, art. 37"


def _named(document: Document) -> str:
    return _("N° %(seq)s: %(title)s") % {"seq": document.item.seq, "title": document.title}


def _own(situation: Situation) -> list[Document]:
    """What the person handed in and still stands open to the others."""
    free = commands.markable(situation.case).select_related("item")
    found = {
        document.pk: document
        for party in parties_of(situation.case, situation.person)
        for document in free.filter(pk__in=handed_in(situation.case, party).values("pk"))
    }
    return list(found.values())


class OwnForm(MeasureForm):
    """Which of what they handed in."""

    field_order = ("document",)
    document = choice(gettext_lazy("¿Qué documento?"), gettext_lazy("Elige el documento"))
    reason = text_field(
        gettext_lazy("¿Quieres decir por qué?"), most=2000, too_long=gettext_lazy("Escribe menos de 2.000 caracteres")
    )

    def prepare(self) -> None:
        self.choose("document", [(str(one.pk), _named(one)) for one in _own(self.situation)])


class MarkForm(MeasureForm):
    """Which document, and whose data it holds."""

    field_order = ("document", "party", "reason")
    document = choice(gettext_lazy("¿Qué documento?"), gettext_lazy("Elige el documento"))
    party = choice(gettext_lazy("¿De quién son los datos?"), gettext_lazy("Elige de quién son"))

    def prepare(self) -> None:
        found = commands.markable(self.situation.case).select_related("item")
        self.choose("document", [(str(one.pk), _named(one)) for one in found])
        self.choose("party", people_of(self.situation))
        self.fields["party"].help_text = gettext_lazy(
            "De las personas interesadas, solo ella y quien la represente lo leerán"
        )


class LiftForm(MeasureForm):
    """Which one, and why the others must read it."""

    field_order = ("mark",)
    mark = choice(gettext_lazy("¿Qué documento?"), gettext_lazy("Elige el documento"))

    def prepare(self) -> None:
        marks = self.situation.case.sensitive_marks.filter(lifted_at=None).select_related("document__item")
        self.choose("mark", [(str(one.pk), _named(one.document)) for one in marks.order_by("pk")])
        self.fields["reason"].help_text = gettext_lazy(
            "Por qué las demás personas deben leerlo, por ejemplo para defenderse. Lo lee quien lo reservó"
        )


def people_of(situation: Situation) -> list[tuple[str, str]]:
    """The interested persons of the case, to choose one."""
    present = situation.case.parties.filter(left_at=None).select_related("person", "organisation").order_by("pk")
    return [(str(party.pk), f"{party} ({party.get_kind_display()})") for party in present]


def _mark_own(situation: Situation, given: dict[str, Any]) -> Done:
    commands.mark_own(
        case=situation.case,
        document_id=int(given["document"]),
        reason=given["reason"],
        by=situation.person,
        now=situation.now,
    )
    return Done(_("Desde ahora las demás personas interesadas no lo leen. La institución sí, para resolver."))


def _mark(situation: Situation, given: dict[str, Any]) -> Done:
    commands.mark_by_official(
        case=situation.case,
        document_id=int(given["document"]),
        party_id=int(given["party"]),
        reason=given["reason"],
        by=situation.person,
        now=situation.now,
    )
    return Done(_("El documento quedó reservado: las demás personas interesadas no lo leen."))


def _lift(situation: Situation, given: dict[str, Any]) -> Done:
    commands.lift(
        case=situation.case,
        mark_id=int(given["mark"]),
        reason=given["reason"],
        by=situation.person,
        now=situation.now,
    )
    return Done(_("Las demás personas interesadas ya pueden leerlo. Avisamos a quien lo tenía reservado."))


MEASURES = (
    Measure(
        slug="reservar-documento",
        side="citizen",
        title=gettext_lazy("Reservar un documento con mis datos personales"),
        button=gettext_lazy("Reservarlo"),
        article=ARTICLE,
        help=gettext_lazy(
            "Un archivo tuyo con datos sensibles o personales: las demás personas interesadas en la solicitud no lo "
            "leerán. La institución sí, y puede quitar la reserva diciéndote por qué."
        ),
        form=OwnForm,
        offers=lambda situation: bool(_own(situation)),
        do=_mark_own,
    ),
    Measure(
        slug="reservar-documento",
        side="desk",
        title=gettext_lazy("Reservar un documento con datos personales"),
        button=gettext_lazy("Reservarlo"),
        article=ARTICLE,
        help=gettext_lazy("Las demás personas interesadas no lo leerán en sus páginas ni en su copia del expediente."),
        form=MarkForm,
        offers=lambda situation: commands.markable(situation.case).exists(),
        do=_mark,
    ),
    Measure(
        slug="quitar-reserva",
        side="desk",
        title=gettext_lazy("Quitar la reserva de un documento"),
        button=gettext_lazy("Quitar la reserva"),
        article="Ley 19.880, arts. 10 y 16",
        help=gettext_lazy(
            "Las demás personas interesadas podrán leerlo. Quien lo reservó recibe un aviso con tu motivo."
        ),
        form=LiftForm,
        offers=lambda situation: situation.case.sensitive_marks.filter(lifted_at=None).exists(),
        do=_lift,
    ),
)
