"""Pages of public verification, mounted at /verificar/."""

from django.urls import URLPattern

app_name = "signatures"
urlpatterns: list[URLPattern] = []
