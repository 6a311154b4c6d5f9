"""Where a QR leads, mounted at /VERIFICAR/: in capitals, because the QR is a third smaller so."""

from django.urls import path
from django.views.generic import RedirectView

app_name = "qr"
urlpatterns = [
    path(
        "<str:code>",
        RedirectView.as_view(pattern_name="signatures:verify_code", http_method_names=["get", "head"]),
        name="code",
    ),
]
