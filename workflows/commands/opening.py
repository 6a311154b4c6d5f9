"""Opening a case of the agency's own motion: no draft, no applicant, no citizen's signature (Ley 19.880, art. 29)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from viewflow.workflow.status import PROCESS

from accounts.api import roles_of
from accounts.models import Person
from documents.api import give_number, new_code, open_file
from documents.models import Document, FileItem
from legaltime.api import Place, effective_filing, local_date
from procedures.api import PageForm, build_form, bundle_of, pesos_on
from procedures.models import Offering
from workflows import answers, deadlines, receipts
from workflows.commands.desk import Answered, InvalidAnswers, attach_files
from workflows.commands.filing import REQUEST_BOOK, enter_flow, summary_of
from workflows.commands.locking import moving
from workflows.commands.parties import NewParty, bring_in
from workflows.errors import RoutingError
from workflows.models import Case, Channel
from workflows.registry import flow_of
from workflows.runtime import Run


@dataclass(frozen=True)
class Opening:
    """What a case is opened with: the answers known, and where it came from."""

    offering: Offering
    given: Mapping[str, Any]
    """{question: answer}; what nobody knows yet stays unanswered."""
    origin: str
    """In a few words, for the index of the file."""
    by: Person | None = None
    """The official who opens it; None when the platform does."""
    reason: str = ""
    """What they wrote about why."""
    answered: Answered | None = None
    """The page on which they answered, in place of `given`."""
    parties: tuple[NewParty, ...] = ()
    """Interested persons known from the start (art. 21)."""


def open_of_own_motion(*, offering: Offering, told: Mapping[str, Any], origin: str, now: datetime) -> Case:
    """Open a case with what is known, by what each question asks for (its `art30`: "names", "facts", "petition"…).

    `origin` says in the file where it came from. Questions without an answer stay unanswered. When the flow cannot
    move on, the case stands and an incident is opened.
    """
    bundle = bundle_of(offering.version)
    asked = bundle.fields_of(bundle.start.id)
    given = {one.id: told[one.art30] for one in asked if one.art30 and one.art30 in told}
    return open_case(opening=Opening(offering, given, origin), now=now)


def open_case(*, opening: Opening, now: datetime) -> Case:
    """Open a case without an applicant (Ley 19.880 art. 29). When the flow cannot move on, an incident is opened."""
    return moving(lambda failure: _open(opening, now, failure))


def may_open(person: Person, offering: Offering, on: date) -> bool:
    """Whether the person may open it of the institution's own motion: it is a way in, and they have a part in it."""
    if "own_motion" not in bundle_of(offering.version).ficha.channels:
        return False
    return offering.role_bindings.filter(role__in=roles_of(person, on)).exists()


@transaction.atomic
def _open(opening: Opening, now: datetime, failure: RoutingError | None) -> Case:
    run = Run(case=_case(opening.offering, now), now=now, by=opening.by)
    started = {"version": run.case.version.sha256, "file": run.case.file.iuie, "channel": Channel.OWN_MOTION}
    why = {"reason": opening.reason} if opening.reason else None
    run.record("case.started", {**started, "origin": opening.origin}, personal=why)
    start = run.bundle.start
    given, attached = _answers(run, opening)
    run.case.summary = summary_of(run.bundle, start.id, given)
    run.touch("summary")
    submission = answers.store(
        run,
        step_id=start.id,
        form_step=start.id,
        answers=given,
        channel=Channel.OWN_MOTION,
        attachments=attached,
    )
    application = receipts.application_content(run, submission, ())
    receipts.enter(run, Document.Kind.APPLICATION, application, FileItem.Direction.IN, origin=opening.origin)
    deadlines.open_case_term(run, start.id, failure)
    for party in opening.parties:
        bring_in(run, party)
    enter_flow(run, start.id, failure)
    run.close()
    return run.case


def _answers(run: Run, opening: Opening) -> tuple[dict[str, Any], dict[str, list[Document]]]:
    """What is filed, and the documents of its questions. Raises InvalidAnswers."""
    if opening.answered is None:
        return dict(opening.given), {}
    form = application_form(opening.offering, run.now, opening.answered)
    if not form.is_valid():
        raise InvalidAnswers(form)
    attached = attach_files(run, form)
    return form.cleaned_answers(), attached


def application_form(offering: Offering, now: datetime, answered: Answered | None = None) -> PageForm:
    """All the questions of the application on one page, empty or with what was sent."""
    bundle = bundle_of(offering.version)
    return build_form(
        bundle=bundle,
        step_id=bundle.start.id,
        page=None,
        answers={},
        data=answered.data if answered else None,
        files=answered.files if answered else None,
        pesos=pesos_on(local_date(now, offering.agency.time_zone)) if bundle.uses_indicators else None,
    )


def _case(offering: Offering, now: datetime) -> Case:
    agency, version = offering.agency, offering.version
    bundle = bundle_of(version)
    place = Place(commune=agency.commune, zone=agency.time_zone)
    entry = give_number(agency=agency, kind=REQUEST_BOOK, document=None, now=now)
    code = bundle.ficha.cpat.code or bundle.ficha.cpat.name or bundle.code
    file = open_file(agency=agency, title=bundle.title, subject=bundle.title, procedure_code=code, now=now)
    return Case.objects.create(
        flow_class=flow_of(version),
        status=PROCESS.NEW,
        created=now,
        ref=new_code(),
        agency=agency,
        offering=offering,
        version=version,
        file=file,
        number=f"{local_date(now, place.zone).year}-{entry.number:06d}",
        title=bundle.title,
        channel=Channel.OWN_MOTION,
        filed_at=now,
        effective_at=effective_filing(now, place),
    )
