from django.apps import AppConfig


class SignaturesConfig(AppConfig):
    name = "signatures"
    verbose_name = "Firmas"
    default_auto_field = "django.db.models.BigAutoField"
