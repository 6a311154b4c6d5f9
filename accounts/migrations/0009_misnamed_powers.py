from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_agency_emblem'),
    ]

    operations = [
        migrations.AddField(
            model_name='mandate',
            name='given_names',
            field=models.CharField(blank=True, db_default='', default='', max_length=120),
        ),
        migrations.AddField(
            model_name='mandate',
            name='family_names',
            field=models.CharField(blank=True, db_default='', default='', max_length=120),
        ),
        migrations.AddField(
            model_name='mandate',
            name='is_misnamed',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
