from django.apps import AppConfig


class ParticipationConfig(AppConfig):
    name = "participation"
    verbose_name = "Participación"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Offer jobs to the job table, the panel to the ficha, and the sealed key to key rotation."""
        from accounts.api import register_sealed
        from participation import handlers, panels, sample
        from workflows.api import register_seed

        handlers.register()
        panels.register()
        register_seed(sample.seed)
        register_sealed("participation.TallyPeriod", "key_sealed")
