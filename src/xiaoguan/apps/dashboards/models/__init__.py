"""Dashboards, and the links by which a wall screen opens them."""

from xiaoguan.apps.dashboards.models.dashboard import About, Audience, Dashboard
from xiaoguan.apps.dashboards.models.link import WallLink

__all__ = ["About", "Audience", "Dashboard", "WallLink"]
