"""Measures against an act: appeal and clarification. Each opens a draft that is filled in, reviewed and signed."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from documents.api import as_html, name_of
from documents.models import Document
from workflows import appealing
from workflows.access import is_interested
from workflows.commands import suspensions
from workflows.controls import choice, line_field
from workflows.measures.base import Done, Measure, MeasureForm, Situation
from workflows.models import ActSuspension, CaseParty


class ActForm(MeasureForm):
    """Against which act."""

    reason = None  # type: ignore[assignment]
    act = choice(gettext_lazy("¿Qué acto?"), gettext_lazy("Elige el acto"))


class AppealForm(ActForm):
    def prepare(self) -> None:
        are_several = _are_several(self.situation)
        self.choose(
            "act",
            [
                _option(self.situation, entry.act, entry.party, _with_term(entry), are_several)
                for entry in _open(self.situation)
            ],
        )


class ClarificationForm(ActForm):
    def prepare(self) -> None:
        are_several = _are_several(self.situation)
        self.choose(
            "act",
            [
                _option(self.situation, act, party, name_of(act, on_page=True), are_several)
                for act in _in_force(self.situation)
                for party in appealing.interested(self.situation.case, self.situation.person)
            ],
        )


def _are_several(situation: Situation) -> bool:
    return appealing.interested(situation.case, situation.person).count() > 1


def _option(situation: Situation, act: Document, party: CaseParty, name: str, are_several: bool) -> tuple[str, str]:
    """An act; with whose appeal it would be, where somebody may appeal for more than one (art. 22)."""
    if not are_several:
        return str(act.pk), name
    if party.person == situation.person:
        said = as_html(_("%(act)s, por ti"), act=name)
    else:
        said = as_html(_("%(act)s, en representación de %(who)s"), act=name, who=party.organisation or party.person)
    return f"{act.pk}.{party.pk}", said


def _open(situation: Situation) -> list[appealing.Appealable]:
    return [entry for entry in appealing.acts_of(situation.case, situation.person) if entry.is_open(situation.today)]


def _with_term(entry: appealing.Appealable) -> str:
    name = name_of(entry.act, on_page=True)
    if entry.until is None:
        return as_html(_("%(act)s (tu plazo empieza cuando te notifiquen)"), act=name)
    return as_html(_("%(act)s (hasta el %(day)s)"), act=name, day=date_format(entry.until, "SHORT_DATE_FORMAT"))


def _in_force(situation: Situation) -> list[Document]:
    if situation.case.original_id is not None:
        return []
    found = Document.objects.filter(file=situation.case.file, state=Document.State.IN_FORCE, kind__in=appealing.ACTS)
    return list(found.exclude(definition_id="").order_by("-pk"))


def _begin(situation: Situation, given: dict[str, Any], start_id: str) -> Done:
    act, _dot, party = given["act"].partition(".")
    draft = appealing.begin(
        case=situation.case,
        act_id=int(act),
        party_id=int(party) if party else None,
        start_id=start_id,
        by=situation.person,
        now=situation.now,
        locale=get_language() or "es",
    )
    return Done(
        _("Escribe lo que pides. Puedes guardarlo y seguir después."), reverse("workflows:page", args=[draft.ref, 1])
    )


class SuspendForm(MeasureForm):
    """Why the act should wait."""

    field_order = ("ground", "reason")
    ground = choice(gettext_lazy("¿Por qué?"), gettext_lazy("Elige por qué"))

    def prepare(self) -> None:
        grounds = [ActSuspension.Ground.DAMAGE, ActSuspension.Ground.IMPOSSIBLE]
        self.choose("ground", [(one.value, capfirst(str(one.label))) for one in grounds])


class ResolveForm(MeasureForm):
    """The reasoned resolution that answers."""

    field_order = ("resolution", "reason")
    resolution = line_field(
        gettext_lazy("Resolución"),
        gettext_lazy("Escribe la resolución"),
        hint=gettext_lazy("Por ejemplo, Resolución exenta N° 214 del 20/11/2026"),
    )


def _may_ask(situation: Situation) -> bool:
    case = situation.case
    asked = case.act_suspensions.exclude(state=ActSuspension.State.REFUSED)
    return situation.is_open and case.about_id is not None and not asked.exists()


def _is_asked(situation: Situation) -> bool:
    return situation.is_open and situation.case.act_suspensions.filter(state=ActSuspension.State.ASKED).exists()


def _ask_to_wait(situation: Situation, given: dict[str, Any]) -> Done:
    suspensions.ask_suspension(
        case=situation.case, ground=given["ground"], reason=given["reason"], by=situation.person, now=situation.now
    )
    return Done(_("Lo pediste. Mientras no te respondan, el acto se sigue cumpliendo."))


def _decide_wait(situation: Situation, given: dict[str, Any], *, grants: bool) -> Done:
    suspensions.decide_suspension(
        case=situation.case,
        grants=grants,
        resolution=given["resolution"],
        reason=given["reason"],
        by=situation.person,
        now=situation.now,
    )
    if grants:
        return Done(_("El acto quedó suspendido hasta que se resuelva el recurso."))
    return Done(_("El acto se sigue cumpliendo, y la persona ya tiene tu motivo en sus avisos."))


MEASURES = (
    Measure(
        slug="suspender-acto",
        side="citizen",
        title=gettext_lazy("Pedir que el acto no se cumpla mientras se resuelve el recurso"),
        button=gettext_lazy("Pedir la suspensión del acto"),
        article="Ley 19.880, art. 57",
        help=gettext_lazy(
            "Presentar un recurso no suspende el acto. La autoridad puede suspenderlo si se lo pides con motivos, "
            "cuando cumplirlo causaría un daño irreparable o haría imposible cumplir lo que se resuelva."
        ),
        form=SuspendForm,
        offers=_may_ask,
        do=_ask_to_wait,
    ),
    Measure(
        slug="suspender-acto",
        side="desk",
        title=gettext_lazy("Suspender el acto recurrido"),
        button=gettext_lazy("Suspender el acto"),
        article="Ley 19.880, art. 57",
        help=gettext_lazy("Por resolución con motivos, hasta que se resuelva el recurso."),
        form=ResolveForm,
        offers=_is_asked,
        do=lambda situation, given: _decide_wait(situation, given, grants=True),
    ),
    Measure(
        slug="no-suspender-acto",
        side="desk",
        title=gettext_lazy("Responder que el acto no se suspende"),
        button=gettext_lazy("No suspender el acto"),
        article="Ley 19.880, art. 57",
        help=gettext_lazy("La persona lee el motivo que escribas."),
        form=ResolveForm,
        offers=_is_asked,
        do=lambda situation, given: _decide_wait(situation, given, grants=False),
    ),
    Measure(
        slug="recurrir",
        side="citizen",
        title=gettext_lazy("Presentar un recurso contra lo que se decidió"),
        button=gettext_lazy("Escribir el recurso"),
        article="Ley 19.880, art. 59",
        help=gettext_lazy(
            "La autoridad vuelve a revisar su decisión y, si la ley lo permite, la revisa su superior. Se presenta "
            "dentro de pocos días desde que te notifican el acto."
        ),
        form=AppealForm,
        offers=lambda situation: bool(_open(situation)),
        do=lambda situation, given: _begin(situation, given, appealing.APPEAL),
    ),
    Measure(
        slug="aclarar",
        side="citizen",
        title=gettext_lazy("Pedir que se aclare o rectifique el acto"),
        button=gettext_lazy("Escribir lo que hay que aclarar"),
        article="Ley 19.880, art. 62",
        help=gettext_lazy("Para puntos oscuros o errores de copia o de cálculo. Se puede pedir siempre."),
        form=ClarificationForm,
        offers=lambda s: (
            s.bundle.has_step(appealing.CLARIFICATION) and bool(_in_force(s)) and is_interested(s.case, s.person)
        ),
        do=lambda situation, given: _begin(situation, given, appealing.CLARIFICATION),
    ),
)
