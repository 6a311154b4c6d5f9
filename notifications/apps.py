from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = "Avisos y notificaciones"
    default_auto_field = "django.db.models.BigAutoField"
