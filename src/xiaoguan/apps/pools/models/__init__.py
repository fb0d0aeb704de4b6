"""Pools, the rules that fill them, who waits in them, and how long each owner has held a customer."""

from xiaoguan.apps.pools.models.entry import PoolEntry, Way
from xiaoguan.apps.pools.models.holding import Exemption, Holding
from xiaoguan.apps.pools.models.pool import Pool
from xiaoguan.apps.pools.models.rule import PoolRule, Trigger

__all__ = ["Exemption", "Holding", "Pool", "PoolEntry", "PoolRule", "Trigger", "Way"]
