"""The time to the first answer counts in the credits of leads answered before it did."""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce


def fill(apps: Any, schema_editor: Any) -> None:
    """One statement for all answers."""
    credits = apps.get_model("kit", "Credit").objects.filter(fact="lead_answered")
    if credits.exists():
        rows = apps.get_model("leads", "Lead")._base_manager.filter(pk=OuterRef("object_id"))
        credits.update(amount=Coalesce(Subquery(rows.values("response_minutes")[:1]), 0))


class Migration(migrations.Migration):
    dependencies = [("leads", "0001_first"), ("kit", "0010_whose_facts")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
