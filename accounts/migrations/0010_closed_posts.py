from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_misnamed_powers'),
    ]

    operations = [
        migrations.AddField(
            model_name='unit',
            name='closed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='role',
            name='closed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='grant',
            name='capability',
            field=models.CharField(choices=[('design', 'diseñar trámites'), ('publish', 'publicar trámites'), ('counter', 'atender el mesón'), ('operate', 'ver y reintentar trabajos'), ('moderate', 'moderar la participación'), ('powers', 'comprobar poderes'), ('order', 'dictar órdenes de despacho de su unidad'), ('administer', 'administrar unidades y cargos')], max_length=20),
        ),
    ]
