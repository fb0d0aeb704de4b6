"""Makes the database of the first version and fills every table of it: ``python -m tests.old_database`` (DATABASE_URL).

Rows are written through the models of that day, not today's: what a migration has to cope with is what was stored.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
import uuid
from typing import Any

import django

FIRST = (
    ("kit", "0001_initial"), ("org", "0002_seeds"), ("customers", "0002_seeds"), ("opportunities", "0002_seeds"),
    ("commerce", "0001_initial"), ("activities", "0001_initial"), ("goals", "0001_initial"),
    ("transfer", "0001_initial"),
)  # fmt: skip
"""The migrations that were there when the first records could be kept."""
DAY = dt.date(2026, 3, 2)
NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
EDITED = {"*": "all", "export": "none"}
"""What an administrator of that time made of a manager's rights on customers."""


def build() -> dict[str, int]:
    """Migrate to the first version and fill it; returns the number of rows by table."""
    from django.core.management import call_command  # Django is set up by whoever calls
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    for app, name in FIRST:
        call_command("migrate", app, name, verbosity=0)
    state = MigrationLoader(connection).project_state(list(FIRST)).apps
    _fill(state.get_model)
    ours = [model for model in state.get_models() if model._meta.app_label in dict(FIRST)]
    return {model._meta.db_table: model._base_manager.count() for model in ours}


def _fill(model: Any) -> None:
    """A company of two sellers and their manager, one won deal from customer to receipt, a target, an import."""

    def make(label: str, /, **values: Any) -> Any:
        fields = {field.name for field in model(*label.split("."))._meta.get_fields()}
        stamps = {"created_at": NOW, "updated_at": NOW, "uid": uuid.uuid4()} if "uid" in fields else {}
        return model(*label.split("."))._base_manager.create(**stamps, **values)

    system = model("org", "Person")._base_manager.get(username="system")
    make("org.Company", id=1, name="旧灯照明", short_name="旧灯")
    root = make("org.Team", name="旧灯照明", kind="company")
    sales = make("org.Team", name="销售部", parent=root, kind="sales")
    people = {
        name: make("org.Person", username=name, name=shown, unit=team, password="!", position=position)
        for name, shown, team, position in (
            ("boss", "周敏", sales, "sales_manager"),
            ("seller", "陈思远", sales, "sales_engineer"),
            ("peer", "王磊", sales, "sales_engineer"),
            ("admin", "程一帆", root, "administrator"),
        )
    }
    roles = {role.code: role for role in model("org", "Role")._base_manager.all()}
    for name, code in (
        ("boss", "manager"),
        ("seller", "salesperson"),
        ("peer", "salesperson"),
        ("admin", "administrator"),
    ):
        people[name].roles.add(roles[code])
    for name, team in (("boss", sales), ("seller", sales), ("peer", sales), ("admin", root)):
        make("org.Membership", person=people[name], team=team, post="manager" if name == "boss" else "member")
        make("org.Reach", viewer=people[name], person=people[name])
    for name in ("seller", "peer"):
        make("org.Reach", viewer=people["boss"], person=people[name])
    make("org.UnitReach", viewer=people["boss"], unit=sales, leads=True)
    make("org.Deputy", person=people["boss"], deputy=people["seller"], end=DAY)
    make("org.CalendarDay", day=DAY, working=False, note="盘点")
    make("org.Invite", person=people["peer"], token_hash="0" * 64, purpose="join", expires_at=NOW)
    _roles_of_old(roles, make, people["admin"])
    _records(model, make, people, sales, system)


def _roles_of_old(roles: dict[str, Any], make: Any, admin: Any) -> None:
    """The roles knew fewer kinds of records; an administrator has changed one line of one of them."""
    for role in roles.values():
        role.grants = {name: verbs for name, verbs in role.grants.items() if name.partition(".")[0] not in
                       ("goals", "api", "audit", "notices", "webhooks")}  # fmt: skip
        role.save()
    manager = roles["manager"]
    before = dict(manager.grants)
    manager.grants = {**before, "customers.*": EDITED}
    manager.save()
    change = make("kit.Change", at=NOW, actor=admin, action="set_grants", entity="org.role", count=1)
    make("kit.ChangeRow", change=change, entity="org.role", object_id=manager.pk, version=2,
         before={"grants": before}, after={"grants": manager.grants})  # fmt: skip


