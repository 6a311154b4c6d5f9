"""Administrative silence: the complaint, its receipt and copy, and the certificate (arts. 64 to 66; R19, R20)."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Person
from documents.api import in_spanish
from legaltime.api import effective_filing, local_date
from notifications.api import Said
from procedures.api import Bundle, SilenceBlock, bundle_of
from workflows import deadlines, messages, receipts
from workflows.access import filed_by, is_interested, own_cases
from workflows.commands.locking import locked
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import Case, Deadline
from workflows.queries import holders
from workflows.runtime import Run
from workflows.steps import law

DECIDE_IN = 5
"""Business days to decide after the complaint (art. 64)."""
NOT_WHO_INFORMED = gettext_lazy(
    "Puede denunciarlo quien presentó la solicitud u otra persona interesada, pero no quien solo denunció un hecho "
    "(Ley 19.880, arts. 21 y 64)."
)


def is_overdue(case: Case, today: date) -> bool:
    """Whether the legal time to decide passed without a decision. One that is suspended does not pass."""
    if case.finished is not None or case.due_on is None or today <= case.due_on:
        return False
    return not case.deadlines.filter(kind=Deadline.Kind.TERM, state=Deadline.State.SUSPENDED).exists()


def complaint_of(case: Case) -> Deadline | None:
    """The clock that a complaint of the time to decide started, if there was one: not of a time that ran before."""
    term = case.deadlines.filter(kind=Deadline.Kind.TERM).order_by("pk").first()
    found = case.deadlines.filter(kind=Deadline.Kind.COMPLAINT)
    if term is not None and term.starts_on is not None:
        found = found.filter(starts_on__gte=term.starts_on)
    return found.order_by("-pk").first()


def may_certify(case: Case, today: date) -> bool:
    """Whether who applied may have the certificate: the complaint's time passed, or none is needed (arts. 64, 65)."""
    bundle = bundle_of(case.version)
    block = bundle.law.silence if bundle.law else None
    if block is None or not is_overdue(case, today):
        return False
    if not takes_complaint(bundle):
        return True
    complaint = complaint_of(case)
    if complaint is None or complaint.due_on is None or complaint.state == Deadline.State.SUSPENDED:
        return False
    return today > complaint.due_on


def takes_complaint(bundle: Bundle) -> bool:
    """Whether the person must complain before silence takes effect: always for a positive one (arts. 64 and 65)."""
    block = bundle.law.silence if bundle.law else None
    return block is not None and (block.complaint or bundle.ficha.silence.effect == "positive")


def complain(*, case: Case, reason: str, by: Person, now: datetime) -> Deadline:
    """Complain that the case was not decided in time: a dated receipt, a copy to the superior and five more days (R19).

    Any interested person may, but not who only informed (arts. 21, 64). Raises NotAllowed, CommandRefused.
    """
    with locked(case.pk, by=by, now=now) as run:
        block = _check(run, by)
        if not is_interested(run.case, by):
            raise NotAllowed(str(NOT_WHO_INFORMED))
        if not takes_complaint(run.bundle):
            text = _("En este trámite no hace falta denunciarlo: ya puedes pedir el certificado (Ley 19.880, art. 65).")
            raise CommandRefused(text)
        if complaint_of(run.case) is not None:
            raise CommandRefused(_("Ya denunciaste este incumplimiento. Mira el plazo que está corriendo."))
        receipts.file_writing(run, title=lambda: _("Denuncia de incumplimiento de plazo"), text=reason or _no_more())
        receipts.acknowledge(
            run,
            title=lambda: _("Comprobante de la denuncia de incumplimiento de plazo"),
            text=lambda: _(
                "Se certifica que se recibió una denuncia de incumplimiento del plazo para decidir. Si la solicitud no "
                "se resuelve dentro de cinco días hábiles, se podrá pedir el certificado de silencio (Ley 19.880, "
                "art. 64)."
            ),
            by=by,
        )
        _copy_to_superior(run, block)
        number = run.case.number
        for person in messages.attending(run):
            messages.tell_official(run, person, lambda: _to_decide(number))
        clock = Deadline(
            kind=Deadline.Kind.COMPLAINT,
            amount=DECIDE_IN,
            unit=Deadline.Unit.BUSINESS_DAYS,
            trigger="filed",
            legal_source="Ley N° 19.880, artículo 64",
            extension_most=0,
            extension_source="Ley N° 19.880, artículo 64",
        )
        received = local_date(effective_filing(now, run.place), run.place.zone)
        run.record("silence.complained", {})
        return deadlines.open_clock(run, clock, received)


def certify(*, case: Case, by: Person, now: datetime) -> None:
    """Ask for the certificate: it is issued without further steps, signed by a named official (art. 66, R20).

    Only whoever applied, or represents them: it ends what they asked for (arts. 64, 65). Raises NotAllowed,
    CommandRefused.
    """
    with locked(case.pk, by=by, now=now) as run:
        _check(run, by)
        if not filed_by(run.case, by):
            raise NotAllowed(_("Solo puede pedirlo quien presentó la solicitud o quien la representa."))
        if not may_certify(run.case, run.today):
            raise CommandRefused(_("Todavía no se puede pedir el certificado. Primero denuncia el incumplimiento."))
        if law.pending(run, law.SILENCE):
            raise CommandRefused(_("El certificado ya se está haciendo."))
        run.record("silence.certificate_asked", {})
        law.enter(run, law.SILENCE)
        for person in messages.attending(run):
            messages.tell_official(run, person, lambda: _to_certify(run.case.number))


@in_spanish
def _no_more() -> str:
    return _("Denuncia que la solicitud no se decidió dentro del plazo legal.")


def _check(run: Run, by: Person) -> SilenceBlock:
    if not own_cases(by).filter(pk=run.case.pk).exists():
        raise NotAllowed
    block = run.bundle.law.silence if run.bundle.law else None
    if block is None or not is_overdue(run.case, run.today):
        raise CommandRefused(_("El plazo para decidir esta solicitud todavía no vence."))
    return block


def _copy_to_superior(run: Run, block: SilenceBlock) -> None:
    """At once, so well within the twenty-four hours of art. 64."""
    for member in holders(run.role(block.superior), run.today):
        messages.tell_official(run, member.person, lambda: _complained(run.case.number))
    run.record("silence.copied", {"step": ""})


def _to_decide(number: str) -> Said:
    return Said(
        _("Decide en cinco días hábiles: solicitud N° %(number)s") % {"number": number},
        _(
            "La persona interesada denunció que la solicitud no se decidió en plazo. Si no se resuelve en cinco días "
            "hábiles se produce el silencio (Ley 19.880, arts. 64 y 65)."
        ),
    )


def _to_certify(number: str) -> Said:
    return Said(
        _("Redacta el certificado de silencio: solicitud N° %(number)s") % {"number": number},
        _(
            "La persona lo pidió porque la solicitud no se decidió en plazo. Se da sin más trámite (Ley 19.880, "
            "arts. 64 a 66)."
        ),
    )


def _complained(number: str) -> Said:
    return Said(
        _("Denuncia de incumplimiento de plazo: solicitud N° %(number)s") % {"number": number},
        _(
            "La persona interesada denunció que la solicitud no se decidió en plazo. Si no se resuelve en cinco "
            "días hábiles se produce el silencio. Como superior debes velar por que se resuelva (Ley 19.880, "
            "art. 64)."
        ),
    )
