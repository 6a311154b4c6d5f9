"""Where the order of lists stands: on the step's own row."""

import datetime

import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce


def write_order(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give open steps the order that commands write from now on; ended ones are never listed by it."""
    tasks = apps.get_model("workflows", "CaseTask").objects
    case = apps.get_model("workflows", "Case").objects.filter(pk=OuterRef("process_id"))
    last_day = Coalesce("due_on", Subquery(case.values("due_on")), datetime.date.max)
    tasks.filter(finished=None).update(last_day=last_day)
    tasks.update(filed_at=Subquery(case.values("filed_at")))


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_alter_grant_capability'),
        ('contenttypes', '0002_remove_content_type_name'),
        ('workflows', '0016_draft_set_aside'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='casetask',
            name='task_of_role',
        ),
        migrations.RemoveIndex(
            model_name='casetask',
            name='task_of_owner',
        ),
        migrations.AddField(
            model_name='casetask',
            name='filed_at',
            field=models.DateTimeField(default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='casetask',
            name='last_day',
            field=models.DateField(default=datetime.date(9999, 12, 31)),
        ),
        migrations.RunPython(write_order, migrations.RunPython.noop, elidable=True),
    ]
