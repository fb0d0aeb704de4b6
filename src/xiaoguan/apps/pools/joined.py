"""Pools where customers are merged: who waits in a pool waits no more, and the kept one is held as before."""

from __future__ import annotations

from django.db.models import Q

from xiaoguan.apps.merging import links
from xiaoguan.apps.pools.models import Holding, PoolEntry

links.stay(PoolEntry, Q(left_on__isnull=True))
links.leave(Holding)