def _records(model: Any, make: Any, people: dict[str, Any], sales: Any, system: Any) -> None:
    """One customer, his deal, what came of it, and what the machine kept about them."""
    seller = people["seller"]
    own = {"owner": seller, "unit": sales, "created_by": seller}
    kind = model("customers", "CustomerKind")._base_manager.order_by("pk").first()
    stage = model("opportunities", "Stage")._base_manager.filter(code="after_sales").order_by("pk").first()
    names = {field.name for field in model("customers", "Customer")._meta.get_fields()}
    keys = {"name_key": "恒岑钢构"} if "name_key" in names else {}
    customer = make(
        "customers.Customer", name="恒岑钢构（昆山）有限公司", kind=kind, since=DAY, credited=seller, **keys, **own
    )
    contact = make("customers.Contact", name="马骏", customer=customer, mobile="13800001111", **own)
    product = make("opportunities.Product", name="泛光灯", price=128_000)
    deal = make("opportunities.Deal", name="厂房照明", customer=customer, product=product, stage=stage,
                pipeline=stage.pipeline, amount=12_345_678, status="won", opened_on=DAY, won_on=DAY, closed_on=DAY,
                stage_since=DAY, credited=seller, **own)  # fmt: skip
    make("opportunities.StageEntry", deal=deal, stage=stage, entered_at=NOW, entered_on=DAY)
    make("opportunities.DealLine", deal=deal, product=product, quantity=1, price=12_345_678, amount=12_345_678)
    money = {"customer": customer, "credited": seller, **own}
    contract = make("commerce.Contract", number="HT-1", deal=deal, amount=12_345_678, signed_on=DAY, **money)
    receipt = make(
        "commerce.Receipt", number="SK-1", contract=contract, deal=deal, amount=2_345_678, received_on=DAY, **money
    )
    make("commerce.Refund", number="TK-1", receipt=receipt, contract=contract, amount=5_678, refunded_on=DAY, **money)
    make("activities.FollowUp", kind="call", customer=customer, deal=deal, contact=contact, subject="报价",
         happened_at=NOW, credited=seller, **own)  # fmt: skip
    make("activities.Task", title="送样", kind="call", customer=customer, due_on=DAY, **own)
    make(
        "goals.Target", metric="won_amount", level="company", kind="month", start=DAY.replace(day=1), amount=50_000_000
    )
    change = make("kit.Change", at=NOW, actor=seller, action="create", entity="customers.customer", count=1)
    make("kit.ChangeRow", change=change, entity="customers.customer", object_id=customer.pk, version=1)
    make("kit.Feed", entity="customers.customer", object_id=customer.pk, change=change)
    make("kit.Credit", fact="won", entity="opportunities.deal", object_id=deal.pk, person=seller, unit=sales, on=DAY,
         split=100_000, amount=12_345_678)  # fmt: skip
    job = make("kit.Job", kind="job.prune", state="done", run_after=NOW, created_at=NOW, finished_at=NOW)
    make("kit.Schedule", name="job.prune", kind="job.prune", cron="15 3 * * *", own_cron="15 4 * * *", next_run=NOW)
    batch = make("transfer.Import", entity="customers.customer", actor=seller, file="imports/old.csv", name="old.csv",
                 state="done", job=job, created_at=NOW)  # fmt: skip
    make("transfer.ImportRow", batch=batch, number=1, result="created", object_id=customer.pk, change=change)
    make("transfer.ImportRecipe", entity="customers.customer", signature="0" * 64, used_at=NOW, used_by=seller)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xiaoguan.config.settings")
    django.setup()
    sys.stdout.write(json.dumps(build()) + "\n")
