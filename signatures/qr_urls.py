"""Where a QR leads, mounted at /VERIFICAR/: in capitals, because the QR is a third smaller so."""

from django.urls import path
from django.views.generic import RedirectView

urlpatterns = [
    path("<str:code>", RedirectView.as_view(pattern_name="signatures:verify_code")),
    path("<str:code>/", RedirectView.as_view(pattern_name="signatures:verify_code")),
]
