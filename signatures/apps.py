"""The room of signatures; fills the registries of the rooms below."""

from django.apps import AppConfig


class SignaturesConfig(AppConfig):
    name = "signatures"
    verbose_name = "Firmas"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Fill the registries."""
        from accounts.api import register_sealed_files
        from documents.api import set_signature_source
        from signatures import handlers, keystore, rehearsal
        from signatures.queries import signature_facts

        handlers.register()
        rehearsal.register()
        register_sealed_files("signatures", keystore.sealed_files)
        set_signature_source(signature_facts)
