import django.db.models.deletion
import xiaoguan.kit.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='StoredFile',
            fields=[
                ('id', models.UUIDField(default=xiaoguan.kit.fields.uuid7, editable=False, primary_key=True, serialize=False)),
                ('path', models.CharField(max_length=80, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('type', models.CharField(max_length=80)),
                ('size', models.PositiveBigIntegerField()),
                ('digest', models.CharField(max_length=64)),
                ('width', models.PositiveIntegerField(null=True)),
                ('height', models.PositiveIntegerField(null=True)),
                ('at', models.DateTimeField()),
                ('cleared_at', models.DateTimeField(db_index=True, null=True)),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
    ]
