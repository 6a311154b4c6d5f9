"""Staff page of absences: who is away, until when, and who substitutes."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.api import AbsenceRefused, note_absence, shorten_absence, withdraw_absence
from accounts.models import Absence, Person
from legaltime.api import now
from workflows.presenting import absences as present
from workflows.views.linked import CONFLICT, SignedIn, own_day

WRONG = 422


@never_cache
@login_required
def absences(request: SignedIn) -> HttpResponse:
    """Those noted from today on, and the form to note one."""
    me, today = request.user.person, own_day()
    people = present.colleagues(me, today)
    if not people:
        raise PermissionDenied
    posted = request.POST if request.method == "POST" else None
    form = present.AbsenceForm(posted, people=people, whom=present.noted_by(me, people, today))
    refusal: Exception | None = None
    if form.is_bound and form.is_valid():
        try:
            note_absence(**form.absence(), by=me, now=now())
        except AbsenceRefused as error:
            refusal = error
        else:
            messages.success(request, _("Quedó anotada. En esos días no se le reparten pasos."))
            return redirect("workflows:absences")
    status = CONFLICT if refusal else WRONG if form.errors else 200
    context = present.context(form, people, today, refusal)
    return render(request, "workflows/desk/absences.html", context, status=status)


@never_cache
@login_required
def change(request: SignedIn, pk: int) -> HttpResponse:
    """End an absence earlier, or leave without effect one that begins today at the earliest."""
    me, today = request.user.person, own_day()
    absence = get_object_or_404(present.changeable(me, today), pk=pk)
    withdraws = "sin-efecto" in request.POST
    form = present.ChangeForm(request.POST if request.method == "POST" else None, withdraws=withdraws)
    refusal: Exception | None = None
    if form.is_valid():
        try:
            messages.success(request, _change(absence, form, withdraws, me, today))
        except AbsenceRefused as error:
            refusal = error
        else:
            return redirect("workflows:absences")
    status = CONFLICT if refusal else WRONG if form.errors else 200
    context = present.change_context(absence, form, today, refusal)
    return render(request, "workflows/desk/absence_change.html", context, status=status)


def _change(absence: Absence, form: present.ChangeForm, withdraws: bool, me: Person, today: date) -> str:
    """Do it; what to say. Raises AbsenceRefused."""
    reason = form.cleaned_data["reason"]
    if withdraws:
        withdraw_absence(absence=absence, reason=reason, by=me, today=today, now=now())
        return _("La ausencia quedó sin efecto.")
    ends_on = form.cleaned_data["ends_on"]
    shorten_absence(absence=absence, ends_on=ends_on, reason=reason, by=me, today=today, now=now())
    return _("La ausencia termina antes. Quien subrogaba deja los cargos el mismo día.")
