"""What was signed and what was paid."""

from xiaoguan.apps.commerce.models.amendment import Amendment
from xiaoguan.apps.commerce.models.contract import Contract, ContractStatus
from xiaoguan.apps.commerce.models.receipt import Method, Receipt
from xiaoguan.apps.commerce.models.refund import Refund

__all__ = ["Amendment", "Contract", "ContractStatus", "Method", "Receipt", "Refund"]
