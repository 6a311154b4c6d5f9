"""Contents and files for the tests of documents and signatures."""

from datetime import UTC, datetime
from typing import Any

from accounts.models import Agency
from documents.api import (
    DocumentContent,
    Heading,
    Letterhead,
    ListBlock,
    Paragraph,
    Row,
    Signer,
    Table,
    Verification,
    create_document,
    open_file,
)
from documents.models import Document, ElectronicFile

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
"""Wednesday 4 March 2026, 12:00 in Santiago."""


def decree(**changes: Any) -> DocumentContent:
    """The content of a decree with every kind of block."""
    values: dict[str, Any] = {
        "title": "Otorga patente comercial definitiva",
        "letterhead": Letterhead(agency="Municipalidad de Ejemplo", lines=("Departamento de Rentas",)),
        "number_label": "Decreto N°",
        "number": "127",
        "date_text": "Chillán, 4 de marzo de 2026",
        "blocks": (
            Heading(text="Vistos", role="law"),
            Paragraph(text="Lo dispuesto en la **Ley N° 18.695** y en el *Decreto Ley N° 3.063*.", role="law"),
            Table(caption="Antecedentes", rows=(Row(label="Giro", value="Panadería Ñandú"),)),
            Heading(text="Decreto", role="decision"),
            ListBlock(items=("Otórgase la patente.", "Notifíquese."), ordered=True, role="decision"),
        ),
        "signers": (
            Signer(name="Carla Muñoz", post="Alcaldesa", field="Firma1"),
            Signer(name="Beto Bravo", post="Secretario Municipal", field="Firma2"),
        ),
    }
    return DocumentContent(**{**values, **changes})


def complete(**changes: Any) -> DocumentContent:
    """A decree as the operations would complete it, to render it without a database."""
    code = "7K3MQ2XW9D4HB5TV"
    values = {
        "verification": Verification(code=code, url=f"HTTPS://TRAMITES.EXAMPLE/VERIFICAR/{code}"),
        "created_at": NOW,
    }
    return decree(**{**values, **changes})


def new_file(agency: Agency, now: datetime = NOW) -> ElectronicFile:
    """An open file of a case."""
    return open_file(
        agency=agency, title="Patente comercial", subject="Patente de panadería", procedure_code="patente", now=now
    )


def new_document(agency: Agency, **changes: Any) -> Document:
    """A draft decree in a file of its own."""
    values: dict[str, Any] = {
        "file": new_file(agency),
        "kind": Document.Kind.DECREE,
        "title": "Decreto",
        "content": decree(),
        "required_signature": "advanced",
        "now": NOW,
    }
    return create_document(**{**values, **changes})
