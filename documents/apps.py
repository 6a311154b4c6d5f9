"""The room of the electronic file."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "documents"
    verbose_name = "Expediente"
    default_auto_field = "django.db.models.BigAutoField"
