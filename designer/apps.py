from django.apps import AppConfig


class DesignerConfig(AppConfig):
    name = "designer"
    verbose_name = "Diseño de trámites"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add the jobs, the demonstration's data, and what the designer's files can do to `manage.py procedures`."""
        from designer import handlers, sample, subcommands
        from procedures.api import register_subcommand
        from workflows.api import register_seed

        register_subcommand(subcommands.pull())
        register_subcommand(subcommands.apply())
        handlers.register()
        register_seed(sample.seed)
