"""A score is one of five words, not a number one could type."""

from django.db import migrations, models

CHOICES = [
    ("5", "5 · very satisfied"),
    ("4", "4 · satisfied"),
    ("3", "3 · so-so"),
    ("2", "2 · not satisfied"),
    ("1", "1 · not at all satisfied"),
]


def fill(apps, schema_editor):
    apps.get_model("activities", "Feedback")._base_manager.filter(score__isnull=True).update(score="")


class Migration(migrations.Migration):
    dependencies = [("activities", "0004_feedback")]

    operations = [
        migrations.AlterField("feedback", "score", models.CharField("score", max_length=1, null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            "feedback", "score", models.CharField("score", max_length=1, choices=CHOICES, blank=True, default=""),
            preserve_default=False,
        ),
    ]  # fmt: skip
