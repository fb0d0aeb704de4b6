"""The dashboard of after-sales service: complaints, how soon they are settled, satisfaction, who stays."""

from django.db import migrations

from xiaoguan.apps.dashboards import seeding


def forwards(apps, schema_editor):
    seeding.ensure(apps.get_model("dashboards", "Dashboard"), apps.get_model("org", "Role"))


class Migration(migrations.Migration):
    dependencies = [("dashboards", "0003_boards_by_role")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop, elidable=True)]
