"""What a customer is in a construction project."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit.coded import Coded
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record


class CustomerKind(Coded, Record):
    """One kind of customer; the seeded ones keep their translated names until renamed."""

    names = {
        "design_institute": _("Design institute"),
        "steel_company": _("Steel-structure company"),
        "contractor": _("Contractor"),
        "project_owner": _("Project owner"),
        "distributor": _("Distributor"),
    }

    position = models.PositiveSmallIntegerField(_("order"), default=0)

    entity = Entity(
        slug="customer-kinds",
        icon="tag",
        nav="settings",
        scope="all",
        list="name position",
        form="name position",
        key="name",
        sort="position",
    )

    class Meta:
        verbose_name = _("customer kind")
        verbose_name_plural = _("customer kinds")
        constraints = [
            models.UniqueConstraint(fields=["code"], name="customers_kind_code"),
        ]
