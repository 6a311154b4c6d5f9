"""Marked copies of what people hand over: the original stays sealed as it came, and whoever reviews gets the copy.

See docs/decisions/0008-marked-copies.md.
"""

import base64
from functools import cache

from django.conf import settings
from django.utils.translation import gettext as _

from documents.errors import FilesUnavailable
from documents.limits import ChildStopped, LimitedChild
from documents.models import Document
from documents.operations import read_blob


def mark_of(document: Document) -> str:
    """What the copies of a document say; empty where everybody gets it as it came."""
    return str(document.content.get("copy_for", ""))


def marked_copy(document: Document) -> tuple[bytes, str]:
    """A copy with its mark, and its media type. Raises BlobDamaged, and FilesUnavailable rather than hand out the
    original when no copy can be made."""
    assert document.blob is not None
    media_type = document.blob.media_type
    data = base64.b64encode(read_blob(document.blob)).decode()
    try:
        answer = _child().ask({"data": data, "media_type": media_type, "text": mark_of(document)})
    except ChildStopped as stopped:
        raise FilesUnavailable(_no_copy()) from stopped
    if "error" in answer:
        raise FilesUnavailable(_no_copy())
    return base64.b64decode(answer["data"]), media_type if media_type == "application/pdf" else "image/jpeg"


def _no_copy() -> str:
    return _("No pudimos hacer la copia marcada de este documento. Pide a la persona que lo entregue como foto o PDF.")


@cache
def _child() -> LimitedChild:
    """Room for the biggest photo that is kept, twice."""
    return LimitedChild(
        "documents.watermark",
        address_space=2 << 30,
        cpu_seconds=20,
        wall_seconds=40 * settings.CHILD_PATIENCE,
        requests_per_child=50,
    )
