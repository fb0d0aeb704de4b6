"""What is sold, the process it goes through, and the deals in it."""

from xiaoguan.apps.opportunities.models.deal import Deal, Status
from xiaoguan.apps.opportunities.models.history import StageEntry
from xiaoguan.apps.opportunities.models.line import DealLine
from xiaoguan.apps.opportunities.models.loss import LossReason
from xiaoguan.apps.opportunities.models.pipeline import Outcome, Pipeline, Stage
from xiaoguan.apps.opportunities.models.product import Product

__all__ = ["Deal", "DealLine", "LossReason", "Outcome", "Pipeline", "Product", "Stage", "StageEntry", "Status"]
