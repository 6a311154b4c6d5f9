"""Pages of public verification, mounted at /verificar/."""

from django.urls import path

from signatures import views

app_name = "signatures"
urlpatterns = [
    path("", views.verify, name="verify"),
    path("archivo/", views.verify_file, name="verify_file"),
    path("<str:code>/", views.verify_code, name="verify_code"),
    path("<str:code>/documento/", views.verified_pdf, name="verified_pdf"),
]
