from django.apps import AppConfig


class DesignerConfig(AppConfig):
    name = "designer"
    verbose_name = "Diseño de trámites"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add what the designer's files can do to `manage.py procedures`."""
        from designer import subcommands
        from procedures.api import register_subcommand

        register_subcommand(subcommands.pull())
        register_subcommand(subcommands.apply())
