"""The regions of the customers that are there already."""

from collections import defaultdict

from django.db import migrations

from xiaoguan.lexicon import regions

BATCH = 500


def forwards(apps, schema_editor):
    rows, found = apps.get_model("customers", "Customer")._base_manager, defaultdict(list)
    said = rows.exclude(province="", city="", district="").values_list("pk", "province", "city", "district")
    for pk, *texts in said.iterator(BATCH):
        if code := regions.find(*texts):
            found[code].append(pk)
    for code, ids in found.items():
        for begin in range(0, len(ids), BATCH):
            rows.filter(pk__in=ids[begin : begin + BATCH]).update(region=code)


class Migration(migrations.Migration):
    dependencies = [("customers", "0006_region")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop, elidable=True)]
