from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_language'),
    ]

    operations = [
        migrations.AddField(
            model_name='agency',
            name='emblem',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
    ]
