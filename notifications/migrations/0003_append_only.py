"""A legal notification, once recorded, is neither changed nor removed (R3, norms 1.10)."""

from django.db import migrations

from audit.api import append_only


class Migration(migrations.Migration):
    dependencies = [("notifications", "0002_sender_name")]

    operations = [append_only("notifications_notificationrecord")]
