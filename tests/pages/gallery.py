"""Pages that show every part and every type of question, for tests and for looking at."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from procedures.api import PageForm, build_form
from procedures.schema import Bundle
from tests.forms.sample import BILL, EVERY_TYPE, ON_BEHALF, PARTNERS, RUN_OF_OTHER, STORED, bundle_asking

HERE = Path(__file__).parent
ROWS = [
    {"label": "Nombre completo", "value": "Ana Pérez Soto", "change_url": "#x"},
    {"label": "RUN", "value": "12.345.678-5", "change_url": "#x"},
    {"label": "Correo electrónico", "value": "", "change_url": "#x"},
    {
        "label": "Descripción del local con un texto largo",
        "value": "Almacén de barrio.\nDos puertas.",
        "change_url": "#x",
    },
]
STEPS = [
    {"title": "Recibida", "state": "done", "state_text": "Lista", "when": "21/11/2026", "detail": ""},
    {"title": "En revisión", "state": "current", "state_text": "En curso", "detail": "Oficina de Partes"},
    {"title": "Firma", "state": "pending", "state_text": "Falta"},
]
CASES = [
    [{"url": "#x", "text": f"2026-00{place}"}, "Patente comercial", "Soto Ltda.", "Revisar antecedentes", "Vence hoy"]
    for place in range(10, 15)
]
QUESTIONS: dict[str, Bundle] = {
    "todas": bundle_asking(EVERY_TYPE),
    "una": bundle_asking([ON_BEHALF]),
    "depende": bundle_asking([ON_BEHALF, RUN_OF_OTHER, {"id": "nombre", "type": "text", "label": "Tu nombre"}]),
    "filas": bundle_asking([PARTNERS]),
    "archivo": bundle_asking([{"id": "nombre", "type": "text", "label": "Tu nombre"}, BILL]),
}
kept: dict[str, dict[str, Any]] = {}
"""Answers and files of each sample, as a draft would keep them."""


def draw(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page from a template of this folder."""
    source = (HERE / template).read_text(encoding="utf-8")
    shared = {"institution": "Municipalidad de Ejemplo", "unread_notices": 2, "source_url": "/codigo/"}
    html = engines["django"].from_string(source).render({**shared, **context}, request)
    return HttpResponse(html, status=status)


def parts(request: HttpRequest) -> HttpResponse:
    """Every component."""
    facts = [("Costo", "Gratis"), ("Te toma", "Unos 5 minutos"), ("Respuesta", "3 días hábiles")]
    instant = datetime(2026, 11, 21, 19, 47, tzinfo=UTC)
    return draw(request, "gallery.html", {"facts": facts, "rows": ROWS, "steps": STEPS, "instant": instant})


def desk(request: HttpRequest) -> HttpResponse:
    """The parts of officials' pages."""
    tabs = [
        {"title": "Mías", "url": "#x", "current": True, "count": 12},
        {"title": "De mi grupo", "url": "#x", "current": False, "count": 34},
    ]
    page = Paginator(range(100), 50).page(1)
    columns = ["N° de solicitud", "Trámite", "Persona", "Paso", "Plazo"]
    context = {"tabs": tabs, "columns": columns, "cases": CASES, "page": page, "rows": ROWS, "is_official": True}
    return draw(request, "desk.html", context)


def form_of(sample: str, request: HttpRequest | None = None) -> PageForm:
    """The first page of a sample with what is kept, and what was sent if anything was."""
    data, files = (request.POST, request.FILES) if request is not None else (None, None)
    answers = {"inicio": kept.setdefault(sample, {})}
    return build_form(
        bundle=QUESTIONS[sample],
        step_id="inicio",
        page=1,
        answers=answers,
        data=data,
        files=files,
        label_as_heading=True,
    )


def keep(sample: str, form: PageForm) -> None:
    """Store what can be stored, as the view of a draft does."""
    for name, uploads in form.new_files().items():
        for upload in uploads:
            form.keep_file(name, {"name": upload.name, "size": upload.size, "sha256": "a" * 64, "media_type": "x"})
    for question in form.removed_answers():
        kept[sample].pop(question, None)
    kept[sample].update(form.cleaned_answers())


def questions(request: HttpRequest, sample: str) -> HttpResponse:
    """A page of questions that answers like the real one."""
    urls = {"autosave": f"/galeria/{sample}/guardar/", "upload": f"/galeria/{sample}/archivo/"}
    if request.method == "GET":
        return draw(request, "questions.html", {"form": form_of(sample), **urls})
    form = form_of(sample, request)
    keep(sample, form)
    if form.is_valid():
        return draw(request, "done.html", {"answers": form.cleaned_answers()})
    return draw(request, "questions.html", {"form": form, **urls}, status=422 if form.problems else 200)


def autosave(request: HttpRequest, sample: str) -> HttpResponse:
    """Save while the person writes."""
    form = form_of(sample, request)
    keep(sample, form)
    source = '{% include "components/form_changes.html" %}'
    context = {"form": form, "saved": "Borrador guardado a las 16:47."}
    return HttpResponse(engines["django"].from_string(source).render(context, request))


def file(request: HttpRequest, sample: str) -> HttpResponse:
    """Store a file when it is chosen."""
    form, name = form_of(sample), request.POST["question"]
    upload: Any = request.FILES["file"]
    good = form.check_file(name, upload)
    if good:
        form.keep_file(name, {"name": upload.name, "size": upload.size, "sha256": "a" * 64, "media_type": "x"})
        kept[sample].update(form.cleaned_answers())
    source = '{% include "fields/box.html" %}'
    html = engines["django"].from_string(source).render({"box": form.box(name)}, request)
    return HttpResponse(html, status=200 if good else 422)


class CompareForm(forms.Form):
    """A form that is no procedure's, with a file to choose."""

    archivo = forms.FileField(label="Archivo PDF", widget=forms.FileInput)


def compare(request: HttpRequest) -> HttpResponse:
    """A plain form with the same parts."""
    return draw(request, "plain.html", {"form": CompareForm()})


def filled(request: HttpRequest) -> HttpResponse:
    """Every type of question, answered."""
    answers = {"inicio": {**STORED, "para_quien": "otro", "run_otro": "12345678-5"}}
    form = build_form(bundle=QUESTIONS["todas"], step_id="inicio", page=1, answers=answers)
    return draw(request, "questions.html", {"form": form})


urlpatterns = [
    path("galeria/", parts),
    path("galeria/bandeja/", desk),
    path("galeria/respondidas/", filled),
    path("galeria/comparar/", compare),
    path("galeria/<slug:sample>/", questions),
    path("galeria/<slug:sample>/guardar/", autosave),
    path("galeria/<slug:sample>/archivo/", file),
    path("", include("config.urls")),
]
