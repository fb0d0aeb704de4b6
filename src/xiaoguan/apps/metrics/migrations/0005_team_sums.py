"""Sums by team and month; what was summed before lacks them and is made anew."""

import xiaoguan.kit.fields
from django.db import migrations, models


def begin_anew(apps, schema_editor):
    apps.get_model("metrics", "Rolled")._base_manager.all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ('metrics', '0004_rollups'),
    ]

    operations = [
        migrations.CreateModel(
            name='TeamSum',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fact', models.CharField(max_length=40)),
                ('on', models.DateField()),
                ('unit', models.BigIntegerField(null=True)),
                ('split', models.BigIntegerField()),
                ('amount', xiaoguan.kit.fields.MoneyField()),
            ],
            options={
                'indexes': [models.Index(fields=['fact', 'on', 'unit', 'split', 'amount'], name='metrics_teamsum_on')],
            },
        ),
        migrations.RunPython(begin_anew, migrations.RunPython.noop, elidable=True),
    ]
