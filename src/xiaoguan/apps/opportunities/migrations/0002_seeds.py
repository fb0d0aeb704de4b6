"""The standard sales process and the reasons for losing."""

from django.db import migrations

from xiaoguan.apps.opportunities import seeding


def forwards(apps, schema_editor):
    seeding.ensure(*(apps.get_model("opportunities", name) for name in ("Pipeline", "Stage", "LossReason")))


class Migration(migrations.Migration):
    dependencies = [("opportunities", "0001_initial")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
