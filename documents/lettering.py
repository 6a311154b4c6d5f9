"""A name that somebody typed, as a picture: for who cannot draw a signature, or would rather not."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

_FONTS = Path(__file__).parent / "fonts"
WIDTH, HEIGHT = 600, 200
"""The same as the space in which signatures are drawn."""
_LARGEST, _SMALLEST, _NOTE = 60, 14, 16
_INK, _SOFT = "#111", "#555"


def name_picture(name: str, note: str) -> bytes:
    """A PNG with the name in italics, as large as fits, and a line below that says what it is."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "#fff")
    pencil = ImageDraw.Draw(image)
    size = next((one for one in range(_LARGEST, _SMALLEST, -2) if _font(one).getlength(name) <= WIDTH - 40), _SMALLEST)
    pencil.text((WIDTH / 2, HEIGHT * 0.45), name, font=_font(size), fill=_INK, anchor="mm")
    pencil.line([(40, HEIGHT - 52), (WIDTH - 40, HEIGHT - 52)], fill=_SOFT)
    pencil.text((WIDTH / 2, HEIGHT - 28), note, font=_font(_NOTE), fill=_SOFT, anchor="mm")
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_FONTS / "NotoSans-Italic.ttf", size)
