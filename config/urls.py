"""Where each room's pages are mounted."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("workflows.urls")),
    path("catalogo/", include("procedures.urls")),
    path("", include("participation.urls")),
    path("mis-avisos/", include("notifications.urls")),
    path("diseno/", include("designer.urls")),
    path("verificar/", include("signatures.urls")),
    path("VERIFICAR/", include("signatures.qr_urls")),  # as QR codes carry it: capitals make them smaller
    path("cuenta/", include("accounts.urls")),
    path("idioma/", include("django.conf.urls.i18n")),
]

if settings.DEMO:
    urlpatterns += [path("correo-demo/", include("notifications.demo_mailbox.urls"))]
