"""One thing one person is told."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from xiaoguan.apps.notices.models.message import Message


class Notice(models.Model):
    """What happened, to which record or how many, by whom; the sentence is made when it is read.

    `mail_due` and `robot_due` say when it leaves by that channel; they are emptied when a message takes
    it along. `object_id` is empty where several records are meant: then `count` says how many.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    entity = models.CharField(max_length=60, blank=True)
    object_id = models.BigIntegerField(null=True)
    title = models.CharField(max_length=200, blank=True)
    count = models.PositiveIntegerField(default=1)
    text = models.TextField(blank=True)
    url = models.CharField(max_length=400, blank=True)
    bundle = models.CharField(max_length=120, blank=True)
    shown = models.BooleanField(default=True)
    read_at = models.DateTimeField(null=True)
    mail_due = models.DateTimeField(null=True)
    robot_due = models.DateTimeField(null=True)
    mail = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="+")
    robot = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["person", "-at", "-id"], name="notices_notice_inbox"),
            models.Index(fields=["person", "-id"], condition=Q(read_at=None, shown=True), name="notices_notice_unread"),
            models.Index(fields=["mail_due"], condition=Q(mail_due__isnull=False), name="notices_notice_mail"),
            models.Index(fields=["robot_due"], condition=Q(robot_due__isnull=False), name="notices_notice_robot"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.person_id}"
