"""Long lists that questions choose from: send a file, look at what it changes, publish it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from designer.queries import designing_agencies
from designer.views.shared import REFUSED, SignedIn, agency_of, today
from legaltime.api import now
from procedures.api import (
    AlreadyApplied,
    ListRefused,
    UnreadableCatalogue,
    changes_of,
    entries_of,
    lists_of,
    problems_of,
    publish_list,
    send_list,
)
from procedures.models import ListVersion

SHOWN = 100


class ListFileForm(forms.Form):
    """The title of a list and the file with its rows."""

    use_required_attribute = False
    title = forms.CharField(
        label=gettext_lazy("Nombre de la lista"),
        max_length=120,
        help_text=gettext_lazy("El mismo nombre carga una versión nueva de una lista que ya existe"),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Escribe el nombre de la lista")},
    )
    file = forms.FileField(
        label=gettext_lazy("Archivo con las filas"),
        help_text=gettext_lazy(
            "CSV o JSON de hasta 10 MB, con las columnas nombre, código y, si depende de otra lista, padre"
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.json,text/csv,application/json"}),
        error_messages={
            "required": gettext_lazy("Elige el archivo de la lista"),
            "empty": gettext_lazy("El archivo está vacío. Elige otro"),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def lists(request: SignedIn) -> HttpResponse:
    """The lists of the agency with their versions, and the form to send one; sending publishes nothing."""
    agency = agency_of(request)
    form = (
        ListFileForm(request.POST, request.FILES, auto_id="id-%s")
        if request.method == "POST"
        else ListFileForm(auto_id="id-%s")
    )
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            sent = send_list(
                agency=agency, title=data["title"], content=data["file"].read(), by=request.user.person, now=now()
            )
            return redirect("designer:list", sent.pk)
        except (UnreadableCatalogue, ListRefused) as error:
            form.add_error("file", str(error))
    errors = problems_of(form)
    context = {"form": form, "errors": errors, "lists": lists_of([agency.pk]).prefetch_related("versions")}
    return render(request, "designer/lists.html", context, status=REFUSED if errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def one_list(request: SignedIn, version_id: int) -> HttpResponse:
    """What a version holds and changes, and the button that publishes it."""
    agencies = designing_agencies(request.user.person, today())
    version = get_object_or_404(
        ListVersion.objects.select_related("reference"), pk=version_id, reference__owner__in=agencies
    )
    if request.method == "POST":
        try:
            publish_list(version=version, by=request.user.person, now=now())
            messages.success(request, _("Publicada. Las solicitudes que ya empezaron siguen con la versión anterior."))
        except AlreadyApplied:
            messages.warning(request, _("Esta versión ya estaba publicada."))
        return redirect("designer:list", version_id)
    context = {"version": version, "entries": entries_of(version.pk)[:SHOWN], "shown": SHOWN}
    if version.published_at is None:
        context["changes"] = changes_of(version)
    return render(request, "designer/list.html", context)
