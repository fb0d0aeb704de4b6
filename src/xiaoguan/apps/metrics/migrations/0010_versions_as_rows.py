"""The formulas of a metric become rows of their own, with who set each and when, as far as the history tells."""

import datetime as dt

import django.db.models.deletion
import xiaoguan.kit.fields
from django.conf import settings
from django.db import migrations, models

FORMULA = ("counts", "how", "narrowed", "over_counts", "over_how", "over_narrowed")


def fill(apps, schema_editor):
    """A row for each formula that a list held."""
    version = apps.get_model("metrics", "DefinitionVersion")
    rows = apps.get_model("kit", "ChangeRow").objects.filter(entity="metrics.definition")
    for row in apps.get_model("metrics", "Definition").objects.exclude(listed=[]):
        said = {} if row.shipped else {0: (row.created_by_id, row.created_at)}
        for each in rows.filter(object_id=row.pk).select_related("change").order_by("pk"):
            if isinstance(kept := (each.after or {}).get("versions"), list) and kept:
                said[len(kept) - 1] = (each.change.actor_id, each.change.at)
        for place, kept in enumerate(row.listed):
            by, at = said.get(place, (None, None))
            day = dt.date.fromisoformat(kept["from"]) if kept["from"] else None
            version.objects.create(
                definition=row, counts_from=day, set_by_id=by, set_at=at, created_by_id=by, created_at=at,
                updated_at=at, **{name: kept[name] for name in FORMULA},
            )  # fmt: skip


class Migration(migrations.Migration):

    dependencies = [
        ('kit', '0012_search_index'),
        ('metrics', '0009_days_of_sums'),
        ('org', '0010_exchange_rates'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # The rows are found by the name of the list: that one makes room first.
        migrations.RenameField(model_name='definition', old_name='versions', new_name='listed'),
        migrations.CreateModel(
            name='Fault',
            fields=[
                ('customer', models.BigIntegerField(primary_key=True, serialize=False)),
            ],
        ),
        migrations.AddField(
            model_name='definition',
            name='why',
            field=models.CharField(blank=True, help_text='Why it is counted like this; told beside each formula there was.', max_length=200, verbose_name='why'),
        ),
        migrations.CreateModel(
            name='DefinitionVersion',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('uid', models.UUIDField(default=xiaoguan.kit.fields.uuid7, editable=False, unique=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('created_at', models.DateTimeField(editable=False, null=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(editable=False, null=True, verbose_name='updated at')),
                ('deleted_at', models.DateTimeField(editable=False, null=True, verbose_name='deleted at')),
                ('extra', models.JSONField(blank=True, default=dict, editable=False, verbose_name='further values')),
                ('counts_from', models.DateField(blank=True, null=True, verbose_name='counts from')),
                ('counts', models.CharField(max_length=300, verbose_name='what is counted')),
                ('how', models.CharField(max_length=10, verbose_name='how')),
                ('narrowed', models.CharField(blank=True, max_length=300, verbose_name='only for')),
                ('over_counts', models.CharField(blank=True, max_length=300, verbose_name='divided by')),
                ('over_how', models.CharField(blank=True, max_length=10, verbose_name='how it divides')),
                ('over_narrowed', models.CharField(blank=True, max_length=300, verbose_name='divisor only for')),
                ('why', models.CharField(blank=True, max_length=200, verbose_name='why')),
                ('set_at', models.DateTimeField(blank=True, null=True, verbose_name='set at')),
                ('created_by', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                ('definition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='metrics.definition', verbose_name='metric definition')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                ('set_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='set by')),
                ('unit', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.team', verbose_name='team')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True)), fields=('definition', 'counts_from'), name='metrics_version_day')],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        migrations.RemoveField(
            model_name='definition',
            name='listed',
        ),
    ]
