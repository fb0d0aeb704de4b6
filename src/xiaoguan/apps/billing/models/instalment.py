"""One instalment of a contract: how much, by when, and what has come of it."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from xiaoguan.apps.commerce.models import Contract
from xiaoguan.apps.customers.models import Customer
from xiaoguan.kit import clock
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fact import Fact
from xiaoguan.kit.fields import RATE_ONE, MoneyField, PercentField
from xiaoguan.kit.record import Record

ALIVE = Q(deleted_at__isnull=True)


class Kind(models.TextChoices):
    """What an instalment is paid for."""

    ADVANCE = "advance", _("Advance payment")
    DELIVERY = "delivery", pgettext_lazy("instalment", "On delivery")
    ACCEPTANCE = "acceptance", pgettext_lazy("instalment", "On acceptance")
    RETENTION = "retention", _("Retention money")
    OTHER = "other", _("Other instalment")


class Milestone(models.TextChoices):
    """What has to happen before the days until an instalment is due begin to count."""

    SIGNED = "signed", _("contract signed")
    DELIVERED = "delivered", _("goods delivered")
    ACCEPTED = "accepted", _("project accepted")


class State(models.TextChoices):
    """What became of an instalment; whether it is due or overdue follows from its day."""

    OPEN = "open", pgettext_lazy("instalment", "Open")
    PAID = "paid", pgettext_lazy("instalment", "Paid")
    WAIVED = "waived", _("Waived")
    CANCELLED = "cancelled", pgettext_lazy("instalment", "Cancelled")


class Instalment(Record):
    """A part of a contract's amount; it belongs to who looks after the contract.

    `agreed_on` and `closed_on` bound the days on which it is owed, so that what was overdue on any day can be told:
    it is closed by the payment that makes it whole, by a waiver, or by the end of its contract.
    """

    owner_defaults = False

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="instalments", verbose_name=_("contract"))
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("customer")
    )
    position = models.PositiveSmallIntegerField(_("order"), default=1)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.OTHER)
    rate = PercentField(
        _("share of the contract"), null=True, blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(RATE_ONE)],
    )  # fmt: skip
    amount = MoneyField(_("amount"), validators=[MinValueValidator(1)])
    paid = MoneyField(_("paid"), default=0, editable=False)
    outstanding = MoneyField(_("outstanding"), default=0, editable=False)
    milestone = models.CharField(
        _("counts from"), max_length=10, choices=Milestone.choices, blank=True, help_text=_("Empty: a fixed day.")
    )
    days = models.PositiveSmallIntegerField(_("days after that"), default=0)
    reached_on = models.DateField(_("reached on"), null=True, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    forecast_on = models.DateField(
        _("expected on"), null=True, blank=True, help_text=_("When the money will really come. Empty: when it is due.")
    )
    pushed = models.PositiveSmallIntegerField(_("times postponed"), default=0, editable=False)
    status = models.CharField(_("status"), max_length=9, choices=State.choices, default=State.OPEN, editable=False)
    agreed_on = models.DateField(_("agreed on"), null=True, editable=False)
    closed_on = models.DateField(_("closed on"), null=True, editable=False)
    note = models.CharField(_("note"), max_length=200, blank=True)

    entity = Entity(
        slug="instalments",
        icon="calendar-due",
        nav="deals",
        list="contract customer kind amount paid outstanding due_on forecast_on status owner",
        form="contract kind amount milestone days due_on | forecast_on reached_on position rate note",
        filter="status due_on forecast_on kind owner customer contract outstanding amount milestone pushed",
        key="contract position",
        sort="due_on",
        sums="amount paid outstanding",
        title="contract kind",
        subtitle="status customer contract",
        calendar="due_on",
        facts=[
            Fact("instalment_paid", _("Instalment paid"), on="closed_on", of="customer_id", amount="delay_days",
                 unit="days", watch="status due_on",
                 when=lambda row: row.status == State.PAID and row.due_on is not None),
        ],
    )  # fmt: skip

    class Meta:
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        indexes = [
            models.Index(fields=["due_on", "outstanding"], condition=ALIVE, name="billing_instalment_due"),
            models.Index(
                fields=["owner", "due_on", "kind", "outstanding"],
                condition=Q(deleted_at__isnull=True, closed_on__isnull=True),
                name="billing_instalment_owed",
            ),
            models.Index(
                fields=["customer", "due_on", "outstanding"],
                condition=Q(deleted_at__isnull=True, closed_on__isnull=True),
                name="billing_instalment_debtor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract} · {self.get_kind_display()}"

    @property
    def delay_days(self) -> int:
        """Days from when it was due until it was paid; below zero if it came early."""
        return (self.closed_on - self.due_on).days if self.closed_on and self.due_on else 0

    @property
    def open(self) -> bool:
        """Whether money is still to come."""
        return self.status == State.OPEN

    def prepare(self) -> None:
        """Derive whose it is, the day it is due, how often it was put off, what is outstanding and the state."""
        before = getattr(self, "_loaded", None)
        if before is None:
            contract = self.contract
            self.customer_id = contract.customer_id
            self.owner_id = self.owner_id or contract.owner_id
            self.agreed_on = self.agreed_on or contract.signed_on
            if self.milestone == Milestone.SIGNED:
                self.reached_on = self.reached_on or contract.signed_on
        if self.milestone:
            self.due_on = self.reached_on + dt.timedelta(days=self.days) if self.reached_on else None
        else:
            self.days, self.reached_on = 0, None
        if before and before["forecast_on"] and self.forecast_on and self.forecast_on > before["forecast_on"]:
            self.pushed = before["pushed"] + 1
        if self.status in (State.OPEN, State.PAID):
            self.status = State.PAID if self.paid >= (self.amount or 0) else State.OPEN
            self.closed_on = (self.closed_on or clock.today()) if self.status == State.PAID else None
        self.outstanding = self.amount - self.paid if self.status == State.OPEN else 0
        self.note = self.note.strip()

    def clean(self) -> None:
        """An instalment has a day or something that will give it one, and never less than was paid on it."""
        if not self.milestone and self.due_on is None:
            raise ValidationError({"due_on": _("Say by which day, or what it counts from.")})
        if self.amount is not None and self.amount < self.paid:
            raise ValidationError({"amount": _("More than this has been paid on it already.")})
