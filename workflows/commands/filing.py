"""Filing: from a draft to a case, in one transaction (architecture 3.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from viewflow.workflow.status import PROCESS

from accounts.models import Agency, Organisation, Person
from documents.api import add_item, attach_upload, give_number, in_spanish, name_of, open_file
from documents.models import Document, ElectronicFile, FileItem, Scan
from legaltime.api import Place, effective_filing, local_date
from notifications.api import Said
from procedures.api import bundle_of, display_value, files_in
from signatures.api import record_evidence
from signatures.models import EvidenceRecord
from workflows import (
    answers,
    appealing,
    cosigners,
    deadlines,
    drafts,
    exemptions,
    messages,
    parties,
    powers,
    receipts,
    uploads,
)
from workflows.commands import suspensions
from workflows.commands.desk import go_on
from workflows.commands.locking import lock_case, moving
from workflows.cosigners import Signature
from workflows.errors import AlreadyFiled, DraftChanged, DraftOutdated, FileInfected, RoutingError
from workflows.models import Case, CaseParty, Channel, Draft
from workflows.nodes import StartNode
from workflows.registry import flow_of
from workflows.runtime import Run
from workflows.versions import renewal
from workflows.withholding import known_as

REQUEST_BOOK = "solicitud"
"""Numbering book of the N° de solicitud: one per agency and Chilean year."""


def start(
    *,
    draft: Draft,
    by: Person,
    signature: Signature | None,
    now: datetime,
    channel: str = Channel.WEB,
    together: Sequence[cosigners.Cosigned] = (),
) -> Case:
    """File the application. Exactly one case and one file come of a draft, however often it is sent (R1).

    `together`: the others who signed it. Raises AlreadyFiled, DraftChanged (what was signed is not what is stored),
    PowerEnded, cosigners.NotAllSigned or drafts.Incomplete. When the flow cannot move on, the filing stands and an
    incident is opened: the law counts the day it was received.
    """
    return moving(lambda failure: _start(draft, by, signature, now, channel, failure, list(together)))


@transaction.atomic
def _start(
    draft: Draft,
    by: Person,
    signature: Signature | None,
    now: datetime,
    channel: str,
    failure: RoutingError | None,
    together: list[cosigners.Cosigned],
) -> Case:
    if draft.original_id is not None:
        lock_case(draft.original_id)
    draft = _locked(draft)
    appealing.check(draft, now)
    if renewal.newer(draft, local_date(now, draft.agency.time_zone)) is not None:
        raise DraftOutdated
    channel = _channel(draft, channel)
    given = drafts.complete_answers(draft)
    if signature is not None and signature.intent.shown_sha256 != drafts.shown_hash(draft, given):
        raise DraftChanged
    others = cosigners.check_all(draft, given, together, on_paper=signature is None)
    run = _open_case(draft, given, by, now, channel)
    parties.join_together(run, [one.person for one in others])
    submission = _file_answers(run, draft, given, channel)
    exemptions.ask(run, draft.step_id)
    evidence = _evidence(run, submission.presentation_sha256, [signature, *(one.signature for one in others)])
    deadlines.open_case_term(run, draft.step_id, failure)
    _number(run)
    receipts.issue(run, submission, by=by, evidence=evidence)
    parties.hear_about_appeal(run, draft.step_id)
    enter_flow(run, draft.step_id, failure)
    suspensions.ask_with_appeal(run, draft.step_id, draft.attendance.person if draft.attendance else by)
    Draft.objects.filter(pk=draft.pk).update(filed_at=now, typed={})
    messages.send(run, lambda: _received(run))
    run.close()
    return run.case


def _received(run: Run) -> Said:
    words = {"number": run.case.number, "title": messages.case_title(run), "agency": run.agency.name}
    body = [_("Trámite: %(title)s, en %(agency)s.") % words]
    if run.case.due_on is not None:
        due = date_format(run.case.due_on, "DATE_FORMAT")
        body.append(_("Debe responderte a más tardar el %(due)s.") % {"due": due})
    kept = _("Guarda este número. Puedes ver en qué va tu solicitud y descargar tu comprobante cuando quieras.")
    return Said(_("Recibimos tu solicitud N° %(number)s") % words, f"{' '.join(body)}\n\n{kept}")


def _locked(draft: Draft) -> Draft:
    related = ("version__procedure__owner", "agency", "offering", "original", "about", "mandate", "attendance__person")
    whose = ("party__person", "party__organisation")
    current = Draft.objects.select_for_update(of=("self",)).select_related(*related, *whose).get(pk=draft.pk)
    if current.filed_at is not None:
        raise AlreadyFiled
    return current


def _channel(draft: Draft, given: str) -> str:
    """That of the attendance while it goes on; what the person ended alone afterwards came the way they sent it."""
    attendance = draft.attendance
    return attendance.channel if attendance is not None and attendance.ended_at is None else given


def _open_case(draft: Draft, given: Mapping[str, Any], by: Person, now: datetime, channel: str) -> Run:
    case = _new_case(draft, given, now, channel)
    if channel != Channel.OWN_MOTION:
        CaseParty.objects.create(
            case=case,
            agency=case.agency,
            kind=CaseParty.Kind.APPLICANT,
            email=_email(draft, given, by if draft.attendance is None else draft.attendance.person),
            postal_address=draft.party.postal_address if draft.party is not None else "",
            language="" if draft.is_at_counter else draft.locale,
            is_reserved=draft.party is not None and draft.party.is_reserved,
            joined_at=now,
            **_whose(draft, by, local_date(now, case.agency.time_zone)),
        )
    run = Run(case=case, now=now, by=by)
    run.record("case.started", {"version": draft.version.sha256, "file": case.file.iuie, "channel": channel})
    if draft.attendance is not None and draft.attendance.is_by_phone:
        run.record("phone.helped", {"official": draft.attendance.official_id})
    return run


def _new_case(draft: Draft, given: Mapping[str, Any], now: datetime, channel: str) -> Case:
    agency, bundle = draft.agency, bundle_of(draft.version)
    title = bundle.title if draft.about is None else f"{bundle.step(draft.step_id).title}: {bundle.title}"[:200]
    return Case.objects.create(
        flow_class=flow_of(draft.version),
        status=PROCESS.NEW,
        created=now,
        ref=draft.ref,
        agency=agency,
        offering=draft.offering,
        version=draft.version,
        file=_open_file(agency, bundle, now),
        number=draft.ref,
        title=title,
        original=draft.original,
        about=draft.about,
        summary=summary_of(bundle, draft.step_id, given) or _reviewed(draft),
        channel=channel,
        filed_at=now,
        effective_at=effective_filing(now, Place(commune=agency.commune, zone=agency.time_zone)),
    )


def _open_file(agency: Agency, bundle: Any, now: datetime) -> ElectronicFile:
    cpat = bundle.ficha.cpat
    code = cpat.code or cpat.name or bundle.code
    return open_file(agency=agency, title=bundle.title, subject=bundle.title, procedure_code=code, now=now)


def _number(run: Run) -> None:
    """The N° de solicitud, as late as the receipt and the acts that print it allow: its book holds up other filings."""
    entry = give_number(agency=run.case.agency, kind=REQUEST_BOOK, document=None, now=run.now)
    run.case.number = f"{run.today.year}-{entry.number:06d}"
    run.touch("number")


def _whose(draft: Draft, by: Person, on: date) -> dict[str, Any]:
    """Who the applicant is and who represents them (art. 22, R43).

    Raises PowerEnded when the power no longer holds, SolemnPowerNeeded when the act asks for more than a simple one.
    """
    applicant, acting = draft.applicant, by if draft.attendance is None else draft.attendance.person
    is_represented = (draft.mandate is not None or draft.party is not None) and applicant != acting
    is_by_power = is_represented and draft.mandate is not None
    power = powers.check(acting, applicant, draft.version, on) if is_by_power else None
    name = "organisation" if isinstance(applicant, Organisation) else "person"
    return {name: applicant, "representative": acting if is_represented else None, "mandate": power}


def _reviewed(draft: Draft) -> str:
    """What an appeal or a request to clarify is about, for lists."""
    return name_of(draft.about)[:200] if draft.about is not None else ""


def summary_of(bundle: Any, start_id: str, given: Mapping[str, Any]) -> str:
    """The answer that sums the application up in lists; empty where there is none or it is sensitive."""
    field_id = bundle.step(start_id).summary_field
    if not field_id or field_id not in given:
        return ""
    field = bundle.field(f"{start_id}.{field_id}")
    return "" if field.sensitive else display_value(field, given[field_id])[:200]


def _email(draft: Draft, given: Mapping[str, Any], by: Person) -> str:
    """The electronic medium given in the application (art. 30 a), else the person's own; it may be empty.

    An appeal asks for none: what was given for the case of the act goes on, as for its other interested persons.
    """
    before = draft.party.email if draft.party is not None else ""
    fields = bundle_of(draft.version).fields_of(draft.step_id)
    emails = [field.id for field in fields if field.type == "email"]
    return next((str(given[name]) for name in emails if given.get(name)), before or by.email)


def _file_answers(run: Run, draft: Draft, given: Mapping[str, Any], channel: str) -> Any:
    step_id = draft.step_id
    return answers.store(
        run,
        step_id=step_id,
        form_step=step_id,
        answers=given,
        blank=drafts.left_blank(draft, given),
        locale=draft.locale,
        channel=channel,
        attachments=file_uploads(run, draft, given),
    )


def file_uploads(run: Run, draft: Draft, given: Mapping[str, Any]) -> dict[str, list[Document]]:
    """Put the draft's new files into the electronic file, in the order chosen; {question id: its documents}.

    Those of rows are of their group.
    A file that was already filed, and stays, keeps its document.
    """
    fields = run.bundle.fields_of(draft.step_id)
    asked = {
        file.get("draft_file"): (field, one) for field in fields for one, file in files_in(field, given.get(field.id))
    }
    holds_files = any(one.type == "file" for field in fields for one in (field, *field.fields))
    attached = _filed_before(run, draft, given) if holds_files else {}
    named = set(uploads.stored_files(given))
    entered_by = known_as(run.case, run.by) if named else ""
    for upload in draft.files.filter(pk__in=named).select_related("blob").order_by("pk"):
        if upload.blob.scan == Scan.INFECTED:
            raise FileInfected(upload.name)
        if upload.pk not in asked:
            continue
        field, question = asked[upload.pk]
        copy_for = _copy_for(run) if question.identity else ""
        document = attach_upload(
            file=run.case.file, blob=upload.blob, title=upload.name, now=run.now, copy_for=copy_for
        )
        add_item(
            file=run.case.file,
            document=document,
            direction=FileItem.Direction.IN,
            origin="web form",
            entered_by=entered_by,
            now=run.now,
        )
        kept = attached.get(field.id, []) if field.type == "group" or field.max_files > 1 else []
        attached[field.id] = [*kept, document]
    return attached


def _filed_before(run: Run, draft: Draft, given: Mapping[str, Any]) -> dict[str, list[Document]]:
    """The documents of the answers as they stood, without those of files taken out."""
    found = {}
    asked = {field.id: field for field in run.bundle.fields_of(draft.step_id)}
    for field_id, value in answers.latest_values(run.case, draft.step_id).items():
        if value.document is not None and field_id in asked:
            more = value.more_documents.order_by("pk") if isinstance(value.value, list) or value.sealed else ()
            staying = {file["sha256"] for _asked, file in files_in(asked[field_id], given.get(field_id))}
            found[field_id] = [document for document in (value.document, *more) if document.sha256 in staying]
    return found


@in_spanish
def _copy_for(run: Run) -> str:
    """What the copies of an identity paper say: what it was handed over for, and when."""
    day = date_format(run.today, "d/m/Y")
    return _("Copia para %(procedure)s, %(day)s") % {"procedure": run.bundle.title, "day": day}


def _evidence(run: Run, presentation_sha256: str, signatures: Iterable[Signature | None]) -> list[EvidenceRecord]:
    """What each signature rests on, the first applicant's first; nothing for those on paper."""
    return [
        record_evidence(
            subject=f"case:{run.case.ref}",
            intent=signature.intent,
            presentation_sha256=presentation_sha256,
            facts={"procedure": run.case.version.sha256},
            now=run.now,
        )
        for signature in signatures
        if signature is not None
    ]


def enter_flow(run: Run, start_id: str, failure: RoutingError | None) -> None:
    """Bring a new case to its first step, from one of its starts."""
    flow = run.case.flow_class
    node: StartNode = getattr(flow, f"n_{start_id}")
    activation = node.begin(run)
    go_on(run, activation, failure)


@transaction.atomic
def discard(*, draft: Draft, by: Person, now: datetime) -> None:
    """Delete a draft that was not filed, with its files. Raises AlreadyFiled."""
    current = Draft.objects.select_for_update(of=("self",)).get(pk=draft.pk, person=by)
    if current.filed_at is not None:
        raise AlreadyFiled
    uploads.forget(current)
