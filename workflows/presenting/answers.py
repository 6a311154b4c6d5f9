"""What was filed in a case, in words: the answers that stand, and what each correction changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents.models import Document, Scan
from procedures.api import Bundle, Field, display_value, drawing_of, summary
from workflows import answers
from workflows.models import Case, CorrectionItem, Submission, SubmissionValue
from workflows.models.cases import RESERVED
from workflows.presenting import language
from workflows.presenting.language import marked, on_page
from workflows.presenting.words import moment
from workflows.scopes import row_name, row_of
from workflows.withholding import KEPT_BACK, OF_RESERVED, reserved_people

OBSERVE = "obs-"
"""Names of the boxes with remarks: "obs-<question>", and "obs-" for a general one."""


@dataclass(frozen=True)
class Remark:
    """The box in which an official observes a question, with what was typed."""

    name: str
    text: str = ""


@dataclass(frozen=True)
class Observing:
    """The step whose questions may be observed from this page, and what was typed so far."""

    step_id: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)

    def box(self, step_id: str, field_id: str) -> Remark | None:
        """The box of a question; None where it may not be observed."""
        is_observed = bool(self.step_id) and step_id == self.step_id
        return Remark(OBSERVE + field_id, self.typed.get(field_id, "")) if is_observed else None


NOTHING = Observing()


@dataclass(frozen=True)
class Answer:
    """A question and the answer that stands; `url` opens its file."""

    field_id: str
    label: str
    value: str
    url: str = ""
    kept_back: str = ""
    """Why nobody may open its file."""
    corrected: bool = False
    remark: Remark | None = None
    lang: str = ""
    """The language of the question, where it is not the page's."""
    map: dict[str, Any] | None = None
    """The outline of the commune with the point that was chosen."""
    files: Sequence[tuple[str, str, str]] = ()
    """Of rows: the name of each file, its address, and why nobody may open it."""


@dataclass(frozen=True)
class Page:
    """The questions of a page of the form that were asked."""

    title: str
    rows: list[Answer]


@dataclass(frozen=True)
class Change:
    """A question that a correction touched, or that was observed and stayed as it was."""

    label: str
    remark: str
    before: str
    now: str
    url: str = ""


@dataclass
class Filed:
    """One submission of a case."""

    title: str
    step_id: str
    author: str
    at: datetime
    channel: str
    pages: list[Page] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    """Only of a correction."""
    remarks: list[str] = field(default_factory=list)
    """General remarks that a correction answered."""
    is_overtaken: bool = False
    """Whether it is a late report that a later round leaves aside."""
    seq: int = 0
    """Its place among the submissions of the case."""
    received: str = ""
    """When it was received on paper, and whether in time."""


QUARANTINED = {
    Scan.PENDING: gettext_lazy("Se está revisando si tiene virus. Se podrá abrir cuando la revisión termine."),
    Scan.INFECTED: gettext_lazy("Tiene un virus y nadie puede abrirlo. Pide a la persona que lo envíe de nuevo."),
}
"""What an official is told of a file in quarantine."""


def _received(row: Submission) -> str:
    paper = getattr(row, "paper", None)
    if paper is None:
        return ""
    received = _(
        "Recibida en papel el %(moment)s, dentro del plazo. Vale desde entonces, aunque se haya ingresado después."
    )
    if not paper.is_in_time:
        received = _("Recibida en papel el %(moment)s, después del plazo.")
    return received % {"moment": moment(paper.received_at, paper.attendance.agency)}


def kept_back(document: Document) -> Any:
    """Why the document's file cannot be opened; "" when it can, or has no file yet."""
    return QUARANTINED.get(Scan(document.blob.scan), "") if document.blob is not None else ""


def filed(case: Case, observing: Observing = NOTHING) -> list[Filed]:
    """Everything filed in the case, in order. An amended step shows the answers that stand now."""
    return Reading(case, observing).filed()


