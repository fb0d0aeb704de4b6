"""A row for every metric that comes with the program, those that are new included."""

from django.db import migrations

from xiaoguan.apps.metrics import seeding
from xiaoguan.apps.metrics.shipped import metrics


def forwards(apps, schema_editor):
    seeding.ensure(apps.get_model("metrics", "Definition"), metrics.shipped)


class Migration(migrations.Migration):
    dependencies = [("metrics", "0007_products_and_markets")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
