"""How large a market is: what all sellers together sell in a region and a series in a year, as somebody found out."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, gettext_lazy as _, pgettext_lazy

from xiaoguan.apps.customers.models.region import RegionField
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fields import RATE_ONE, MoneyField, PercentField
from xiaoguan.kit.record import Record
from xiaoguan.lexicon import regions


class Confidence(models.TextChoices):
    """How far a size can be trusted."""

    HIGH = "high", pgettext_lazy("confidence", "High")
    MEDIUM = "medium", pgettext_lazy("confidence", "Medium")
    LOW = "low", pgettext_lazy("confidence", "Low")


class MarketSize(Record):
    """One market in one calendar year, and the share of it one wants; no region is the whole country, no series all.

    A region is a province: that is as far as customers' places and published figures go together.
    """

    year = models.PositiveSmallIntegerField(
        _("year"), validators=[MinValueValidator(2000), MaxValueValidator(2999)], help_text=_("The calendar year.")
    )
    region = RegionField(_("province"), help_text=_("Empty: the whole country."))
    category = models.CharField(
        _("series"), max_length=60, blank=True, help_text=_("As products name it; empty: all of them.")
    )
    amount = MoneyField(_("market size"), validators=[MinValueValidator(1)])
    target = PercentField(
        _("share wanted"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(RATE_ONE)]
    )
    source = models.CharField(pgettext_lazy("of a figure", "source"), max_length=200, blank=True)
    confidence = models.CharField(
        _("confidence"), max_length=6, choices=Confidence.choices, default=Confidence.MEDIUM
    )  # fmt: skip
    note = models.CharField(_("note"), max_length=400, blank=True)

    entity = Entity(
        slug="market-sizes",
        icon="chart-pie",
        nav="settings",
        scope="all",
        list="year region category amount target confidence source",
        form="year region category amount | target source confidence | note",
        filter="year region category confidence amount target",
        find="category source note",
        key="",
        sort="-year",
        sums="",
        title="year region category",
        subtitle="source",
    )

    class Meta:
        verbose_name = _("market size")
        verbose_name_plural = _("market sizes")
        constraints = [
            models.UniqueConstraint(
                fields=["year", "region", "category"], condition=Q(deleted_at__isnull=True), name="metrics_market_once",
                violation_error_message=_("This market has a size for the year already: change that one."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.year} {self.market}"

    @property
    def market(self) -> str:
        """The market by name: «Jiangsu · lamps», «whole country»."""
        place = regions.short(regions.name(self.region)) if self.region else gettext("whole country")
        return " · ".join(part for part in (place, self.category) if part)

    def prepare(self) -> None:
        """A place within a province stands for the province."""
        self.category = " ".join(self.category.split())
        self.source = " ".join(self.source.split())
        if self.region:
            self.region = self.region[:2].ljust(6, "0")

    def clean(self) -> None:
        """The place must be one of the country."""
        if self.region and not regions.name(self.region):
            raise ValidationError({"region": _("There is no such province.")})
