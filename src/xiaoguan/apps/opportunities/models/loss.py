"""Why deals are lost."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit.coded import Coded
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record


class LossReason(Coded, Record):
    """One reason people choose from when a deal is lost."""

    names = {
        "price": _("Price too high"),
        "competitor": _("Chose a competitor"),
        "relationship": _("Competitor closer to the customer"),
        "product": _("Product or solution did not fit"),
        "delivery": _("Delivery time"),
        "terms": _("Payment terms"),
        "cancelled": _("Project cancelled or postponed"),
        "no_contact": _("Customer stopped answering"),
        "other": _("Other reason"),
    }

    position = models.PositiveSmallIntegerField(_("order"), default=0)

    entity = Entity(
        slug="loss-reasons",
        icon="thumb-down",
        nav="settings",
        scope="all",
        list="name position",
        form="name position",
        key="name",
        sort="position",
    )

    class Meta:
        verbose_name = _("reason for losing")
        verbose_name_plural = _("reasons for losing")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["code"], name="opportunities_lossreason_code")]
