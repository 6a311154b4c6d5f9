from django.apps import AppConfig


class DesignerConfig(AppConfig):
    name = "designer"
    verbose_name = "Diseño de trámites"
    default_auto_field = "django.db.models.BigAutoField"
