"""A document's content as HTML: our template, with every text of staff and citizens as escaped data."""

import io
from datetime import UTC
from typing import Any

import segno
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from documents.content import Block, DocumentContent, Heading, Paragraph, Table
from documents.errors import RenderingFailed
from documents.rendering import text
from documents.rules import format_code


def to_html(content: DocumentContent) -> str:
    """The HTML page that becomes the PDF. Raises RenderingFailed when the content has no date of making."""
    if content.created_at is None:
        raise RenderingFailed(_("Al documento le falta la fecha en que se hizo. Vuelve a emitirlo."))
    with translation.override(content.language):
        return render_to_string("documents/document.html", _context(content))


def blocks_html(content: DocumentContent) -> list[dict[str, Any]]:
    """The blocks as they will be printed, for the page on which somebody reads the act before signing it."""
    return [_block(block) for block in content.blocks]


def qr_svg(url: str) -> bytes:
    """The QR of `url` as SVG. Mask and error level are fixed: eight times faster, and always the same bytes."""
    out = io.BytesIO()
    code = segno.make(url, error="m", boost_error=False, mask=4, micro=False)
    code.save(out, kind="svg", border=2, xmldecl=False, svgns=True, nl=False, omitsize=True)
    return out.getvalue()


def _context(content: DocumentContent) -> dict[str, Any]:
    verification = content.verification
    code = format_code(verification.code) if verification else ""
    created = content.created_at.astimezone(UTC) if content.created_at else None
    return {
        "language": content.language,
        "title": text.clean(content.title),
        "author": text.clean(content.letterhead.agency),
        "has_emblem": bool(content.letterhead.emblem),
        "letterhead_lines": [text.clean(line) for line in content.letterhead.lines],
        "created": f"{created:%Y-%m-%dT%H:%M:%SZ}",
        "number": _number(content),
        "reference": " · ".join(part for part in (_number(content), code) if part),
        "date_text": text.clean(content.date_text),
        "blocks": blocks_html(content),
        "signers": [_clean_signer(signer.model_dump()) for signer in content.signers],
        "notice_lines": [_html(text.inline(line)) for line in content.notice_lines],
        "code": code,
        "address": verification.url.rpartition("/")[0].lower() if verification else "",
        "demonstration": content.demonstration,
        "timestamped": content.timestamped,
        "stamp_may_lack": content.stamp_may_lack,
    }


def _number(content: DocumentContent) -> str:
    return text.clean(f"{content.number_label} {content.number}".strip()) if content.number else ""


def _block(block: Block) -> dict[str, Any]:
    classes = f"block {block.kind}" + (f" role-{block.role}" if block.role else "")
    common = {"kind": block.kind, "classes": classes, "lang": block.lang}
    if isinstance(block, Heading):
        return {**common, "html": _html(text.inline(block.text))}
    if isinstance(block, Paragraph):
        return {**common, "html": _html(text.block(block.text))}
    if isinstance(block, Table):
        rows = [{"label": text.clean(row.label), "value": _html(text.plain(row.value))} for row in block.rows]
        return {**common, "caption": text.clean(block.caption), "rows": rows}
    return {**common, "ordered": block.ordered, "items": [_html(text.inline(item)) for item in block.items]}


def _clean_signer(signer: dict[str, str]) -> dict[str, str]:
    return {name: text.clean(value) for name, value in signer.items()}


def _html(escaped: str) -> SafeString:
    return mark_safe(escaped)  # noqa: S308  (every caller passes what documents.rendering.text escaped)
