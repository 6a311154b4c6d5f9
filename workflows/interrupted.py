"""What was sent after its session had closed: kept sealed until the same page is opened by who owns it.

Pages save while the person writes; this is for browsers without JavaScript and for the last words.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator

from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict

from accounts.api import open_sealed, seal
from documents.api import read_bytes, write_bytes
from workflows.models import CaseTask, Draft
from workflows.rules import HELD

MOST = 200_000
"""Characters that are kept; a page of questions has far fewer."""
MOST_FILES = 5
MOST_BYTES = 30 * 1024 * 1024
"""Files that are kept; larger ones are chosen again."""
_KEPT = "interrupted"
_FILES = "interrupted_files"


def keep(request: HttpRequest, ref: str, task_id: int | None = None) -> None:
    """Keep what was posted to this address in the visitor's session. Only for a page that somebody is filling in."""
    typed = request.POST.copy()
    typed.pop("csrfmiddlewaretoken", None)
    text = typed.urlencode()
    if len(text) <= MOST and _is_being_filled_in(ref, task_id):
        sealed = seal(text.encode(), _context(request.path))
        request.session[_KEPT] = [request.path, b64encode(sealed).decode()]
        files = list(_kept_files(request)) if task_id is None else []
        request.session[_FILES] = b64encode(seal(json.dumps(files).encode(), _context(request.path))).decode()


def _kept_files(request: HttpRequest) -> Iterator[list[str]]:
    """Files go sealed to the disk, where the sweep of orphans takes them after a day if nobody comes back."""
    chosen = [(name, upload) for name, upload in request.FILES.items() if isinstance(upload, UploadedFile)]
    if len(chosen) <= MOST_FILES and sum(upload.size or 0 for _name, upload in chosen) <= MOST_BYTES:
        for name, upload in chosen:
            stored = write_bytes(upload.read(), "application/octet-stream")
            yield [name, upload.name or "", stored.storage_key, stored.sha256]


def take_files(request: HttpRequest) -> MultiValueDict[str, UploadedFile[bytes]]:
    """The files that came with what `take` gave back, once."""
    found: MultiValueDict[str, UploadedFile[bytes]] = MultiValueDict()
    sealed = request.session.pop(_FILES, "")
    kept = json.loads(open_sealed(b64decode(sealed), _context(request.path))) if sealed else []
    for name, file_name, key, sha256 in kept:
        found.appendlist(name, SimpleUploadedFile(file_name, read_bytes(key, sha256)))
    return found


def take(request: HttpRequest) -> QueryDict | None:
    """What was kept for this page, once. The caller has made sure that the page is the signed-in person's own."""
    path, sealed = request.session.get(_KEPT, ("", ""))
    if request.method != "GET" or path != request.path:
        return None
    del request.session[_KEPT]
    return QueryDict(open_sealed(b64decode(sealed), _context(path)))


def _is_being_filled_in(ref: str, task_id: int | None) -> bool:
    if task_id is None:
        return Draft.objects.filter(ref=ref, filed_at=None).exists()
    return CaseTask.objects.filter(pk=task_id, process__ref=ref, status=HELD).exists()


def _context(path: str) -> str:
    return f"workflows.interrupted:{path}"
