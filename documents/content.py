"""What a document says, as frozen data: the only input of the rendering."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Role = Literal["", "facts", "reasons", "law", "decision", "appeals", "joined"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Letterhead(_Frozen):
    """The agency's name and the lines below it: unit, address."""

    agency: str = Field(max_length=200)
    lines: tuple[str, ...] = Field(default=(), max_length=6)
    emblem: str = Field(default="", max_length=64)
    """SHA-256 of the agency's picture; empty for none."""


class _Said(_Frozen):
    lang: str = Field(default="", max_length=8)
    """Its language, where it is not that of the document: a translation beside the text that counts."""


class Heading(_Said):
    """A heading inside the document."""

    kind: Literal["heading"] = "heading"
    text: str = Field(max_length=500)
    role: Role = ""


class Paragraph(_Said):
    """Running text. Blank lines part paragraphs; **bold**, *italic* and lines with "- " or "1. " are understood."""

    kind: Literal["paragraph"] = "paragraph"
    text: str = Field(max_length=200_000)
    role: Role = ""


class Row(_Frozen):
    """A question and its answer, or any label and value."""

    label: str = Field(max_length=1_000)
    value: str = Field(max_length=50_000)


class Table(_Said):
    """Labels and values in two columns."""

    kind: Literal["table"] = "table"
    caption: str = Field(default="", max_length=300)
    rows: tuple[Row, ...] = Field(max_length=2_000)
    role: Role = ""


class ListBlock(_Said):
    """A list with dashes, or with numbers when `ordered`."""

    kind: Literal["list"] = "list"
    items: tuple[str, ...] = Field(max_length=1_000)
    ordered: bool = False
    role: Role = ""


Block = Annotated[Heading | Paragraph | Table | ListBlock, Field(discriminator="kind")]


class Signer(_Frozen):
    """Who signs, in order. `field` is the PDF field ("Firma1"); `kind` the words below the name."""

    name: str = Field(max_length=200)
    post: str = Field(default="", max_length=200)
    field: str = Field(default="", max_length=40)
    kind: str = Field(default="", max_length=200)


class Verification(_Frozen):
    """The code (16 characters, no hyphens) and the full address that the QR carries."""

    code: str = Field(max_length=16)
    url: str = Field(max_length=200)


class Attachment(_Frozen):
    """Data for machines inside the PDF (evidence, answers): text of a JSON file."""

    name: str = Field(max_length=100, pattern=r"^[a-z0-9_.-]+$")
    description: str = Field(default="", max_length=200)
    text: str = Field(max_length=2_000_000)
    media_type: str = "application/json"


class DocumentContent(_Frozen):
    """A whole document. The operations fill `verification`, `created_at`, `demonstration` and `timestamped`."""

    title: str = Field(max_length=300)
    language: str = Field(default="es-CL", max_length=8)
    letterhead: Letterhead
    number_label: str = Field(default="", max_length=100)
    """"Decreto N°", before the number."""
    number: str = Field(default="", max_length=40)
    date_text: str = Field(default="", max_length=200)
    """Place and date in words: "Puerto Aurora, 4 de marzo de 2026"."""
    blocks: tuple[Block, ...] = Field(default=(), max_length=2_000)
    signers: tuple[Signer, ...] = Field(default=(), max_length=10)
    notice_lines: tuple[str, ...] = Field(default=(), max_length=20)
    """Small print above the verification block: kind of signature, legal notes."""
    verification: Verification | None = None
    demonstration: bool = False
    timestamped: bool = False
    """Whether the signatures carry a time stamp of an authority; if not, the document says so."""
    stamp_may_lack: bool = False
    """Whether they may have to go without it, because this installation does not wait for the authority."""
    created_at: datetime | None = None
    attachments: tuple[Attachment, ...] = Field(default=(), max_length=10)
