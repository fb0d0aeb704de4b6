"""The deal: one chance to sell something, from first contact to signature."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from xiaoguan.apps.customers.models import Customer, Source
from xiaoguan.apps.opportunities.models.loss import LossReason
from xiaoguan.apps.opportunities.models.pipeline import Outcome, Pipeline, Stage
from xiaoguan.apps.opportunities.models.product import Product
from xiaoguan.apps.org.models import InCurrency
from xiaoguan.apps.projects.models import Project
from xiaoguan.kit import clock
from xiaoguan.kit.credited import CreditedRecord
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fact import Fact
from xiaoguan.kit.fields import RATE_ONE, MoneyField, PercentField


class Status(models.TextChoices):
    """Where a deal stands; always that of its stage's outcome."""

    OPEN = "open", pgettext_lazy("deal", "Open")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")
    INVALID = "invalid", _("Invalid")


STATUS_OF = {
    Outcome.OPEN: Status.OPEN,
    Outcome.WON: Status.WON,
    Outcome.AFTER: Status.WON,
    Outcome.LOST: Status.LOST,
    Outcome.INVALID: Status.INVALID,
}
ALIVE = Q(deleted_at__isnull=True)
CLOSED = (Status.WON, Status.LOST)
MOST = 32_767
"""As far as is counted."""


