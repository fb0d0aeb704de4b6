"""The protection periods."""

from django.db import migrations

from xiaoguan.apps.projects import seeding


def forwards(apps, schema_editor):
    seeding.ensure(apps.get_model("projects", "Protection"))


class Migration(migrations.Migration):
    dependencies = [("projects", "0002_registration")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
