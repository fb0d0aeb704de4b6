"""The kinds of expenses, and the routes on which they are approved."""

from django.db import migrations

from xiaoguan.apps.approvals import seeding as routes
from xiaoguan.apps.expenses import seeding

MANAGER = {"who": "manager", "mode": "any", "days": 2}
ABOVE = {"who": "above", "mode": "any", "days": 3}


class Seed:
    """A route as delivered with this version; kept here, as a migration never changes."""

    def __init__(self, code, measure, limit, steps):
        self.code, self.measure, self.limit, self.steps = code, measure, limit, steps


ROUTES = (Seed("all", "", None, (MANAGER,)), Seed("large", "amount", 5_000_00, (MANAGER, ABOVE)))


def forwards(apps, schema_editor):
    seeding.ensure(apps.get_model("expenses", "ExpenseKind"))
    routes.ensure(apps.get_model("approvals", "Route"), "expense.claim", ROUTES)


class Migration(migrations.Migration):
    dependencies = [("expenses", "0001_initial"), ("approvals", "0001_first")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