class Deal(InCurrency, CreditedRecord):
    """A deal belongs to its owner while it is worked on; once closed its credit stays with who closed it.

    Amounts are tax-inclusive fen. Of the open deals for one project one `counts` in pipeline and forecast.
    Status, closing date, days and credit derive from the stage in `prepare`.
    """

    name = models.CharField(_("name"), max_length=160, blank=True, help_text=_("Empty: the customer's name."))
    number = models.CharField(_("deal number"), max_length=40, null=True, blank=True)
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="deals", verbose_name=_("customer")
    )
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("main product")
    )
    pipeline = models.ForeignKey(
        Pipeline, models.PROTECT, editable=False, related_name="+", db_index=False, verbose_name=_("pipeline")
    )
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="+", db_index=False, verbose_name=_("stage"))
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.OPEN, editable=False)
    amount = MoneyField(_("amount"), null=True, blank=True)
    probability = PercentField(
        _("win probability"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(RATE_ONE)],
        help_text=_("Empty: the stage's usual probability."),
    )
    margin_rate = PercentField(_("margin"), null=True, blank=True)
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="deals", db_index=False, verbose_name=_("project"),
        help_text=_("Deals with several bidders for one project count once."),
    )  # fmt: skip
    source = models.CharField(_("source"), max_length=20, choices=Source.choices, blank=True)
    competitor = models.CharField(_("competitors"), max_length=160, blank=True)
    opened_on = models.DateField(_("opened on"), null=True, blank=True)
    expected_on = models.DateField(_("expected close"), null=True, blank=True)
    won_on = models.DateField(_("won on"), null=True, blank=True)
    lost_on = models.DateField(_("lost on"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True, help_text=_("Won on or lost on."))
    loss_reason = models.ForeignKey(
        LossReason, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("reason for losing"),
    )  # fmt: skip
    note = models.TextField(_("note"), blank=True)

    stage_since = models.DateField(_("in stage since"), null=True, editable=False)
    next_due = models.DateField(_("next step due"), null=True, editable=False)
    next_note = models.CharField(_("next step"), max_length=200, blank=True, editable=False)
    last_contact_on = models.DateField(_("last contact"), null=True, editable=False)
    team = models.BooleanField(_("has a team"), default=False, editable=False)
    chosen = models.BooleanField(_("stands for its project"), default=False, editable=False)
    counts = models.BooleanField(_("counted once"), default=True, editable=False)
    pushes = models.PositiveSmallIntegerField(_("times pushed"), default=0, editable=False)
    pushed_days = models.PositiveSmallIntegerField(_("days pushed"), default=0, editable=False)

    entity = Entity(
        slug="deals",
        icon="briefcase",
        nav="deals",
        list="name customer stage amount probability expected_on next_due owner",
        form="name customer amount stage expected_on owner | product probability project source competitor"
        " | number opened_on won_on lost_on loss_reason | currency original exchange_rate | note",
        filter="owner status stage expected_on amount next_due customer product won_on lost_on closed_on opened_on"
        " stage_since source probability loss_reason pipeline credited customer__kind customer__tier customer__city"
        " pushes project counts unit currency",
        find="name number",
        key="number name",
        sums="amount",
        board="stage",
        calendar="expected_on",
        subtitle="customer stage",
        lines="lines",
        counted="counts",
        facts=[
            Fact("won", _("Won"), on="won_on", of="customer_id", amount="amount", credited="credited", watch="status",
                 when=lambda deal: deal.status == Status.WON),
            Fact("lost", _("Lost"), on="lost_on", of="customer_id",
                 amount="amount", credited="credited", watch="status",
                 when=lambda deal: deal.status == Status.LOST),
            Fact("closed", _("Closed"), on="closed_on", of="customer_id",
                 amount="amount", credited="credited", watch="status",
                 when=lambda deal: deal.status in CLOSED),
            Fact("opened", _("Opened"), on="opened_on", of="customer_id",
                 amount="amount", credited="credited", watch="status",
                 when=lambda deal: deal.status != Status.INVALID),
            Fact("won_cycle", _("Days from opening to winning"), on="won_on", of="customer_id", unit="days",
                 amount="cycle_days", credited="credited", watch="status opened_on",
                 when=lambda deal: deal.status == Status.WON and deal.opened_on is not None),
            Fact("won_pushed", _("Days the expected close was put off"), on="won_on", of="customer_id", unit="days",
                 amount="pushed_days", credited="credited", watch="status",
                 when=lambda deal: deal.status == Status.WON),
        ],
    )  # fmt: skip

    class Meta:
        verbose_name = _("deal")
        verbose_name_plural = _("deals")
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=ALIVE, name="opportunities_deal_number"),
        ]
        indexes = [
            models.Index(fields=["name"], condition=ALIVE, name="opportunities_deal_name"),
            models.Index(
                fields=["project"], condition=ALIVE & Q(project__isnull=False), name="opportunities_deal_package"
            ),
            models.Index(
                fields=["status", "stage"], condition=ALIVE & Q(counts=False), name="opportunities_deal_apart"
            ),
            # The same few where no status is asked for: SQLite groups by stage along an index that begins with it.
            models.Index(
                fields=["stage", "amount"], condition=ALIVE & Q(counts=False), name="opportunities_deal_aside"
            ),
            models.Index(fields=["owner", "stage", "amount"], condition=ALIVE, name="opportunities_deal_mine"),
            models.Index(fields=["stage", "next_due", "amount"], condition=ALIVE, name="opportunities_deal_board"),
            # Whichever of those by status is chosen to count and add up holds the amount.
            models.Index(fields=["status", "stage", "amount"], condition=ALIVE, name="opportunities_deal_sums"),
            models.Index(fields=["status", "expected_on", "amount"], condition=ALIVE, name="opportunities_deal_due"),
            # Which deals want a look is counted and ordered by this one alone.
            models.Index(
                fields=["status", "next_due", "expected_on", "amount"], condition=ALIVE, name="opportunities_deal_risk"
            ),
            # Whose open deals have no next step, or an old one, is read from this alone too.
            models.Index(
                fields=["owner", "status", "expected_on", "next_due"], condition=ALIVE, name="opportunities_deal_steps"
            ),
            models.Index(fields=["opened_on"], condition=ALIVE, name="opportunities_deal_opened"),
            # What usually comes within a month is read from this alone, of all deals won.
            models.Index(
                fields=["won_on", "amount", "opened_on", "credited", "counts", "status"],
                condition=ALIVE,
                name="opportunities_deal_past",
            ),
            models.Index(fields=["credited", "status", "closed_on"], condition=ALIVE, name="opportunities_deal_earned"),
        ]

    def __str__(self) -> str:
        return self.name

    def prepare(self) -> None:
        """Derive what follows from stage, dates and owner."""
        self.in_yuan(self.won_on or self.expected_on)
        self.number = (self.number or "").strip() or None
        self.name = " ".join(self.name.split())
        if not self.name:
            self.name = str(self.customer.called if self.customer else self.number or "")[:160]
        was = getattr(self, "_loaded", {})
        if was.get("stage_id") != self.stage_id:
            self.pipeline_id = self.stage.pipeline_id
            self.status = STATUS_OF[self.stage.outcome]
            self._take_probability(was)
        if self.project_id is None:
            self.chosen = False
        self._take_dates(was)
        self._count_pushes(was)
        if was.get("stage_id") != self.stage_id and self.stage_since == was.get("stage_since"):
            self.stage_since = self._entered_on(was)
        super().prepare()
        if Status.OPEN in (self.status, was.get("status")):
            self.credited_id = self.owner_id

    def _take_probability(self, was: dict[str, Any]) -> None:
        """A new stage brings its probability unless one was typed with it; what is closed is certain."""
        typed = self.probability is not None and (not was or self.probability != was["probability"])
        if not typed or self.status != Status.OPEN:
            self.probability = self.stage.probability

    def _take_dates(self, was: dict[str, Any]) -> None:
        """Keep exactly the dates that the status calls for; a typed date that contradicts it is left for `clean`."""
        today = clock.today()
        closed = None if self.closed_on == was.get("closed_on") else self.closed_on
        for status, name in ((Status.WON, "won_on"), (Status.LOST, "lost_on")):
            if self.status == status:
                setattr(self, name, getattr(self, name) or closed or was.get(name) or today)
            elif getattr(self, name) == was.get(name):
                setattr(self, name, None)
        if self.status != Status.LOST and self.loss_reason_id == was.get("loss_reason_id"):
            self.loss_reason = None
        self.closed_on = {Status.WON: self.won_on, Status.LOST: self.lost_on}.get(Status(self.status))
        self.opened_on = self.opened_on or was.get("opened_on") or min(today, self.closed_on or today)

    def _count_pushes(self, was: dict[str, Any]) -> None:
        """An open deal whose expected close is put off was pushed once more; putting it back takes no push away."""
        before, after = was.get("expected_on"), self.expected_on
        later = before is not None and after is not None and after > before
        if later and self.is_open and self.pushes == was.get("pushes"):
            self.pushes = min(self.pushes + 1, MOST)
            self.pushed_days = min(self.pushed_days + (after - before).days, MOST)

    def _entered_on(self, was: dict[str, Any]) -> dt.date:
        """The day the stage begins: the closing day for an ending, never before the stage that is left."""
        today = clock.today()
        if not was:
            return self.closed_on or self.opened_on or today
        closing = was["closed_on"] is None and self.closed_on
        return max(was["stage_since"] or dt.date.min, min(closing or today, today))

    def clean(self) -> None:
        """Refuse dates and reasons that contradict the stage, and a deal without any name."""
        super().clean()
        problems = {}
        if not self.name:
            problems["name"] = _("Type a name or choose a customer.")
        if self.won_on and self.status != Status.WON:
            problems["won_on"] = _("Only a won deal has this date: choose a stage that is won, or leave it empty.")
        if self.lost_on and self.status != Status.LOST:
            problems["lost_on"] = _("Only a lost deal has this date: choose a stage that is lost, or leave it empty.")
        if self.loss_reason_id and self.status != Status.LOST:
            problems["loss_reason"] = _("Only a lost deal has a reason for losing.")
        if self.closed_on and self.opened_on and self.closed_on < self.opened_on:
            problems["won_on" if self.won_on else "lost_on"] = _("The deal was closed before it was opened.")
        if problems:
            raise ValidationError(problems)

    @property
    def cycle_days(self) -> int:
        """Days from opening to winning."""
        return (self.won_on - self.opened_on).days if self.won_on and self.opened_on else 0

    @property
    def is_open(self) -> bool:
        """Whether the deal still counts in pipeline and forecast."""
        return self.status == Status.OPEN

    def end_on(self, day: dt.date) -> None:
        """Say on which day the stage just entered closed the deal; one entered late was opened by then."""
        if self.stage.wins:
            self.won_on = day
        elif self.stage.outcome == Outcome.LOST:
            self.lost_on = day
        else:
            return
        self.opened_on = min(self.opened_on or day, day)

    @property
    def weighted(self) -> int:
        """The amount times its probability, in fen."""
        return (self.amount or 0) * (self.probability or 0) // RATE_ONE
