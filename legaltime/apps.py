from django.apps import AppConfig


class LegaltimeConfig(AppConfig):
    name = "legaltime"
    verbose_name = "Plazos legales"
    default_auto_field = "django.db.models.BigAutoField"
