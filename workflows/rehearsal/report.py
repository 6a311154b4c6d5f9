"""What a rehearsal shows: after each entry, what is open, what would be sent, and what was not as expected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from documents.api import DocumentContent
from documents.models import Document
from notifications.models import Notice
from procedures.api import bundle_of
from workflows.models import Case, Incident
from workflows.rehearsal.play import Play, open_tasks
from workflows.rehearsal.scenario import REFUSED, Entry


@dataclass(frozen=True)
class Sent:
    """An aviso that would be sent."""

    to: str
    subject: str
    body: str


@dataclass(frozen=True)
class Paper:
    """A document as it stands: what it says, its number and its state in words."""

    document: int
    title: str
    number: str
    state: str
    text: tuple[str, ...]
    in_force: bool = False


@dataclass(frozen=True)
class Open:
    """A step that waits, for whom and until when."""

    step: str
    title: str
    responsible: str
    due_on: str


@dataclass(frozen=True)
class Moment:
    """What came of one entry. `at` is an ISO instant in UTC."""

    action: str
    subject: str
    who: str
    at: str
    open: tuple[Open, ...] = ()
    outcome: str = ""
    sent: tuple[Sent, ...] = ()
    papers: tuple[Paper, ...] = ()
    incidents: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    """What was not as the entry expects, or why it could not be done."""
    done: bool = True
    """Whether the entry could be done at all; a rehearsal ends with the first that could not."""


@dataclass(frozen=True)
class Report:
    """A rehearsal from its first entry to its last, or to the first that could not be done."""

    title: str
    moments: tuple[Moment, ...]
    answers: Mapping[str, Any] = field(default_factory=dict)
    ends: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """{step at which a case of the story ended: titles of the signed or sealed acts of its file}."""

    @property
    def holds(self) -> bool:
        """Whether everything went as the scenario says."""
        return not any(moment.faults for moment in self.moments)

    def as_data(self) -> dict[str, Any]:
        """Plain data, to cross a process."""
        return {**asdict(self), "holds": self.holds}


@dataclass
class Observer:
    """Compares what there is with what there was."""

    playing: Play
    notices: int = 0
    papers: dict[int, str] = field(default_factory=dict)

    def moment(self, entry: Entry, fault: str = "") -> Moment:
        """What is new since the last look, and what of it is not as expected."""
        case = self.playing.case and self.playing.the_case()
        faults = [fault] if fault else list(self._unmet(case, entry))
        return Moment(
            action=entry.action,
            subject=_short(entry.subject),
            who=entry.who,
            at=self.playing.now.isoformat(),
            open=tuple(_open(case)) if case else (),
            outcome=case.get_outcome_display() if case and case.outcome else "",
            sent=tuple(self._sent()),
            papers=tuple(self._papers(case)) if case else (),
            incidents=tuple(_incidents(case)) if case else (),
            faults=tuple(faults),
            done=not fault,
        )

    def _sent(self) -> list[Sent]:
        rows = Notice.objects.filter(agency=self.playing.stage.agency, pk__gt=self.notices).select_related("person")
        new = list(rows.order_by("pk"))
        self.notices = new[-1].pk if new else self.notices
        return [Sent(row.person.full_name, row.subject, row.body) for row in new]

    def _papers(self, case: Case) -> list[Paper]:
        changed = []
        written = Document.objects.filter(file=case.file).exclude(content={}).exclude(kind=Document.Kind.ATTACHMENT)
        for document in written.order_by("pk"):
            seen = f"{document.state} {document.content_sha256}"
            if self.papers.get(document.pk) != seen:
                self.papers[document.pk] = seen
                changed.append(_paper(document))
        return changed

    def _unmet(self, case: Case | None, entry: Entry) -> list[str]:
        if case is None:
            return []
        expects = dict(entry.expects)
        if entry.action == "ends":
            expects |= {"outcome": entry.subject, "notices": entry.details.get("mail") or []}
            expects |= {"acts": [act] if (act := entry.details.get("act")) else []}
        return [fault for name, wanted in expects.items() if name != REFUSED for fault in _CHECKS[name](case, wanted)]


def _open(case: Case) -> list[Open]:
    return [
        Open(
            step=task.step_id,
            title=task.step_title,
            responsible=_("Solicitante") if task.for_applicant else (task.role.name if task.role else ""),
            due_on=task.due_on.isoformat() if task.due_on else "",
        )
        for task in open_tasks(case)
    ]


def _paper(document: Document) -> Paper:
    content = DocumentContent.model_validate(document.content)
    text = tuple(str(words) for block in content.blocks if (words := getattr(block, "text", "")))
    in_force = document.state == Document.State.IN_FORCE
    return Paper(document.pk, document.title, document.number or "", document.get_state_display(), text, in_force)


def _incidents(case: Case) -> list[str]:
    return [incident.detail for incident in Incident.objects.filter(case=case, closed_at=None).order_by("pk")]


# Expectations: each gives the sentences of what is not so


def _check_open(case: Case, wanted: Any) -> list[str]:
    found = sorted(task.step_id for task in open_tasks(case))
    if found == sorted(str(step) for step in wanted):
        return []
    what = {"wanted": _named(case, sorted(map(str, wanted))), "found": _named(case, found)}
    return [_("Debían quedar abiertos estos pasos: %(wanted)s. Están abiertos: %(found)s.") % what]


def _named(case: Case, steps: list[str]) -> str:
    """Steps by their titles; one that the procedure no longer has, by its id."""
    known = bundle_of(case.version).steps_by_id
    return ", ".join(f"«{known[step].title if step in known else step}»" for step in steps) or _("ninguno")


def _day(written: object) -> str:
    """A date as people write it."""
    return date_format(date.fromisoformat(str(written)), "SHORT_DATE_FORMAT") if written else _("(sin fecha)")


def _check_outcome(case: Case, wanted: Any) -> list[str]:
    if str(wanted) in {case.outcome, *_outcome_in_words(case), *_ends_reached(case)}:
        return []
    found = case.get_outcome_display() or _("sigue en curso")
    return [_("Debía terminar «%(wanted)s» y está así: %(found)s.") % {"wanted": wanted, "found": found}]


def _ends_reached(case: Case) -> Iterator[str]:
    """How it ended as its procedure calls that end, which whoever applied reads."""
    for step_id in case.task_set.filter(step_kind="end").values_list("step_id", flat=True):
        yield bundle_of(case.version).step(step_id).title


def _outcome_in_words(case: Case) -> Iterator[str]:
    """How it ended in every language: a story is written in one, and played from a page that speaks another."""
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            yield case.get_outcome_display()


def _check_notices(case: Case, wanted: Any) -> list[str]:
    subjects = list(Notice.objects.filter(case_ref=case.ref).values_list("subject", flat=True))
    return [
        _("No se envió un aviso que diga «%(text)s».") % {"text": text}
        for text in wanted
        if not any(str(text) in subject for subject in subjects)
    ]


def _check_acts(case: Case, wanted: Any) -> list[str]:
    titles = list(
        Document.objects.filter(file=case.file, state=Document.State.IN_FORCE).values_list("title", flat=True)
    )
    return [
        _("No hay un documento vigente que se llame «%(text)s».") % {"text": text}
        for text in wanted
        if not any(str(text) in title for title in titles)
    ]


def _check_incidents(case: Case, wanted: Any) -> list[str]:
    kinds = sorted(Incident.objects.filter(case=case, closed_at=None).values_list("kind", flat=True))
    if kinds == sorted(wanted):
        return []
    return [_("Los problemas del caso son otros: %(found)s.") % {"found": ", ".join(kinds) or _("ninguno")}]


def _check_due(case: Case, wanted: Mapping[str, Any]) -> list[str]:
    found = {task.step_id: task.due_on.isoformat() if task.due_on else "" for task in open_tasks(case)}
    return [
        _("El paso %(step)s debía vencer el %(wanted)s y vence el %(found)s.")
        % {"step": _named(case, [step]), "wanted": _day(day), "found": _day(found.get(step))}
        for step, day in wanted.items()
        if found.get(step) != str(day)
    ]


_CHECKS: dict[str, Any] = {
    "open": _check_open,
    "outcome": _check_outcome,
    "notices": _check_notices,
    "acts": _check_acts,
    "incidents": _check_incidents,
    "due": _check_due,
}


def _short(value: Any) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list | dict) else str(value or "")
