"""Pages of whoever administers an agency: its units, its posts, who holds them, and people who leave."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.api import (
    PostRefused,
    bears_another_name,
    change_role,
    close_unit,
    get_or_create_person,
    give_post,
    keep_role,
    keep_unit,
    new_code,
)
from accounts.models import Membership, Person, Role, Unit
from legaltime.api import now
from procedures.api import problems_of
from workflows.commands import posts as commands
from workflows.commands.parties import OTHER_NAME
from workflows.presenting import posts as present
from workflows.presenting.desk_step import CONFLICT, OK, UNPROCESSABLE
from workflows.views.linked import SignedIn, only_with, own_day

administrators_only = only_with(present.agencies)


@require_safe
@never_cache
@login_required
@administrators_only
def index(request: SignedIn) -> HttpResponse:
    """Every unit and post."""
    return render(request, "workflows/posts/index.html", present.index_context(request.user.person, own_day()))


@never_cache
@login_required
@administrators_only
def add_unit(request: SignedIn, agency: str) -> HttpResponse:
    """A new unit."""
    found = get_object_or_404(present.agencies(request.user.person, own_day()), code=agency)
    form = present.UnitForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        name = form.cleaned_data["name"]
        code = new_code(name, set(found.units.values_list("code", flat=True)))
        unit, _what = keep_unit(agency=found, code=code, name=name, by=_actor(request), now=now())
        messages.success(request, _("Unidad agregada. Agrega ahora sus cargos."))
        return redirect("workflows:posts_unit", unit.pk)
    return _page(request, "workflows/posts/add_unit.html", {"institution": found, "form": form}, form)


@never_cache
@login_required
@administrators_only
def unit(request: SignedIn, pk: int) -> HttpResponse:
    """Rename a unit or add a post to it; close it once its posts are closed."""
    found = get_object_or_404(_units(request), pk=pk)
    sent = request.POST if request.method == "POST" else {}
    naming = present.UnitForm(sent if "nombrar" in sent else None, initial={"name": found.name})
    adding = present.RoleForm(sent if "agregar" in sent else None, prefix="cargo")
    refusal = None
    try:
        if went_on := _change_unit(request, found, naming, adding):
            return went_on
    except PostRefused as error:
        refusal = error
    roles = found.roles.order_by("name", "pk")
    context = {"institution": found.agency, "unit": found, "naming": naming, "adding": adding, "roles": roles}
    return _page(request, "workflows/posts/unit.html", context, naming if naming.is_bound else adding, refusal)


def _change_unit(
    request: SignedIn, found: Unit, naming: present.UnitForm, adding: present.RoleForm
) -> HttpResponse | None:
    """Do what was asked of a unit; where to go on, None where nothing was. Raises PostRefused."""
    by, at = _actor(request), now()
    if naming.is_valid():
        keep_unit(agency=found.agency, code=found.code, name=naming.cleaned_data["name"], by=by, now=at)
        messages.success(request, _("Quedó guardado."))
        return redirect("workflows:posts_unit", found.pk)
    if adding.is_valid():
        code = new_code(adding.cleaned_data["name"], set(found.roles.values_list("code", flat=True)))
        role, _what = keep_role(unit=found, code=code, **adding.cleaned_data, by=by, now=at)
        messages.success(request, _("Cargo agregado. Dáselo ahora a alguien."))
        return redirect("workflows:posts_role", role.pk)
    if "cerrar" in request.POST:
        close_unit(unit=found, by=request.user.person, today=own_day(), now=at)
        messages.success(request, _("La unidad quedó cerrada."))
        return redirect("workflows:posts")
    return None


@never_cache
@login_required
@administrators_only
def role(request: SignedIn, pk: int) -> HttpResponse:
    """Rename a post, give it to somebody, or close it after reading what that leaves."""
    found = get_object_or_404(_roles(request), pk=pk)
    sent = request.POST if request.method == "POST" else {}
    may = list(found.grants.values_list("capability", flat=True))
    naming = present.RoleForm(sent if "nombrar" in sent else None, initial={"name": found.name, "may": may}, prefix="c")
    giving = present.GiveForm(sent if "dar" in sent else None)
    refusal = None
    try:
        said = _change_role(request, found, naming, giving)
    except PostRefused as error:
        refusal, said = error, ""
    if said:
        messages.success(request, said)
        return redirect("workflows:posts_role", found.pk)
    context = {**present.role_context(found, own_day()), "naming": naming, "giving": giving}
    return _page(request, "workflows/posts/role.html", context, giving if giving.is_bound else naming, refusal)


def _change_role(request: SignedIn, found: Role, naming: present.RoleForm, giving: present.GiveForm) -> str:
    """Do what was asked of a post; what to say, "" where nothing was. Raises PostRefused."""
    me, today = request.user.person, own_day()
    if naming.is_valid():
        change_role(role=found, **naming.cleaned_data, by=me, today=today, now=now())
        return _("Quedó guardado.")
    if giving.is_valid():
        given = dict(giving.cleaned_data)
        names = {"given_names": given.pop("given_names"), "family_names": given.pop("family_names")}
        run, starts_on = given.pop("run"), given.pop("starts_on") or today
        if bears_another_name(run, **names):
            raise PostRefused(str(OTHER_NAME))
        whom = get_or_create_person(run, **names)
        give_post(person=whom, role=found, post=given["post"], starts_on=starts_on, by=me, today=today, now=now())
        return _("%(name)s tiene ahora este cargo.") % {"name": whom}
    if "cerrar" in request.POST:
        commands.close(role=found, by=me, today=today, now=now())
        return _("El cargo quedó cerrado.")
    return ""


@never_cache
@login_required
@administrators_only
def end(request: SignedIn, pk: int) -> HttpResponse:
    """End one post of somebody, after reading what they have in hand."""
    post = get_object_or_404(_posts(request), pk=pk)
    return _leaving(request, post.person, [post])


@never_cache
@login_required
@administrators_only
def leave(request: SignedIn, agency: str, person: int) -> HttpResponse:
    """End every post that somebody holds in an agency: they leave it."""
    posts = list(_posts(request).filter(person=person, role__unit__agency__code=agency).order_by("pk"))
    if not posts:
        get_object_or_404(_posts(request), pk=0)
    return _leaving(request, posts[0].person, posts)


def _leaving(request: SignedIn, person: Person, posts: list[Membership]) -> HttpResponse:
    form = present.EndForm(request.POST if request.method == "POST" else None)
    today, refusal = own_day(), None
    if form.is_valid():
        last = form.last_day(today)
        try:
            back = commands.end(posts=posts, ends_on=last, by=request.user.person, today=today, now=now())
        except PostRefused as error:
            refusal = error
        else:
            messages.success(request, _said(back))
            return redirect("workflows:posts")
    return _page(
        request, "workflows/posts/leave.html", {**present.leaving_context(person, posts), "form": form}, form, refusal
    )


def _said(back: int) -> str:
    if not back:
        return _("Quedó anotado.")
    text = ngettext(
        "Quedó anotado. %(n)s paso que tenía volvió a la bandeja del cargo.",
        "Quedó anotado. %(n)s pasos que tenía volvieron a la bandeja del cargo.",
        back,
    )
    return text % {"n": back}


def _units(request: SignedIn) -> Any:
    mine = present.agencies(request.user.person, own_day())
    return Unit.objects.filter(agency__in=mine).select_related("agency")


def _roles(request: SignedIn) -> Any:
    return Role.objects.filter(unit__in=_units(request)).select_related("unit__agency")


def _posts(request: SignedIn) -> Any:
    found = Membership.objects.filter(present.still_held(own_day()), role__in=_roles(request))
    return found.select_related("person", "role__unit__agency")


def _actor(request: SignedIn) -> str:
    return f"person:{request.user.person.pk}"


def _page(
    request: SignedIn, name: str, context: dict[str, Any], form: Form, refusal: Exception | None = None
) -> HttpResponse:
    errors = problems_of(form, refusal, at="main")
    status = CONFLICT if refusal else UNPROCESSABLE if errors else OK
    return render(request, name, {**context, "errors": errors}, status=status)
