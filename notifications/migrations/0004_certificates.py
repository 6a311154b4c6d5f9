"""The sealed certificate of a legal notification is neither changed nor removed (R3, R27)."""

import django.db.models.deletion
from django.db import migrations, models

from audit.api import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0004_quarantine'),
        ('notifications', '0003_append_only'),
    ]

    operations = [
        migrations.CreateModel(
            name='NotificationCertificate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('document', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ('record', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='certificate', to='notifications.notificationrecord')),
            ],
        ),
        append_only("notifications_notificationcertificate"),
    ]
