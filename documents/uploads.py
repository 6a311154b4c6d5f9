"""Files that people upload: inspected in a limited child before anything else reads them."""

import base64
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy

from documents.errors import UploadRefused
from documents.limits import ChildStopped, LimitedChild

REASONS = {
    "kind": gettext_lazy("El archivo no es de un tipo que se pueda recibir. Sube un PDF o una foto"),
    "picture": gettext_lazy("El emblema debe ser una imagen PNG o JPEG. Elige otro archivo."),
    "image": gettext_lazy("No pudimos leer la foto: está dañada o incompleta. Súbela de nuevo o toma otra"),
    "heic": gettext_lazy(
        "La foto está en formato HEIC. No la pudimos leer: elige «Más compatible» en los ajustes de la cámara "
        "y tómala de nuevo, o sube una captura de pantalla"
    ),
    "pixels": gettext_lazy("La foto tiene demasiados píxeles. Sube una más pequeña"),
    "locked": gettext_lazy("El PDF tiene contraseña. Sube una copia sin contraseña"),
    "packed": gettext_lazy("El PDF trae dentro archivos comprimidos o programas. Sube cada documento por separado"),
    "bomb": gettext_lazy("El archivo es demasiado complejo para revisarlo. Imprímelo como PDF y sube esa copia"),
}


@dataclass(frozen=True)
class Inspected:
    """What is kept of an upload: its bytes, made lighter where it was a huge or HEIC photo, and what they are."""

    data: bytes
    media_type: str
    was_changed: bool


def inspect_upload(data: bytes) -> Inspected:
    """What an uploaded file is, and the bytes to keep. Raises UploadRefused with what to do; takes up to a minute."""
    return _asked(data)


def redraw_on_white(data: bytes, within: tuple[int, int]) -> bytes:
    """The picture as a PNG on white of at most that many pixels, without what its file said besides.

    Raises UploadRefused with what to do.
    """
    return _asked(data, within=within).data


def _asked(data: bytes, **more: Any) -> Inspected:
    try:
        answer = _child().ask({"data": base64.b64encode(data).decode(), **more})
    except ChildStopped as stopped:
        raise UploadRefused(str(REASONS["bomb"])) from stopped
    if "error" in answer:
        raise UploadRefused(str(REASONS[answer["error"]]))
    changed = base64.b64decode(answer["data"])
    return Inspected(changed or data, answer["media_type"], bool(changed))


@cache
def _child() -> LimitedChild:
    """Room for 200 million pixels of three bytes, and their copy turned upright."""
    return LimitedChild(
        "documents.inspection",
        address_space=2 << 30,
        cpu_seconds=20,
        wall_seconds=40 * settings.CHILD_PATIENCE,
        requests_per_child=50,
    )
