"""Where each room's pages are mounted."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from accounts.views import choose_language

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("workflows.urls")),
    path("catalogo/", include("procedures.urls")),
    path("", include("participation.urls")),
    path("mis-avisos/", include("notifications.urls")),
    path("diseno/", include("designer.urls")),
    path("verificar/", include("signatures.urls")),
    path("VERIFICAR/", include("signatures.qr_urls")),  # as QR codes carry it: capitals make them smaller
    path("cuenta/", include("accounts.urls")),
    path("idioma/setlang/", choose_language, name="set_language"),
]

if settings.DEMO:
    urlpatterns += [path("correo-demo/", include("notifications.demo_mailbox.urls"))]
