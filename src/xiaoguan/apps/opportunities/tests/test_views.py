"""The tabs above the deals."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import translation

from xiaoguan.apps.opportunities import stage_path
from xiaoguan.apps.opportunities.models import Deal, Stage
from xiaoguan.kit import action, clock
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.listing import Listing

from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_stuck_are_open_deals_past_the_usual_days_of_their_stage(cast: Cast) -> None:
    stage = Stage.objects.filter(expected_days__isnull=False).order_by("position").first()
    won = Stage.objects.get(code="after_sales")
    names = {"in time": (stage, 0), "last day": (stage, stage.expected_days), "stuck": (stage, stage.expected_days + 1)}
    for name, (at, days) in {**names, "won long ago": (won, 400)}.items():
        deal = action.create(Deal, {"name": name, "stage": at}, actor=cast.seller)
        Deal.objects.filter(pk=deal.pk).update(stage_since=clock.today() - dt.timedelta(days=days))
    listing = Listing(Entity.of(Deal), cast.seller, {"view": "stuck"})
    assert [row.name for row in listing.rows] == ["stuck"]


def test_a_stage_that_takes_too_long_is_amber() -> None:
    """Six of ten days is current, eleven is stuck."""
    steps = [
        stage_path.StageStep("Prospecting", 9),
        stage_path.StageStep("Contracting", 6),
        stage_path.StageStep("After-sales"),
    ]
    with translation.override("en"):
        html = stage_path.drawn(steps, 1, expected_days=10)
    assert html.count("is-past") == 1
    assert "is-current" in html
    assert "usually takes 10 days" in html
    assert "is-stuck" in stage_path.drawn(steps, 1, expected_days=5)
