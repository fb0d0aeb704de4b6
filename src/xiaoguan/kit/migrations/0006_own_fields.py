# Own fields: their definitions; their values live in the records

import django.core.validators
import django.db.models.deletion
import xiaoguan.kit.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('kit', '0005_saved_views'),
        ('org', '0002_seeds'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='OwnField',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('uid', models.UUIDField(default=xiaoguan.kit.fields.uuid7, editable=False, unique=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('created_at', models.DateTimeField(editable=False, null=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(editable=False, null=True, verbose_name='updated at')),
                ('deleted_at', models.DateTimeField(editable=False, null=True, verbose_name='deleted at')),
                ('extra', models.JSONField(blank=True, default=dict, editable=False, verbose_name='further values')),
                ('record', models.CharField(editable=False, max_length=60, verbose_name='kind of record')),
                ('code', models.CharField(editable=False, max_length=40, validators=[django.core.validators.RegexValidator('^[a-z][a-z0-9_]{0,39}\\Z', 'Type a Latin letter first, then small letters, digits and _.')], verbose_name='code')),
                ('label', models.CharField(max_length=60, verbose_name='label')),
                ('kind', models.CharField(choices=[('text', 'text'), ('long', 'long text'), ('number', 'number'), ('money', 'money'), ('date', 'date'), ('time', 'time'), ('choice', 'choice'), ('choices', 'multiple choice'), ('person', 'person'), ('record', 'record'), ('phone', 'phone number'), ('address', 'address'), ('formula', 'formula')], max_length=8, verbose_name='kind')),
                ('choices', models.JSONField(blank=True, default=list, verbose_name='options')),
                ('target', models.CharField(blank=True, max_length=60, verbose_name='linked record')),
                ('decimals', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(6)], verbose_name='decimals')),
                ('formula', models.CharField(blank=True, max_length=500, verbose_name='formula')),
                ('result', models.CharField(blank=True, choices=[('number', 'number'), ('money', 'money'), ('date', 'date'), ('text', 'text')], max_length=8, verbose_name='result')),
                ('required', models.BooleanField(default=False, verbose_name='required')),
                ('help', models.CharField(blank=True, max_length=200, verbose_name='help')),
                ('position', models.PositiveIntegerField(default=0, validators=[django.core.validators.MinValueValidator(0)], verbose_name='position')),
                ('in_list', models.BooleanField(default=False, verbose_name='shown in lists')),
                ('active', models.BooleanField(default=True, editable=False, verbose_name='in use')),
                ('created_by', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                ('unit', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.team', verbose_name='team')),
            ],
            options={
                'verbose_name': 'own field',
                'verbose_name_plural': 'own fields',
                'ordering': ['record', 'position', 'id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True)), fields=('record', 'code'), name='kit_ownfield_code')],
            },
        ),
    ]
