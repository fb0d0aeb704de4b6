"""The routes of approval that quotes start with."""

from typing import Any

from django.db import migrations

from xiaoguan.apps.approvals import seeding
from xiaoguan.apps.quotes.seeds import KIND, ROUTES


def put(apps: Any, editor: Any) -> None:
    """Add what is missing."""
    seeding.ensure(apps.get_model("approvals", "Route"), KIND, ROUTES)


class Migration(migrations.Migration):
    """Seeds."""

    dependencies = [("quotes", "0001_first"), ("approvals", "0001_first")]

    operations = [migrations.RunPython(put, migrations.RunPython.noop)]
