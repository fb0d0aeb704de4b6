"""The plan templates that every installation starts with."""

from django.db import migrations

from xiaoguan.apps.billing import seeding


def forwards(apps, schema_editor):
    seeding.ensure(*(apps.get_model("billing", name) for name in ("PlanTemplate", "PlanPart")))


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
