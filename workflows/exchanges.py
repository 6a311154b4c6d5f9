"""The register of what a case asks of other bodies, and what their answers leave in its file (R57, R59)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Person
from audit.api import canonical_bytes
from documents.api import Attachment, DocumentContent, Heading, Paragraph, Row, Table, in_spanish
from documents.models import Document, FileItem
from notifications.api import Said, Say
from procedures.api import Bundle, Field, ServiceStep, display_value
from workflows import authorising, messages, receipts
from workflows.acts import letterhead
from workflows.models import CaseTask, Exchange
from workflows.queries import holders
from workflows.runtime import Run
from workflows.withholding import KEPT_BACK

INTEROPERABILITY = "interoperability"
"""Origin of what another body sent, in the index of the file (DS 10 of 2023, art. 24)."""


@dataclass(frozen=True)
class Asked:
    """What is asked of another body: of whom, by which service, what, and until when."""

    kind: str
    addressee: str
    service: str
    sought: tuple[str, ...]
    addressee_code: str = ""
    due_on: date | None = None
    is_sensitive: bool = False
    document: Document | None = None


def of_service(step: ServiceStep, kind: str = Exchange.Kind.SERVICE) -> Asked:
    """What a service step asks; the connector's name stands for the body that nobody declared."""
    source = step.source
    return Asked(
        kind=kind,
        addressee=source.name if source else step.connector,
        addressee_code=source.code if source else "",
        service=source.service if source else step.connector,
        sought=tuple(value.label or name for name, value in step.values.items()),
        is_sensitive=step.is_sensitive,
    )


def left_to_bring(bundle: Bundle, given: Mapping[str, Any]) -> list[Asked]:
    """What is not asked of other bodies because the application says no: the person may have to bring it (R60).

    `given`: the answers of the application by question.
    """
    if not authorising.is_refused(bundle, given):
        return []
    steps = [step for step in bundle.all_steps() if isinstance(step, ServiceStep)]
    return [of_service(step) for step in steps if step.is_sensitive]


def ask(run: Run, asked: Asked, *, task: CaseTask | None = None, at: datetime | None = None) -> Exchange:
    """Record what is asked now, or at another moment. Its result waits; the case's chain names its trace."""
    made = Exchange.objects.create(
        case=run.case,
        agency_id=run.case.agency_id,
        task=task,
        kind=asked.kind,
        addressee=asked.addressee[:200],
        addressee_code=asked.addressee_code[:60],
        service=asked.service[:200],
        sought=list(asked.sought),
        official=_official(run),
        asked_at=at or run.now,
        due_on=asked.due_on,
        is_sensitive=asked.is_sensitive,
        subject=authorising.subject_of(run.case) if asked.is_sensitive else None,
        authorised_by=authorising.given_in(run.case) if asked.is_sensitive else None,
    )
    made.documents.set([asked.document] if asked.document else [])
    fact = {"trace": str(made.trace), "body": made.addressee, "exchange": made.kind}
    run.record("exchange.asked", fact)
    return made


def end(run: Run, exchange: Exchange, result: str, *documents: Document) -> None:
    """Record how it ended, and what it left in the file."""
    exchange.result, exchange.answered_at = result, run.now
    exchange.save(update_fields=["result", "answered_at"])
    exchange.documents.add(*documents)
    run.record("exchange.ended", {"trace": str(exchange.trace), "body": exchange.addressee, "result": result})


def pending(task: CaseTask) -> Exchange | None:
    """What the step asked last and nobody answered yet."""
    return task.exchanges.filter(result=Exchange.Result.PENDING).order_by("-pk").first()


def of_task(run: Run, task: CaseTask, step: ServiceStep) -> Exchange:
    """What a service step waits for; a call that was tried again by hand is an exchange of its own."""
    return pending(task) or ask(run, of_service(step), task=task)


def copy_to_everyone(run: Run, exchange: Exchange) -> None:
    """Send every interested person a copy of the communication, with its six data (Ley 19.880 art. 9; DS 4 art. 39)."""
    _tell_everyone(run, exchange, lambda: _copied(run, exchange), lambda: _copied(run, exchange, KEPT_BACK))


def tell_answer(run: Run, exchange: Exchange) -> None:
    """Tell every interested person that the other body answered; what it said is in the file."""
    words = {"body": exchange.addressee, "number": run.case.number}

    def said() -> Said:
        subject = _("%(body)s respondió por la solicitud N° %(number)s") % words
        return Said(subject, _("Su respuesta quedó entre los documentos de la solicitud."))

    _tell_everyone(run, exchange, said, said)


def _tell_everyone(run: Run, exchange: Exchange, to_applicants: Say, to_others: Say) -> None:
    """What is sensitive reaches whoever applies; the others learn that it was asked, and not what."""
    documents = list(exchange.documents.order_by("pk"))
    messages.send(run, to_applicants, documents=documents)
    if exchange.is_sensitive:
        messages.send_to_others(run, to_others)
    else:
        messages.send_to_others(run, to_applicants, documents=documents)


