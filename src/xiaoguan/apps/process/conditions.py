"""Deviations as conditions of the list of deals: what the report counts can be opened."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.opportunities.models import Deal, StageEntry, Way
from xiaoguan.kit import filters
from xiaoguan.kit.access import everything

BECAUSE = "a condition on deals one sees may look at the way they took"


def _stays() -> Any:
    return everything(StageEntry, because=BECAUSE)


@filters.condition(Deal, "skipped", _("passed over a stage"), reads="stage")
def skipped(actor: Any) -> Q:
    """Deals that went on over a stage they had not been in."""
    return Q(pk__in=_stays().filter(way=Way.SKIP).values("deal"))


@filters.condition(Deal, "went_back", _("went back"), reads="stage")
def went_back(actor: Any) -> Q:
    """Deals that went back to an earlier stage."""
    return Q(pk__in=_stays().filter(way=Way.BACK).values("deal"))


@filters.condition(Deal, "waited", _("waited longer than usual"), reads="stage")
def waited(actor: Any) -> Q:
    """Deals that stayed in a stage longer than is usual there."""
    return Q(pk__in=_stays().filter(late=True).values("deal"))
