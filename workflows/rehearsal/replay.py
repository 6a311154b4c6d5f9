"""Replay: what happened in finished cases, played again through another definition, to see which would end elsewhere.

The story is read from the case's own log. Answers that could tell who somebody is are replaced by examples, so each
case is first played through its own version: only a case that ends there as it ended is compared.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from audit.models import Event
from procedures.api import Bundle, CorrectionStep, DraftStep, Field, SignStep, as_answer, bundle_of, files_of, kind_of
from workflows.models import Case, CorrectionItem, Submission
from workflows.rehearsal.operations import rehearse
from workflows.rehearsal.report import Report
from workflows.rehearsal.scenario import Entry, Scenario

TELLING = frozenset(
    {"yes_no", "choice", "choices", "integer", "decimal", "money_clp", "percentage", "date", "commune", "declaration"}
)
"""Types whose answers decide routes and tell nothing of who gave them, unless the definition calls them sensitive."""
PASSING = frozenset({"task.completed", "act.returned", "act.signature_asked", "notification.recorded"})
"""Events of things that people did, which an entry can do again."""


@dataclass(frozen=True)
class Replayed:
    """One finished case: how it ended, how it would, and from which entry on it would go another way."""

    number: str
    ended: str
    would_end: str
    comparable: bool
    """Whether it ends through its own version as it did: outside facts and hidden answers may keep it from that."""
    differs_at: str = ""
    """What was done when it parted: "step decision"."""
    opens: tuple[str, ...] = ()
    """Titles of the steps that would be open then."""
    why: str = ""

    @property
    def same(self) -> bool:
        """Whether nothing would change for this case."""
        return self.comparable and not self.differs_at


def replay(*, draft: Bundle, cases: Iterable[Case]) -> list[Replayed]:
    """Play each finished case through its own version and through the draft. Nothing stays and nothing is sent."""
    return [_replayed(draft, case) for case in cases]


def _replayed(draft: Bundle, case: Case) -> Replayed:
    own = bundle_of(case.version)
    story = story_of(case)
    ended = case.get_outcome_display()
    before = rehearse(bundle=own, scenario=story, like=case.agency)
    if not before.holds or _outcome(before) != ended:
        return Replayed(case.number, ended, "", comparable=False, why=_first_fault(before))
    after = rehearse(bundle=draft, scenario=fitted(story, draft), like=case.agency)
    differs_at, opens = _first_difference(before, after)
    return Replayed(case.number, ended, _outcome(after), True, differs_at, opens, _first_fault(after))


def _outcome(report: Report) -> str:
    return next((moment.outcome for moment in reversed(report.moments) if moment.outcome), "")


def _first_fault(report: Report) -> str:
    return next((fault for moment in report.moments for fault in moment.faults), "")


def _first_difference(before: Report, after: Report) -> tuple[str, tuple[str, ...]]:
    """The first entry after which other steps are open, or the end is another, with the steps then open."""
    for one, other in zip(before.moments, after.moments, strict=False):
        opens = {task.step for task in one.open} != {task.step for task in other.open}
        if other.faults or opens or one.outcome != other.outcome:
            return f"{other.action} {other.subject}", tuple(task.title for task in other.open)
    return "", ()


def story_of(case: Case) -> Scenario:
    """What people did in a case, in order, with answers that tell nobody's identity."""
    events = [_Happened.read(event) for event in Event.objects.filter(stream=f"case:{case.ref}").order_by("seq")]
    zone = ZoneInfo(case.agency.time_zone)
    teller = _Teller(case)
    entries = [_placed(teller.filing(), events[0], zone)] if events else []
    for event in events:
        if event.kind in PASSING and (entry := teller.entry(event)) is not None:
            entries.append(_placed(entry, event, zone))
    starts = entries[0].at if entries else Scenario.starts
    return Scenario(title=case.number, story=tuple(entries), starts=starts)


def _placed(entry: Entry, event: _Happened, zone: ZoneInfo) -> Entry:
    local = event.at.astimezone(zone).replace(tzinfo=None, microsecond=0)
    return replace(entry, at=local.isoformat(), who=entry.who or event.actor.replace(":", "_"))


@dataclass(frozen=True)
class _Happened:
    kind: str
    at: Any
    actor: str
    data: Mapping[str, Any]

    @classmethod
    def read(cls, event: Event) -> _Happened:
        content = json.loads(bytes(event.body))
        return cls(event.kind, event.at, event.actor, content["data"])


