from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    name = "procedures"
    verbose_name = "Trámites"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add the room's jobs."""
        from procedures import handlers

        handlers.register()
