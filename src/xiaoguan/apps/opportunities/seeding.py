"""Puts the sales process and the reasons for losing that every installation starts with."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

# Code, outcome, win probability in per cent, usual days.
STAGES = (
    ("prospecting", "open", 20, 30),
    ("needs", "open", 35, 20),
    ("solution", "open", 55, 20),
    ("contracting", "open", 75, 15),
    ("after_sales", "after", 100, None),
    ("lost", "lost", 0, None),
    ("invalid", "invalid", 0, None),
)
REASONS = (
    "price", "competitor", "relationship", "product", "delivery", "terms", "cancelled", "no_contact", "other",
)  # fmt: skip

# Stage, the field of a deal that it asks for before it is left.
CRITERIA = (("needs", "amount"), ("needs", "expected_on"))


def ensure(pipeline_model: Any, stage_model: Any, reason_model: Any) -> None:
    """Add what is missing and leave alone what has been edited; takes models, so that a migration can pass its own."""
    now = timezone.now()
    stamp = {"created_at": now, "updated_at": now}
    pipeline, _made = pipeline_model._base_manager.get_or_create(code="default", defaults={"position": 1, **stamp})
    known = set(stage_model._base_manager.filter(pipeline=pipeline).values_list("code", flat=True))
    stage_model._base_manager.bulk_create(
        stage_model(
            pipeline=pipeline,
            code=code,
            outcome=outcome,
            probability=percent * 1000,
            expected_days=days,
            position=position,
            **stamp,
        )
        for position, (code, outcome, percent, days) in enumerate(STAGES, 1)
        if code not in known
    )
    known = set(reason_model._base_manager.values_list("code", flat=True))
    reason_model._base_manager.bulk_create(
        reason_model(code=code, position=position, **stamp)
        for position, code in enumerate(REASONS, 1)
        if code not in known
    )


def ensure_criteria(stage_model: Any, criterion_model: Any, deal_model: Any) -> None:
    """Give a new installation the first exit criteria; where people work already, they decide on theirs themselves."""
    if deal_model._base_manager.exists() or criterion_model._base_manager.exists():
        return
    now = timezone.now()
    stages = dict(stage_model._base_manager.filter(pipeline__code="default").values_list("code", "pk"))
    criterion_model._base_manager.bulk_create(
        criterion_model(stage_id=stages[code], asks="field", field=name, created_at=now, updated_at=now)
        for code, name in CRITERIA
        if code in stages
    )
