"""The first exit criteria of the standard sales process, for new installations."""

from django.db import migrations

from xiaoguan.apps.opportunities import seeding


def forwards(apps, schema_editor):
    seeding.ensure_criteria(*(apps.get_model("opportunities", name) for name in ("Stage", "Criterion", "Deal")))


class Migration(migrations.Migration):
    dependencies = [("opportunities", "0004_stage_gates")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
