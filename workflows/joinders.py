"""Cases joined to an older one: what its act says of them, and how that act reaches their files (art. 33, R63)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from documents.api import DocumentContent, Paragraph, add_item, copy_act, freeze_content, in_spanish
from documents.models import Document, FileItem
from jobs.api import enqueue
from procedures.api import Bundle, DraftStep, Graph, SealStep, SignStep
from workflows.appealing import ACTS
from workflows.models import Case, CaseTask
from workflows.nodes.base import OPEN
from workflows.runtime import Run

PRINCIPAL_ENDED = "workflows.principal_ended"
"""Job kind: the older case has ended; the one joined to it ends with it, or goes on by itself."""
JOINED_ENDED = "workflows.joined_ended"
"""Job kind: a joined case ended by itself, leaves or stays after all; the act of the older one says so."""
INTERIM = "workflows.interim_act"
"""Job kind: an act of mere procedure of the older case reaches one that is joined to it."""
BLOCK = "law_joined"
"""The legal block by which a joined case ends."""
PAUSED_AS = "paused_as"
"""Key of the data of a joined case's task: its status before it was paused."""
ROLE: Literal["joined"] = "joined"
"""Role of the paragraph of an act that names the joined cases."""
DECISIONS = tuple(
    outcome.value
    for outcome in (
        Case.Outcome.APPROVED,
        Case.Outcome.REJECTED,
        Case.Outcome.ISSUED,
        Case.Outcome.OTHER,
        Case.Outcome.UPHELD,
        Case.Outcome.DISMISSED,
        Case.Outcome.PARTLY,
    )
)
"""Outcomes that answer what was asked. After any other, as a withdrawal, nobody decided about the joined cases."""
OWN_ENDINGS = ("law_withdrawal", "law_waiver", "law_abandonment", "law_impossibility", "law_silence")
"""How the ids of the legal blocks begin that end only the case in which they are (arts. 40 to 44, 64 and 65)."""
LEAVING = ("law_withdrawal", "law_waiver", "law_impossibility")
"""Those of them by which a joined case is about to leave: the older one does not decide it meanwhile."""


def principal_of(case: Case) -> Case:
    """The older case that a joined one waits for."""
    assert case.joined_to is not None, "only a joined case waits for another"
    return case.joined_to


def outcome_of(case: Case) -> str:
    """What was answered to it: a case that was resolved with an older one was answered as that one."""
    was_joined = case.outcome == Case.Outcome.JOINED and case.joined_to is not None
    return principal_of(case).outcome if was_joined else case.outcome


def joined_to(case: Case) -> QuerySet[Case]:
    """The cases that wait for the decision of this one, the oldest first."""
    return Case.objects.filter(joined_to=case, finished=None).defer("flow_class").order_by("filed_at", "pk")


def nested_in(case: Case) -> QuerySet[Case]:
    """The cases whose file is nested in this one's, also once they ended (D10 23), the oldest first."""
    nested = Case.objects.filter(joined_to=case) if case.is_principal else Case.objects.none()
    return nested.defer("flow_class").select_related("file", "agency").order_by("filed_at", "pk")


@in_spanish
def naming_joined(content: DocumentContent, numbers: Iterable[str]) -> DocumentContent:
    """The act with a last paragraph that names the cases which it decides too; without one, for none.

    Last, so that whoever is editing the text does not write into another block.
    """
    blocks = [block for block in content.blocks if block.role != ROLE]
    if named := list(numbers):
        text = ngettext(
            "Este acto resuelve también la solicitud N° %(numbers)s, acumulada a esta (Ley N° 19.880, art. 33).",
            "Este acto resuelve también las solicitudes N° %(numbers)s, acumuladas a esta (Ley N° 19.880, art. 33).",
            len(named),
        )
        blocks.append(Paragraph(text=text % {"numbers": ", ".join(named)}, role=ROLE))
    return content.model_copy(update={"blocks": tuple(blocks)})


def answers(bundle: Bundle, definition_id: str) -> bool:
    """Whether an act may answer what was asked: once it is signed, the case may end with a decision.

    The act of a withdrawal, declared or deemed, decides nothing about the joined cases (art. 42); nor does one of mere
    procedure, as an order to investigate or a report, after which a resolution or decree still has to come (arts. 15
    and 18).
    """
    if definition_id.startswith("law_"):
        return not definition_id.startswith(OWN_ENDINGS)
    steps = [step for step in bundle.every_step() if getattr(step, "document", "") == definition_id]
    drawn_up = {step.id for step in steps if isinstance(step, DraftStep)}
    avoiding = frozenset(drawn_up | set(_other_acts(bundle, definition_id)))
    after = Graph.of(bundle).reach([step.id for step in steps if isinstance(step, SignStep | SealStep)], avoiding)
    return any(end.id in after and end.outcome in DECISIONS for end in bundle.ends)


