"""Changes waiting to be told, and one delivery per endpoint and record."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from xiaoguan.apps.webhooks.models.endpoint import Endpoint
from xiaoguan.kit.fields import uuid7
from xiaoguan.kit.models.change import Change


class Outgoing(models.Model):
    """A change that some endpoint may want, written in the transaction of the change itself.

    Rows are taken in the order of their ids and deleted when every delivery of the change is written. Two
    changes of one record can't overlap (the second waits for the record's row), so their order is that of the ids.
    """

    change = models.ForeignKey(Change, models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.change_id}"


class Delivery(models.Model):
    """One call: its number and words stay the same however often it is tried."""

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="deliveries", db_index=False)
    entity = models.CharField(max_length=60)
    object_id = models.BigIntegerField(null=True)
    change_row = models.BigIntegerField(null=True)
    event = models.CharField(max_length=60)
    body = models.TextField()
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(blank=True)
    milliseconds = models.PositiveIntegerField(null=True)
    error = models.CharField(max_length=400, blank=True)
    created_at = models.DateTimeField()
    first_try = models.DateTimeField(null=True)
    last_try = models.DateTimeField(null=True)

    class Meta:
        verbose_name = pgettext_lazy("webhook", "delivery")
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "change_row"], name="webhooks_delivery_once"),
        ]
        indexes = [
            models.Index(fields=["endpoint", "id"], condition=Q(state="waiting"), name="webhooks_delivery_due"),
            models.Index(
                fields=["endpoint", "entity", "object_id", "id"],
                condition=Q(state="waiting"),
                name="webhooks_delivery_order",
            ),
            models.Index(fields=["endpoint", "-id"], name="webhooks_delivery_log"),
            models.Index(fields=["created_at"], name="webhooks_delivery_old"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.uid}"
