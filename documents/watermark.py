"""Marks a copy of a PDF or a photo with what it was handed over for, inside a limited child.

No Django and no network. A PDF is drawn anew page by page, with its mark, so that no former revision, script, note or
attached file of it comes along: whoever undoes the last change finds nothing under it.
"""

import base64
from io import BytesIO
from math import cos, hypot, radians, sin
from typing import Any

LONGEST_SIDE = 2_400
"""Pixels of the copy of a photo: enough to read an identity card, too little to reprint it."""
ANGLE = 30
"""Degrees by which the lines climb."""
_OPACITY = 0.3
_LINES = 7
"""Lines of the mark across the diagonal of a page or photo."""


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Answers {"data": base64, "media_type", "text"} with {"data": base64}, or {"error"} when it cannot be read."""
    data, text = base64.b64decode(request["data"]), str(request["text"])
    draw = _pdf if request["media_type"] == "application/pdf" else _photo
    try:
        return {"data": base64.b64encode(draw(data, text)).decode()}
    except (ValueError, OSError, KeyError, TypeError, MemoryError, RecursionError):
        return {"error": "unreadable"}


def _photo(data: bytes, text: str) -> bytes:
    from PIL import Image, ImageDraw, ImageFont, ImageOps

    with Image.open(BytesIO(data)) as image:
        upright = (ImageOps.exif_transpose(image) or image).convert("RGB")
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    side = int(hypot(*upright.size))
    layer = Image.new("L", (side, side), 0)
    pencil = ImageDraw.Draw(layer)
    font = ImageFont.load_default(size=max(14, side // 34))
    line = f"{text}   " * 6
    for place in range(_LINES * 2):
        pencil.text((-(place % 2) * side // 9, place * side // (_LINES * 2)), line, fill=int(255 * _OPACITY), font=font)
    turned = layer.rotate(ANGLE)
    left, top = (side - upright.width) // 2, (side - upright.height) // 2
    mask = turned.crop((left, top, left + upright.width, top + upright.height))
    upright.paste((150, 0, 0), mask=mask)
    out = BytesIO()
    upright.save(out, "JPEG", quality=80)
    return out.getvalue()


def _pdf(data: bytes, text: str) -> bytes:
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        reader = PdfFileReader(BytesIO(data), strict=False)
        writer = _pages().PdfFileWriter()
        look = _look(generic, writer)
        for number in range(int(reader.root["/Pages"]["/Count"])):
            writer.insert_page(_page(generic, reader, writer, number, text, look))
        out = BytesIO()
        writer.write(out)
    except PdfError as error:
        raise ValueError(str(error)) from error
    return out.getvalue()


def _pages() -> Any:
    """The part of the library that writes pages; it has no types."""
    from pyhanko.pdf_utils import writer

    return writer


def _look(generic: Any, writer: Any) -> dict[str, Any]:
    """The font of the mark and how much shows through it, once for all pages."""
    name, entry = generic.NameObject, generic.DictionaryObject
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica-Bold", "/Encoding": "/WinAnsiEncoding"}
    return {
        "font": writer.add_object(entry({name(key): name(value) for key, value in font.items()})),
        "state": writer.add_object(entry({name("/ca"): generic.FloatObject(_OPACITY)})),
    }


def _page(generic: Any, reader: Any, writer: Any, number: int, text: str, look: dict[str, Any]) -> Any:
    """The page as a picture of the original below the mark."""
    name, entry = generic.NameObject, generic.DictionaryObject
    original = reader.find_page_for_modification(number)[0].get_object()
    drawn = writer.import_page_as_xobject(reader, number)
    box = [float(value) for value in drawn.get_object()["/BBox"]]
    resources = entry(
        {
            name("/XObject"): entry({name("/Original"): drawn}),
            name("/Font"): entry({name("/Mark"): look["font"]}),
            name("/ExtGState"): entry({name("/Mark"): look["state"]}),
        }
    )
    contents = writer.add_object(generic.StreamObject(stream_data=_drawing(box, text)))
    page = _pages().PageObject(contents=contents, media_box=tuple(box), resources=resources)
    turn = _inherited(original, "/Rotate")
    if turn:
        page[name("/Rotate")] = generic.NumberObject(int(turn))
    return page


def _inherited(page: Any, key: str) -> Any:
    while page is not None and key not in page:
        parent = page.get("/Parent")
        page = parent.get_object() if parent is not None else None
    return page[key] if page is not None else None


def _drawing(box: list[float], text: str) -> bytes:
    left, bottom, right, top = box
    diagonal = hypot(right - left, top - bottom)
    size = diagonal / 44
    shown = f"{text}   " * 4
    written = shown.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    parts = [b"q /Original Do Q q /Mark gs 0.6 0 0 rg BT /Mark %.1f Tf" % size]
    turn = radians(ANGLE)
    for place in range(-_LINES, _LINES + 1):
        across = place * diagonal / (_LINES * 2)
        x = (left + right) / 2 - across * sin(turn) - diagonal / 2 * cos(turn)
        y = (bottom + top) / 2 + across * cos(turn) - diagonal / 2 * sin(turn)
        matrix = (cos(turn), sin(turn), -sin(turn), cos(turn), x, y)
        parts.append(b"%.4f %.4f %.4f %.4f %.2f %.2f Tm (" % matrix + written + b") Tj")
    return b" ".join([*parts, b"ET Q"])
