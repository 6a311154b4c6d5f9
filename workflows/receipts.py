"""What a filing leaves in the file: the application as a document, and the certificate of presentation (R4, R56)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.api import format_run, run_of
from accounts.models import Person
from documents.api import (
    Attachment,
    Block,
    DocumentContent,
    Heading,
    Paragraph,
    Row,
    Table,
    add_item,
    create_document,
    format_code,
    in_spanish,
    name_of,
)
from documents.models import Document, FileItem
from signatures.api import ReceiptFacts, receipt_files, seal_document
from signatures.models import EvidenceRecord
from workflows.acts import answer_rows, letterhead
from workflows.deadlines import title_of
from workflows.messages import SPANISH, case_title, language_of
from workflows.models import Case, CaseParty, Channel, DeadlineChange, Outage, Submission
from workflows.models.cases import RESERVED
from workflows.runtime import Run
from workflows.withholding import known_as, reserved_people


@in_spanish
def issue(run: Run, submission: Submission, *, by: Person, evidence: Sequence[EvidenceRecord]) -> None:
    """Put the application and its receipt into the file and queue the seal of both."""
    application = application_content(run, submission, evidence)
    enter(run, Document.Kind.APPLICATION, application, FileItem.Direction.IN, entered_by=known_as(run.case, by))
    enter(run, Document.Kind.RECEIPT, receipt_content(run, by, submission), FileItem.Direction.OUT)


@in_spanish
def file_correction(
    run: Run, submission: Submission, evidence: EvidenceRecord | None, received_at: datetime | None = None
) -> None:
    """Put the answer to a correction into the file as a document of its own; `received_at` at a counter, on paper."""
    content = application_content(run, submission, [evidence] if evidence else [])
    if received_at is not None:
        received = _("Recibida en papel el %(day)s.") % {"day": hour(received_at, run.place.zone)}
        content = content.model_copy(update={"notice_lines": (received, *content.notice_lines)})
    enter(
        run,
        Document.Kind.APPLICATION,
        content,
        FileItem.Direction.IN,
        entered_by=known_as(run.case, submission.author),
        received_at=received_at,
    )


@in_spanish
def file_writing(run: Run, *, title: Callable[[], str], text: str) -> Document:
    """Put what an interested person wrote beside the forms into the file: a withdrawal, a complaint."""
    name = known_as(run.case, run.by)
    said = _("%(name)s, como parte interesada en la solicitud N° %(number)s, expone:")
    content = DocumentContent(
        title=title(),
        letterhead=letterhead(run),
        date_text=moment(run),
        blocks=(
            Paragraph(text=said % {"name": name, "number": run.case.number}),
            *(Paragraph(text=part) for part in text.splitlines() if part.strip()),
        ),
        notice_lines=(_("Presentado en línea por la persona, que entró con su identidad digital."),),
    )
    return enter(run, Document.Kind.APPLICATION, content, FileItem.Direction.IN, entered_by=name)


@in_spanish
def acknowledge(run: Run, *, title: Callable[[], str], text: Callable[[], str], by: Person) -> Document:
    """A dated and sealed receipt of what was just presented."""
    name = known_as(run.case, by)

    def said() -> tuple[Block, ...]:
        rows = (
            Row(label=_("N° de solicitud"), value=run.case.number),
            Row(label=_("Fecha y hora de recepción"), value=moment(run)),
            Row(label=_("Presentada por"), value=name),
        )
        return Paragraph(text=text()), Table(rows=rows)

    content = DocumentContent(
        title=title(),
        letterhead=letterhead(run),
        date_text=moment(run),
        blocks=(*said(), *translated(title, said, by.language)),
    )
    return enter(run, Document.Kind.RECEIPT, content, FileItem.Direction.OUT)


@in_spanish
def file_order(
    run: Run,
    *,
    title: Callable[[], str],
    text: Callable[[], str],
    rows: Sequence[Row],
    after_closing: bool = False,
) -> Document:
    """A sealed record of what an official ordered beside the steps, by which resolution and why."""
    content = DocumentContent(
        title=title(),
        letterhead=letterhead(run),
        date_text=moment(run),
        blocks=(
            Paragraph(text=text()),
            Table(rows=(*rows, Row(label=_("Lo registró"), value=str(run.by or _("Plataforma de trámites"))))),
        ),
    )
    return enter(run, Document.Kind.CERTIFICATE, content, FileItem.Direction.OUT, after_closing=after_closing)


def certify_outage(run: Run, outage: Outage, changes: Sequence[DeadlineChange]) -> Document:
    """Put the sealed certificate of an outage into the file, with what it did to each clock (DS 4 arts. 7, 47; R52)."""
    zone = run.place.zone
    rows = (
        Row(label=_("N° de solicitud"), value=run.case.number),
        Row(label=_("Expediente"), value=run.case.file.iuie),
        Row(label=_("Empezó"), value=hour(outage.starts_at, zone)),
        Row(label=_("Terminó"), value=hour(outage.ends_at, zone)),
        Row(label=_("Causa"), value=outage.cause),
        Row(label=_("Resolución que la declara"), value=outage.resolution),
        *((Row(label=_("Dónde comprobarla"), value=outage.evidence),) if outage.evidence else ()),
        *(Row(label=title_of(change.deadline, run.bundle), value=_effect(change)) for change in changes),
    )
    stated = _("Se certifica que la plataforma de trámites de %(agency)s no funcionó en las horas que siguen.")
    content = DocumentContent(
        title=_("Constancia de interrupción de la plataforma"),
        letterhead=letterhead(run),
        date_text=moment(run),
        blocks=(Paragraph(text=stated % {"agency": run.agency.name}), Table(rows=rows)),
        notice_lines=(_("DS 4 de 2020, arts. 7 y 47; Ley 19.880, art. 26."),),
    )
    return enter(run, Document.Kind.CERTIFICATE, content, FileItem.Direction.OUT, after_closing=True)


def _effect(change: DeadlineChange) -> str:
    """What an outage did to a clock."""
    before, after = (date_format(day, "DATE_FORMAT") if day else "" for day in (change.due_before, change.due_after))
    if before == after:
        return _("vencía el %(before)s; no se amplía") % {"before": before}
    return _("vencía el %(before)s; ahora vence el %(after)s") % {"before": before, "after": after}


def hour(at: datetime, zone: str) -> str:
    """Day and hour of an instant in that zone, in words."""
    local = at.astimezone(ZoneInfo(zone))
    return _("%(day)s, %(time)s horas") % {"day": date_format(local, "DATE_FORMAT"), "time": f"{local:%H:%M}"}


def enter(
    run: Run,
    kind: str,
    content: DocumentContent,
    direction: str,
    *,
    title: str = "",
    origin: str = "",
    entered_by: str = "",
    after_closing: bool = False,
    received_at: datetime | None = None,
) -> Document:
    """Put a document into the file and queue its seal; what came in is of whoever acts, by the form, unless said.

    `title`: what the file calls it, where that says more than the heading of its text.
    """
    document = create_document(
        file=run.case.file,
        kind=kind,
        title=title or content.title,
        content=content,
        required_signature="seal",
        now=run.now,
    )
    is_received = direction == FileItem.Direction.IN
    add_item(
        file=run.case.file,
        document=document,
        direction=direction,
        origin=origin or ("web form" if is_received else "system"),
        entered_by=entered_by or str((is_received and run.by) or _("Plataforma de trámites")),
        now=run.now,
        after_closing=after_closing,
        received_at=received_at,
    )
    seal_document(document=document, case_id=run.case.pk, on_done="", on_dead="workflows.effect_failed", now=run.now)
    return document


@in_spanish
def application_content(run: Run, submission: Submission, evidence: Sequence[EvidenceRecord]) -> DocumentContent:
    """Questions and answers as filed, viewable years later without the form."""
    step_id = submission.amends.step_id if submission.amends else submission.step_id
    statement = getattr(run.bundle.step(step_id), "statement", "")
    title = (
        _("Respuesta a la corrección") if submission.amends else _("Solicitud: %(title)s") % {"title": run.case.title}
    )
    return DocumentContent(
        title=title,
        letterhead=letterhead(run),
        number_label=_("Solicitud N°"),
        number=run.case.number,
        date_text=moment(run),
        blocks=(
            Table(rows=(*_reviewed(run.case), *answer_rows(run, step_id))),
            *((Paragraph(text=statement),) if statement else ()),
        ),
        notice_lines=tuple(_application_notes(run.case, submission, evidence)),
        attachments=_evidence_files(run.case, evidence),
    )


def _reviewed(case: Case) -> Iterator[Row]:
    """The act that an appeal is against, or that somebody asks to be clarified."""
    if case.about is not None:
        yield Row(label=_("Acto"), value=name_of(case.about))


def _application_notes(case: Case, submission: Submission, evidence: Sequence[EvidenceRecord]) -> Iterator[str]:
    if not evidence and submission.channel == Channel.COUNTER:
        paper = _(
            "Firmada en papel ante %(official)s, que vio su identidad; la copia digitalizada está en el expediente."
        )
        if submission.amends is not None:
            paper = _(
                "Entregada en papel, con su firma, a %(official)s, que vio su identidad; la copia digitalizada está en "
                "el expediente."
            )
        yield paper % {"official": str(submission.author)}
    if not evidence and submission.channel == Channel.DECLARED:
        yield _("Presentada en línea sin ClaveÚnica, con la identidad que declaró quien la presentó.")
    for place, record in enumerate(evidence):
        signed = _(
            "Firmada por %(name)s con firma electrónica simple (Ley 19.799, art. 2 f), entrando con su identidad "
            "digital al momento de firmar."
        )
        yield signed % {"name": known_as(case, record.intent.user.person if place else submission.author)}
    yield _("El sello institucional prueba que este documento no cambió desde que se recibió.")
    yield _("Huella de lo presentado (SHA-256): %(digest)s") % {"digest": submission.presentation_sha256}


def _evidence_files(case: Case, evidence: Sequence[EvidenceRecord]) -> tuple[Attachment, ...]:
    """What each signature rests on, inside the PDF, for machines and courts.

    Of who keeps their identity back it stays out, and is kept with the case: the others open the PDF too.
    """
    reserved = reserved_people(case)
    return tuple(
        Attachment(
            name=f"evidencia-{place}.json" if place > 1 else "evidencia.json",
            description=_("Evidencia de la firma simple"),
            text=bytes(record.canonical).decode(),
        )
        for place, record in enumerate(evidence, 1)
        if record.intent.user.person_id not in reserved
    )


@in_spanish
def receipt_content(run: Run, by: Person, submission: Submission) -> DocumentContent:
    """The six contents of D10 30: moment, origin, file, body, who presents, who receives (R4).

    It carries the same for machines, with the record of what was presented: sealed, it proves itself anywhere.
    """
    applicants = run.case.parties.filter(kind=CaseParty.Kind.APPLICANT).order_by("pk")
    parties = list(applicants.select_related("person", "organisation", "representative"))
    reserved = {pk for one in parties if one.is_reserved for pk in (one.person_id, one.representative_id) if pk}
    reader = parties[0].representative or parties[0].person
    language = language_of(parties[0], reader) if reader is not None else SPANISH

    def certified() -> tuple[Block, ...]:
        return _certified(run, by, parties, reserved)

    def title() -> str:
        return _("Certificado de presentación")

    return DocumentContent(
        title=title(),
        letterhead=letterhead(run),
        date_text=moment(run),
        blocks=(*certified(), *translated(title, certified, language)),
        notice_lines=(
            _("Ley 19.880, art. 30; Decreto 10 de 2022, art. 30."),
            _("Guarda este archivo: se verifica por sí solo, aunque se pierda el registro de la institución."),
        ),
        attachments=receipt_files(
            _receipt_facts(run, by, submission, is_reserved=by.pk in reserved), bytes(submission.presentation)
        ),
    )


def _certified(run: Run, by: Person, parties: list[CaseParty], reserved: set[int]) -> tuple[Block, ...]:
    case = run.case
    rows = (
        Row(label=_("N° de solicitud"), value=case.number),
        Row(label=_("Código de consulta"), value=format_code(case.ref)),
        Row(label=_("Fecha y hora de presentación"), value=moment(run)),
        Row(label=_("Fecha legal de presentación"), value=legal_day(run)),
        Row(label=_("Origen"), value=str(case.get_channel_display())),
        Row(label=_("Expediente"), value=case.file.iuie),
        Row(label=_("Institución"), value=run.agency.name),
        *_who(run, by, parties, reserved),
    )
    words = {"title": case_title(run)}
    return Paragraph(text=_("Se certifica que se presentó la solicitud **%(title)s**.") % words), Table(rows=rows)


def translated(title: Callable[[], str], said: Callable[[], tuple[Block, ...]], language: str) -> Iterator[Block]:
    """The same again for a person who reads another language that the platform speaks; the Spanish is what counts."""
    if language == SPANISH or language not in dict(settings.LANGUAGES):
        return
    with translation.override(language):
        note = _("Esta traducción es para que la entiendas. Lo que vale es el texto en español.")
        parts = (Heading(text=title()), *said(), Paragraph(text=note))
        yield from (part.model_copy(update={"lang": language}) for part in parts)


def _receipt_facts(run: Run, by: Person, submission: Submission, *, is_reserved: bool) -> ReceiptFacts:
    case = run.case
    return ReceiptFacts(
        number=case.number,
        presented_at=run.now,
        effective_at=case.effective_at,
        origin=str(case.get_channel_display()),
        file=case.file.iuie,
        agency=run.agency.name,
        agency_rut=run.agency.rut,
        procedure=case.title,
        presented_by="" if is_reserved else by.full_name,
        presented_by_run="" if is_reserved else run_of(by),
        received_by=_("Plataforma de trámites de %(agency)s") % {"agency": run.agency.name},
        files=tuple((document.title, document.sha256) for document in _attached(submission)),
    )


def _attached(submission: Submission) -> Iterator[Document]:
    """Every file that came with the submission."""
    for value in submission.values.select_related("document").order_by("pk"):
        if value.document is not None:
            yield value.document
            if value.sealed is not None or isinstance(value.value, list):
                yield from value.more_documents.order_by("pk")


def _who(run: Run, by: Person, parties: list[CaseParty], reserved: set[int]) -> tuple[Row, ...]:
    """Who presents, for whom, and who receives: the platform, or the official of the counter (D10 30)."""
    party, *others = parties
    presents = by if run.case.channel != Channel.COUNTER or party.person is None else party.person
    received = _("Plataforma de trámites de %(agency)s") % {"agency": run.agency.name}
    if run.case.channel == Channel.COUNTER and presents != by:
        received = _("%(official)s, en el mesón") % {"official": by.full_name}
    rows = [Row(label=_("Presentada por"), value=RESERVED if presents.pk in reserved else named(presents))]
    if party.representative is not None:
        rows.append(Row(label=_("En representación de"), value=_represented(party)))
    rows += [Row(label=_("Solicita también"), value=str(other)) for other in others]
    return (*rows, Row(label=_("Recibida por"), value=received))


def named(person: Person) -> str:
    """The person with their RUN, or with what they declared where they did not sign in."""
    if person.is_declared:
        return _("%(name)s, según declaró") % {"name": person.full_name}
    return f"{person.full_name}, RUN {format_run(run_of(person))}"


def _represented(party: CaseParty) -> str:
    organisation = party.organisation
    if organisation is None or party.is_reserved:
        return str(party)
    return f"{organisation}, RUT {format_run(organisation.rut)}"


def moment(run: Run) -> str:
    """Date and hour of the command in Chilean time."""
    return hour(run.now, run.place.zone)


def legal_day(run: Run) -> str:
    """The day on which the filing counts (art. 25)."""
    return date_format(run.case.effective_at.astimezone(ZoneInfo(run.place.zone)), "DATE_FORMAT")
