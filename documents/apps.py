"""The room of the electronic file; names its sealed files for the rotation of keys."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "documents"
    verbose_name = "Expediente"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Fill the registries."""
        from accounts.api import register_sealed_files
        from documents import handlers
        from documents.storage import sealed_files

        register_sealed_files("documents", sealed_files)
        handlers.register()
