"""What rested on an act that an appeal took down or changed: facts it established, and other cases that used it.

They are other cases, each with its own lock: word goes by a job to each, where an official has to say what was done.
"""

from __future__ import annotations

from django.utils.translation import gettext as _
from viewflow.workflow.status import STATUS

from documents.models import Document
from jobs.api import enqueue
from workflows import facts
from workflows.incidents import open_incident
from workflows.models import Case, CaseLink, CaseTask, Incident
from workflows.reviewing import Effect, Ruling
from workflows.runtime import Run

FELL = "workflows.basis_fell"
"""Job kind: what a step of a case read or waited for has changed."""


def act_changed(run: Run, act: Document, by: Document, ruling: Ruling, appeal: Case) -> None:
    """Hand out no more what rested on an act that fell, and tell the cases that used it or the case's own decision.

    A fact stays where the act goes on in force, or where the one in its place gives the same; somebody looks at whether
    it still says what is true.
    """
    if ruling.effect is Effect.ANNULS:
        facts.restore(run, act)
    found = facts.of_act(run, act)
    for fact in found:
        if ruling.effect is Effect.REPLACES and ruling.grants:
            facts.rest_on(fact, by)
        elif ruling.effect is not Effect.MODIFIES:
            facts.withdraw(run, fact, by)
        for task in facts.readers_of(fact):
            _pass_on(run, task, act=by, is_withdrawn=fact.withdrawn_at is not None)
    if any(fact.withdrawn_at is None for fact in found):
        _look_at_facts(run, appeal)
    for link in _used_by(run.case):
        _pass_on(run, link.task, act=by, is_withdrawn=False)


def decided_again(run: Run, link: CaseLink) -> None:
    """A linked case ended once more, after this one went on with what it had decided first."""
    assert link.child is not None
    words = {"number": link.child.number, "agency": link.child.agency.name}
    detail = _(
        "La solicitud N° %(number)s de %(agency)s, cuyo resultado usó esta, se decidió de nuevo. Esta siguió con el "
        "resultado anterior."
    )
    open_incident(run, kind=Incident.Kind.BASIS, detail=detail % words, step_id=link.task.step_id, task=link.task)


def _used_by(case: Case) -> list[CaseLink]:
    """The links of the cases that went on with what this one decided."""
    links = CaseLink.objects.filter(child=case, kind=CaseLink.Kind.SUBCASE).select_related("task")
    return [link for link in links if link.task.status == STATUS.DONE]


def _pass_on(run: Run, task: CaseTask, *, act: Document, is_withdrawn: bool) -> None:
    enqueue(
        kind=FELL,
        payload={"task": task.pk, "act": act.pk, "case": run.case.pk, "withdrawn": is_withdrawn},
        now=run.now,
        agency_id=task.agency_id,
        case_id=task.process_id,
    )


def _look_at_facts(run: Run, appeal: Case) -> None:
    """What this case registered rests on an act that is not what it was: an official looks whether it is still true."""
    detail = _(
        "El recurso N° %(number)s cambió el acto de esta solicitud, y lo que ella registró a partir de él se sigue "
        "entregando. Revisa si sigue siendo cierto."
    )
    open_incident(run, kind=Incident.Kind.BASIS, detail=detail % {"number": appeal.number})
