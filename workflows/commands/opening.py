"""Opening a case of the agency's own motion: no draft, no applicant, no citizen's signature (Ley 19.880, art. 29)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from viewflow.workflow.status import PROCESS

from documents.api import add_item, create_document, give_number, new_code, open_file
from documents.models import Document, FileItem
from legaltime.api import Place, effective_filing, local_date
from procedures.api import bundle_of
from procedures.models import Offering
from signatures.api import seal_document
from workflows import answers, deadlines, receipts
from workflows.commands.filing import REQUEST_BOOK, enter_flow
from workflows.commands.locking import moving
from workflows.errors import RoutingError
from workflows.models import Case, Channel
from workflows.registry import flow_of
from workflows.runtime import Run


def open_of_own_motion(*, offering: Offering, told: Mapping[str, Any], origin: str, now: datetime) -> Case:
    """Open a case with what is known, by what each question asks for (its `art30`: "names", "facts", "petition"…).

    `origin` says in the file where it came from. Questions without an answer stay unanswered. When the flow cannot
    move on, the case stands and an incident is opened.
    """
    return moving(lambda failure: _open(offering, told, origin, now, failure))


@transaction.atomic
def _open(
    offering: Offering, told: Mapping[str, Any], origin: str, now: datetime, failure: RoutingError | None
) -> Case:
    run = Run(case=_case(offering, now), now=now, by=None)
    run.record("case.started", {"version": run.case.version.sha256, "channel": Channel.OWN_MOTION, "origin": origin})
    start = run.bundle.start
    given = {
        field.id: told[field.art30] for field in run.bundle.fields_of(start.id) if field.art30 and field.art30 in told
    }
    summary = given.get(start.summary_field or "", "")
    run.case.summary = str(summary)[:200]
    run.touch("summary")
    submission = answers.store(run, step_id=start.id, form_step=start.id, answers=given, channel=Channel.OWN_MOTION)
    _put_on_file(run, receipts.application_content(run, submission, None), origin)
    deadlines.open_case_term(run, start.id)
    enter_flow(run, start.id, failure)
    run.close()
    return run.case


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


def _put_on_file(run: Run, content: Any, origin: str) -> None:
    document = create_document(
        file=run.case.file,
        kind=Document.Kind.APPLICATION,
        title=content.title,
        content=content,
        required_signature="seal",
        now=run.now,
    )
    add_item(
        file=run.case.file,
        document=document,
        direction=FileItem.Direction.IN,
        origin=origin,
        entered_by=_("Plataforma de trámites"),
        now=run.now,
    )
    seal_document(document=document, case_id=run.case.pk, on_done="", on_dead="workflows.effect_failed", now=run.now)
