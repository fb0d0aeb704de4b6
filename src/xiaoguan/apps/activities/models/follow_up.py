"""What happened with a customer: a call, a visit, a meeting."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.org.queries import working_calendar
from xiaoguan.kit import clock
from xiaoguan.kit.credited import CreditedRecord
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fact import Fact

ALIVE = Q(deleted_at__isnull=True)


class Kind(models.TextChoices):
    """How people were in touch."""

    CALL = "call", _("Call")
    VISIT = "visit", _("Visit")
    MEETING = "meeting", _("Meeting")
    MESSAGE = "message", _("Message")
    MAIL = "mail", pgettext_lazy("way to be in touch", "E-mail")
    NOTE = "note", _("Note")


REPORTED = frozenset({Kind.CALL, Kind.VISIT, Kind.MEETING})
"""What one reports on: written down by the end of the next working day it is in time."""
A_DAY = dt.timedelta(days=1)


class Result(models.TextChoices):
    """What it led to."""

    FORWARD = "forward", _("A step forward")
    UNCHANGED = "unchanged", _("No change")
    PROBLEM = "problem", _("Met a problem")


class FollowUp(CreditedRecord):
    """A contact with a customer as its author recorded it; a note counts as none."""

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.CALL)
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="follow_ups", db_index=False,
        verbose_name=_("customer"),
    )  # fmt: skip
    deal = models.ForeignKey(
        Deal, models.PROTECT, null=True, blank=True, related_name="follow_ups", db_index=False, verbose_name=_("deal")
    )
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="follow_ups", db_index=False,
        verbose_name=_("contact"),
    )  # fmt: skip
    happened_at = models.DateTimeField(_("time"), null=True, blank=True, help_text=_("Empty: now."))
    on = models.DateField(_("day"), null=True, editable=False)
    subject = models.CharField(_("topic"), max_length=200, blank=True)
    body = models.TextField(_("what was said"), blank=True)
    result = models.CharField(_("result"), max_length=10, choices=Result.choices, blank=True)

    entity = Entity(
        slug="follow-ups",
        icon="message-2",
        nav="activities",
        list="happened_at kind customer deal contact subject result owner",
        form="kind customer deal contact happened_at | subject body result",
        filter="kind owner customer deal on result credited",
        find="subject body",
        key="",
        sort="-happened_at",
        title="subject",
        subtitle="kind customer",
        facts=[
            Fact("followup", _("Follow-up"), on="on", of="customer_id", credited="credited", watch="kind",
                 when=lambda row: row.kind != Kind.NOTE),
            Fact("visit", _("Visit"), on="on", of="customer_id", credited="credited", watch="kind",
                 when=lambda row: row.kind == Kind.VISIT),
            Fact("call", _("Call"), on="on", of="customer_id", credited="credited", watch="kind",
                 when=lambda row: row.kind == Kind.CALL),
            Fact("meeting", _("Meeting"), on="on", of="customer_id", credited="credited", watch="kind",
                 when=lambda row: row.kind == Kind.MEETING),
            Fact("mail", pgettext_lazy("way to be in touch", "E-mail"), on="on", of="customer_id",
                 credited="credited", watch="kind", when=lambda row: row.kind == Kind.MAIL),
            Fact("report_on_time", _("Report on time"), on="on", of="customer_id", credited="credited", watch="kind",
                 when=lambda row: row.kind in REPORTED and row.in_time),
        ],
    )  # fmt: skip

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        indexes = [
            models.Index(fields=["customer", "happened_at"], condition=ALIVE, name="activities_followup_customer"),
            models.Index(fields=["deal", "happened_at"], condition=ALIVE, name="activities_followup_deal"),
            models.Index(fields=["owner", "happened_at"], condition=ALIVE, name="activities_followup_owner"),
            models.Index(fields=["happened_at"], condition=ALIVE, name="activities_followup_time"),
            # Partial, as most name no contact: SQLite would take an index over all rows for useless.
            models.Index(
                fields=["contact"], condition=models.Q(contact__isnull=False), name="activities_followup_contact"
            ),
        ]

    def __str__(self) -> str:
        return self.subject or str(self.get_kind_display())

    @property
    def is_contact(self) -> bool:
        """Whether somebody was really in touch with the customer."""
        return self.kind != Kind.NOTE

    @property
    def in_time(self) -> bool:
        """Whether it was written down by the end of the next working day after it took place.

        What was imported, or written down by somebody else, tells nothing of its author and counts as in time.
        """
        if self.created_at is None or self.on is None or self.created_by_id != self.credited_id:
            return True
        written = clock.local(self.created_at).date()
        if written <= self.on + A_DAY:  # most are: the calendar is not asked
            return True
        calendar = working_calendar()
        return bool(calendar.workweek) and written <= calendar.add(self.on, 1)

    def prepare(self) -> None:
        """Set the moment, its business day, the customer of the deal, and a subject from the first line."""
        self.happened_at = self.happened_at or clock.now()
        self.on = clock.local(self.happened_at).date()
        if self.customer_id is None and self.deal:
            self.customer_id = self.deal.customer_id
        self.subject = " ".join(self.subject.split())
        if not self.subject and self.body.strip():
            self.subject = self.body.strip().splitlines()[0][:200]
        super().prepare()

    def clean(self) -> None:
        """A follow-up is about a customer or a deal."""
        if self.customer_id is None and self.deal_id is None:
            raise ValidationError({"customer": _("Choose a customer or a deal.")})
