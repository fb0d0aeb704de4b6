"""A dashboard: its tiles, of whom and which time it speaks first, and who may look at it."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.dashboards.periods import WORDS
from xiaoguan.apps.dashboards.tiles import Tile, check_all, read
from xiaoguan.apps.opportunities.models.choosing import RolesField
from xiaoguan.kit.coded import Coded
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record


class About(models.TextChoices):
    """Whose figures a dashboard shows until its reader chooses others."""

    SELF = "self", _("the reader")
    TEAM = "team", _("the reader's team")
    COMPANY = "company", _("the whole company")


class Audience(models.TextChoices):
    """Who may look at a dashboard."""

    PRIVATE = "private", _("only its owner")
    ROLES = "roles", _("certain roles")
    ALL = "all", _("everybody")


class Dashboard(Coded, Record):
    """Tiles in an order. What each of them says is for the reader's rights to decide, never for the builder's."""

    names = {
        "sales_month": _("Sales of the month"),
        "team": _("Our team"),
        "activity": _("My activity"),
        "money": _("Money of the month"),
        "people": _("Our people"),
        "service": _("Customers heard"),
    }

    about = models.CharField(
        _("shows first"), max_length=8, choices=About.choices, default=About.TEAM,
        help_text=_("Everybody may look at others within his rights."),
    )  # fmt: skip
    period = models.CharField(
        _("time"), max_length=16, choices=[(code, WORDS[code]) for code in WORDS], default="this_month"
    )
    audience = models.CharField(
        _("who sees it"), max_length=8, choices=Audience.choices, default=Audience.PRIVATE,
        help_text=_("Each reader sees the figures his own rights allow."),
    )  # fmt: skip
    roles = RolesField(
        _("roles that see it"), max_length=200, null=True, blank=True, help_text=_("Counts where certain roles see it.")
    )
    tiles = models.JSONField(_("tiles"), default=list, blank=True, editable=False, validators=[check_all])

    entity = Entity(
        slug="dashboards",
        icon="layout-grid",
        list="name about period audience owner",
        form="name about period audience roles",
        filter="about audience owner",
        find="name",
        key="name",
        sort="name",
        subtitle="about period",
        grows=False,
    )

    class Meta:
        verbose_name = _("dashboard")
        verbose_name_plural = _("dashboards")
        constraints = [models.UniqueConstraint(fields=["code"], name="dashboards_dashboard_code")]
        indexes = [models.Index(fields=["owner", "audience"], name="dashboards_of_whom")]

    def prepare(self) -> None:
        """Roles are kept only where they decide."""
        if self.audience != Audience.ROLES:
            self.roles = None

    def clean(self) -> None:
        """Whoever leaves it to roles names them."""
        super().clean()
        if self.audience == Audience.ROLES and not self.roles:
            raise ValidationError({"roles": _("Choose at least one role.")})

    @property
    def arranged(self) -> list[Tile]:
        """Its tiles in their order."""
        return read(self.tiles)
