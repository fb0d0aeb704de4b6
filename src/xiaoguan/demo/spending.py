"""Sales expenses of the demonstration: what visits and meals cost in the last months, most of it approved."""

from __future__ import annotations

import datetime as dt
import random

from xiaoguan.apps.activities.models import FollowUp
from xiaoguan.apps.approvals import asking
from xiaoguan.apps.expenses.approving import CLAIM
from xiaoguan.apps.expenses.models import Expense, ExpenseKind, Status
from xiaoguan.apps.org.models import Person
from xiaoguan.kit.action import working

DAYS = 120
"""How far back money was spent."""
# Kind, weight, least and most yuan, what is noted.
SORTS = (
    ("travel", 44, 40, 900, ("高铁往返", "打车到工地", "过路费与停车", "市内交通")),
    ("meal", 26, 160, 1_400, ("项目组午餐", "方案汇报后工作餐", "与甲方机电经理用餐")),
    ("sample", 14, 200, 2_600, ("样灯两盏", "现场试灯", "样板段灯具")),
    ("gift", 8, 80, 600, ("节日伴手礼", "展会纪念品")),
    ("exhibition", 3, 3_000, 12_000, ("照明展展位分摊", "行业论坛参会费")),
    ("other", 5, 60, 500, ("标书打印装订", "快递样品")),
)


def spend(sellers: list[Person], today: dt.date, seed: int) -> None:
    """Expenses of each seller around his visits; older ones are approved and paid back, the latest wait."""
    chance = random.Random(seed + 11)
    kinds = {kind.code: kind for kind in ExpenseKind.objects.all()}
    for seller in sellers:
        visits = FollowUp.objects.filter(
            owner=seller, kind="visit", on__gte=today - dt.timedelta(days=DAYS), on__lte=today
        )
        rows = list(visits.select_related("customer", "deal").order_by("happened_at", "pk"))
        if not rows:
            continue
        with working(Expense, "create", actor=seller, verb="create", source="demo") as work:
            made = work.create(Expense, [_values(visit, kinds, chance, seller, today) for visit in rows[::2]])
            waiting = [expense for expense in made if expense.status == Status.DRAFT][-2:]
            for expense in waiting[:1]:
                if asking.ask(work, CLAIM, expense) is not None:
                    expense.status = Status.WAITING
                    work.save(expense)


def _values(
    visit: FollowUp, kinds: dict[str, ExpenseKind], chance: random.Random, seller: Person, today: dt.date
) -> dict[str, object]:
    code, _weight, least, most, notes = chance.choices(SORTS, [sort[1] for sort in SORTS])[0]
    age = (today - visit.on).days if visit.on else 0
    status = Status.PAID if age > 35 else Status.APPROVED if age > 6 else Status.DRAFT
    return {
        "kind": kinds[code],
        "amount": chance.randint(least, most) * 100 + chance.choice((0, 0, 50, 80)),
        "spent_on": visit.on,
        "visit": visit,
        "customer": visit.customer,
        "deal": visit.deal,
        "owner": seller,
        "note": chance.choice(notes),
        "status": status,
        "created_at": visit.created_at,
    }
