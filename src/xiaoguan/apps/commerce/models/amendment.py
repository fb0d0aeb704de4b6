"""Supplementary agreements: what changes about a contract in force, on the day both sides agreed to it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.commerce.models.contract import Contract
from xiaoguan.apps.customers.models import Customer
from xiaoguan.kit.credited import CreditedRecord
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fact import Fact
from xiaoguan.kit.fields import MoneyField


class Amendment(CreditedRecord):
    """One supplementary agreement; its difference counts on its own day, what was signed before stays as it was."""

    owner_defaults = False

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="amendments", verbose_name=_("contract"))
    number = models.CharField(_("agreement number"), max_length=60, blank=True)
    delta = MoneyField(_("difference"), default=0)
    agreed_on = models.DateField(_("agreed on"))
    previous_customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("customer before")
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    entity = Entity(
        slug="amendments",
        icon="file-plus",
        nav="deals",
        scope="contract",
        fixed=True,
        list="agreed_on contract delta reason number",
        filter="agreed_on contract delta",
        find="number reason",
        sort="-agreed_on",
        sums="delta",
        title="contract agreed_on",
        subtitle="contract",
        facts=[
            Fact(
                "contract_amended",
                _("Contract amended"),
                on="agreed_on",
                of="contract.customer_id",
                amount="delta",
                credited="credited",
            ),
        ],
    )

    class Meta:
        verbose_name = _("supplementary agreement")
        verbose_name_plural = _("supplementary agreements")

    def __str__(self) -> str:
        return f"{self.contract} {self.agreed_on:%Y-%m-%d}"

    def prepare(self) -> None:
        """It counts for whom its contract counts."""
        if getattr(self, "_loaded", None) is None:
            self.owner_id = self.owner_id or self.contract.owner_id
            self.credited_id = self.credited_id or self.contract.credited_id
        self.reason = " ".join(self.reason.split())
        super().prepare()
