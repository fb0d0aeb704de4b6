"""What the deals due in a month were worth in wins when it began: it tells how many come in time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("forecast", "0001_first")]

    operations = [
        migrations.AddField(model_name="snapshot", name="due", field=models.BigIntegerField(null=True)),
    ]