def is_interim(bundle: Bundle, definition_id: str) -> bool:
    """Whether an act is one step on the way to the decision, as an order to investigate (arts. 15 and 18)."""
    if definition_id.startswith("law_") or answers(bundle, definition_id):
        return False
    signing = [step.id for step in bundle.every_step() if isinstance(step, SignStep | SealStep)]
    of_it = [name for name in signing if getattr(bundle.step(name), "document", "") == definition_id]
    after = Graph.of(bundle).reach(of_it, frozenset())
    return any(end.id in after and end.outcome in DECISIONS for end in bundle.ends)


def pass_on(run: Run, act: Document) -> None:
    """Have a resolution or decree of mere procedure reach the cases joined to this one: they go with it now (art. 33).

    The act that decides reaches them when the case ends.
    """
    if not run.case.is_principal or act.kind not in ACTS or not is_interim(run.bundle, act.definition_id):
        return
    for pk in joined_to(run.case).values_list("pk", flat=True):
        enqueue(kind=INTERIM, payload={"document": act.pk}, now=run.now, agency_id=run.case.agency_id, case_id=pk)


def _other_acts(bundle: Bundle, definition_id: str) -> Iterator[str]:
    """The steps that sign or seal another resolution or decree."""
    kinds = [kind.value for kind in ACTS]
    signing = [step for step in bundle.every_step() if isinstance(step, SignStep | SealStep)]
    for step in signing:
        if step.document != definition_id and bundle.document(step.document).kind in kinds:
            yield step.id


def name_in_drafts(run: Run) -> None:
    """Write anew, in the acts that nobody signed yet, which cases they decide too."""
    numbers = decided_with(run.case)
    drafts = Document.objects.filter(file=run.case.file, state=Document.State.DRAFT, issued_on=None)
    for draft in drafts.exclude(definition_id="").exclude(content={}):
        if not answers(run.bundle, draft.definition_id):
            continue
        before = DocumentContent.model_validate(draft.content)
        freeze_content(document=draft, content=naming_joined(before, numbers), now=run.now)


def decided_with(case: Case) -> list[str]:
    """The numbers of the joined cases that an act of this one decides too: those of which nobody is leaving."""
    return [joined.number for joined in joined_to(case) if not is_leaving(joined)]


def is_leaving(case: Case) -> bool:
    """Whether a joined case may be ending by itself: its person withdrew or waived, or it cannot go on (arts. 40, 42).

    What was withdrawn before the decision is not decided with the older case; should nobody declare it, it goes on.
    """
    leaving = Q()
    for block in LEAVING:
        leaving |= Q(step_id__startswith=block)
    return CaseTask.objects.filter(leaving, process=case, status__in=OPEN).exists()


def is_decided(case: Case) -> bool:
    """Whether the act that decides a joined case too is in force or being signed: it can leave no more (art. 42)."""
    acts = Document.objects.filter(file=principal_of(case).file_id, issued_on__isnull=False)
    being_signed = acts.filter(state__in=[Document.State.DRAFT, Document.State.ISSUING]).exclude(definition_id="")
    return deciding_act(case) is not None or any(_names(act, case.number) for act in being_signed.exclude(content={}))


def rename_later(run: Run) -> None:
    """Have the acts of the older case name the joined ones anew: this one may be ending by itself, or goes on."""
    joined = run.case.joined_to_id
    if joined is not None:
        enqueue(kind=JOINED_ENDED, payload={}, now=run.now, agency_id=run.case.agency_id, case_id=joined)


def deciding_act(case: Case) -> Document | None:
    """The act in force of the older case that names this one as decided too; a resolution before a certificate."""
    in_force = Document.objects.filter(file=principal_of(case).file_id, state=Document.State.IN_FORCE)
    issued = in_force.exclude(definition_id="").exclude(content={}).order_by("-pk")
    named = [act for act in issued if _names(act, case.number)]
    return next((act for act in named if act.kind in ACTS), named[0] if named else None)


def _names(act: Document, number: str) -> bool:
    blocks = DocumentContent.model_validate(act.content).blocks
    said = (block.text for block in blocks if isinstance(block, Paragraph) and block.role == ROLE)
    return any(number in text.replace(",", " ").split() for text in said)


def bring_act(run: Run, act: Document, *, after_closing: bool = False) -> Document:
    """The act by which another case decided about this one, with its full text, as a copy in its file (art. 45)."""
    copy = copy_act(document=act, file=run.case.file, now=run.now)
    add_item(
        file=run.case.file,
        document=copy,
        direction=FileItem.Direction.OUT,
        origin="system",
        entered_by=run.agency.name,
        now=run.now,
        after_closing=after_closing,
    )
    return copy


def name_of(act: Document) -> str:
    """ "Decreto que… N° 12"."""
    return _("%(act)s N° %(number)s") % {"act": act.title, "number": act.number} if act.number else act.title


def case_ended(run: Run) -> None:
    """Pass on that a case ended: to those that wait for its decision, or to the one it was joined to."""
    case = run.case
    if case.is_principal:
        for pk in joined_to(case).values_list("pk", flat=True):
            enqueue(kind=PRINCIPAL_ENDED, payload={}, now=run.now, agency_id=case.agency_id, case_id=pk)
    rename_later(run)
