"""What a case asked of other bodies, for the interested person, for officials and for whoever audits an agency."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.api import format_run, run_of
from accounts.models import Agency, Person
from documents.models import Document
from procedures.api import bundle_of
from workflows import authorising
from workflows.access import filed_by
from workflows.bulk.sheets import write_csv
from workflows.models import Case, Exchange
from workflows.models.cases import RESERVED
from workflows.presenting.language import document_name, on_page
from workflows.presenting.words import moment
from workflows.withholding import KEPT_BACK, known_as, reserved_people

PAGE = 50


@dataclass(frozen=True)
class Line:
    """One exchange in words: its heading, how it ended, and its facts by label."""

    title: str
    state: str
    kind: str
    facts: list[tuple[str, str]]
    documents: list[dict[str, str]]


def of_case(case: Case, document_page: str, *, is_own: bool = True) -> list[Line]:
    """The register of a case, the latest first; `document_page` is where this reader opens documents.

    Without `is_own`, another interested person reads it: of sensitive data, only that they were asked for.
    """
    found = _read(Exchange.objects.filter(case=case)).prefetch_related("documents")
    return [_line(exchange, document_page, is_own) for exchange in found.order_by("-pk")]


def _read(found: QuerySet[Exchange]) -> QuerySet[Exchange]:
    related = ("agency", "case", "official", "subject", "authorised_by__author", "task")
    return found.select_related(*related).defer("case__flow_class", "task__flow_task")


def _line(exchange: Exchange, document_page: str, is_own: bool) -> Line:
    is_open = is_own or not exchange.is_sensitive
    return Line(
        title=_("%(kind)s: %(body)s") % {"kind": capfirst(exchange.get_kind_display()), "body": exchange.addressee},
        state=str(exchange.get_result_display()),
        kind={"success": "success", "error": "error", "unused": ""}.get(exchange.result, "active"),
        facts=list(_facts(exchange, is_open)),
        documents=[_document(exchange, one, document_page) for one in exchange.documents.all()] if is_open else [],
    )


def _document(exchange: Exchange, document: Document, page: str) -> dict[str, str]:
    url = reverse(page, args=[exchange.case.ref, document.pk]) if document.blob_id else ""
    return {"title": document_name(document, on_page(exchange.case.version)), "url": url}


def _facts(exchange: Exchange, is_open: bool) -> Iterator[tuple[str, str]]:
    """The seven data of DS 12 of 2023, art. 9, in words."""
    agency = exchange.agency
    yield _("Qué se pidió"), "; ".join(exchange.sought) if is_open else str(KEPT_BACK)
    yield _("Quién pidió"), _coded(agency.name, agency.body_code or agency.code)
    yield _("A quién"), _coded(exchange.addressee, exchange.addressee_code)
    yield _("Por qué servicio o medio"), exchange.service
    yield _("Funcionario responsable"), str(exchange.official or _("no asignado"))
    yield _("Para"), _for(exchange)
    yield _("Cuándo se pidió"), moment(exchange.asked_at, agency)
    yield _("Plazo para responder"), _day(exchange)
    if exchange.answered_at is not None:
        yield _("Respuesta"), f"{capfirst(exchange.get_result_display())}, {moment(exchange.answered_at, agency)}"
    if is_open:
        yield from _sensitive(exchange)
    yield _("Identificador"), str(exchange.trace)


def _sensitive(exchange: Exchange) -> Iterator[tuple[str, str]]:
    if not exchange.is_sensitive:
        return
    person, given = exchange.subject, exchange.authorised_by
    reserved = reserved_people(exchange.case)
    if person is not None and person.pk in reserved:
        yield _("Datos sensibles de"), RESERVED
    elif person is not None:
        run = "" if person.is_declared else f", RUN {format_run(run_of(person))}"
        yield _("Datos sensibles de"), f"{person}{run}"
    if given is not None:
        words = {"who": known_as(exchange.case, given.author), "at": moment(given.at, exchange.agency)}
        yield _("Autorización"), _("La dio %(who)s en la solicitud, el %(at)s") % words


def _coded(name: str, code: str) -> str:
    return _("%(name)s (código %(code)s)") % {"name": name, "code": code} if code else name


def _for(exchange: Exchange) -> str:
    number = exchange.case.number
    return f"{number}: {exchange.task.step_title}" if exchange.task else number


def _day(exchange: Exchange) -> str:
    return date_format(exchange.due_on, "SHORT_DATE_FORMAT") if exchange.due_on else _("sin plazo fijado")


def case_page(case: Case, person: Person) -> dict[str, Any]:
    """The page of the interested person: the register, and whether the applicant's authorisation stands."""
    is_own = filed_by(case, person)
    given = authorising.was_given(case, bundle_of(case.version))
    withdrawn = authorising.withdrawal_of(case)
    return {
        "institution": case.agency,
        "case": case,
        "is_own": is_own,
        "lines": of_case(case, "workflows:document", is_own=is_own),
        "authorised": given and withdrawn is None,
        "withdrawn_at": moment(withdrawn.at, case.agency) if withdrawn else "",
        "may_withdraw": given and withdrawn is None and case.finished is None,
    }


