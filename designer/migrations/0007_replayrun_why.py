from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('designer', '0006_content_as_text'),
    ]

    operations = [
        migrations.AddField(
            model_name='replayrun',
            name='why',
            field=models.CharField(blank=True, default='', max_length=300),
        ),
    ]
