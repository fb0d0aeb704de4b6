"""What a customer says about us: how satisfied, a complaint, praise; who handles it and when it was settled."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.kit import clock
from xiaoguan.kit.credited import CreditedRecord
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fact import Fact

ALIVE = Q(deleted_at__isnull=True)


class Voice(models.TextChoices):
    """What kind of word it is."""

    SCORE = "score", _("Satisfaction")
    COMPLAINT = "complaint", _("Complaint")
    PRAISE = "praise", _("Praise")


class Score(models.TextChoices):
    """How satisfied a customer is."""

    VERY = "5", _("5 · very satisfied")
    SATISFIED = "4", _("4 · satisfied")
    SO_SO = "3", _("3 · so-so")
    UNSATISFIED = "2", _("2 · not satisfied")
    NOT_AT_ALL = "1", _("1 · not at all satisfied")


GOOD = (Score.VERY, Score.SATISFIED)


class Feedback(CreditedRecord):
    """One word of a customer: its owner handles it, at first who wrote it down; it counts for who looked after them."""

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="feedback", db_index=False, verbose_name=_("customer")
    )
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("contact")
    )
    deal = models.ForeignKey(
        Deal, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("deal")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Voice.choices, default=Voice.SCORE)
    score = models.CharField(_("score"), max_length=1, choices=Score.choices, blank=True)
    on = models.DateField(_("day"), null=True, blank=True, help_text=_("Empty: today."))
    body = models.TextField(_("what was said"), blank=True)
    resolved_on = models.DateField(_("settled on"), null=True, blank=True)

    entity = Entity(
        slug="feedback",
        icon="mood-smile",
        nav="activities",
        list="on kind customer score body resolved_on owner",
        form="kind score customer contact body | on deal owner resolved_on",
        filter="kind on score customer resolved_on owner deal",
        find="body",
        key="",
        sort="-on",
        title="kind on",
        subtitle="customer",
        facts=[
            Fact("satisfaction_asked", _("Satisfaction told"), on="on", of="customer_id", credited="credited",
                 watch="kind score", when=lambda row: row.kind == Voice.SCORE),
            Fact("satisfied", _("Satisfied customer"), on="on", of="customer_id", credited="credited",
                 watch="kind score", when=lambda row: row.kind == Voice.SCORE and row.score in GOOD),
            Fact("complaint", _("Complaint"), on="on", of="customer_id", credited="credited",
                 watch="kind", when=lambda row: row.kind == Voice.COMPLAINT),
            Fact("complaint_settled", _("Complaint settled"), on="resolved_on", of="customer_id", amount="days_open",
                 credited="credited", unit="days", watch="kind on", when=lambda row: row.kind == Voice.COMPLAINT),
        ],
    )  # fmt: skip

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        indexes = [
            models.Index(fields=["customer", "on"], condition=ALIVE, name="activities_feedback_customer"),
            models.Index(fields=["kind", "resolved_on"], condition=ALIVE, name="activities_feedback_open"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on:%Y-%m-%d}" if self.on else str(self.get_kind_display())

    @property
    def days_open(self) -> int:
        """Days from the complaint to its end."""
        return (self.resolved_on - self.on).days if self.resolved_on and self.on else 0

    def prepare(self) -> None:
        """It is of today, and counts for whoever looked after the customer then, whoever handles it."""
        self.on = self.on or clock.today()
        self.body = self.body.strip()
        if self.kind != Voice.SCORE:
            self.score = ""
        was = getattr(self, "_loaded", None)
        if was is None:
            self.credited_id = self.credited_id or (self.customer.owner_id if self.customer_id else None)
        super().prepare()
        if was is not None and was["credited_id"] is not None:
            self.credited_id = was["credited_id"]

    def clean(self) -> None:
        """A satisfaction has a score, a complaint says what is wrong, and nothing ends before it began."""
        problems = {}
        if self.kind == Voice.SCORE and not self.score:
            problems["score"] = _("Choose from 1 to 5 how satisfied the customer is.")
        if self.kind == Voice.COMPLAINT and not self.body:
            problems["body"] = _("Say what the customer complains about.")
        if self.resolved_on and self.on and self.resolved_on < self.on:
            problems["resolved_on"] = _("It was settled before it was said.")
        if problems:
            raise ValidationError(problems)
