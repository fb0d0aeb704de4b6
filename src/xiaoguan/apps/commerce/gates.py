"""What contracts answer when a deal leaves a stage: that one is in force."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from xiaoguan.apps.commerce.models import Contract, ContractStatus
from xiaoguan.apps.opportunities.criteria import of_stages
from xiaoguan.apps.opportunities.gates import Need, source
from xiaoguan.apps.opportunities.models import Asks, Deal, Stage
from xiaoguan.kit import kinds
from xiaoguan.kit.access import everything
from xiaoguan.kit.controls import raw_of
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import WayOut

IN_FORCE = (ContractStatus.ACTIVE, ContractStatus.COMPLETED)


@source
def contract_in_force(deal: Deal, left: Sequence[Stage], to: Stage, actor: Any) -> Iterator[Need]:
    """A contract of the deal that binds, where one of the stages left asks for it."""
    row = next((row for stage in left for row in of_stages().get(stage.pk, ()) if row.asks == Asks.CONTRACT), None)
    if row is None:
        return
    contracts = everything(Contract, because="a contract binds whether or not this person may see it")
    met = contracts.filter(deal=deal, status__in=IN_FORCE).exists()
    about = {"deal": deal.pk, "customer": deal.customer_id or "", "amount": raw_of(kinds.MONEY, deal.amount)}
    url = f"{Entity.of(Contract).url('new')}?{urlencode(about)}"
    yield Need(row.words, met, WayOut(_("Enter the contract"), url=url, icon="file-text"))
