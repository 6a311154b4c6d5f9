from django.db import migrations

from audit.triggers import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('procedures', '0001_initial'),
        ('audit', '0001_initial'),
    ]

    operations = [append_only('procedures_procedureversion')]
