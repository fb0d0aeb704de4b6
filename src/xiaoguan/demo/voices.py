"""What customers of the demonstration said: how satisfied they were after a deal, and some complaints."""

from __future__ import annotations

import datetime as dt
import random

from xiaoguan.apps.activities.models import Feedback, Voice
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.demo.staff import Staff
from xiaoguan.kit.action import create

MOST = 240
"""Deals, the latest, after which somebody asked."""
AFTER = 12
"""Days after the deal."""
OPEN = 30
"""Every second complaint of so many days is not settled yet."""
COMPLAINTS = ("到货比约定晚了一周", "两套灯具色温不一致", "驱动电源有异响", "安装说明看不懂", "发票抬头开错")
PRAISES = ("现场调试很及时", "样灯送得快，业主满意", "方案帮设计院省了两天")


def speak(people: Staff, today: dt.date, seed: int) -> int:
    """Words about the latest deals won, each written down by its seller; returns how many."""
    chance = random.Random(seed + 23)
    deals = Deal.objects.filter(won_on__lte=today - dt.timedelta(days=AFTER), customer__isnull=False)
    count = 0
    rows: dict[int, list[dict[str, object]]] = {}
    for deal in deals.order_by("-won_on", "pk").select_related("customer")[:MOST]:
        assert deal.won_on is not None
        on = deal.won_on + dt.timedelta(days=AFTER)
        about = {"customer": deal.customer, "deal": deal, "on": on, "owner_id": deal.owner_id}
        found = rows.setdefault(deal.owner_id or people.director.pk, [])
        score = chance.choices((5, 4, 3, 2, 1), (44, 34, 14, 6, 2))[0]
        found.append({**about, "kind": Voice.SCORE, "score": str(score)})
        if score <= 2 or chance.random() < 0.05:
            days = chance.randint(1, 9)
            settled = on + dt.timedelta(days=days)
            is_open = settled > today or ((today - on).days < OPEN and chance.random() < 0.5)
            words = {"kind": Voice.COMPLAINT, "body": chance.choice(COMPLAINTS)}
            found.append({**about, **words, "resolved_on": None if is_open else settled})
        elif score == 5 and chance.random() < 0.2:
            found.append({**about, "kind": Voice.PRAISE, "body": chance.choice(PRAISES)})
    for seller in people.sellers:
        if seller.pk in rows:
            create(Feedback, rows[seller.pk], actor=seller, source="demo")
            count += len(rows[seller.pk])
    return count
