"""Correo de la demostración: what the demonstration's mail server received. Does not exist elsewhere."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from notifications.demo_mailbox.store import mail_ids, read, read_all

PAGE_LENGTH = 25


def _demo_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def only_in_demo(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return only_in_demo


@_demo_only
@require_GET
def mail_list(request: HttpRequest) -> HttpResponse:
    """All messages, newest first."""
    page = Paginator(mail_ids(), PAGE_LENGTH).get_page(request.GET.get("p"))
    context = {"page": page, "mails": read_all(list(page.object_list))}
    return render(request, "notifications/demo_mailbox/list.html", context)


@_demo_only
@require_GET
def mail(request: HttpRequest, mail_id: str) -> HttpResponse:
    """One message: its text, and its HTML as source."""
    found = read(mail_id)
    if found is None:
        raise Http404
    return render(request, "notifications/demo_mailbox/mail.html", {"mail": found})
