"""The data that staff-written texts may name: {step.field}, {case.number}, {applicant.name}, {agency.name}…"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils.formats import date_format
from django.utils.translation import ngettext

from accounts.api import format_run, run_of
from documents.api import change_of, name_of
from documents.models import Document
from legaltime.api import local_date
from procedures.api import Bundle, Field, ForEachStep, RuleError, UnknownDatum, display_value
from workflows.answers import answers_of
from workflows.models import CaseParty
from workflows.regime import appeal_length, charges_of
from workflows.runtime import Run
from workflows.scopes import summary_of_rows
from workflows.withholding import NOT_TOLD, kept_questions


class CaseData(Mapping[str, Any]):
    """A lazy dictionary of the case's data: only what a text names is read, step by step."""

    def __init__(self, run: Run, extra: Mapping[str, str] | None = None, bundle: Bundle | None = None) -> None:
        """`bundle`: the definition in the language of the text, as `Bundle.spoken` gives it; else in Spanish."""
        self.run, self.extra, self.bundle = run, dict(extra or {}), bundle or run.bundle
        self._steps: dict[str, dict[str, str]] = {}

    def __getitem__(self, path: str) -> str:
        if path in self.extra:
            return self.extra[path]
        scope, _, name = path.partition(".")
        reader = None if scope in self.bundle.steps_by_id else getattr(self, f"_{scope}", None)
        try:
            values = reader() if reader else self._step(scope)
        except ObjectDoesNotExist as error:
            raise KeyError(path) from error
        except RuleError as error:
            raise UnknownDatum(str(error)) from error
        return str(values[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.extra)

    def __len__(self) -> int:
        return len(self.extra)

    def kept(self, step_id: str) -> Collection[str]:
        """The questions of a step whose answer is not told: it says who somebody with reserved identity is."""
        return kept_questions(self.run.case, step_id) if any(party.is_reserved for party in self._parties) else ()

    @cached_property
    def _parties(self) -> list[CaseParty]:
        """Everybody interested, also those who left, the oldest first: read once for all that a text names."""
        case = self.run.case
        ahead = "parties" in getattr(case, "_prefetched_objects_cache", {})
        found = case.parties.all() if ahead else case.parties.select_related("person", "organisation")
        return sorted(found, key=lambda party: party.pk)

    def _case(self) -> dict[str, str]:
        case = self.run.case
        filed = local_date(case.filed_at, self.run.place.zone)
        return {
            "number": case.number,
            "title": self.bundle.title if case.title == self.run.bundle.title else case.title,
            "ref": case.ref,
            "filed_on": date_format(filed, "SHORT_DATE_FORMAT"),
        }

    def _agency(self) -> dict[str, str]:
        agency = self.run.agency
        return {
            "name": agency.name,
            "rut": agency.rut,
            "address": agency.address,
            "phone": agency.phone,
            "email": agency.email,
        }

    def _applicant(self) -> dict[str, str]:
        party = next((one for one in self._parties if one.kind == CaseParty.Kind.APPLICANT), None)
        if party is None:
            raise CaseParty.DoesNotExist
        if party.is_reserved:
            return {"name": str(party), "run": str(NOT_TOLD), "email": str(NOT_TOLD)}
        person = party.person
        return {"name": str(party), "run": format_run(run_of(person)) if person else "", "email": party.email}

    def _act(self) -> dict[str, str]:
        """Number and date of the latest act of the file."""
        numbered = Document.objects.filter(file=self.run.case.file, issued_on__isnull=False)
        act = numbered.latest("issued_on", "pk")
        return {"number": act.number, "date": _short(act.issued_on)}

    def _deadline(self) -> dict[str, str]:
        running = self.run.case.deadlines.filter(due_on__isnull=False).order_by("pk")
        return {deadline.step_id or "case": _short(deadline.due_on) for deadline in running}

    def _fee(self) -> dict[str, str]:
        """What is charged, as it rules in this case (R78)."""
        charges = charges_of(self.run.case, self.run.bundle, self.run.today)
        return {charge.name: charge.amount for charge in charges}

    def _law(self) -> dict[str, str]:
        """How long an act may be appealed, as it rules in this case (R78)."""
        days, source = appeal_length(self.run.case, self.run.bundle)
        words = ngettext("%(n)s día hábil", "%(n)s días hábiles", days) % {"n": days}
        return {"appeal_term": words, "appeal_source": source}

    def _law_about(self) -> dict[str, str]:
        """The act that an appeal is against or a clarification about, and the number of its case."""
        case = self.run.case
        assert case.about is not None, "only the texts of a review name what it is about"
        assert case.original is not None, "a review is of another case"
        act, change = name_of(case.about), change_of(case.about)
        return {"act": f"{act} ({lower_first(change)})" if change else act, "case": case.original.number}

    def _step(self, step_id: str) -> dict[str, str]:
        block = self.bundle.steps_by_id.get(step_id)
        if isinstance(block, ForEachStep):
            held = self.run.case.data.get(step_id, {"rows": [], "count": 0})
            return {"count": str(held["count"]), "summary": summary_of_rows(self.bundle, block, held["rows"])}
        if step_id not in self._steps:
            answers = {**self.run.case.data.get(step_id, {}), **answers_of(self.run.case, step_id)}
            fields = {field.id: field for field in self._fields(step_id)}
            said = {
                key: display_value(fields[key], value) if key in fields else str(value)
                for key, value in answers.items()
            }
            self._steps[step_id] = {**said, **dict.fromkeys(self.kept(step_id), str(NOT_TOLD))}
        return self._steps[step_id]

    def _fields(self, step_id: str) -> tuple[Field, ...]:
        return self.bundle.fields_of(step_id) if self.bundle.has_step(step_id) else ()


def lower_first(words: str) -> str:
    """A sentence as it goes on within another one."""
    return words[:1].lower() + words[1:]


def _short(day: date | None) -> str:
    """dd/mm/yyyy; the queries above only bring rows that have the date."""
    return date_format(day, "SHORT_DATE_FORMAT") if day else ""
