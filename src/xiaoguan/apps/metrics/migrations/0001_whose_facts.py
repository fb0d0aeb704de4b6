"""Credits written before they knew whom they are about learn it from their records."""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.models import F, OuterRef, Subquery

ABOUT = {
    "opportunities.deal": "customer",
    "commerce.contract": "customer",
    "commerce.amendment": "contract__customer",
    "commerce.receipt": "customer",
    "commerce.refund": "customer",
    "expenses.expense": "customer",
    "leads.lead": "customer",
    "activities.followup": "customer",
    "activities.task": "customer",
}


def fill(apps: Any, schema_editor: Any) -> None:
    """One statement for each kind of record."""
    credits = apps.get_model("kit", "Credit").objects.filter(party__isnull=True)
    if not credits.exists():
        return
    credits.filter(entity="customers.customer").update(party=F("object_id"))
    for name, path in ABOUT.items():
        rows = apps.get_model(*name.split("."))._base_manager.filter(pk=OuterRef("object_id"))
        credits.filter(entity=name).update(party=Subquery(rows.values(path)[:1]))


class Migration(migrations.Migration):
    dependencies = [
        ("kit", "0010_whose_facts"),
        ("opportunities", "0010_product_cost"),
        ("commerce", "0002_amendments"),
        ("expenses", "0002_seeds"),
        ("leads", "0001_first"),
        ("activities", "0002_duty"),
        ("customers", "0009_depth"),
    ]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
