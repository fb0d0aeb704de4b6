"""Five territories around the Yangtze delta, each with a manager who looks after it and sellers who help."""

from __future__ import annotations

import datetime as dt

from xiaoguan.apps.territories.models import Assignment, Territory
from xiaoguan.demo.staff import Staff
from xiaoguan.kit.action import create

# Name, regions, customer kinds, colour; a place in the list of teams looks after it.
TERRITORIES = (
    ("苏州城区", "苏州、吴江、常熟", "", "blue", 0),
    ("昆山太仓", "昆山、太仓", "", "amber", 1),
    ("上海", "上海", "", "green", 2),
    ("锡通浙北", "无锡、南通、嘉兴", "", "purple", 3),
)
DESIGNERS = ("沪苏设计院", "上海、苏州", "设计院", "red", 2)


def draw(people: Staff, first: dt.date) -> int:
    """Store the territories and who looks after them; returns how many. One overlaps on purpose, Huzhou is in none."""
    rows = []
    for position, (name, regions, kinds, colour, team) in enumerate((*TERRITORIES, DESIGNERS)):
        values = {"name": name, "regions": regions, "kinds": kinds, "colour": colour, "position": position}
        row = create(Territory, values, actor=people.director, source="demo")
        rows.append(row)
        manager = people.managers[team]
        helper = next(one for one in people.sellers if one.unit_id == manager.unit_id)
        people_there = [
            {"territory": row, "person": manager, "start": first},
            {"territory": row, "person": helper, "start": first, "helper": True},
        ]
        create(Assignment, people_there, actor=people.director, source="demo")
    return len(rows)