def _copied(run: Run, exchange: Exchange, matter: Any = "") -> Said:
    """The six data in the active language; `matter` stands for what is asked where that is kept back."""
    words = {"body": exchange.addressee, "number": run.case.number}
    due = date_format(exchange.due_on, "DATE_FORMAT") if exchange.due_on else _("sin plazo fijado")
    said = (
        (_("Institución que pide"), run.agency.name),
        (_("Funcionario responsable"), str(exchange.official or _("no asignado"))),
        (_("Institución a la que se pide"), exchange.addressee),
        (_("Trámite"), messages.title_in(run.case.version)),
        (_("Qué se pide"), str(matter) or "; ".join(exchange.sought)),
        (_("Plazo para responder"), due),
    )
    text = "\n".join(f"{label}: {value}" for label, value in said)
    intro = _("Tu solicitud hizo que una institución escribiera a otra. Esta es tu copia; no tienes que hacer nada.")
    return Said(_("Se escribió a %(body)s por la solicitud N° %(number)s") % words, f"{intro}\n\n{text}")


def _official(run: Run) -> Person | None:
    """Who answers for it: the official who moves the case, else whoever did so last, else who holds its first role."""
    mine = Q(person=run.by) | Q(representative=run.by)
    if run.by is not None and not run.case.parties.filter(mine).exists():
        return run.by
    done = CaseTask.objects.filter(process=run.case, role__isnull=False, finished_by__isnull=False).defer("flow_task")
    last: CaseTask | None = done.select_related("finished_by").order_by("-finished", "-pk").first()
    if last is not None and last.finished_by is not None:
        return last.finished_by
    first = next((found for slot in run.bundle.roles if (found := holders(run.role(slot.id), run.today).first())), None)
    return first.person if first else None


# What came, as a document of the file


def keep_values(run: Run, exchange: Exchange, step: ServiceStep, values: Mapping[str, Any]) -> Document:
    """Put the data that a service gave into the file as a sealed document (DS 10 of 2023, art. 24)."""
    return keep(run, exchange, _said(step, values))


@in_spanish
def keep(run: Run, exchange: Exchange, said: Iterable[tuple[str, str]]) -> Document:
    """Put what another body answered into the file, with where it comes from and by which authorisation."""
    origin = provenance(exchange, run)
    told = _("%(body)s entregó, para esta solicitud, los datos que siguen.") % {"body": exchange.addressee}
    content = DocumentContent(
        title=(_("Datos recibidos de %(body)s") % {"body": exchange.addressee})[:300],
        letterhead=letterhead(run),
        date_text=receipts.moment(run),
        blocks=(
            Paragraph(text=told),
            Table(rows=tuple(Row(label=label, value=value) for label, value in said)),
            Heading(text=_("De dónde vienen")),
            Table(rows=tuple(Row(label=label, value=value) for label, value in origin)),
        ),
        notice_lines=(_("Ley 19.880, art. 24 bis; DS 10 de 2023, art. 24; DS 12 de 2023, art. 9."),),
        attachments=(_machine_readable(exchange),),
    )
    return receipts.enter(
        run,
        Document.Kind.EVIDENCE,
        content,
        FileItem.Direction.IN,
        origin=INTEROPERABILITY,
        entered_by=exchange.addressee,
    )


def _said(step: ServiceStep, values: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in step.values.items():
        field = Field(id=name, type=value.type, label=value.label or name)
        yield field.label, display_value(field, values.get(name))


def provenance(exchange: Exchange, run: Run) -> list[tuple[str, str]]:
    """The source of what came, in words: body, code, service, trace, moments, official and authorisation."""
    rows = [
        (_("Institución que los entrega"), exchange.addressee),
        (_("Código de la institución"), exchange.addressee_code or _("no declarado")),
        (_("Servicio"), exchange.service),
        (_("Identificador del intercambio"), str(exchange.trace)),
        (_("Pedidos el"), receipts.hour(exchange.asked_at, run.place.zone)),
        (_("Recibidos el"), receipts.moment(run)),
        (_("Funcionario responsable"), str(exchange.official or _("no asignado"))),
    ]
    return [*rows, *_of_sensitive(exchange, run)]


def _of_sensitive(exchange: Exchange, run: Run) -> Iterable[tuple[str, str]]:
    if not exchange.is_sensitive:
        return
    if exchange.subject is not None:
        yield _("Datos sensibles de"), receipts.named(exchange.subject)
    given = exchange.authorised_by
    if given is not None:
        words = {"who": given.author, "at": receipts.hour(given.at, run.place.zone)}
        yield _("Autorización"), _("la dio %(who)s en la solicitud, el %(at)s") % words


def _machine_readable(exchange: Exchange) -> Attachment:
    """Where it comes from, for machines (DS 10 of 2023, art. 24)."""
    facts = {
        "origin": INTEROPERABILITY,
        "source_code": exchange.addressee_code,
        "source": exchange.addressee,
        "service": exchange.service,
        "trace": str(exchange.trace),
        "sensitive": exchange.is_sensitive,
        "authorisation": exchange.authorised_by.presentation_sha256 if exchange.authorised_by else "",
    }
    description = _("De dónde vienen los datos")
    return Attachment(name="procedencia.json", description=description, text=canonical_bytes(facts).decode())
