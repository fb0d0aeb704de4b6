"""Requests about records that are not there any more."""

from __future__ import annotations

from xiaoguan.apps.approvals.models import Request
from xiaoguan.kit.entity import entities


def forget_gone() -> None:
    """Delete the requests, with seats and trail, whose record was deleted for good with the demonstration."""
    for name in Request.objects.order_by().values_list("about", flat=True).distinct():
        rows = Request.objects.filter(about=name)
        if name in entities:
            rows = rows.exclude(object_id__in=entities[name].model._base_manager.values("pk"))
        rows.delete()
