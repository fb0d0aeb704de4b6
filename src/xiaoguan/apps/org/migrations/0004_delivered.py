"""What was delivered to a role; filled by `org.delivery` after the migrations."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('org', '0003_sign_in'),
    ]

    operations = [
        migrations.AddField(
            model_name='role',
            name='delivered',
            field=models.JSONField(editable=False, null=True),
        ),
    ]
