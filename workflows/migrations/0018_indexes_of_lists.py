"""An index for each list of steps. Apart: PostgreSQL makes none in the transaction that filled the columns."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workflows", "0017_order_of_lists"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='casetask',
            index=models.Index(condition=models.Q(('status', 'NEW')), fields=['role', 'last_day', 'filed_at', 'id'], name='task_of_role'),
        ),
        migrations.AddIndex(
            model_name='casetask',
            index=models.Index(condition=models.Q(('status__in', ['ASSIGNED', 'STARTED'])), fields=['owner', 'last_day', 'filed_at', 'id'], name='task_of_owner'),
        ),
        migrations.AddIndex(
            model_name='casetask',
            index=models.Index(condition=models.Q(('for_applicant', True), ('status__in', ['NEW', 'ASSIGNED'])), fields=['last_day', 'filed_at', 'id'], name='task_of_applicant'),
        ),
        migrations.AddIndex(
            model_name='casetask',
            index=models.Index(condition=models.Q(('status', 'NEW')), fields=['role', 'filed_at', 'id'], name='task_by_entry'),
        ),
    ]
