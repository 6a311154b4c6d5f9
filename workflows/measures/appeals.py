"""Measures against an act: appeal and clarification. Each opens a draft that is filled in, reviewed and signed."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from documents.models import Document
from workflows import appealing
from workflows.measures.base import Done, Measure, MeasureForm, Situation, choice


class ActForm(MeasureForm):
    """Against which act."""

    reason = None  # type: ignore[assignment]
    act = choice(gettext_lazy("¿Qué acto?"), gettext_lazy("Elige el acto"))


class AppealForm(ActForm):
    def prepare(self) -> None:
        self.choose("act", [(str(entry.act.pk), _with_term(entry)) for entry in _open(self.situation)])


class ClarificationForm(ActForm):
    def prepare(self) -> None:
        self.choose("act", [(str(act.pk), appealing.name_of(act)) for act in _in_force(self.situation)])


def _open(situation: Situation) -> list[appealing.Appealable]:
    return [entry for entry in appealing.acts_of(situation.case, situation.person) if entry.is_open(situation.today)]


def _with_term(entry: appealing.Appealable) -> str:
    name = appealing.name_of(entry.act)
    if entry.until is None:
        return _("%(act)s (tu plazo empieza cuando te notifiquen)") % {"act": name}
    return _("%(act)s (hasta el %(day)s)") % {"act": name, "day": date_format(entry.until, "SHORT_DATE_FORMAT")}


def _in_force(situation: Situation) -> list[Document]:
    if situation.case.original_id is not None:
        return []
    found = Document.objects.filter(file=situation.case.file, state=Document.State.IN_FORCE, kind__in=appealing.ACTS)
    return list(found.exclude(definition_id="").order_by("-pk"))


def _begin(situation: Situation, given: dict[str, Any], start_id: str) -> Done:
    draft = appealing.begin(
        case=situation.case,
        act_id=int(given["act"]),
        start_id=start_id,
        by=situation.person,
        now=situation.now,
        locale=get_language() or "es",
    )
    return Done(
        _("Escribe lo que pides. Puedes guardarlo y seguir después."), reverse("workflows:page", args=[draft.ref, 1])
    )


MEASURES = (
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
        offers=lambda s: s.bundle.has_step(appealing.CLARIFICATION) and bool(_in_force(s)),
        do=lambda situation, given: _begin(situation, given, appealing.CLARIFICATION),
    ),
)
