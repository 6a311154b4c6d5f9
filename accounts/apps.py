from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Personas e instituciones"
    default_auto_field = "django.db.models.BigAutoField"
