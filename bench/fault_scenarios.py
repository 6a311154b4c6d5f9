"""The product's own kinds of job under faults: a notice's mail, a document's rendering, and the seal on it."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any

from django.conf import settings
from pyhanko.pdf_utils.reader import PdfFileReader

from accounts.models import Agency, Person
from accounts.sample import AGENCIES, PEOPLE, seed_people
from documents.api import DocumentContent, Letterhead, Paragraph, create_document, open_file, read_blob
from documents.models import Document, ElectronicFile
from jobs import registry
from jobs.faults import weather
from jobs.faults.scenarios import CountedJobs
from jobs.faults.toys import PATIENCE
from jobs.models import Job
from legaltime.api import now as clock_now
from notifications.api import Said, send_notice
from notifications.models import Delivery
from signatures.api import seal_document
from signatures.demo_pki.server import Provider
from signatures.models import SignatureRequest

SILENCE = "certificate provider silent"
TIMEOUT = timedelta(seconds=8)
"""Leases as long as in production would outlast the run."""


def hasten(kind: str) -> None:
    """Let the handler of the product be tried again soon and for as long as the run lasts."""
    handler: Any = registry.get(kind)
    handler.timeout, handler.max_attempts = TIMEOUT, PATIENCE


class Mail(CountedJobs):
    """A notice in the inbox and its e-mail, which a server without memory receives."""

    name = "aviso por correo"
    kind = "notifications.email"

    def install(self) -> None:
        """The handler is the product's."""
        hasten(self.kind)

    def set_up(self) -> None:
        """The people of the demonstration."""
        seed_people(now=clock_now())

    def begin(self, now: datetime) -> None:
        """Tell somebody something."""
        send_notice(
            person=Person.objects.earliest("pk"),
            agency=Agency.objects.get(code=AGENCIES[0].code),
            file=None,
            case_ref="0" * 16,
            case_id=None,
            say=lambda: Said("Prueba de fallas", f"Son {len(PEOPLE)} personas."),
            email="ana@correo.example",
            now=now,
        )

    def effects(self) -> Counter[int]:
        """Messages that the server accepted, by their constant Message-ID."""
        jobs = dict(Delivery.objects.values_list("message_id", "job_id"))
        return Counter(job for line in weather.noted("mailbox") if (job := jobs.get(line)) is not None)

    def is_once(self) -> bool:
        """A mail server cannot be asked: each attempt may deliver once more, under the same Message-ID."""
        return False


class Fickle(Provider):
    """The provider of the demonstration, which sometimes hangs up instead of answering."""

    def do_GET(self) -> None:
        """A revocation list, or silence."""
        if not weather.current.strikes(0.02, SILENCE):
            super().do_GET()

    def do_POST(self) -> None:
        """A time stamp or a status, or silence."""
        if not weather.current.strikes(0.02, SILENCE):
            super().do_POST()


def serve(handler: type[BaseHTTPRequestHandler], port: int) -> int:
    """Answer on the loopback address until this process ends; the port, which is a free one if 0 is asked."""
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def signatures_on(document: Document) -> int:
    """How many stand in its PDF."""
    assert document.blob is not None
    return len(list(PdfFileReader(BytesIO(read_blob(document.blob))).embedded_regular_signatures))


class Seal(CountedJobs):
    """A document rendered to PDF and sealed: one seal on it, whatever dies meanwhile."""

    name = "sello de un documento"
    kind = "signatures.apply"

    def install(self) -> None:
        """The handlers are the product's."""
        hasten("signatures.prepare")
        hasten("signatures.apply")

    def set_up(self) -> None:
        """An agency with an electronic file, and the provider of its certificate."""
        serve(Fickle, settings.DEMO_PKI_PORT)
        seed_people(now=clock_now())
        agency = Agency.objects.get(code=AGENCIES[0].code)
        open_file(agency=agency, title="Fallas", subject="Fallas", procedure_code="fallas", now=clock_now())

    def begin(self, now: datetime) -> None:
        """Issue a certificate."""
        file = ElectronicFile.objects.select_related("agency").latest("pk")
        content = DocumentContent(
            title="Certificado",
            letterhead=Letterhead(agency=file.agency.name),
            blocks=(Paragraph(text="Se certifica."),),
        )
        document = create_document(file=file, kind="certificate", title="Certificado", content=content, now=now)
        seal_document(document=document, case_id=None, on_done="", on_dead="", now=now)

    def effects(self) -> Counter[int]:
        """How many signatures stand on the document of each job, counted in the PDF itself."""
        found: Counter[int] = Counter()
        for job in Job.objects.filter(kind=self.kind):
            request = SignatureRequest.objects.select_related("document__blob").get(pk=job.payload["request"])
            if request.document.blob is not None:
                found[job.pk] = signatures_on(request.document)
        return found

    def is_once(self) -> bool:
        """Exactly one."""
        return True


class Render(Seal):
    """The rendering alone: each document asked for has one prepared revision. Runs beside Seal."""

    def set_up(self) -> None:
        """What Seal needs."""

    name = "PDF de un documento"
    kind = "signatures.prepare"

    def effects(self) -> Counter[int]:
        """Documents that were rendered, once each."""
        rendered = set(SignatureRequest.objects.exclude(document__rendered=None).values_list("pk", flat=True))
        jobs = Job.objects.filter(kind=self.kind)
        return Counter(job.pk for job in jobs if job.payload["request"] in rendered)
