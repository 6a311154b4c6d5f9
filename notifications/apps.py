from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = "Avisos y notificaciones"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Offer the e-mail handler to the job table, and the sealed addresses to key rotation."""
        from accounts.api import register_sealed
        from jobs.api import register_external
        from notifications.handlers import EmailHandler

        register_external(EmailHandler())
        register_sealed("notifications.Delivery", "address_sealed")
