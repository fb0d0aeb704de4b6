"""The three dashboards that every installation starts with."""

from django.db import migrations

from xiaoguan.apps.dashboards import seeding


def forwards(apps, schema_editor):
    seeding.ensure(apps.get_model("dashboards", "Dashboard"), apps.get_model("org", "Role"))


class Migration(migrations.Migration):
    dependencies = [("dashboards", "0001_initial"), ("org", "0008_ranking")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