class _Teller:
    """Turns the events of one case into entries, taking each step's submissions in their order."""

    def __init__(self, case: Case) -> None:
        self.case, self.bundle = case, bundle_of(case.version)
        self.filed: dict[str, deque[Submission]] = defaultdict(deque)
        for submission in Submission.objects.filter(case=case).prefetch_related("values").order_by("seq"):
            self.filed[submission.step_id].append(submission)

    def filing(self) -> Entry:
        step_id = self.bundle.start.id
        details = {"answers": self._answers(step_id, step_id), "sample": True, "channel": self.case.channel}
        return Entry("file", self.case.version.procedure.code, details=details)

    def entry(self, event: _Happened) -> Entry | None:
        step_id = str(event.data.get("step", ""))
        match event.kind:
            case "task.completed":
                return self._completed(step_id, int(event.data.get("occurrence", 1)))
            case "act.signature_asked":
                return Entry("sign", self._signing_step(str(event.data["document"])))
            case "act.returned":
                return Entry("send_back", step_id)
        return Entry("notify", step_id, details={"medium": str(event.data["medium"])})

    def _completed(self, step_id: str, occurrence: int) -> Entry | None:
        step = self.bundle.steps_by_id.get(step_id)
        if isinstance(step, SignStep) or step is None:
            return None
        if isinstance(step, CorrectionStep):
            return Entry("correct", self._answers(step_id, step.amends))
        answers = self._answers(step_id, step_id)
        if isinstance(step, DraftStep):
            return Entry("write", step_id, details={"answers": answers, "sample": True})
        return Entry(
            "step",
            step_id,
            details={"answers": answers, "sample": True, "observe": self._observed(step_id, occurrence)},
        )

    def _observed(self, step_id: str, occurrence: int) -> dict[str, str]:
        """What the correction that followed this turn of the step asked for, without the official's words."""
        asked = [one.id for one in self.bundle.all_steps() if getattr(one, "requested_by", "") == step_id]
        items = CorrectionItem.objects.filter(
            task__process=self.case, task__step_id__in=asked, task__occurrence=occurrence
        )
        return {item.field_id: _("Ensayo") for item in items if item.field_id}

    def _signing_step(self, document: str) -> str:
        steps = (step for step in self.bundle.all_steps() if isinstance(step, SignStep))
        return next((step.id for step in steps if step.document == document), document)

    def _answers(self, step_id: str, form_step: str) -> dict[str, Any]:
        """The next submission of the step, question by question, without what could tell who gave it."""
        if not self.filed[step_id]:
            return {}
        submission = self.filed[step_id].popleft()
        fields = {field.id: field for field in self.bundle.fields_of(form_step)}
        values = {value.field_id: value.value for value in submission.values.all()}
        return {name: _masked(fields[name], value) for name, value in values.items() if name in fields}


def _masked(field: Field, value: Any) -> Any:
    if field.type == "file":
        return as_answer(["documento.pdf"] * len(files_of(value)), field)
    if field.type in TELLING and not field.sensitive and value is not None:
        return value
    return kind_of(field).sample(field)


def fitted(story: Scenario, draft: Bundle) -> Scenario:
    """The story as the draft can be asked it: its code, and no answer to a question that it no longer has."""
    return replace(story, story=tuple(_fitted(entry, draft) for entry in story.story))


def _fitted(entry: Entry, draft: Bundle) -> Entry:
    if entry.action == "file":
        asked = set(_questions(draft, draft.start.id))
        return replace(entry, subject=draft.code, details=_without(entry.details, asked))
    if entry.action == "correct":
        return replace(
            entry, subject={k: v for k, v in entry.subject.items() if k in _questions(draft, draft.start.id)}
        )
    if entry.action in ("step", "write") and entry.subject in draft.steps_by_id:
        return replace(entry, details=_without(entry.details, set(_questions(draft, str(entry.subject)))))
    return entry


def _questions(bundle: Bundle, step_id: str) -> Iterator[str]:
    return (field.id for field in bundle.fields_of(step_id))


def _without(details: Mapping[str, Any], asked: set[str]) -> dict[str, Any]:
    answers = {name: value for name, value in dict(details.get("answers") or {}).items() if name in asked}
    return {**details, "answers": answers}
