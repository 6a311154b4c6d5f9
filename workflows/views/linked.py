"""What the pages share: who has signed in; only cases of one's own procedures exist for an official (R44)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from functools import wraps
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Agency, Person, User
from legaltime.api import local_date, now
from workflows import interrupted, operations, queries
from workflows.access import official_cases
from workflows.bandeja import Bandeja
from workflows.errors import IsParty
from workflows.models import Case, CaseAccess, CaseTask
from workflows.presenting import desk_case
from workflows.separation import is_party

CONFLICT = 409
LIST, AT_FIRST = "bandeja", "ver=mias"
"""Where the session keeps the list of the bandeja last looked at, and the list that opens first."""
DONE = "hecho"
_SHOW_NOTHING = (301, 302, 303)


class SignedIn(HttpRequest):
    """A request that `login_required` let through."""

    user: User


_View = Callable[..., HttpResponse]


def signed_in_to_write(view: _View) -> _View:
    """`login_required` for a page that is filled in: what arrives after the session closed waits for its owner."""

    @wraps(view)
    def guarded(request: SignedIn, ref: str, **rest: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, ref, **rest)
        if request.method == "POST":
            interrupted.keep(request, ref, rest.get("task_id"))
        return redirect_to_login(request.get_full_path())

    return guarded


def signed_in_to_post(view: _View) -> _View:
    """`login_required` for an address that only takes POST: the way back leads to the page with the button."""

    @wraps(view)
    def guarded(request: SignedIn, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        messages.warning(request, _("Tu sesión se había cerrado y no hicimos lo que pediste. Pídelo otra vez."))
        sender = urlsplit(request.headers.get("Referer", ""))
        return redirect_to_login(sender.path if sender.netloc == request.get_host() else "/")

    return guarded


def only_with(agencies: Callable[[Person, date], QuerySet[Agency]]) -> Callable[[_View], _View]:
    """Pages for those who have a capability in some agency, as `agencies` lists them; closed to the others."""

    def closed(view: _View) -> _View:
        @wraps(view)
        def guarded(request: SignedIn, *args: Any, **kwargs: Any) -> HttpResponse:
            if not agencies(request.user.person, own_day()).exists():
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return closed


def own_day(case: Case | None = None) -> date:
    """Today where the case's agency sits; for lists, in continental Chile."""
    return local_date(now(), case.agency.time_zone if case else settings.TIME_ZONE)


def own_bandeja(request: SignedIn) -> Bandeja:
    """What the person's roles of today list; PermissionDenied for whoever holds none."""
    bandeja = Bandeja(request.user.person, own_day())
    if not bandeja.roles:
        raise PermissionDenied
    return bandeja


def linked_case(request: SignedIn, ref: str, *, also_own: bool = False) -> Case:
    """A case of a procedure in which a role of the signed-in person takes part, or 404.

    Whoever is party to it reads it as such, and not what is withheld from them (D10 art. 37, R41): PermissionDenied,
    unless `also_own` for what shows nothing of it.
    """
    cases = official_cases(request.user.person, own_day())
    found = get_object_or_404(cases.select_related("agency", "version__procedure__owner", "offering", "file"), ref=ref)
    if not also_own and is_party(found, request.user.person, own_day(found)):
        raise PermissionDenied(str(IsParty.message))
    return found


def linked_task(case: Case, task_id: int) -> CaseTask:
    """An official's step of the case, open or done, or 404."""
    tasks = CaseTask.objects.filter(process=case, role__isnull=False).defer("flow_task")
    task: CaseTask = get_object_or_404(
        tasks.select_related("role__unit", "unit", "owner__person", "finished_by"), pk=task_id
    )
    task.process = case
    return task


def record_opening(request: SignedIn, case: Case) -> None:
    """Note that the official opened the file, and by which post (R40)."""
    person = request.user.person
    post = queries.membership_in(case, person, own_day(case))
    operations.record_access(case=case, person=person, membership=post, now=now())


def record_listing(request: SignedIn, cases: Iterable[Case]) -> None:
    """Note that a page showed the official something of several files, once a day for each (R40)."""
    person, at, today = request.user.person, now(), own_day()
    midnight = datetime.combine(today, time.min, ZoneInfo(settings.TIME_ZONE))
    known = CaseAccess.objects.filter(person=person, case__in=(shown := list(cases)), at__gte=midnight)
    noted = set(known.values_list("case", flat=True))
    posts = queries.memberships_among(shown, person, today)
    for case in shown:
        if case.pk not in noted:
            post = posts.get(case.pk)
            operations.record_access(case=case, person=person, membership=post, now=at, is_listed=True)


def opened(request: SignedIn, case: Case, response: HttpResponse) -> HttpResponse:
    """The answer itself; a page, unlike the way to another one, showed the file, also after a refused POST (R40)."""
    if response.status_code not in _SHOW_NOTHING:
        record_opening(request, case)
    return response


def list_address(request: HttpRequest) -> str:
    """The bandeja as the official left it: tab, filters and page."""
    return f"{reverse('workflows:inbox')}?{request.session.get(LIST, AT_FIRST)}"


def keep_list(request: HttpRequest, query: str) -> None:
    """Remember which list of the bandeja the official looks at, for the way back to it."""
    if request.session.get(LIST, AT_FIRST) != query:
        request.session[LIST] = query


def show_case(request: SignedIn, found: Case, refusal: Exception | None = None) -> HttpResponse:
    """The page of a case, with what was refused on top if something was; to its parties, that they act elsewhere."""
    person, status = request.user.person, CONFLICT if refusal else 200
    around = {"refusal": refusal, "list_url": list_address(request), "just_done": DONE in request.GET}
    if is_party(found, person, own_day(found)):
        context = desk_case.barred_context(found, person) | around
        return render(request, "workflows/desk/barred.html", context, status=status)
    record_opening(request, found)
    context = desk_case.case_context(found, person, own_day(found), request.GET.get("ver", "")) | around
    return render(request, "workflows/desk/case.html", context, status=status)


def case_when_done(ref: str) -> str:
    """Address of a case whose step one has just finished: its page offers the next one."""
    return f"{reverse('workflows:desk_case', args=[ref])}?{DONE}=1"
