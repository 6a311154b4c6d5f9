"""Looks into a file that somebody uploads, inside a limited child: what it is, and whether it is what it seems.

No Django and no network. Photos are decoded whole, so that a broken or swollen one is found here and not by whoever
opens it; those of phones that keep HEIC, and huge ones, come back as a JPEG of a sensible size.
"""

import base64
import warnings
from collections.abc import Iterator
from io import BytesIO
from typing import Any

MOST_PIXELS = 200_000_000
"""Pixels of a photo that is decoded at all: twice what the best phones take."""
LONGEST_SIDE = 5_000
"""Pixels; a longer photo is reduced. A sheet of paper at 400 dots per inch has 4,700."""
LIGHT = 3 * 1024 * 1024
"""Bytes; a heavier JPEG with many pixels is reduced too."""
QUALITY = 85
HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif")
PACKED = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"MZ", b"\x7fELF", b"#!")
"""How archives and programs begin."""


class Refused(Exception):
    """The file is not taken; the argument is one of the reasons that the parent knows."""


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Answers {"data": base64} with {"media_type", "data": base64 or "" when it stays as it came} or {"error"}.

    With {"within": [width, height]} a picture comes back as a PNG on white, no larger than that.
    """
    data, within = base64.b64decode(request["data"]), request.get("within")
    try:
        media_type, changed = _on_white(data, within) if within else _inspected(data)
    except Refused as refusal:
        return {"error": str(refusal)}
    except (MemoryError, RecursionError):
        return {"error": "bomb"}
    return {"media_type": media_type, "data": base64.b64encode(changed).decode() if changed else ""}


def _inspected(data: bytes) -> tuple[str, bytes]:
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        return "image/jpeg", _photo(data, "heic")
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg", _photo(data, "jpeg")
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png", _photo(data, "png")
    if b"%PDF-" in data[:1024]:
        _check_pdf(data)
        return "application/pdf", b""
    raise Refused("kind")


def _photo(data: bytes, kind: str) -> bytes:
    """The photo as a lighter JPEG (PNG stays PNG) when it needs it; b"" when it stays as it came."""
    from PIL import Image, ImageOps

    if kind == "heic":
        from pillow_heif import register_heif_opener

        register_heif_opener(thumbnails=False)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with warnings.catch_warnings(), Image.open(BytesIO(data)) as image:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            if image.width * image.height > MOST_PIXELS:
                raise Refused("pixels")
            is_long = max(image.size) > LONGEST_SIDE
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is read at half its size or less, if that does
            image.load()
            if kind != "heic" and not is_long and not (kind == "jpeg" and len(data) > LIGHT):
                return b""
            upright = ImageOps.exif_transpose(image) or image
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return _encoded(upright, "PNG" if kind == "png" else "JPEG")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused("pixels") from error
    except Refused:
        raise
    except (OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, EOFError) as error:
        raise Refused("heic" if kind == "heic" else "image") from error


def _on_white(data: bytes, within: tuple[int, int]) -> tuple[str, bytes]:
    from PIL import Image

    media_type, changed = _inspected(data)
    if not media_type.startswith("image/"):
        raise Refused("picture")
    with Image.open(BytesIO(changed or data)) as image:
        picture = image.convert("RGBA")
    picture.thumbnail(within)
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A"))
    return "image/png", _encoded(paper, "PNG")


def _encoded(image: Any, form: str) -> bytes:
    """Without the place and the camera that a photo carries: nobody asked for them."""
    out = BytesIO()
    if form == "JPEG":
        image.convert("RGB").save(out, "JPEG", quality=QUALITY, optimize=True)
    else:
        image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _check_pdf(data: bytes) -> None:
    """Refuse what is locked or carries packed files or programs. One that cannot be read whole is taken as it came:
    readers mend many, and it is only kept and shown, never run."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        reader = PdfFileReader(BytesIO(data), strict=False)
        if reader.encrypted:
            raise Refused("locked")
        for inside in _files_inside(reader):
            if inside.lstrip().startswith(PACKED):
                raise Refused("packed")
    except (Refused, MemoryError, RecursionError):
        raise
    except Exception:  # noqa: S110  (hostile and sloppy files fail in every way; see above)
        pass


def _files_inside(reader: Any) -> Iterator[bytes]:
    names = reader.root.get("/Names", {}).get("/EmbeddedFiles", {}).get("/Names", [])
    for place in range(1, min(len(names), 200), 2):
        yield names[place]["/EF"]["/F"].data[:512]
