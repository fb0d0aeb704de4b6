"""Routes, requests, seats and the trail of what happened to a request."""

from xiaoguan.apps.approvals.models.request import Event, Request, Seat, State, Trail, Verdict
from xiaoguan.apps.approvals.models.route import Mode, Route

__all__ = ["Event", "Mode", "Request", "Route", "Seat", "State", "Trail", "Verdict"]
