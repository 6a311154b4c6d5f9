"""Addresses of the catalogue's staff pages, and of the forms that people download."""

from django.urls import path

from procedures import views

app_name = "procedures"
urlpatterns = [
    path("plantillas/<slug:sha256>/", views.template, name="template"),
    path("listas/<int:version_id>/buscar/", views.search_list, name="search_list"),
    path("cargar/", views.imports, name="imports"),
    path("cargar/<int:import_id>/", views.one_import, name="import"),
]
