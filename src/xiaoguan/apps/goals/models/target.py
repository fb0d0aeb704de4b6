"""A target: a metric, whose, for which month, quarter or year, how much."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.apps.opportunities.models import Product
from xiaoguan.apps.org.models import Team
from xiaoguan.apps.territories.models import Territory
from xiaoguan.calc.aim import beyond
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fields import MoneyField, PercentField
from xiaoguan.kit.record import Record


class Level(models.TextChoices):
    """Whose target it is."""

    COMPANY = "company", _("company")
    TERRITORY = "territory", _("territory")
    TEAM = "team", _("team")
    PERSON = "person", _("person")
    CUSTOMER = "customer", _("customer")
    PRODUCT = "product", _("product")


ONE_OF = ("person", "team", "territory", "customer", "product")
"""The levels with a field of the same name that says which one."""
NEEDED = {
    "person": _("Choose the person this target is for."),
    "team": _("Choose the team this target is for."),
    "territory": _("Choose the territory this target is for."),
    "customer": _("Choose the customer this target is for."),
    "product": _("Choose the product this target is for."),
}


class TargetKind(models.TextChoices):
    """The length of the target's period."""

    MONTH = "month", _("month")
    QUARTER = "quarter", _("quarter")
    YEAR = "year", _("year")


def metric_choices() -> list[tuple[str, Any]]:
    """The metrics of the dictionary; a function, so that a new metric needs no migration."""
    return [(metric.code, metric.label) for metric in metrics.values()]


