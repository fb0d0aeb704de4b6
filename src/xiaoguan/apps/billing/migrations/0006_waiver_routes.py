"""The routes of approval that waivers start with."""

from typing import Any

from django.db import migrations

from xiaoguan.apps.approvals import seeding
from xiaoguan.apps.billing.seeding import WAIVER, WAIVER_ROUTES


def put(apps: Any, editor: Any) -> None:
    """Add what is missing."""
    seeding.ensure(apps.get_model("approvals", "Route"), WAIVER, WAIVER_ROUTES)


class Migration(migrations.Migration):
    """Seeds."""

    dependencies = [("billing", "0005_invoice_parts"), ("approvals", "0001_first")]

    operations = [migrations.RunPython(put, migrations.RunPython.noop)]
