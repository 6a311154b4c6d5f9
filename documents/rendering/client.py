"""Renders a content to PDF in the limited child, and turns what went wrong there into named errors."""

import base64
import logging
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from documents.content import DocumentContent
from documents.emblems import emblem_png
from documents.errors import ContentTooLarge, RenderingFailed, RenderingStopped
from documents.limits import ChildStopped, LimitedChild
from documents.rendering.child import FOLDER
from documents.rendering.html import qr_svg, to_html
from jobs import api as jobs

log = logging.getLogger(__name__)

MAX_HTML = 4 * 1024 * 1024
MAX_ROWS = 2_000
MAX_PAGES = 200
MISSING_LIBRARIES = (
    "Faltan bibliotecas para hacer documentos PDF. Instálalas con: "
    "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
)


@dataclass(frozen=True)
class RenderedPdf:
    """A PDF/A-3a and PDF/UA-1 without signatures, its pages, and the versions that made it."""

    data: bytes
    pages: int
    toolchain: dict[str, str]


def render(content: DocumentContent, *, draft: bool = False) -> RenderedPdf:
    """The PDF of `content`: the same bytes for the same content and toolchain. `draft` writes BORRADOR across it.

    Raises ContentTooLarge and RenderingFailed (another attempt gives the same), RenderingStopped (limits of time or
    memory), and jobs' Blocked when this machine lacks Pango. Takes up to a minute; call it outside a transaction.
    """
    answer = _ask(_request(content, draft))
    if "error" in answer:
        raise _error(answer["error"], answer.get("detail", ""))
    return RenderedPdf(base64.b64decode(answer["pdf"]), answer["pages"], answer["toolchain"])


def _request(content: DocumentContent, draft: bool = False) -> dict[str, Any]:
    rows = sum(len(getattr(block, "rows", ())) + len(getattr(block, "items", ())) for block in content.blocks)
    html = to_html(content)
    if rows > MAX_ROWS or len(html) > MAX_HTML:
        raise ContentTooLarge(_("El documento es demasiado largo. Entrega la parte extensa como archivo adjunto."))
    resources = {item.name: item.text.encode() for item in content.attachments}
    if content.letterhead.emblem:
        resources["emblema.png"] = _emblem(content.letterhead.emblem)
    if content.verification:
        resources["qr.svg"] = qr_svg(content.verification.url)
    return {
        "html": html,
        "styles": [*_styles(content), *([_style("draft.css")] if draft else [])],
        "resources": {name: base64.b64encode(data).decode() for name, data in resources.items()},
        "attachments": [
            {"resource": item.name, "name": item.name, "description": item.description} for item in content.attachments
        ],
        "created": content.created_at.isoformat() if content.created_at else "",
        "max_pages": MAX_PAGES,
    }


def _emblem(sha256: str) -> bytes:
    found = emblem_png(sha256)
    if found is None:
        raise RenderingFailed(_("Falta la imagen del membrete. Súbela otra vez en «Emblema de la institución»."))
    return found


def _styles(content: DocumentContent) -> list[str]:
    """The house style, and the marks of a demonstration."""
    names = ["document.css", "demonstration.css"] if content.demonstration else ["document.css"]
    return [_style(name) for name in names]


@cache
def _style(name: str) -> str:
    return (FOLDER / "style" / name).read_text()


@cache
def _child() -> LimitedChild:
    return LimitedChild(
        "documents.rendering.child",
        address_space=1 << 30,
        cpu_seconds=30,
        wall_seconds=60 * settings.CHILD_PATIENCE,
        requests_per_child=100,
        environment={
            "FONTCONFIG_FILE": str(FOLDER / "fonts" / "fonts.conf"),
            "XDG_CACHE_HOME": str(settings.DATA_DIR / "cache"),
        },
    )


def _ask(request: dict[str, Any]) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = _child().ask(request)
    except ChildStopped as stopped:
        log.warning("rendering child stopped: %s", stopped.reason)
        raise RenderingStopped(
            _("El documento tardó demasiado en hacerse o usó demasiada memoria. Acórtalo e intenta de nuevo.")
        ) from stopped
    return answer


def _error(kind: str, detail: str) -> Exception:
    if kind == "libraries":
        return jobs.Blocked(MISSING_LIBRARIES)
    if kind == "pages":
        return ContentTooLarge(
            _("El documento tiene %(pages)s páginas y el máximo es %(maximum)s. Divide su contenido.")
            % {"pages": detail, "maximum": MAX_PAGES}
        )
    if kind in ("memory", "nesting"):
        return ContentTooLarge(_("El documento es demasiado complejo. Simplifica su contenido."))
    log.warning("rendering failed: %s %s", kind, detail)
    return RenderingFailed(_("El documento no se pudo hacer. Avisa a quien administra el servicio."))
