"""A row for the metric of reports on time, and for any other that is new."""

from django.db import migrations

from xiaoguan.apps.metrics import seeding
from xiaoguan.apps.metrics.shipped import metrics


def forwards(apps, schema_editor):
    seeding.ensure(apps.get_model("metrics", "Definition"), metrics.shipped)


class Migration(migrations.Migration):
    dependencies = [("metrics", "0010_versions_as_rows")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
