"""Puts the plan templates that every installation starts with; and who approves a waiver."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.approvals.kinds import Seed

WAIVER = "instalment.waiver"
MANAGER = {"who": "manager", "mode": "any", "days": 2}
DIRECTOR = {"who": "role:director", "mode": "any", "days": 3}
WAIVER_ROUTES = (
    Seed("waiver", _("Waiver"), "amount", 1_000_00, (MANAGER,)),
    Seed("large", _("Large waiver"), "amount", 20_000_00, (MANAGER, DIRECTOR)),
)
"""From so many fen on a waiver is approved, until an administrator says otherwise; below it finance decides alone."""

# Code → parts as kind, per cent, what it counts from, days after that.
TEMPLATES = {
    "project": (
        ("advance", 30, "signed", 7), ("delivery", 30, "delivered", 15), ("acceptance", 30, "accepted", 15),
        ("retention", 10, "accepted", 365),
    ),
    "goods": (("advance", 30, "signed", 7), ("delivery", 60, "delivered", 30), ("retention", 10, "delivered", 365)),
    "halves": (("advance", 50, "signed", 7), ("delivery", 50, "delivered", 15)),
    "whole": (("delivery", 100, "delivered", 30),),
}  # fmt: skip


def ensure(template_model: Any, part_model: Any) -> None:
    """Add the templates that are missing and leave alone what has been edited."""
    now = timezone.now()
    stamp = {"created_at": now, "updated_at": now}
    known = set(template_model._base_manager.values_list("code", flat=True))
    for position, (code, parts) in enumerate(TEMPLATES.items(), 1):
        if code in known:
            continue
        template = template_model._base_manager.create(code=code, position=position, **stamp)
        part_model._base_manager.bulk_create(
            part_model(template=template, kind=kind, rate=percent * 1000, milestone=milestone, days=days, **stamp)
            for kind, percent, milestone, days in parts
        )