# The register of an agency


@dataclass(frozen=True)
class Wanted:
    """What whoever audits asks to see."""

    only_sensitive: bool = False
    only_pending: bool = False
    page: str = "1"

    @classmethod
    def of(cls, asked: QueryDict) -> Wanted:
        """As the address says."""
        return cls(bool(asked.get("sensibles")), bool(asked.get("pendientes")), asked.get("p", "1"))

    @property
    def query(self) -> str:
        """The rest of the address of another page of the same list."""
        marks = (("sensibles", self.only_sensitive), ("pendientes", self.only_pending))
        return "".join(f"{name}=1&" for name, is_on in marks if is_on)


def register_of(agencies: QuerySet[Agency], wanted: Wanted) -> QuerySet[Exchange]:
    """The exchanges of these agencies, the latest first."""
    found = _read(Exchange.objects.filter(agency__in=agencies))
    found = found.filter(is_sensitive=True) if wanted.only_sensitive else found
    found = found.filter(result=Exchange.Result.PENDING) if wanted.only_pending else found
    return found.order_by("-asked_at", "-pk")


def register_page(agencies: QuerySet[Agency], wanted: Wanted) -> dict[str, Any]:
    """The register, a page at a time. It names no interested person: it opens no file (R44)."""
    page = Paginator(register_of(agencies, wanted), PAGE).get_page(wanted.page)
    return {"page": page, "wanted": wanted, "rows": [_row(exchange) for exchange in page]}


def _row(exchange: Exchange) -> dict[str, Any]:
    return {
        "at": moment(exchange.asked_at, exchange.agency),
        "number": exchange.case.number,
        "title": exchange.case.title,
        "kind": capfirst(exchange.get_kind_display()),
        "body": _coded(exchange.addressee, exchange.addressee_code),
        "service": exchange.service,
        "sought": "; ".join(exchange.sought),
        "official": str(exchange.official or _("no asignado")),
        "due": _day(exchange),
        "state": capfirst(exchange.get_result_display()),
        "answered_at": moment(exchange.answered_at, exchange.agency),
        "is_sensitive": exchange.is_sensitive,
        "trace": str(exchange.trace),
    }


HEADINGS = {
    "trace": "Identificador",
    "at": "Pedido el",
    "number": "Solicitud",
    "title": "Trámite",
    "kind": "Clase",
    "body": "Institución",
    "service": "Servicio o medio",
    "sought": "Qué se pidió",
    "official": "Funcionario responsable",
    "due": "Plazo",
    "answered_at": "Respondido el",
    "state": "Resultado",
}


def register_csv(agencies: QuerySet[Agency], wanted: Wanted) -> bytes:
    """The whole register for a spreadsheet."""
    rows = (_row(exchange) for exchange in register_of(agencies, wanted).iterator(chunk_size=500))
    return write_csv(
        [*HEADINGS.values(), "Datos sensibles"], [[*_cells(row), _yes(row["is_sensitive"])] for row in rows]
    )


def _cells(row: dict[str, Any]) -> list[str]:
    return [str(row[name]) for name in HEADINGS]


def _yes(is_so: bool) -> str:
    return "sí" if is_so else "no"
