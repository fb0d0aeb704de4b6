"""Where deals of a pipeline end."""

from __future__ import annotations

from django.utils.translation import gettext

from xiaoguan.apps.opportunities.models import Deal, Outcome, Stage
from xiaoguan.apps.opportunities.models.pipeline import WINNING
from xiaoguan.kit.access import everything
from xiaoguan.kit.errors import Refusal


def first_with(deal: Deal, *outcomes: str) -> Stage:
    """The first stage of the deal's pipeline with one of the outcomes; Refusal when the process has none."""
    stages = everything(Stage, because="the process of a deal is the same for whoever works on it")
    found = stages.filter(pipeline_id=deal.pipeline_id, outcome__in=outcomes).order_by("position", "pk").first()
    if found is None:
        raise Refusal(
            gettext("This process has no such end"),
            gettext("The pipeline “%(name)s” has no stage with this outcome.") % {"name": deal.pipeline},
            code="deal.no_ending",
            rule=gettext("A deal ends in a stage of its own pipeline."),
        )
    return found


def winning(deal: Deal) -> Stage:
    """Where a deal goes once the contract is signed: after-sales, out of pipeline and forecast."""
    return first_with(deal, *WINNING)


def losing(deal: Deal) -> Stage:
    """Where a lost deal goes."""
    return first_with(deal, Outcome.LOST)


def invalid(deal: Deal) -> Stage:
    """Where a deal goes that never was one."""
    return first_with(deal, Outcome.INVALID)


def starting(deal: Deal) -> Stage:
    """The first stage of the deal's process."""
    return first_with(deal, Outcome.OPEN)