class Reading:
    """Reads the submissions of one case once."""

    def __init__(
        self,
        case: Case,
        observing: Observing = NOTHING,
        *,
        for_applicant: bool = False,
        hides_sensitive: bool = False,
        kept_back: frozenset[int] = frozenset(),
        kept_answers: frozenset[int] = frozenset(),
    ) -> None:
        """`kept_back`: ids of documents, and `kept_answers`: of answers, that whoever reads does not read."""
        self.case, self.observing, self.hides_sensitive, self.kept_back = case, observing, hides_sensitive, kept_back
        self.kept_answers = kept_answers
        self.document_page = "workflows:document" if for_applicant else "workflows:desk_document"
        self.bundle: Bundle = language.for_applicant(case.version) if for_applicant else on_page(case.version)
        rows = case.submissions.select_related("author", "amends", "paper__attendance__agency").prefetch_related(
            "values__document__blob"
        )
        self.submissions = list(rows.order_by("seq"))
        standing = (row for row in self.submissions if row.amends is None and not row.is_overtaken)
        self.reserved = reserved_people(case)
        self.standing = {row.step_id: self._values(row) for row in standing}
        self.corrected: dict[str, set[str]] = {}
        self.remarks = self._remarks()

    def filed(self) -> list[Filed]:
        """Each submission; corrections are compared with what stood before them."""
        shown = [(row, self._shown(row)) for row in self.submissions]
        for row, entry in shown:
            if row.amends is None:
                entry.pages = list(self._pages(row))
        return [entry for _row, entry in shown]

    def as_filed(self) -> list[Page]:
        """The application as it arrived, whatever was corrected since."""
        first = self.submissions[0]
        return list(self._pages_with(first, self._values(first), set()))

    def _shown(self, row: Submission) -> Filed:
        spec = self.bundle.step(row.step_id)
        entry = Filed(
            marked(self._title(row, spec.title), spec.lang),
            row.step_id,
            RESERVED if row.author_id in self.reserved else str(row.author or ""),
            row.at,
            str(row.get_channel_display()),
        )
        entry.seq, entry.is_overtaken, entry.received = row.seq, row.is_overtaken, _received(row)
        if row.amends is not None:
            remarks = self.remarks.get((row.step_id, row.occurrence), {})
            entry.changes = list(self._changes(row, row.amends.step_id, remarks))
            entry.remarks = [text for field_id, text in remarks.items() if not field_id]
        return entry

    def _title(self, row: Submission, title: str) -> str:
        """With the name of the row, for a step that repeats."""
        block = self.bundle.loops.get(row.step_id)
        held = row_of(self.case, block, row.occurrence) if block else {}
        return f"{title}: {row_name(self.bundle, block, held, row.occurrence)}" if block else title

    def _changes(self, row: Submission, step_id: str, remarks: dict[str, str]) -> Iterator[Change]:
        before, now = self.standing[step_id], self._values(row)
        for spec in self.bundle.fields_of(step_id):
            old, new = self._text(spec, before.get(spec.id)), self._text(spec, now.get(spec.id))
            is_other = self._key(before.get(spec.id)) != self._key(now.get(spec.id))
            if is_other:
                self.corrected.setdefault(step_id, set()).add(spec.id)
            if is_other or spec.id in remarks:
                yield Change(
                    marked(spec.label, spec.lang), remarks.get(spec.id, ""), old, new, self._url(spec, now.get(spec.id))
                )
        self.standing[step_id] = now

    def _pages(self, row: Submission) -> Iterator[Page]:
        others = [other for other in self.submissions if other.step_id == row.step_id and not other.is_overtaken]
        is_last = not row.is_overtaken and all(other.seq <= row.seq for other in others)
        values = self.standing[row.step_id] if is_last else self._values(row)
        corrected = self.corrected.get(row.step_id, set()) if is_last else set()
        yield from self._pages_with(row, values, corrected)

    def _pages_with(self, row: Submission, values: dict[str, SubmissionValue], corrected: set[str]) -> Iterator[Page]:
        scope = {**self.case.data, row.step_id: {name: self._plain(value) for name, value in values.items()}}
        for section in summary(self.bundle, row.step_id, scope):
            answers = [self._answer(row.step_id, asked.question, values, corrected) for asked in section.rows]
            yield Page(marked(section.title, section.lang), answers)

    def _answer(self, step_id: str, spec: Field, values: dict[str, SubmissionValue], corrected: set[str]) -> Answer:
        value = values.get(spec.id)
        return Answer(
            field_id=spec.id,
            label=spec.label,
            value=self._text(spec, value),
            url=self._url(spec, value),
            kept_back=self._kept_back(spec, value),
            corrected=spec.id in corrected,
            remark=self.observing.box(step_id, spec.id),
            lang=spec.lang,
            map=self._map(spec, value),
            files=list(self._files(spec, value)),
        )

    def _kept_back(self, spec: Field, value: SubmissionValue | None) -> str:
        is_file = value is not None and value.document is not None and spec.type != "group"
        return str(kept_back(value.document)) if is_file else ""  # type: ignore[union-attr, arg-type]

    def _files(self, spec: Field, value: SubmissionValue | None) -> Iterator[tuple[str, str, str]]:
        """The files in the rows of a group, in the order in which they came."""
        if spec.type != "group" or value is None or value.document is None or self._is_hidden(spec, value):
            return
        for document in (value.document, *value.more_documents.select_related("blob").order_by("pk")):
            url = reverse(self.document_page, args=[self.case.ref, document.pk])
            yield document.title, "" if kept_back(document) else url, str(kept_back(document))

    def _map(self, spec: Field, value: SubmissionValue | None) -> dict[str, Any] | None:
        if spec.type != "point" or value is None or self._is_hidden(spec, value):
            return None
        point = self._plain(value)
        return drawing_of(point, self.case.agency.commune) if point else None

    def _values(self, row: Submission) -> dict[str, SubmissionValue]:
        return {value.field_id: value for value in row.values.all()}

    def _plain(self, value: SubmissionValue) -> Any:
        return answers.plain(self.case, value)

    def _text(self, spec: Field, value: SubmissionValue | None) -> str:
        if value is None:  # who names no medium has one all the same, as they were told when they filed
            return display_value(spec, None) if spec.art30 == "medium" or spec.type == "computed" else ""
        if self._is_hidden(spec, value):
            return str(capfirst(str(OF_RESERVED if value.pk in self.kept_answers else KEPT_BACK)))
        plain = self._plain(value)
        return _("Dato eliminado") if plain is None else display_value(spec, plain)

    def _is_hidden(self, spec: Field, value: SubmissionValue) -> bool:
        """Whether whoever reads is not told the answer; of a group, for one question or file of it (R41)."""
        if value.pk in self.kept_answers:
            return True
        if self.hides_sensitive and (spec.sensitive or any(one.sensitive for one in spec.fields)):
            return True
        if not self.kept_back or value.document_id is None:
            return False
        files = {value.document_id, *value.more_documents.values_list("pk", flat=True)}
        return not self.kept_back.isdisjoint(files)

    def _key(self, value: SubmissionValue | None) -> Any:
        """What tells two answers apart: of files, their content."""
        plain = self._plain(value) if value is not None else None
        return plain["sha256"] if isinstance(plain, dict) and "sha256" in plain else plain

    def _url(self, spec: Field, value: SubmissionValue | None) -> str:
        if value is None or value.document is None or spec.type == "group":
            return ""
        if kept_back(value.document) or self._is_hidden(spec, value):
            return ""
        return reverse(self.document_page, args=[self.case.ref, value.document_id])

    def _remarks(self) -> dict[tuple[str, int], dict[str, str]]:
        found: dict[tuple[str, int], dict[str, str]] = {}
        items = CorrectionItem.objects.filter(task__process=self.case).select_related("task").defer("task__flow_task")
        for item in items.order_by("pk"):
            found.setdefault((item.task.step_id, item.task.occurrence), {})[item.field_id] = item.text
        return found
