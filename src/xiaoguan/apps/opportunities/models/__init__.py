"""What is sold, the process it goes through, and the deals in it."""

from xiaoguan.apps.opportunities.models.criterion import NAMED, Asks, Criterion, DealField, Proof
from xiaoguan.apps.opportunities.models.deal import Deal, Status
from xiaoguan.apps.opportunities.models.duty import Doer, Duty, Manner
from xiaoguan.apps.opportunities.models.history import StageEntry, Way
from xiaoguan.apps.opportunities.models.line import DealLine
from xiaoguan.apps.opportunities.models.loss import LossReason
from xiaoguan.apps.opportunities.models.member import DealMember, Part
from xiaoguan.apps.opportunities.models.party import DealParty, Side, Stance
from xiaoguan.apps.opportunities.models.pipeline import Back, Outcome, Pipeline, Stage
from xiaoguan.apps.opportunities.models.product import Product

__all__ = [
    "NAMED",
    "Asks",
    "Back",
    "Criterion",
    "Deal",
    "DealField",
    "DealLine",
    "DealMember",
    "DealParty",
    "Doer",
    "Duty",
    "LossReason",
    "Manner",
    "Outcome",
    "Part",
    "Pipeline",
    "Product",
    "Proof",
    "Side",
    "Stage",
    "StageEntry",
    "Stance",
    "Status",
    "Way",
]
