"""What money is spent on: travel, a meal, and whatever a company distinguishes."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit.coded import Coded
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record


class ExpenseKind(Coded, Record):
    """One kind of expense."""

    names = {
        "travel": _("Travel"),
        "meal": _("Business meal"),
        "gift": _("Gift"),
        "exhibition": _("Exhibition"),
        "sample": _("Sample"),
        "other": _("Other expense"),
    }

    position = models.PositiveSmallIntegerField(_("order"), default=0)
    active = models.BooleanField(_("in use"), default=True)

    entity = Entity(
        slug="expense-kinds",
        icon="tags",
        nav="settings",
        scope="all",
        list="name position active",
        form="name position active",
        filter="active",
        key="name",
        sort="position",
    )

    class Meta:
        verbose_name = _("kind of expense")
        verbose_name_plural = _("kinds of expenses")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["code"], name="expenses_kind_code")]
