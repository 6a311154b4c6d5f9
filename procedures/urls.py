"""Addresses of the catalogue's staff pages."""

from django.urls import path

from procedures import views

app_name = "procedures"
urlpatterns = [
    path("cargar/", views.imports, name="imports"),
    path("cargar/<int:import_id>/", views.one_import, name="import"),
]
