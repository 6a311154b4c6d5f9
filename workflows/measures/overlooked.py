"""The measure about a paper that the counter typed once it was decided (Ley 19.880 arts. 53, 59, 62)."""

from __future__ import annotations

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflows.commands import overlooked as commands
from workflows.controls import choice
from workflows.measures.base import Done, Measure, MeasureForm, Situation
from workflows.presenting.words import moment


class AnswerForm(MeasureForm):
    """Which paper, and what is done with it."""

    field_order = ("paper", "outcome", "reason")
    paper = choice(gettext_lazy("¿Qué papel?"), gettext_lazy("Elige el papel"))
    outcome = choice(gettext_lazy("¿Qué se hace con él?"), gettext_lazy("Elige qué se hace con él"))

    def prepare(self) -> None:
        case = self.situation.case
        found = [(one.pk, moment(one.received_at, case.agency)) for one in commands.waiting(case)]
        self.choose("paper", [(str(pk), _("Recibido en papel el %(at)s") % {"at": at}) for pk, at in found])
        self.choose("outcome", [(one.value, capfirst(str(one.label))) for one in commands.possible(case)])
        self.fields["reason"].help_text = gettext_lazy("La persona lo lee, y queda en el expediente")


def _answer(situation: Situation, given: dict[str, Any]) -> Done:
    commands.answer(
        case=situation.case,
        paper_id=int(given["paper"]),
        outcome=given["outcome"],
        reason=given["reason"],
        by=situation.person,
        now=situation.now,
    )
    return Done(
        _("Quedó en el expediente y la persona ya lo sabe. Lo que elegiste se hace en su propio trámite o acto.")
    )


MEASURES = (
    Measure(
        slug="papel-sin-considerar",
        side="desk",
        title=gettext_lazy("Decir qué se hace con un papel que no se consideró"),
        button=gettext_lazy("Dejar constancia"),
        article="Ley 19.880, arts. 17 g, 53, 59 y 62",
        help=gettext_lazy(
            "El mesón lo recibió y lo ingresó cuando ya se había resuelto. Léelo en el expediente. Si llegó a tiempo y "
            "cambia lo resuelto: un error manifiesto se rectifica en cualquier momento; un acto contrario a derecho se "
            "invalida, con audiencia previa, dentro de dos años; y si la persona recurre, se considera ahí."
        ),
        form=AnswerForm,
        offers=lambda situation: commands.waiting(situation.case).exists(),
        do=_answer,
    ),
)
