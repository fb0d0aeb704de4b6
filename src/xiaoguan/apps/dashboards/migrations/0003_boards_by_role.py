"""Dashboards for the money and the people, and the renewed tiles of those that nobody has edited."""

from django.db import migrations

from xiaoguan.apps.dashboards import seeding


def forwards(apps, schema_editor):
    seeding.ensure(apps.get_model("dashboards", "Dashboard"), apps.get_model("org", "Role"))


class Migration(migrations.Migration):
    dependencies = [("dashboards", "0002_seeds")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop, elidable=True)]
