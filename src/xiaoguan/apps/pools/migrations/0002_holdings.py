"""Customers that are there already are held since they were entered, as far as anybody wrote that down."""

from django.db import migrations

PART = 2000


def begin(apps, schema_editor):
    """One holding per customer; the day of entry is the earliest thing known for certain."""
    customers = apps.get_model("customers", "Customer")._base_manager
    holdings = apps.get_model("pools", "Holding")._base_manager
    model = holdings.model
    last = 0
    while rows := list(customers.filter(pk__gt=last).order_by("pk").values_list("pk", "created_at", "since")[:PART]):
        holdings.bulk_create(
            [
                model(customer_id=pk, since=created.date() if created else since, created_at=created, updated_at=created)
                for pk, created, since in rows
                if created or since
            ],
            ignore_conflicts=True,
        )
        last = rows[-1][0]


class Migration(migrations.Migration):
    """Fills the holdings of an installation that has customers."""

    dependencies = [("pools", "0001_first")]
    operations = [migrations.RunPython(begin, migrations.RunPython.noop, elidable=True)]
