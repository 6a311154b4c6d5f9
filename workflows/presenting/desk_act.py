"""The pages of an act: its blocks to be rewritten, what changed from the template, and the text to be signed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Person, User
from documents.api import DocumentContent, Table, blocks_html
from documents.models import Document
from jobs.models import Job
from legaltime.api import local_date
from procedures.api import RuleError, SignStep, bundle_of, describe, evaluate
from signatures.api import waiting_for
from workflows import acts, queries
from workflows.commands.desk import Answered, allow
from workflows.errors import CommandRefused, RoutingError
from workflows.models import Case, CaseTask, Channel
from workflows.presenting import history
from workflows.presenting.desk_step import (
    Typed,
    plain_heading,
    status_of,
    step_context,
    summary_of,
    ways,
)
from workflows.rules import SIGNING, Action
from workflows.runtime import Run

SAVED = gettext_lazy("Guardamos el borrador.")
SENT_BACK = gettext_lazy("Devolviste el documento para que se redacte de nuevo.")
SIGN = gettext_lazy("Firmar")
BLOCK = "bloque-"
"""Names of the boxes in which blocks are rewritten: "bloque-3"."""
LEVELS = {
    "advanced": gettext_lazy("firma electrónica avanzada"),
    "simple": gettext_lazy("firma electrónica simple"),
}
BLOCK_NAMES = {
    "heading": gettext_lazy("Título"),
    "paragraph": gettext_lazy("Párrafo"),
    "list": gettext_lazy("Lista, un punto por línea"),
    "table": gettext_lazy("Datos de la solicitud"),
}
ROLE_NAMES = {
    "facts": gettext_lazy("hechos"),
    "reasons": gettext_lazy("fundamentos"),
    "law": gettext_lazy("normas"),
    "decision": gettext_lazy("decisión"),
    "appeals": gettext_lazy("recursos"),
}


@dataclass(frozen=True)
class BlockView:
    """One block of the act; a table of answers is shown and not rewritten."""

    name: str
    label: str
    text: str = ""
    rows: tuple[Any, ...] = ()
    lines: int = 3


@dataclass(frozen=True)
class Written:
    """What was posted from the page of a draft."""

    texts: Mapping[int, str]
    answered: Answered


@dataclass(frozen=True)
class Piece:
    """A run of words that the template and the draft share, or that only one of them has."""

    kind: str
    """"same", "added" or "removed"."""
    text: str


def written(case: Case, task: CaseTask, data: Any, files: Any) -> Written:
    """The texts and answers that were posted."""
    content = content_of(act_of(task))
    texts = {
        place: data[f"{BLOCK}{place}"].replace("\r\n", "\n")
        for place, block in enumerate(content.blocks)
        if f"{BLOCK}{place}" in data and not isinstance(block, Table)
    }
    return Written(texts, Answered(data=data, files=files))


def has_form(case: Case, task: CaseTask) -> bool:
    """Whether the step asks something besides the text."""
    return bundle_of(case.version).form_of(task.step_id) is not None


def act_of(task: CaseTask) -> Document:
    """The act that a draft or sign step works on."""
    return Document.objects.get(pk=task.data["document"])


def content_of(document: Document) -> DocumentContent:
    """What the act says."""
    return DocumentContent.model_validate(document.content)


def draft_context(
    case: Case,
    task: CaseTask,
    person: Person,
    now: datetime,
    posted: Written | None = None,
    refusal: Exception | None = None,
) -> dict[str, Any]:
    """The page on which an act is written."""
    document = act_of(task)
    common = step_context(case, task, person, local_date(now, case.agency.time_zone), refusal)
    typed = Typed(posted.answered if posted else None, refusal)
    form = plain_heading(typed.form_for(case, task)) if common["is_mine"] else None
    texts = posted.texts if posted else {}
    return {
        **common,
        "document": document,
        "blocks": list(_blocks(content_of(document), texts)),
        "reading": blocks_html(content_of(document)),
        "form": form,
        "errors": summary_of(form, refusal),
        "status": status_of(form, refusal),
        "choose_again": bool(refusal and posted and posted.answered.files),
        "changes": changes_from_template(case, document, now),
        "worse": worsening(case, document),
        "returned": history.last_return(case, task.step_id),
        "ways": list(ways(bundle_of(case.version), task.step_id)),
    }


def _blocks(content: DocumentContent, typed: Mapping[int, str]) -> Iterator[BlockView]:
    for place, block in enumerate(content.blocks):
        label = str(BLOCK_NAMES[block.kind])
        if block.role:
            label = f"{label}: {ROLE_NAMES[block.role]}"
        if isinstance(block, Table):
            yield BlockView("", label, rows=block.rows)
            continue
        text = typed.get(place, acts.editable_text(block) or "")
        yield BlockView(f"{BLOCK}{place}", label, text, lines=_lines(text))


def _lines(text: str) -> int:
    """Rows of the box, so that most texts are seen whole."""
    return min(14, max(1, sum(1 + len(line) // 72 for line in text.split("\n"))))


def changes_from_template(case: Case, document: Document, now: datetime) -> list[list[Piece]]:
    """Block by block, what the official's text adds to or removes from the template's; only blocks that differ."""
    spec = bundle_of(case.version).document(document.definition_id)
    try:
        template = acts.compose(Run(case=case, now=now, by=None), spec)
    except RoutingError:
        return []
    pairs = zip_longest(template.blocks, content_of(document).blocks)
    texts = [(acts.dated_text(_plain_text(before), document), _plain_text(after)) for before, after in pairs]
    return [pieces(before, after) for before, after in texts if before != after]


def worsening(case: Case, document: Document) -> str:
    """The procedure's rule by which the act leaves the person worse than before asking, in words (art. 41, R15).

    Empty where it does not, and where the agency began the case. A rule that fails is shown too: somebody must look.
    """
    bundle = bundle_of(case.version)
    rule = bundle.document(document.definition_id).worse_when
    if rule is None or case.channel == Channel.OWN_MOTION:
        return ""
    try:
        applies = evaluate(rule, case.data, bundle)
    except RuleError:
        applies = True
    return describe(rule, bundle) if applies else ""


def _plain_text(block: Any) -> str:
    if block is None:
        return ""
    if isinstance(block, Table):
        return "\n".join(f"{row.label}: {row.value}" for row in block.rows)
    return acts.editable_text(block) or ""


def pieces(before: str, after: str) -> list[Piece]:
    """The difference of two texts, word by word."""
    old, new = re.findall(r"\s+|[^\s]+", before), re.findall(r"\s+|[^\s]+", after)
    found = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Piece("same", "".join(old[i1:i2])))
            continue
        if i1 != i2:
            found.append(Piece("removed", "".join(old[i1:i2])))
        if j1 != j2:
            found.append(Piece("added", "".join(new[j1:j2])))
    return found


def sign_context(
    case: Case, task: CaseTask, person: Person, now: datetime, posted: Mapping[str, str], refusal: Exception | None
) -> dict[str, Any]:
    """The page on which an act is read and signed."""
    today = local_date(now, case.agency.time_zone)
    document = act_of(task)
    content = content_of(document)
    step = bundle_of(case.version).step(task.step_id)
    assert isinstance(step, SignStep)
    common = step_context(case, task, person, today, refusal)
    possible = queries.available_actions(case, person, today).tasks.get(task.pk, frozenset())
    return {
        **common,
        "document": document,
        "content": content,
        "blocks": blocks_html(content),
        "shown": document.content_sha256,
        "changes": changes_from_template(case, document, now),
        "worse": worsening(case, document),
        "level": LEVELS[step.level],
        "position": task.data["position"],
        "total": len(step.signers),
        "signers": [bundle_of(case.version).role(slot).title for slot in step.signers],
        "can_sign": Action.SIGN in possible,
        "can_send_back": Action.SEND_BACK in possible,
        "reason": posted.get("motivo", ""),
        **signing_context(task),
        "ways": list(ways(bundle_of(case.version), task.step_id)) if task.data["position"] == len(step.signers) else [],
    }


def signing_context(task: CaseTask) -> dict[str, Any]:
    """What became of a signature: under way, held up by something only a person can mend, or over."""
    is_signing = task.status == SIGNING
    return {
        "case": task.process,
        "task": task,
        "is_signing": is_signing,
        "is_signed": task.status == "DONE",
        "blocked": _blocked(task.process) if is_signing else "",
        "waiting": waiting_for(act_of(task)) if is_signing else "",
    }


def _blocked(case: Case) -> str:
    """Why a signature under way cannot go on by itself."""
    jobs = [job for job in queries.effects(case) if job.state == Job.State.BLOCKED]
    errors = (job.last_error for job in jobs if job.kind.startswith("signatures."))
    return next((error.partition(": ")[2] or error for error in errors), "")


def why_not_sign(case: Case, task: CaseTask, by: User, now: datetime, shown: str) -> CommandRefused | None:
    """Why signing cannot begin; None when it can. The command asks again after the fresh sign-in."""
    try:
        allow(Action.SIGN, Run(case=case, now=now, by=by.person), task, by)
    except CommandRefused as refusal:
        return refusal
    if shown != act_of(task).content_sha256:
        return CommandRefused(_("El documento cambió después de que lo viste. Léelo de nuevo antes de firmar."))
    return None


def preview_content(document: Document) -> DocumentContent:
    """The act for a preview: without a verification code, and saying what it is."""
    content = content_of(document)
    notice = _("Vista previa sin firma. No es el documento.")
    return content.model_copy(update={"verification": None, "notice_lines": (notice, *content.notice_lines)})
