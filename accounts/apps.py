from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Personas e instituciones"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Names this room's sealed columns for key rotation."""
        from accounts.rotation import register_sealed

        register_sealed("accounts.Person", "run_sealed")
        register_sealed("accounts.Person", "document_sealed")
        register_sealed("accounts.SignInRecord", "id_token_sealed")
