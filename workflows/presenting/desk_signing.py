"""The page on which an official reads several acts and signs those they mark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from documents.api import DocumentContent, blocks_html
from documents.models import Document
from procedures.api import Problem, SignStep, bundle_of
from workflows.answers import answers_ahead
from workflows.bandeja import Bandeja
from workflows.commands.signing import SUBJECT, Attempt
from workflows.models import CaseTask, Incident
from workflows.presenting.desk_act import LEVELS, Piece, changes_from_template, content_of, worsening
from workflows.presenting.desk_case import step_url
from workflows.presenting.inbox import institution
from workflows.presenting.words import DayCounter, Due, names
from workflows.queries import task_facts
from workflows.rules import SIGNING, Action, actions

AT_ONCE = 20
"""Acts on one page: as many as somebody reads before signing."""
SIGN_MARKED = gettext_lazy("Firmar los marcados")


@dataclass(frozen=True)
class ToSign:
    """One act with all that its signer must see before signing it."""

    task: CaseTask
    title: str
    applicants: str
    due: Due
    content: DocumentContent
    blocks: list[dict[str, Any]]
    changes: list[list[Piece]]
    worse: str
    """The rule by which it leaves the person worse than before; empty where it does not."""
    mark: str
    """What its box sends: the step, and the SHA-256 of the text shown."""
    level: Any
    position: int
    total: int
    failed: str
    """Why its last signature did not work."""
    url: str


@dataclass
class SigningPage:
    """The acts that wait for one official's signature, and which of them were marked."""

    bandeja: Bandeja
    now: datetime
    marked: frozenset[str] = frozenset()
    problem: str = ""

    def __post_init__(self) -> None:
        waiting = self.bandeja.to_sign().select_related("process__offering")
        ahead = (answers_ahead("process__submissions"), "process__parties__person", "process__parties__organisation")
        found = list(waiting.prefetch_related(*ahead)[: AT_ONCE + 1])
        self.has_more = len(found) > AT_ONCE
        self.under_way = [task for task in found if task.status == SIGNING]
        self.acts = list(self._acts([task for task in found[:AT_ONCE] if task.status != SIGNING]))

    def chosen(self) -> dict[str, str]:
        """{subject: SHA-256} of the marked acts whose text is still what was shown, in the order of the page."""
        split = (act.mark.split(":") for act in self.acts if act.mark in self.marked)
        return {f"{SUBJECT}{task}": digest for task, digest in split}

    def context(self) -> dict[str, Any]:
        """Data for the template."""
        first = f"acto-{self.acts[0].task.pk}" if self.acts else "main"
        return {
            "institution": institution(self.bandeja.roles),
            "acts": self.acts,
            "under_way": [(task.process.number, step_url(task.process, task)) for task in self.under_way],
            "marked": self.marked,
            "has_more": self.has_more,
            "errors": [Problem(first, self.problem)] if self.problem else [],
        }

    def _acts(self, tasks: Iterable[CaseTask]) -> Iterator[ToSign]:
        counter, failed = DayCounter(self.bandeja.on), _failed(tasks)
        documents = Document.objects.in_bulk(task.data["document"] for task in tasks)
        for task in tasks:
            if self._may_sign(task):
                yield self._act(task, documents[task.data["document"]], counter, failed.get(task.pk, ""))

    def _may_sign(self, task: CaseTask) -> bool:
        """Of a role that the person holds, in a procedure in which it takes part (R44)."""
        if task.process.offering_id not in self.bandeja.offerings:
            return False
        facts = task_facts(task.process, task, self.bandeja.person, self.bandeja.on, self.bandeja.roles)
        return bool(actions(facts) & {Action.SIGN, Action.CLAIM})

    def _act(self, task: CaseTask, document: Document, counter: DayCounter, failed: str) -> ToSign:
        case, content = task.process, content_of(document)
        step = cast(SignStep, bundle_of(case.version).step(task.step_id))
        return ToSign(
            task=task,
            title=document.title,
            applicants=names(case.applicants),  # type: ignore[attr-defined]
            due=counter.due(task.due_on or case.due_on, case.agency),
            content=content,
            blocks=blocks_html(content),
            changes=changes_from_template(case, document, self.now),
            worse=worsening(case, document),
            mark=f"{task.pk}:{document.content_sha256}",
            level=LEVELS[step.level],
            position=task.data["position"],
            total=len(step.signers),
            failed=failed,
            url=step_url(case, task),
        )


def _failed(tasks: Iterable[CaseTask]) -> dict[int, str]:
    still_open = Incident.objects.filter(task__in=list(tasks), kind=Incident.Kind.SIGNATURE, closed_at=None)
    return dict(still_open.values_list("task", "detail"))


def why_none(page: SigningPage) -> str:
    """Why nothing can be signed of what was marked."""
    if page.marked:
        return _("Lo que marcaste cambió o ya no espera tu firma. Léelo de nuevo y marca otra vez.")
    return _("Marca los documentos que leíste y vas a firmar.")


def asked(attempts: Iterable[Attempt]) -> str:
    """How many signatures are being put on their acts; "" when none is."""
    count = sum(not attempt.refusal for attempt in attempts)
    text = ngettext(
        "Firmaste %(n)s documento; la firma se está estampando.",
        "Firmaste %(n)s documentos; las firmas se están estampando.",
        count,
    )
    return text % {"n": count} if count else ""


def refused(attempt: Attempt) -> str:
    """Why one act of several was not signed."""
    return _("Solicitud N° %(number)s: no se firmó. %(why)s") % {"number": attempt.number, "why": attempt.refusal}
