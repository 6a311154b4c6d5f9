"""Staff text to HTML: escaped first, then **bold**, *italic*, paragraphs and lists. Pure."""

import re
import unicodedata
from html import escape

_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_ITALIC = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*]+?)(?<=\S)\*(?![\w*])")
_DASH = re.compile(r"[-•]\s+(.*)")
_NUMBER = re.compile(r"\d{1,3}[.)]\s+(.*)")
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_DIRECTION = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufe00-\ufe0f]")
"""Marks that turn the direction of writing (they could show a text other than the one signed) or vary a glyph."""


def clean(text: str) -> str:
    """`text` composed (NFC), without control characters and without marks that reorder what is seen."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return _DIRECTION.sub("", _NOT_XML.sub("", lines))


def inline(text: str) -> str:
    """One run of text as HTML: everything escaped, then **bold** and *italic*; line ends become breaks."""
    html = escape(clean(text), quote=True)
    html = _ITALIC.sub(r"<em>\1</em>", _BOLD.sub(r"<strong>\1</strong>", html))
    return html.replace("\n", "<br>")


def plain(text: str) -> str:
    """Text that nobody formats (a citizen's answer): escaped, line ends kept."""
    return escape(clean(text), quote=True).replace("\n", "<br>")


def block(text: str) -> str:
    """Running text as HTML paragraphs and lists; a blank line parts them."""
    return "".join(_chunk(chunk) for chunk in re.split(r"\n\s*\n", clean(text).strip()) if chunk.strip())


def _chunk(chunk: str) -> str:
    lines = [line.strip() for line in chunk.split("\n")]
    for pattern, tag in ((_DASH, "ul"), (_NUMBER, "ol")):
        matches = [pattern.fullmatch(line) for line in lines]
        if all(matches):
            items = "".join(f"<li>{inline(match[1])}</li>" for match in matches if match)
            return f"<{tag}>{items}</{tag}>"
    return f"<p>{inline(chunk.strip())}</p>"
