"""Measures about conflicts of interest: an interested person challenges an official, a superior decides (art. 12)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflows.commands import separation as commands
from workflows.controls import choice
from workflows.measures.base import Done, Measure, MeasureForm, Situation
from workflows.models import Challenge, Recusal
from workflows.presenting.history import why_abstained, why_challenged
from workflows.presenting.words import moment
from workflows.separation import is_superior
from workflows.withholding import known_as


class ChallengeForm(MeasureForm):
    """Whom, among those who act in the case."""

    field_order = ("official",)
    official = choice(gettext_lazy("¿Quién debería dejar de intervenir?"), gettext_lazy("Elige a quién recusas"))

    def prepare(self) -> None:
        officials = commands.challengeable(self.situation.case, self.situation.person)
        self.choose("official", [(str(one.pk), str(one)) for one in officials])
        self.fields["reason"].label = gettext_lazy("Por qué no es imparcial")
        self.fields["reason"].help_text = gettext_lazy(
            "Por ejemplo: tiene interés personal, es pariente o amigo íntimo de alguien del caso, o fue perito en él"
        )


class DecideForm(MeasureForm):
    """Which challenge, and what the superior decides."""

    field_order = ("challenge", "decision")
    challenge = choice(gettext_lazy("¿Cuál?"), gettext_lazy("Elige la recusación"))
    decision = choice(gettext_lazy("¿Qué decides?"), gettext_lazy("Elige qué decides"))

    def prepare(self) -> None:
        self.choose("challenge", [(str(one.pk), str(one.person)) for one in _to_decide(self.situation)])
        accept = _("Aceptarla: no interviene más y sus pasos vuelven a su grupo")
        self.choose("decision", [("yes", accept), ("no", _("No aceptarla: sigue interviniendo"))])


class KeepInForm(MeasureForm):
    """Whose abstention the superior does not accept."""

    field_order = ("recusal",)
    recusal = choice(gettext_lazy("¿De quién?"), gettext_lazy("Elige de quién"))

    def prepare(self) -> None:
        self.choose("recusal", [(str(one.pk), str(one.person)) for one in _abstained(self.situation)])


def _abstained(situation: Situation) -> list[Recusal]:
    if not situation.is_open:
        return []
    case, person, today = situation.case, situation.person, situation.today
    return [one for one in commands.abstentions(case) if is_superior(case, person, one.person, today)]


def _keep_in(situation: Situation, given: dict[str, Any]) -> Done:
    commands.refuse_abstention(
        case=situation.case,
        recusal_id=int(given["recusal"]),
        reason=given["reason"],
        by=situation.person,
        now=situation.now,
    )
    return Done(_("Esa persona vuelve a intervenir, y recibe un aviso con tu motivo."))


def _to_decide(situation: Situation) -> list[Challenge]:
    waiting = situation.case.challenges.filter(decided_at=None).select_related("person", "asked_by").order_by("pk")
    case, person, today = situation.case, situation.person, situation.today
    return [one for one in waiting if is_superior(case, person, one.person, today)]


def _why_challenged(situation: Situation) -> str:
    """Who challenges whom, since when and why: nobody decides it with reasons without having read it (art. 12)."""
    text = _("%(who)s pidió el %(at)s que %(official)s no intervenga: «%(why)s».")
    told = []
    for one in _to_decide(situation):
        asked_by = known_as(situation.case, one.asked_by)
        at, why = moment(one.asked_at, situation.case.agency), why_challenged(situation.case, one)
        told.append(text % {"who": asked_by, "at": at, "official": one.person, "why": why.rstrip(". ")})
    return " ".join(told)


def _why_abstained(situation: Situation) -> str:
    """Who keeps out, since when and why: for the superior who may not accept it (art. 12)."""
    text = _("%(official)s se abstuvo el %(at)s: «%(why)s».")
    told = []
    for one in _abstained(situation):
        at, why = moment(one.at, situation.case.agency), why_abstained(situation.case, one)
        told.append(text % {"at": at, "official": one.person, "why": why.rstrip(". ")})
    return " ".join(told)


def _challenge(situation: Situation, given: dict[str, Any]) -> Done:
    commands.challenge(
        case=situation.case,
        official=int(given["official"]),
        reason=given["reason"],
        by=situation.person,
        now=situation.now,
    )
    return Done(_("Recibimos tu recusación. Su superior la resuelve y te avisamos."))


def _decide(situation: Situation, given: dict[str, Any]) -> Done:
    commands.decide_challenge(
        case=situation.case,
        challenge_id=int(given["challenge"]),
        grants=given["decision"] == "yes",
        reason=given["reason"],
        by=situation.person,
        now=situation.now,
    )
    return Done(_("Quedó resuelta. La persona recibe un aviso con tu motivo."))


MEASURES = (
    Measure(
        slug="recusar",
        side="citizen",
        title=gettext_lazy("Recusar a quien tramita mi solicitud"),
        button=gettext_lazy("Presentar la recusación"),
        article="Ley 19.880, art. 12",
        help=gettext_lazy("Si quien interviene puede no ser imparcial. Lo resuelve su superior, con razones."),
        form=ChallengeForm,
        offers=lambda situation: situation.is_open and bool(commands.challengeable(situation.case, situation.person)),
        do=_challenge,
    ),
    Measure(
        slug="resolver-recusacion",
        side="desk",
        title=gettext_lazy("Resolver una recusación"),
        button=gettext_lazy("Resolver"),
        article="Ley 19.880, art. 12",
        help=gettext_lazy("Una persona interesada pide que un funcionario no intervenga. Tu decisión lleva su motivo."),
        form=DecideForm,
        offers=lambda situation: bool(_to_decide(situation)),
        do=_decide,
        means=_why_challenged,
    ),
    Measure(
        slug="no-aceptar-abstencion",
        side="desk",
        title=gettext_lazy("No aceptar una abstención"),
        button=gettext_lazy("Que vuelva a intervenir"),
        article="Ley 19.880, art. 12",
        help=gettext_lazy(
            "Quien se abstiene deja de intervenir desde que lo declara, y su superior resuelve. Su motivo está en el "
            "historial."
        ),
        form=KeepInForm,
        offers=lambda situation: bool(_abstained(situation)),
        do=_keep_in,
        means=_why_abstained,
    ),
)
