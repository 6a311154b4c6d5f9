"""Public verification: by code (the QR leads there) or by file."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Person
from documents.api import read_blob, record_access
from documents.models import Document
from legaltime.api import now
from procedures.api import problems_of
from signatures import throttle, verification
from signatures.errors import TooManyAttempts
from signatures.forms import CodeForm, FileForm, HolderForm
from signatures.report import report
from signatures.rules import Verdict

View = Callable[..., HttpResponseBase]


def _private(limit: throttle.Limit | None = None) -> Callable[[View], View]:
    """Answers of these pages are neither kept nor indexed, and a network may only ask so often."""

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                if limit is not None:
                    throttle.count(limit, throttle.network_of(request), now())
                response = view(request, *args, **kwargs)
            except TooManyAttempts as error:
                response = _forms(request, status=429, errors=[{"target": "", "text": str(error)}])
            patch_cache_control(response, no_store=True)
            response["X-Robots-Tag"] = "noindex, nofollow"
            return response

        return wrapped

    return decorate


def _forms(request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
    values = {"code_form": CodeForm(), "file_form": FileForm(), "errors": [], **context}
    return render(request, "signatures/verify.html", values, status=status)


@require_GET
@_private()
def verify(request: HttpRequest) -> HttpResponse:
    """The two ways in. `?codigo=` leads to the page of that code."""
    if "codigo" not in request.GET:
        return _forms(request)
    form = CodeForm(request.GET)
    if form.is_valid():
        return redirect("signatures:verify_code", code=form.cleaned_data["codigo"])
    return _forms(request, status=422, code_form=form, errors=problems_of(form))


@require_GET
@_private(throttle.CODES)
def verify_code(request: HttpRequest, code: str) -> HttpResponse:
    """What the registry says of a code. Every other code gets one and the same answer."""
    return _code_page(request, verification.verify_code(code))


@require_POST
@_private(throttle.FILES)
def verify_file(request: HttpRequest) -> HttpResponse:
    """The report on an uploaded file, which is not kept."""
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _forms(request, status=422, file_form=form, errors=problems_of(form))
    result = report(verification.verify_file(form.cleaned_data["archivo"].read()))
    if request.accepts("application/json") and not request.accepts("text/html"):
        return JsonResponse(result.as_json())
    return render(request, "signatures/report.html", {"report": result})


@require_http_methods(["GET", "POST"])
@_private(throttle.CODES)
def verified_pdf(request: HttpRequest, code: str) -> HttpResponseBase:
    """The original: to anybody where it is public, else to whoever knows the end of the holder's RUN (POST)."""
    finding = verification.verify_code(code)
    document = finding.document
    if document is None:
        return _code_page(request, finding)
    form = HolderForm(request.POST) if request.method == "POST" else None
    if document.is_public or (form is not None and form.is_valid() and _is_holder(document, form)):
        return _original(request, document)
    return _code_page(request, finding, holder_form=form, status=422 if form else 403)


def _is_holder(document: Document, form: HolderForm) -> bool:
    throttle.count(throttle.HOLDER, str(document.pk), now())
    if verification.is_holder(document, form.cleaned_data["run_final"]):
        return True
    form.add_error("run_final", _("No coincide con el RUN del titular de este documento. Revísalo."))
    return False


def _original(request: HttpRequest, document: Document) -> HttpResponseBase:
    if document.blob is None:
        raise ValueError("an issued document has its final bytes")
    person: Person | None = getattr(request.user, "person", None)
    record_access(document=document, person=person, through="verification", now=now())
    response = HttpResponse(read_blob(document.blob), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{document.code}.pdf"'
    return response


def _code_page(
    request: HttpRequest, finding: verification.Finding, *, holder_form: HolderForm | None = None, status: int = 200
) -> HttpResponse:
    if finding.verdict == Verdict.NOT_ISSUED:
        unknown = _("No existe un documento con ese código. Revisa si confundiste una letra con un número.")
        return _forms(request, status=404, errors=[{"target": "id_codigo", "text": unknown}])
    context = {
        "report": report(finding),
        "document": finding.document,
        "holder_form": holder_form or HolderForm(),
        "can_ask_holder": verification.can_ask_holder(),
        "errors": problems_of(holder_form) if holder_form else [],
    }
    return render(request, "signatures/code.html", context, status=status)
