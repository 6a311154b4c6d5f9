"""What was sent after its session had closed: kept sealed until the same page is opened by who owns it.

Pages save while the person writes; this is for browsers without JavaScript and for the last words.
"""

from __future__ import annotations

from base64 import b64decode, b64encode

from django.http import HttpRequest, QueryDict

from accounts.api import open_sealed, seal
from workflows.models import CaseTask, Draft
from workflows.rules import HELD

MOST = 200_000
"""Characters that are kept; a page of questions has far fewer."""
_KEPT = "interrupted"


def keep(request: HttpRequest, ref: str, task_id: int | None = None) -> None:
    """Keep what was posted to this address in the visitor's session. Only for a page that somebody is filling in."""
    typed = request.POST.copy()
    typed.pop("csrfmiddlewaretoken", None)
    text = typed.urlencode()
    if len(text) <= MOST and _is_being_filled_in(ref, task_id):
        sealed = seal(text.encode(), _context(request.path))
        request.session[_KEPT] = [request.path, b64encode(sealed).decode()]


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
