"""What leaves the house: a mail, or a message of a robot in a chat; the log of deliveries."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from xiaoguan.apps.notices.models.robot import Robot
from xiaoguan.kit.fields import uuid7


class Channel(models.TextChoices):
    """How a notice reaches somebody."""

    INBOX = "inbox", _("Here")
    MAIL = "mail", pgettext_lazy("way to be told", "E-mail")
    ROBOT = "robot", _("My robot")


class Message(models.Model):
    """One message on its way: written once, so that every attempt sends the same words under the same number."""

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", _("Waiting")
        SENT = "sent", pgettext_lazy("message", "Sent")
        FAILED = "failed", _("Failed")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    group = models.ForeignKey(Robot, models.CASCADE, null=True, related_name="+")
    address = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=255, blank=True)
    text = models.TextField()
    html = models.TextField(blank=True)
    count = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try = models.DateTimeField()
    error = models.CharField(max_length=400, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_try", "id"], condition=Q(state="waiting"), name="notices_message_due"),
            models.Index(fields=["-created_at"], name="notices_message_log"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.pk}"