class Target(Record):
    """One number to reach. The field that holds it follows the metric's unit: amount, number or rate."""

    metric = models.CharField(_("metric"), max_length=40, choices=metric_choices, default="won_amount")
    level = models.CharField(_("level"), max_length=10, choices=Level.choices, default=Level.PERSON)
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="targets", verbose_name=_("target of team")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="targets",
        verbose_name=_("target of person"),
    )
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="targets", verbose_name=_("target of territory")
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="targets", verbose_name=_("target of customer")
    )
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="targets", verbose_name=_("target of product")
    )
    kind = models.CharField(_("period"), max_length=10, choices=TargetKind.choices, default=TargetKind.MONTH)
    start = models.DateField(_("first day"), help_text=_("The first day of the month, quarter or year."))
    amount = MoneyField(_("target amount"), null=True, blank=True)
    number = models.BigIntegerField(
        _("target number"), null=True, blank=True, help_text=_("For a time: working minutes.")
    )
    rate = PercentField(_("target rate"), null=True, blank=True)
    over = PercentField(
        _("over-assignment"),
        default=0,
        help_text=_("So much on top is given to the parts of a team or company; its own target stays."),
    )
    stretch = PercentField(
        _("stretch"), null=True, blank=True, help_text=_("How far beyond the target; below it where less is better.")
    )
    challenge = PercentField(
        _("challenge"), null=True, blank=True, help_text=_("How far beyond the target, at least as far as the stretch.")
    )
    stretch_to = models.BigIntegerField(_("stretch"), null=True, editable=False)
    challenge_to = models.BigIntegerField(_("challenge"), null=True, editable=False)
    """Tiers told as numbers, in the unit of the target; they go before the rates."""
    purpose = models.CharField(
        _("what it is about"),
        max_length=200,
        blank=True,
        help_text=_("One sentence: what will be so when it is reached."),
    )
    reason = models.CharField(
        _("reason"), max_length=300, blank=True, help_text=_("Why it stands although something spoke against it.")
    )
    locked = models.BooleanField(
        _("locked"), default=False, help_text=_("A locked target stays when others are split.")
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    subject = models.CharField(_("subject"), max_length=30, editable=False)

    owner_defaults = False

    entity = Entity(
        slug="target-lines",
        icon="target",
        list="metric level team person territory customer product kind start amount number rate over stretch challenge"
        " locked",
        form="metric level team person territory customer product | kind start | amount number rate"
        " | over stretch challenge | purpose reason | locked note",
        filter="metric level team person territory customer product kind start locked",
        key="metric level team person territory customer product kind start",
        sort="-start",
        sums="amount",
        title="metric",
        subtitle="kind start",
    )

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        constraints = [
            models.UniqueConstraint(
                fields=["metric", "subject", "kind", "start"],
                condition=models.Q(deleted_at__isnull=True),
                name="goals_target_once",
                violation_error_message=_("This target exists already; change it instead."),
            ),
        ]
        indexes = [models.Index(fields=["metric", "kind", "start", "level"], name="goals_target_period")]

    def __str__(self) -> str:
        return f"{self.spec.label} · {self.whose} · {self.start:%Y-%m}"

    @property
    def spec(self) -> Metric:
        """The metric aimed at."""
        return metrics[self.metric]

    @property
    def whose(self) -> str:
        """The person, the team, the territory, the customer, the product, or the company."""
        for level in ONE_OF:
            if self.level == level:
                return str(getattr(self, level))
        return str(self.get_level_display())

    @property
    def field(self) -> str:
        """The name of the field that holds the number for this metric's unit."""
        return value_field(self.spec)

    @property
    def value(self) -> int | None:
        """Fen, count or rate of 1/100,000, as the metric's unit says."""
        found: int | None = getattr(self, self.field)
        return found

    def prepare(self) -> None:
        """Tie owner and team to whom the target is for, so that they and their managers see it.

        That of a customer has the customer's owner; later ones are handed on (`reactions`).
        """
        for level in ONE_OF:
            if self.level != level:
                setattr(self, level, None)
        number = getattr(self, f"{self.level}_id") if self.level in ONE_OF else None
        subject = subject_key(self.level, number)
        if self.level == Level.PERSON:
            self.owner_id = self.person_id
        elif self.level == Level.CUSTOMER:
            if self.customer is not None and (subject != self.subject or not hasattr(self, "_loaded")):
                self.owner_id, self.unit_id = self.customer.owner_id, self.customer.unit_id
        else:
            self.owner = None
            if self.level == Level.TEAM:
                self.unit_id = self.team_id
        self.subject = subject

    def clean(self) -> None:
        """Refuse a target for nobody, for no period's first day, or without a number in its unit."""
        if self.level in ONE_OF and getattr(self, f"{self.level}_id") is None:
            raise ValidationError({self.level: NEEDED[self.level]})
        if self.start and self.start.day != 1:
            raise ValidationError({"start": _("Type the first day of the period.")})
        if self.value is None:
            raise ValidationError({self.field: _("Type the number to reach.")})
        if self.value < 0:
            raise ValidationError({self.field: _("A target can't be negative.")})
        self._clean_rates()

    def _clean_rates(self) -> None:
        """What is given on top, and the tiers: each further than the one before."""
        for name in ("over", "stretch", "challenge"):
            if (getattr(self, name) or 0) < 0:
                raise ValidationError({name: _("Type how much on top, 10 for ten per cent more.")})
        told = (
            (self.stretch_to, self.challenge_to) if self.spec.higher_is_better else (self.challenge_to, self.stretch_to)
        )
        pairs = ((self.stretch, self.challenge), told)
        if any(near is not None and far is not None and far < near for near, far in pairs):
            raise ValidationError(
                {"challenge": _("The challenge lies at least as far beyond the target as the stretch.")}
            )

    def tier(self, name: str) -> int | None:
        """The number of a further tier, `stretch` or `challenge`, in the unit of the target; None for none."""
        told: int | None = getattr(self, f"{name}_to")
        by: int | None = getattr(self, name)
        if told is not None or by is None or self.value is None:
            return told
        return beyond(self.value, by, higher_is_better=self.spec.higher_is_better)


def value_field(metric: Metric) -> str:
    """The name of the target's field that holds a metric's number."""
    return {"money": "amount", "rate": "rate"}.get(metric.unit, "number")


def subject_key(level: str, number: int | None) -> str:
    """`company`, `team:3` or `person:9`: one text for whose target it is, so that a key is never half empty."""
    return level if level == Level.COMPANY else f"{level}:{number}"
