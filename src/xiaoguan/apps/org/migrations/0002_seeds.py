"""The built-in roles and the system's own actor."""

from django.db import migrations

from xiaoguan.apps.org import seeding


def forwards(apps, schema_editor):
    seeding.ensure(apps.get_model("org", "Role"), apps.get_model("org", "Person")._base_manager)


class Migration(migrations.Migration):
    dependencies = [("org", "0001_initial")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
