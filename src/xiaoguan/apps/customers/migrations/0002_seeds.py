"""The customer kinds."""

from django.db import migrations

from xiaoguan.apps.customers import seeding


def forwards(apps, schema_editor):
    seeding.ensure(apps.get_model("customers", "CustomerKind"))


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
