"""Territories, their people, what is named to them, and which customer lies where."""

from xiaoguan.apps.territories.models.placement import Naming, Placement
from xiaoguan.apps.territories.models.recut import Recut
from xiaoguan.apps.territories.models.territory import Assignment, Territory

__all__ = ["Assignment", "Naming", "Placement", "Recut", "Territory"]
