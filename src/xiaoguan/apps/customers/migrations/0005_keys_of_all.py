"""The keys of customers and contacts that are there already."""

from django.db import migrations

from xiaoguan.apps.customers.keys import keys_of

BATCH = 2000


def forwards(apps, schema_editor):
    made, key = [], apps.get_model("customers", "CustomerKey")
    sources = (
        ("Customer", "pk", ("phone", "website", "credit_code")),
        ("Contact", "customer_id", ("mobile", "phone", "email")),
    )
    for name, whose, fields in sources:
        rows = apps.get_model("customers", name)._base_manager.filter(deleted_at__isnull=True)
        for row in rows.values(whose, *fields).iterator(BATCH):
            made += [(row[whose], kind, value) for kind, value in keys_of(row)]
    distinct = sorted(set(made))
    for begin in range(0, len(distinct), BATCH):
        part = distinct[begin : begin + BATCH]
        key._base_manager.bulk_create(key(customer_id=pk, kind=kind, value=value) for pk, kind, value in part)


class Migration(migrations.Migration):
    dependencies = [("customers", "0004_keys")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop, elidable=True)]
