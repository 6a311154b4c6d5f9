"""Turns HTML into PDF inside a limited child. No Django and no network."""

import base64
import re
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent
RESOURCE = "urn:recurso:"
VARIANT = "pdf/a-3a"
_KINDS = {".svg": "image/svg+xml", ".png": "image/png"}
_NAMESPACES = (
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" '
    'xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" '
    'xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" '
    'xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"'
)
PDFUA_XMP = f"""<rdf:Description rdf:about="" {_NAMESPACES} pdfuaid:part="1">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of PDF/UA to which the document conforms</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>""".encode()
"""PDF/A refuses properties it does not know, so the mark of PDF/UA comes with the schema that declares it."""


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """The PDF (base64), its pages and the toolchain; or {"error": …} with one of the kinds that the parent knows."""
    try:
        from weasyprint.urls import FatalURLFetchingError
    except (OSError, ImportError) as error:
        return {"error": "libraries", "detail": str(error)}
    try:
        return _render(request)
    except FatalURLFetchingError:
        return {"error": "forbidden_address"}
    except MemoryError:
        return {"error": "memory"}
    except RecursionError:
        return {"error": "nesting"}
    except Exception as error:
        return {"error": "failed", "detail": type(error).__name__}


def _render(request: dict[str, Any]) -> dict[str, Any]:
    from weasyprint import HTML, Attachment

    resources = {name: base64.b64decode(data) for name, data in request["resources"].items()}
    fetcher = _fetcher(resources)
    created = datetime.fromisoformat(request["created"])
    attachments = [
        Attachment(
            url=RESOURCE + item["resource"],
            url_fetcher=fetcher,
            name=item["name"],
            description=item["description"],
            created=created,
            modified=created,
            relationship="Data",
        )
        for item in request["attachments"]
    ]
    options: dict[str, Any] = {"pdf_variant": VARIANT, "attachments": attachments}
    source = HTML(string=printable(request["html"]), base_url="urn:documento", url_fetcher=fetcher)
    styles = [_style(style) for style in request["styles"]]
    document = source.render(stylesheets=styles, font_config=_fonts(), **options)
    if len(document.pages) > request["max_pages"]:
        return {"error": "pages", "detail": str(len(document.pages))}
    _declare_accessibility(document.metadata)
    out = BytesIO()
    document.write_pdf(out, **options)
    return {"pdf": base64.b64encode(out.getvalue()).decode(), "pages": len(document.pages), "toolchain": toolchain()}


def _fetcher(resources: dict[str, bytes]) -> Any:
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class ClosedFetcher(URLFetcher):  # type: ignore[misc]
        """Knows the resources of this document and nothing else; any other address stops the rendering."""

        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            name = url.removeprefix(RESOURCE)
            if not url.startswith(RESOURCE) or name not in resources:
                raise FatalURLFetchingError("address not allowed")
            kind = _KINDS.get(Path(name).suffix, "application/json")
            return URLFetcherResponse(url, resources[name], {"Content-Type": kind})

    return ClosedFetcher(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)


@cache
def _fonts() -> Any:
    """One for all documents of this process: a new one reads the fonts again."""
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()


@cache
def _style(text: str) -> Any:
    """A style sheet, parsed once."""
    from weasyprint import CSS

    return CSS(string=text, base_url="urn:estilo", url_fetcher=_fetcher({}), font_config=_fonts())


def _declare_accessibility(metadata: Any) -> None:
    """Put the mark of PDF/UA-1 beside that of PDF/A-3a."""
    generate = metadata.generate_rdf_metadata

    def with_accessibility(variant: str, version: int, conformance: str) -> bytes:
        rdf: bytes = generate(variant, version, conformance)
        head, end, tail = rdf.rpartition(b"</rdf:RDF>")
        return head + PDFUA_XMP + end + tail

    metadata.generate_rdf_metadata = with_accessibility


@cache
def _covered() -> frozenset[int]:
    """Characters that all our fonts have."""
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    covered = [set(TTFont(path, lazy=True).getBestCmap()) for path in sorted((FOLDER / "fonts").glob("*.ttf"))]
    return frozenset(set.intersection(*covered)) | {0x0A, 0x09}


def printable(html: str) -> str:
    """`html` with each character that our fonts lack written out as "[U+1F600]": PDF/A admits no empty box."""
    return re.sub(r"[^\x00-\x7f]", lambda found: _shown(found[0]), html)


def _shown(character: str) -> str:
    return character if ord(character) in _covered() else f"[U+{ord(character):04X}]"


@cache
def toolchain() -> dict[str, str]:
    """Versions that decide the bytes: the same content gives the same PDF only under the same toolchain."""
    from importlib.metadata import version

    from weasyprint.text.ffi import pango

    number = int(pango.pango_version())
    return {
        "weasyprint": version("weasyprint"),
        "pydyf": version("pydyf"),
        "fonttools": version("fonttools"),
        "pango": f"{number // 10_000}.{number // 100 % 100}.{number % 100}",
    }
