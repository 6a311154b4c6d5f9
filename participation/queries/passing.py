"""Where a request goes that an institution says is not its own."""

from __future__ import annotations

from enum import StrEnum

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Agency
from participation.models import Answer, Commitment, Stage
from procedures.api import stems


class Outcome(StrEnum):
    """What comes of naming another institution."""

    ASKED = "asked"
    ASKED_BEFORE = "asked_before"
    NOT_ADHERED = "not_adhered"
    NOT_HERE = "not_here"


def agency_called(name: str) -> Agency | None:
    """The institution of this site with that code or name, however it is written; None when none or several are."""
    by_code = Agency.objects.filter(code=name.strip().lower()).first()
    if by_code is not None or not name.strip():
        return by_code
    wanted = set(stems(name))
    same = [agency for agency in Agency.objects.all() if set(stems(agency.name)) == wanted]
    return same[0] if len(same) == 1 else None


def outcome_of(answer: Answer) -> Outcome:
    """What came of an answer that passed the request on, as things are now."""
    if answer.to_agency_id is None:
        return Outcome.NOT_HERE
    asked = Answer.objects.filter(subject=answer.subject_id, round=answer.round, agency=answer.to_agency_id).first()
    if asked is not None:
        return Outcome.ASKED if asked.previous_id == answer.pk else Outcome.ASKED_BEFORE
    adhered = Commitment.objects.filter(agency=answer.to_agency_id, ended_on=None).exists()
    return Outcome.ASKED if adhered else Outcome.NOT_ADHERED


def previous_of(subject_id: int, round: int, agency_id: int) -> Answer | None:
    """The answer by which the request came to an institution; None when it was asked first."""
    passed = Answer.objects.filter(subject=subject_id, round=round, to_agency=agency_id, said=Answer.Said.TRANSFER)
    return passed.order_by("-pk").first()


def without_receiver() -> QuerySet[Answer]:
    """Answers that passed a request on to an institution that was not found here, the latest first."""
    stray = Answer.objects.filter(said=Answer.Said.TRANSFER, to_agency=None, subject__stage=Stage.TRANSFERRED)
    return stray.select_related("subject", "agency").order_by("-answered_at")


def passed_on_words(answer: Answer) -> str:
    """What came of an answer that passed the request on, in words; empty of another answer."""
    if answer.said != Answer.Said.TRANSFER:
        return ""
    name = {"name": answer.to_name}
    match outcome_of(answer):
        case Outcome.ASKED:
            return _("Dice que corresponde a %(name)s. Se le pide responder.") % name
        case Outcome.ASKED_BEFORE:
            return _("Dice que corresponde a %(name)s, a la que ya se le preguntó. Ninguna la asume.") % name
        case Outcome.NOT_ADHERED:
            return _("Dice que corresponde a %(name)s, que no se ha comprometido a responder.") % name
        case _:
            return _stray(answer.to_name)


def _stray(name: str) -> str:
    if not name:
        return _("No dijo a qué institución corresponde. Los apoyos vuelven a estar disponibles.")
    words = _("Dice que corresponde a %(name)s, que no está en este sitio. Los apoyos vuelven a estar disponibles.")
    return words % {"name": name}
