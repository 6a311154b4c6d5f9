"""What a case does not need any more: whoever works for it is told, here or in another body (arts. 9, 14, 37, 38)."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.api import enqueue
from notifications.api import Said
from workflows import exchanges, messages
from workflows.models import CaseLink, CaseTask, Exchange
from workflows.prepared import PreparedRead
from workflows.runtime import Run

NOT_AWAITED = "workflows.not_awaited"
"""Job kind: tell a case that whoever opened it goes on, or ended, without its result."""
WHY = {
    "stopped": gettext_lazy("La solicitud sigue o termina de otra manera, sin ese paso."),
    "ended": gettext_lazy("La solicitud terminó."),
    "join": gettext_lazy("Ya llegó lo que hacía falta y la solicitud siguió sin esperarlo."),
}
"""Why a step is closed without being done."""
PENDING = PreparedRead(
    1,
    lambda case: Exchange.objects.filter(
        ~Q(kind=Exchange.Kind.REFERRAL), case=case, result=Exchange.Result.PENDING
    ).order_by("pk"),
)
"""What other bodies were asked and have not answered. A referral is theirs: it goes on whatever the case does."""


def step(run: Run, task: CaseTask, why: str) -> None:
    """A step was closed without being done: tell who had taken it, and the body that resolves its subcase."""
    if task.step_kind == "subcase":
        _subcase(run, task)
    owner = task.owner.person if task.owner is not None else None
    if owner is not None and owner != run.by and not task.for_applicant:
        messages.tell_official(run, owner, lambda: _closed(run, task, why))


def _subcase(run: Run, task: CaseTask) -> None:
    """The other case is an application of its own, with its term: it is not ended here, only told (arts. 8 and 14)."""
    exchange = exchanges.pending(task)
    if exchange is not None:
        exchanges.end(run, exchange, Exchange.Result.NEEDLESS)
    links = CaseLink.objects.filter(task=task, kind=CaseLink.Kind.SUBCASE, child__finished=None, child__isnull=False)
    for link in links.select_related("child").defer("child__flow_class"):
        assert link.child is not None
        enqueue(
            kind=NOT_AWAITED,
            payload={"link": link.pk},
            now=run.now,
            agency_id=link.child.agency_id,
            case_id=link.child_id,
        )


def _closed(run: Run, task: CaseTask, why: str) -> Said:
    words = {"number": run.case.number, "step": task.step_title, "why": WHY[why]}
    body = _("Tenías ese paso y se cerró. %(why)s No tienes que hacer nada; lo que habías escrito no se usa.")
    return Said(_("Ya no hace falta «%(step)s»: solicitud N° %(number)s") % words, body % words)


def close_exchanges(run: Run) -> None:
    """The case ended: what others were asked and did not answer is not needed, and who asked by letter has to say so.

    The platform does not reach whoever answers letters: the official who wrote tells them, by the same way (art. 9).
    """
    for exchange in PENDING.rows(run.case.pk):
        exchanges.end(run, exchange, Exchange.Result.NEEDLESS)
        if exchange.kind == Exchange.Kind.LETTER:
            people = [exchange.official] if exchange.official is not None else messages.attending(run)
            for person in people:
                messages.tell_official(run, person, lambda exchange=exchange: _unanswered(run, exchange))  # type: ignore[misc]


def _unanswered(run: Run, exchange: Exchange) -> Said:
    words = {
        "number": run.case.number,
        "body": exchange.addressee,
        "matter": "; ".join(exchange.sought),
        "medium": exchange.service,
    }
    body = _(
        "La solicitud terminó y %(body)s no ha respondido el oficio «%(matter)s». Avísale por el mismo medio "
        "(%(medium)s) que ya no hace falta, para que no siga trabajando en él (Ley 19.880, art. 9)."
    )
    return Said(_("Avísale a %(body)s que no responda: solicitud N° %(number)s") % words, body % words)
